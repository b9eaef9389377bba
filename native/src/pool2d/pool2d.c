/* pool2d: maxima and averages over windows of channels-last images, and their gradients. */
#include "pool2d/pool2d.h"

#include "core/isa.h"
#include "pool/pool.h"

static sn_pool2d_kernel *const max_forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_maxpool2d_forward__generic, sn_f32_maxpool2d_forward__avx2, sn_f32_maxpool2d_forward__avx512, sn_f32_maxpool2d_forward__neon);
static sn_pool2d_kernel *const max_backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_maxpool2d_backward__generic, sn_f32_maxpool2d_backward__avx2, sn_f32_maxpool2d_backward__avx512, sn_f32_maxpool2d_backward__neon);
static sn_pool2d_kernel *const avg_forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_avgpool2d_forward__generic, sn_f32_avgpool2d_forward__avx2, sn_f32_avgpool2d_forward__avx512, sn_f32_avgpool2d_forward__neon);
static sn_pool2d_kernel *const avg_backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_avgpool2d_backward__generic, sn_f32_avgpool2d_backward__avx2, sn_f32_avgpool2d_backward__avx512, sn_f32_avgpool2d_backward__neon);

/* Elements read by one chunk, some microseconds of work. */
enum { GRAIN = 32768 };

typedef struct {
    sn_pool2d_kernel *kernel;
    const sn_pool2d_args *a;
} pool2d_context;

static void body(void *context, int64_t begin, int64_t end) {
    const pool2d_context *c = context;
    c->kernel(c->a, begin, end);
}

static int axis_fits(int64_t size, int64_t outputs, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation) {
    if (size < 1 || outputs < 1 || kernel < 1 || stride < 1 || dilation < 1) return 0;
    if (pad < 0 || pad > kernel / 2 || size > SN_MAX_ELEMENTS || stride > SN_MAX_ELEMENTS) return 0;
    const int64_t last = sn_mul(outputs - 1, stride);
    return last >= 0 && last - pad < size && sn_mul(kernel, dilation) >= 0;
}

static sn_status check(const sn_pool2d_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->n >= 1 && a->c >= 1, SN_ERR_SIZE);
    SN_REQUIRE(axis_fits(a->h, a->oh, a->kh, a->stride_h, a->pad_h, a->dilation_h), SN_ERR_SIZE);
    SN_REQUIRE(axis_fits(a->w, a->ow, a->kw, a->stride_w, a->pad_w, a->dilation_w), SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->n, a->c), sn_mul(a->h, a->w)) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->n, a->c), sn_mul(a->oh, a->ow)) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(a->kh, a->kw) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

static sn_status check_max(const sn_pool2d_args *a) {
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(!a->index || a->h * a->w <= INT32_MAX, SN_ERR_SIZE); /* index is int32_t */
    return SN_OK;
}

static sn_status check_avg(const sn_pool2d_args *a) {
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->dilation_h == 1 && a->dilation_w == 1, SN_ERR_VALUE);
    return SN_OK;
}

/* rows of the output or of the input, each of which costs `elements`. */
static sn_status run(sn_pool2d_kernel *kernel, const sn_pool2d_args *a, int64_t rows, double elements) {
    pool2d_context c = {kernel, a};
    const double grain = GRAIN / elements;
    sn_parallel_for(rows, grain < 1 ? 1 : (int64_t)grain, body, &c);
    return SN_OK;
}

static sn_status run_forward(sn_pool2d_kernel *kernel, const sn_pool2d_args *a) {
    return run(kernel, a, a->n * a->oh, (double)a->ow * (double)a->c * (double)a->kh * (double)a->kw);
}

/* An input element looks at kernel / stride windows in each direction. */
static sn_status run_backward(sn_pool2d_kernel *kernel, const sn_pool2d_args *a) {
    const double windows = (double)sn_ceil_div(a->kh, a->stride_h) * (double)sn_ceil_div(a->kw, a->stride_w);
    return run(kernel, a, a->n * a->h, (double)a->w * (double)a->c * (1 + windows));
}

void sn_pool2d_rows(const sn_pool2d_args *a, int max, int32_t isa) { (max ? max_forward_f32 : avg_forward_f32)[isa](a, 0, a->n * a->oh); }

sn_status sn_maxpool2d_forward(const sn_pool2d_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    const sn_status status = check_max(a);
    SN_REQUIRE(status == SN_OK, status);
    return run_forward(a->dtype == SN_F64 ? sn_f64_maxpool2d_forward__generic : max_forward_f32[sn_isa_current()], a);
}

sn_status sn_maxpool2d_backward(const sn_pool2d_args *a) {
    SN_REQUIRE(a && a->dy && a->dx && a->index, SN_ERR_NULL);
    const sn_status status = check_max(a);
    SN_REQUIRE(status == SN_OK, status);
    return run_backward(a->dtype == SN_F64 ? sn_f64_maxpool2d_backward__generic : max_backward_f32[sn_isa_current()], a);
}

sn_status sn_avgpool2d_forward(const sn_pool2d_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    const sn_status status = check_avg(a);
    SN_REQUIRE(status == SN_OK, status);
    return run_forward(a->dtype == SN_F64 ? sn_f64_avgpool2d_forward__generic : avg_forward_f32[sn_isa_current()], a);
}

sn_status sn_avgpool2d_backward(const sn_pool2d_args *a) {
    SN_REQUIRE(a && a->dy && a->dx, SN_ERR_NULL);
    const sn_status status = check_avg(a);
    SN_REQUIRE(status == SN_OK, status);
    return run_backward(a->dtype == SN_F64 ? sn_f64_avgpool2d_backward__generic : avg_backward_f32[sn_isa_current()], a);
}
