/* concat: y[outer][sum of size[i]][inner] from count inputs x[i][outer][size[i]][inner]. Copies only: no kernels by ISA.
 * Chunks are ranges of y, whatever the sizes of the inputs. */
#include <string.h>

#include "core/check.h"
#include "pool/pool.h"

enum { GRAIN = 32768 };

typedef struct {
    const sn_concat_args *a;
    int64_t row; /* elements of y for one position of outer */
    int64_t element;
} concat_context;

/* y[begin, end) of the row of one outer position. */
static void copy_row_part(const concat_context *c, int64_t outer, int64_t begin, int64_t end) {
    const sn_concat_args *a = c->a;
    unsigned char *y = (unsigned char *)a->y + outer * c->row * c->element;
    int64_t first = 0;
    for (int32_t i = 0; i < a->count && first < end; i++) {
        const int64_t length = a->size[i] * a->inner, from = sn_max(begin, first), to = sn_min(end, first + length);
        if (from < to) {
            const unsigned char *x = (const unsigned char *)a->x[i] + (outer * length + from - first) * c->element;
            memcpy(y + from * c->element, x, (size_t)((to - from) * c->element));
        }
        first += length;
    }
}

static void body(void *context, int64_t begin, int64_t end) {
    const concat_context *c = context;
    while (begin < end) {
        const int64_t outer = begin / c->row, skip = begin - outer * c->row, n = sn_min(end - begin, c->row - skip);
        copy_row_part(c, outer, skip, skip + n);
        begin += n;
    }
}

sn_status sn_concat(const sn_concat_args *a) {
    SN_REQUIRE(a && a->size && a->x && a->y, SN_ERR_NULL);
    concat_context c = {.a = a, .element = sn_size_of(a->dtype)};
    SN_REQUIRE(c.element != 0, SN_ERR_DTYPE);
    SN_REQUIRE(a->count >= 1 && a->outer >= 0 && a->inner >= 0, SN_ERR_SIZE);
    int64_t total = 0;
    for (int32_t i = 0; i < a->count; i++) {
        SN_REQUIRE(a->size[i] >= 0 && a->size[i] <= SN_MAX_ELEMENTS, SN_ERR_SIZE);
        SN_REQUIRE(a->size[i] == 0 || a->x[i], SN_ERR_NULL);
        total += a->size[i];
        SN_REQUIRE(total <= SN_MAX_ELEMENTS, SN_ERR_SIZE);
    }
    c.row = sn_mul(total, a->inner);
    const int64_t count = sn_mul(a->outer, c.row);
    SN_REQUIRE(count >= 0, SN_ERR_SIZE);
    sn_parallel_for(count, GRAIN, body, &c);
    return SN_OK;
}
