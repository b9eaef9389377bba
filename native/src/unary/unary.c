/* unary: y[count] = f(x[count]) and dx[count] = dy[count] f'. */
#include "unary/unary.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

static sn_unary_kernel *const forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_unary_forward__generic, sn_f32_unary_forward__avx2, sn_f32_unary_forward__avx512, sn_f32_unary_forward__neon);
static sn_unary_kernel *const backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_unary_backward__generic, sn_f32_unary_backward__avx2, sn_f32_unary_backward__avx512, sn_f32_unary_backward__neon);

/* Elements worth some microseconds: memory bounds the cheap kinds, arithmetic the others. */
enum { GRAIN_CHEAP = 32768, GRAIN_COSTLY = 8192 };

typedef struct {
    sn_unary_kernel *kernel;
    const sn_unary_args *a;
} unary_context;

static void body(void *context, int64_t begin, int64_t end) {
    const unary_context *c = context;
    c->kernel(c->a, begin, end);
}

static int is_costly(int32_t kind) {
    switch (kind) {
    case SN_SIGMOID: case SN_TANH: case SN_ELU: case SN_GELU: case SN_GELU_TANH: case SN_EXP: case SN_LOG: case SN_SILU: case SN_MISH:
    case SN_SOFTPLUS: return 1;
    default: return 0;
    }
}

/* Each comparison is false for NaN. */
static int parameters_fit(const sn_unary_args *a) {
    switch (a->kind) {
    case SN_LEAKY_RELU: case SN_ELU: return !isnan(a->alpha);
    case SN_SOFTPLUS: return a->alpha > 0 && !isnan(a->beta);
    case SN_CLAMP: return a->alpha <= a->beta;
    case SN_HARD_SHRINK: case SN_SOFT_SHRINK: return a->alpha >= 0;
    default: return 1;
    }
}

static sn_status check(const sn_unary_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->kind >= SN_IDENTITY && a->kind <= SN_STEP, SN_ERR_CODE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(parameters_fit(a), SN_ERR_VALUE);
    return SN_OK;
}

sn_status sn_unary_forward(const sn_unary_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    unary_context c = {a->dtype == SN_F64 ? sn_f64_unary_forward__generic : forward_f32[sn_isa_current()], a};
    sn_parallel_for(a->count, is_costly(a->kind) ? GRAIN_COSTLY : GRAIN_CHEAP, body, &c);
    return SN_OK;
}

/* Whether the array the derivative is computed from is there. */
static int has_source(const sn_unary_args *a) {
    switch (a->kind) {
    case SN_IDENTITY: case SN_AFFINE: case SN_SIGN: case SN_STEP: return 1;
    case SN_SIGMOID: case SN_TANH: case SN_EXP: case SN_SQRT: case SN_RECIPROCAL: case SN_SOFTSIGN: case SN_CLAMP: return a->y != NULL;
    case SN_RELU: return a->x || a->y;
    case SN_LEAKY_RELU: case SN_ELU: return a->x || (a->y && a->alpha > 0);
    default: return a->x != NULL;
    }
}

sn_status sn_unary_backward(const sn_unary_args *a) {
    SN_REQUIRE(a && a->dy && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(has_source(a), SN_ERR_NULL);
    unary_context c = {a->dtype == SN_F64 ? sn_f64_unary_backward__generic : backward_f32[sn_isa_current()], a};
    const int costly = a->x && is_costly(a->kind) && a->kind != SN_LOG;
    sn_parallel_for(a->count, costly ? GRAIN_COSTLY : GRAIN_CHEAP, body, &c);
    return SN_OK;
}
