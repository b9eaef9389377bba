/* fill: y[count] = value. Memory speed without intrinsics: the compiler vectorises the stores. */
#include <string.h>

#include "cast/cast.h"
#include "core/check.h"
#include "pool/pool.h"

enum { GRAIN_BYTES = 256 * 1024 };

typedef struct {
    unsigned char *y;
    uint64_t pattern; /* the element, repeated to 8 bytes */
} fill_context;

static void body(void *context, int64_t begin, int64_t end) {
    const fill_context *c = context;
    unsigned char *y = c->y + begin;
    const int64_t bytes = end - begin;
    if (c->pattern == 0) {
        memset(y, 0, (size_t)bytes);
        return;
    }
    int64_t i = 0;
    for (; i + 8 <= bytes; i += 8) memcpy(y + i, &c->pattern, 8);
    memcpy(y + i, &c->pattern, (size_t)(bytes - i)); /* 0 or 4 bytes */
}

sn_status sn_fill(const sn_fill_args *a) {
    SN_REQUIRE(a && a->y, SN_ERR_NULL);
    const int64_t size = sn_size_of(a->dtype);
    SN_REQUIRE(size != 0, SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    fill_context c = {.y = a->y, .pattern = 0};
    sn_element_pattern(&c.pattern, a->dtype, a->value);
    sn_parallel_for(a->count * size, GRAIN_BYTES, body, &c);
    return SN_OK;
}
