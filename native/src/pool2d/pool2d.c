/* Max and average pooling: argument checks, dispatch, division into chunks of rows. A window that dilation makes miss
 * the image has the maximum -infinity and the index -1, which backward passes to nothing. */
#include "pool2d/pool2d.h"

#include "core/isa.h"
#include "pool/pool.h"

/* Elements read or written that are worth a chunk. */
#define CHUNK_WORK 16384.0

static const sn_pool2d_kernels *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(&sn_f32_pool2d__generic, &sn_f32_pool2d__generic, &sn_f32_pool2d__generic);

static const sn_pool2d_kernels *kernels(const sn_pool2d_args *a) {
    return a->dtype == SN_F64 ? &sn_f64_pool2d__generic : table[sn_isa_current()];
}

static int axis_fits(int64_t size, int64_t out, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation) {
    const int64_t limit = INT64_C(1) << 31;
    if (size < 1 || out < 1 || kernel < 1 || stride < 1 || pad < 0 || dilation < 1) return 0;
    if (size > limit || out > limit || kernel > limit || stride > limit || dilation > limit) return 0;
    return pad <= kernel / 2 && sn_mul(out - 1, stride) >= 0 && (out - 1) * stride - pad < size;
}

static sn_status check_sizes(const sn_pool2d_args *a, int max) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->n >= 1 && a->c >= 1, SN_ERR_SIZE);
    SN_REQUIRE(axis_fits(a->h, a->oh, a->kh, a->stride_h, a->pad_h, a->dilation_h), SN_ERR_SIZE);
    SN_REQUIRE(axis_fits(a->w, a->ow, a->kw, a->stride_w, a->pad_w, a->dilation_w), SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->n, a->c), sn_mul(a->h, a->w)) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->n, a->c), sn_mul(a->oh, a->ow)) >= 0, SN_ERR_SIZE);
    if (max) SN_REQUIRE(a->h * a->w <= INT32_MAX, SN_ERR_SIZE);
    else SN_REQUIRE(a->dilation_h == 1 && a->dilation_w == 1, SN_ERR_SIZE);
    return SN_OK;
}

typedef struct {
    const sn_pool2d_args *a;
    sn_pool2d_kernel kernel;
} job;

static void body(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    j->kernel(j->a, begin, end);
}

static sn_status run(const sn_pool2d_args *a, sn_pool2d_kernel kernel, int64_t rows, double work) {
    job j = {a, kernel};
    sn_parallel_for(rows, work >= CHUNK_WORK ? 1 : (int64_t)(CHUNK_WORK / work) + 1, body, &j);
    return SN_OK;
}

static double product(int64_t a, int64_t b, int64_t c) { return (double)a * (double)b * (double)c; }

static sn_status forward(const sn_pool2d_args *a, sn_pool2d_kernel kernel) {
    return run(a, kernel, a->n * a->oh, product(a->ow, a->c, 1) * product(sn_min(a->kh, a->h), sn_min(a->kw, a->w), 1));
}

static sn_status backward(const sn_pool2d_args *a, sn_pool2d_kernel kernel) {
    const double windows = product(sn_ceil_div(a->kh, a->stride_h), sn_ceil_div(a->kw, a->stride_w), 1);
    return run(a, kernel, a->n * a->h, product(a->w, a->c, 1) * (1 + windows));
}

sn_status sn_maxpool2d_forward(const sn_pool2d_args *a) {
    const sn_status status = check_sizes(a, 1);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->x && a->y, SN_ERR_NULL);
    return forward(a, kernels(a)->max_forward);
}

sn_status sn_maxpool2d_backward(const sn_pool2d_args *a) {
    const sn_status status = check_sizes(a, 1);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->dy && a->dx && a->index, SN_ERR_NULL);
    return backward(a, kernels(a)->max_backward);
}

sn_status sn_avgpool2d_forward(const sn_pool2d_args *a) {
    const sn_status status = check_sizes(a, 0);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->x && a->y, SN_ERR_NULL);
    return forward(a, kernels(a)->avg_forward);
}

sn_status sn_avgpool2d_backward(const sn_pool2d_args *a) {
    const sn_status status = check_sizes(a, 0);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->dy && a->dx, SN_ERR_NULL);
    return backward(a, kernels(a)->avg_backward);
}
