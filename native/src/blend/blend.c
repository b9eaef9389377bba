/* blend: y = keep y + share x, where y is. */
#include "blend/blend.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

static sn_blend_kernel *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_blend__generic, sn_f32_blend__avx2, sn_f32_blend__avx512, sn_f32_blend__neon);

typedef struct {
    sn_blend_kernel *kernel;
    unsigned char *y;
    const unsigned char *x;
    double keep, share;
    int64_t size;
} blend_context;

static void body(void *context, int64_t begin, int64_t end) {
    const blend_context *c = context;
    c->kernel(c->y + begin * c->size, c->x + begin * c->size, c->keep, c->share, end - begin);
}

sn_status sn_blend(const sn_blend_args *a) {
    SN_REQUIRE(a && a->y && a->x && a->keep && a->share, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(isfinite(*a->keep) && isfinite(*a->share), SN_ERR_VALUE);
    if (*a->keep == 1 && *a->share == 0) return SN_OK;
    blend_context c = {
        .kernel = a->dtype == SN_F64 ? sn_f64_blend__generic : table[sn_isa_current()],
        .y = a->y,
        .x = a->x,
        .keep = *a->keep,
        .share = *a->share,
        .size = sn_size_of(a->dtype),
    };
    sn_parallel_for(a->count, GRAIN, body, &c);
    return SN_OK;
}
