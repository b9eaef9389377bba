/* pad: y has shape[d] + before[d] + after[d] elements along d; x inside, a value around, negative widths crop. Copies
 * only: no kernels by ISA. */
#include <string.h>

#include "cast/cast.h"
#include "core/check.h"
#include "core/collapse.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

typedef struct {
    int32_t dims;              /* at least 1 */
    int64_t in[SN_MAX_DIMS], before[SN_MAX_DIMS], out[SN_MAX_DIMS];
    int64_t piece, pieces;     /* of the innermost dimension of y */
    int64_t element;
    uint64_t pattern;
    const unsigned char *x;
    unsigned char *y;
} pad_context;

static void fill(const pad_context *c, unsigned char *y, int64_t n) {
    const int64_t bytes = n * c->element;
    int64_t i = 0;
    for (; i + 8 <= bytes; i += 8) memcpy(y + i, &c->pattern, 8);
    memcpy(y + i, &c->pattern, (size_t)(bytes - i));
}

/* Columns [begin, end) of a row of y: all value when the row of x does not exist. */
static void write_row(const pad_context *c, const unsigned char *x, unsigned char *y, int64_t begin, int64_t end) {
    const int32_t last = c->dims - 1;
    const int64_t before = c->before[last];
    const int64_t from = x ? sn_min(sn_max(begin, before), end) : end;
    const int64_t to = x ? sn_max(from, sn_min(end, before + c->in[last])) : end;
    fill(c, y + begin * c->element, from - begin);
    if (to > from) memcpy(y + from * c->element, x + (from - before) * c->element, (size_t)((to - from) * c->element));
    fill(c, y + to * c->element, end - to);
}

static void body(void *context, int64_t begin, int64_t end) {
    const pad_context *c = context;
    const int32_t last = c->dims - 1;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t row = unit / c->pieces, col = unit % c->pieces * c->piece;
        int64_t position = row, x_row = 0, stride = 1;
        int inside = 1;
        for (int32_t d = last - 1; d >= 0 && inside; d--) {
            const int64_t i = position % c->out[d] - c->before[d];
            position /= c->out[d];
            inside = i >= 0 && i < c->in[d];
            if (inside) x_row += i * stride;
            stride *= c->in[d];
        }
        const unsigned char *x = inside ? c->x + x_row * c->in[last] * c->element : NULL;
        write_row(c, x, c->y + row * c->out[last] * c->element, col, sn_min(col + c->piece, c->out[last]));
    }
}

static int is_size(int64_t n) { return n >= -SN_MAX_ELEMENTS && n <= SN_MAX_ELEMENTS; }

sn_status sn_pad(const sn_pad_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    pad_context c = {.element = sn_size_of(a->dtype), .x = a->x, .y = a->y};
    SN_REQUIRE(c.element != 0, SN_ERR_DTYPE);
    SN_REQUIRE(a->dims >= 0 && a->dims <= SN_MAX_DIMS && sn_shape_count(a->shape, a->dims) >= 0, SN_ERR_SIZE);
    int64_t count = 1;
    for (int32_t d = 0; d < a->dims; d++) {
        SN_REQUIRE(is_size(a->before[d]) && is_size(a->after[d]), SN_ERR_SIZE);
        count = sn_mul(count, a->shape[d] + a->before[d] + a->after[d]);
    }
    SN_REQUIRE(count >= 0, SN_ERR_SIZE);
    if (count == 0) return SN_OK;
    sn_element_pattern(&c.pattern, a->dtype, a->value);
    /* A dimension that is not padded joins the one before. */
    c.dims = 1;
    c.in[0] = c.out[0] = 1;
    for (int32_t d = 0; d < a->dims; d++) {
        const int64_t in = a->shape[d], out = in + a->before[d] + a->after[d];
        const int64_t before = sn_max(-in, sn_min(a->before[d], out)); /* further away is as empty, and might overflow */
        if (a->before[d] == 0 && a->after[d] == 0) {
            c.in[c.dims - 1] *= in;
            c.before[c.dims - 1] *= in;
            c.out[c.dims - 1] *= in;
        } else if (c.dims == 1 && c.in[0] == 1 && c.out[0] == 1 && c.before[0] == 0) {
            c.in[0] = in, c.before[0] = before, c.out[0] = out;
        } else {
            c.in[c.dims] = in, c.before[c.dims] = before, c.out[c.dims++] = out;
        }
    }
    const int64_t cols = c.out[c.dims - 1];
    c.piece = sn_min(cols, GRAIN);
    c.pieces = sn_ceil_div(cols, c.piece);
    sn_parallel_for(count / cols * c.pieces, GRAIN / c.piece, body, &c);
    return SN_OK;
}
