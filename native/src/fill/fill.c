/* fill: y[count] = value. Memory speed without intrinsics: the compiler vectorises the stores. */
#include <string.h>

#include "cast/cast.h"
#include "core/check.h"
#include "core/stream.h"
#include "pool/pool.h"

enum { GRAIN_BYTES = 256 * 1024 };

typedef struct {
    unsigned char *y;
    uint64_t pattern; /* the element, repeated to 8 bytes */
    int past;         /* y is stored past the caches */
} fill_context;

/* Whole lines; returns how many bytes they are. */
static int64_t fill_past(const fill_context *c, unsigned char *y, int64_t bytes) {
    enum { LINE = 64 };
    _Alignas(LINE) float line[LINE / sizeof(float)];
    int64_t i = 0;
    for (size_t k = 0; k < LINE; k += 8) memcpy((char *)line + k, &c->pattern, 8);
    for (; i + LINE <= bytes; i += LINE) sn_stream((float *)(y + i), line, LINE / sizeof(float));
    return i;
}

static void body(void *context, int64_t begin, int64_t end) {
    const fill_context *c = context;
    unsigned char *y = c->y + begin;
    const int64_t bytes = end - begin;
    if (c->pattern == 0 && !c->past) {
        memset(y, 0, (size_t)bytes);
        return;
    }
    int64_t i = c->past ? fill_past(c, y, bytes) : 0;
    for (; i + 8 <= bytes; i += 8) memcpy(y + i, &c->pattern, 8);
    memcpy(y + i, &c->pattern, (size_t)(bytes - i)); /* 0 or 4 bytes */
}

sn_status sn_fill(const sn_fill_args *a) {
    SN_REQUIRE(a && a->y, SN_ERR_NULL);
    const int64_t size = sn_size_of(a->dtype);
    SN_REQUIRE(size != 0, SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    /* half of it: nothing is read that would take its place in the caches */
    fill_context c = {.y = a->y, .past = sn_past_caches(a->y, a->count * size / 2)};
    sn_element_pattern(&c.pattern, a->dtype, a->value);
    sn_parallel_for(a->count * size, GRAIN_BYTES, body, &c);
    return SN_OK;
}
