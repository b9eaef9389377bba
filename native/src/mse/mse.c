/* mse: squared error, per element, its mean or its sum. */
#include "mse/mse.h"

#include "core/isa.h"
#include "core/loss.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

static sn_mse_forward_kernel *const forward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_mse_forward__generic, sn_f32_mse_forward__generic, sn_f32_mse_forward__generic);
static sn_mse_backward_kernel *const backward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_mse_backward__generic, sn_f32_mse_backward__generic, sn_f32_mse_backward__generic);

typedef struct {
    const sn_mse_args *args;
    sn_mse_forward_kernel *forward;
    sn_mse_backward_kernel *backward;
    double scale;
    int64_t grain;
    double sums[SN_LOSS_CHUNKS];
} mse_context;

static void *at(const void *array, int64_t bytes) { return (unsigned char *)array + bytes; }

static sn_mse_span span(const mse_context *c, int64_t begin, int64_t end) {
    const int64_t offset = begin * sn_size_of(c->args->dtype);
    return (sn_mse_span){
        .n = end - begin,
        .x = at(c->args->x, offset),
        .target = at(c->args->target, offset),
        .scale = c->scale,
    };
}

static void forward_body(void *context, int64_t begin, int64_t end) {
    mse_context *c = context;
    sn_mse_span t = span(c, begin, end);
    if (c->args->reduction == SN_REDUCTION_NONE) t.loss = at(c->args->loss, begin * sn_size_of(c->args->dtype));
    c->sums[begin / c->grain] = c->forward(&t);
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const mse_context *c = context;
    const int64_t offset = begin * sn_size_of(c->args->dtype);
    sn_mse_span t = span(c, begin, end);
    if (c->args->reduction == SN_REDUCTION_NONE) t.dloss = at(c->args->dloss, offset);
    t.dx = at(c->args->dx, offset);
    c->backward(&t);
}

static sn_status check(const sn_mse_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->count >= 0 && a->count <= SN_MAX_ELEMENTS, SN_ERR_SIZE);
    return SN_OK;
}

sn_status sn_mse_forward(const sn_mse_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->loss, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    mse_context c;
    c.args = a;
    c.forward = a->dtype == SN_F64 ? sn_f64_mse_forward__generic : forward_table[sn_isa_current()];
    c.scale = 1;
    c.grain = sn_loss_grain(a->count, GRAIN);
    sn_parallel_for(a->count, c.grain, forward_body, &c);
    if (a->reduction == SN_REDUCTION_NONE) return SN_OK;
    const double total = sn_loss_total(c.sums, a->count, c.grain);
    sn_write(a->loss, a->dtype, a->reduction == SN_REDUCTION_MEAN ? total / (double)a->count : total);
    return SN_OK;
}

sn_status sn_mse_backward(const sn_mse_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->dloss && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    mse_context c;
    c.args = a;
    c.backward = a->dtype == SN_F64 ? sn_f64_mse_backward__generic : backward_table[sn_isa_current()];
    c.scale = a->reduction == SN_REDUCTION_NONE ? 1 : sn_read(a->dloss, a->dtype);
    if (a->reduction == SN_REDUCTION_MEAN) c.scale /= (double)a->count;
    sn_parallel_for(a->count, GRAIN, backward_body, &c);
    return SN_OK;
}
