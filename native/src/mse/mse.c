/* mse: (x - target)^2 of [count] elements, their sum or mean, and the gradient. */
#include "mse/mse.h"

#include "core/check.h"
#include "core/isa.h"
#include "core/partial_sum.h"
#include "pool/pool.h"

static sn_mse_forward_kernel *const forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_mse_forward__generic, sn_f32_mse_forward__avx2, sn_f32_mse_forward__avx512, sn_f32_mse_forward__neon);
static sn_mse_backward_kernel *const backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_mse_backward__generic, sn_f32_mse_backward__avx2, sn_f32_mse_backward__avx512, sn_f32_mse_backward__neon);

enum { GRAIN = 32768 };

typedef struct {
    const sn_mse_args *a;
    sn_mse_forward_kernel *forward;
    sn_mse_backward_kernel *backward;
    int64_t size, grain;
    double scale;
    double *parts; /* [SN_PARTS]: the chunks' sums */
} mse_context;

static void forward_body(void *context, int64_t begin, int64_t end) {
    mse_context *c = context;
    const int64_t at = begin * c->size;
    void *loss = c->a->reduction == SN_REDUCTION_NONE ? (char *)c->a->loss + at : NULL;
    const double sum = c->forward((const char *)c->a->x + at, (const char *)c->a->target + at, loss, end - begin);
    if (!loss) c->parts[begin / c->grain] = sum;
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const mse_context *c = context;
    const sn_mse_args *a = c->a;
    const int64_t at = begin * c->size;
    const void *dloss = a->reduction == SN_REDUCTION_NONE ? (const char *)a->dloss + at : NULL;
    c->backward((const char *)a->x + at, (const char *)a->target + at, dloss, c->scale, (char *)a->dx + at, end - begin);
}

static sn_status check(const sn_mse_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

sn_status sn_mse_forward(const sn_mse_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->loss, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    mse_context c = {.a = a, .size = sn_size_of(a->dtype), .grain = sn_part_grain(a->count, GRAIN)};
    c.forward = a->dtype == SN_F64 ? sn_f64_mse_forward__generic : forward_f32[sn_isa_current()];
    double parts[SN_PARTS];
    c.parts = parts;
    sn_parallel_for(a->count, c.grain, forward_body, &c);
    if (a->reduction != SN_REDUCTION_NONE) {
        const double divisor = a->reduction == SN_REDUCTION_MEAN ? (double)a->count : 1;
        sn_store_scalar(a->dtype, a->loss, sn_part_total(c.parts, a->count, c.grain) / divisor);
    }
    return SN_OK;
}

sn_status sn_mse_backward(const sn_mse_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->dloss && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    mse_context c = {.a = a, .size = sn_size_of(a->dtype), .scale = 2};
    c.backward = a->dtype == SN_F64 ? sn_f64_mse_backward__generic : backward_f32[sn_isa_current()];
    if (a->reduction != SN_REDUCTION_NONE) c.scale *= sn_load_scalar(a->dtype, a->dloss);
    if (a->reduction == SN_REDUCTION_MEAN) c.scale /= (double)a->count;
    sn_parallel_for(a->count, GRAIN, backward_body, &c);
    return SN_OK;
}
