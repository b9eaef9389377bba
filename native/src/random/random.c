/* random: y[count] uniform or normal, a function of seed, step and index alone. */
#include "random/random.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { UNIFORM_GRAIN = 16384, NORMAL_GRAIN = 1024 };

static sn_random_kernel *const uniform[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_random_uniform__generic, sn_f32_random_uniform__avx2, sn_f32_random_uniform__avx512, sn_f32_random_uniform__neon);

typedef struct {
    sn_random_kernel *kernel;
    sn_random_source source;
    void *y;
} random_context;

static void body(void *context, int64_t begin, int64_t end) {
    const random_context *c = context;
    c->kernel(&c->source, c->y, begin, end);
}

sn_status sn_random(const sn_random_args *a) {
    SN_REQUIRE(a && a->y && a->step, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->kind == SN_UNIFORM || a->kind == SN_NORMAL, SN_ERR_CODE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(isfinite(a->a) && isfinite(a->b), SN_ERR_VALUE);
    SN_REQUIRE(a->kind == SN_UNIFORM ? a->a <= a->b && isfinite(a->b - a->a) : a->b >= 0, SN_ERR_VALUE);
    random_context c = {.source = {sn_philox_of(a->seed, *a->step), a->a, a->b}, .y = a->y};
    const int f64 = a->dtype == SN_F64;
    if (a->kind == SN_UNIFORM) c.kernel = f64 ? sn_f64_random_uniform__generic : uniform[sn_isa_current()];
    else c.kernel = f64 ? sn_f64_random_normal__generic : sn_f32_random_normal__generic;
    sn_parallel_for(a->count, a->kind == SN_UNIFORM ? UNIFORM_GRAIN : NORMAL_GRAIN, body, &c);
    return SN_OK;
}
