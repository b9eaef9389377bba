/* softmax: y[rows][cols] = exp(x - max) / sum over the columns, or its logarithm; and the gradient. */
#include "softmax/softmax.h"

#include "core/check.h"
#include "core/isa.h"
#include "core/stream.h"
#include "pool/pool.h"

static sn_softmax_kernel *const forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_softmax_forward__generic, sn_f32_softmax_forward__avx2, sn_f32_softmax_forward__avx512, sn_f32_softmax_forward__neon);
static sn_softmax_backward_kernel *const backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_softmax_backward__generic, sn_f32_softmax_backward__avx2, sn_f32_softmax_backward__avx512, sn_f32_softmax_backward__neon);

typedef struct {
    const sn_softmax_args *a;
    sn_softmax_kernel *forward;
    sn_softmax_backward_kernel *backward;
    int64_t row_bytes;
    int past;
} softmax_context;

static void forward_body(void *context, int64_t begin, int64_t end) {
    const softmax_context *c = context;
    const int64_t at = begin * c->row_bytes;
    c->forward((const char *)c->a->x + at, (char *)c->a->y + at, end - begin, c->a->cols, c->a->log != 0, c->past, NULL, NULL);
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const softmax_context *c = context;
    const sn_softmax_args *a = c->a;
    const int64_t at = begin * c->row_bytes;
    c->backward((const char *)a->y + at, (const char *)a->dy + at, (char *)a->dx + at, end - begin, a->cols, a->log != 0);
}

static sn_status check(const sn_softmax_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->cols >= 1 && sn_mul(a->rows, a->cols) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

sn_softmax_kernel *sn_softmax_forward_kernel(int32_t dtype) {
    return dtype == SN_F64 ? sn_f64_softmax_forward__generic : forward_f32[sn_isa_current()];
}

sn_status sn_softmax_forward(const sn_softmax_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    softmax_context c = {.a = a, .forward = sn_softmax_forward_kernel(a->dtype), .row_bytes = a->cols * sn_size_of(a->dtype)};
    c.past = a->x != a->y && sn_past_caches(a->y, a->rows * c.row_bytes);
    sn_parallel_for(a->rows, sn_softmax_grain(a->cols) * (c.past ? SN_PAST_GRAINS : 1), forward_body, &c);
    return SN_OK;
}

sn_status sn_softmax_backward(const sn_softmax_args *a) {
    SN_REQUIRE(a && a->y && a->dy && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    softmax_context c = {.a = a, .row_bytes = a->cols * sn_size_of(a->dtype)};
    c.backward = a->dtype == SN_F64 ? sn_f64_softmax_backward__generic : backward_f32[sn_isa_current()];
    sn_parallel_for(a->rows, sn_softmax_grain(a->cols), backward_body, &c);
    return SN_OK;
}
