/* cross_entropy: softmax, the loss of labels[rows] and its gradient. The time goes into the softmax kernels; what is left
 * is one pass, so there are generic kernels only. */
#include "cross_entropy/cross_entropy.h"

#include "core/check.h"
#include "core/partial_sum.h"
#include "pool/pool.h"

static void forward_body(void *context, int64_t begin, int64_t end) {
    const sn_cross_entropy_job *job = context;
    if (job->a->dtype == SN_F64) sn_f64_cross_entropy_forward__generic(job, begin, end);
    else sn_f32_cross_entropy_forward__generic(job, begin, end);
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const sn_cross_entropy_job *job = context;
    if (job->a->dtype == SN_F64) sn_f64_cross_entropy_backward__generic(job, begin, end);
    else sn_f32_cross_entropy_backward__generic(job, begin, end);
}

static double weight_of(const sn_cross_entropy_args *a, int64_t k) {
    if (!a->weights) return 1;
    return a->dtype == SN_F64 ? ((const double *)a->weights)[k] : ((const float *)a->weights)[k];
}

static sn_status check(const sn_cross_entropy_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->classes >= 1 && sn_mul(a->rows, a->classes) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->smoothing >= 0 && a->smoothing <= 1, SN_ERR_VALUE);
    int wrong = 0;
    for (int64_t r = 0; r < a->rows; r++) {
        const int64_t t = a->labels[r];
        wrong |= (t < 0 || t >= a->classes) && t != a->ignore_index;
    }
    return wrong ? SN_ERR_VALUE : SN_OK;
}

static sn_cross_entropy_job prepare(const sn_cross_entropy_args *a) {
    sn_cross_entropy_job job = {.a = a, .divisor = 1, .weight_total = (double)a->classes};
    if (a->weights && a->smoothing > 0) {
        job.weight_total = 0;
        for (int64_t k = 0; k < a->classes; k++) job.weight_total += weight_of(a, k);
    }
    if (a->reduction == SN_REDUCTION_MEAN) {
        job.divisor = 0;
        for (int64_t r = 0; r < a->rows; r++)
            if (a->labels[r] != a->ignore_index) job.divisor += weight_of(a, a->labels[r]);
    }
    job.grain = sn_part_grain(a->rows, sn_softmax_grain(a->classes));
    return job;
}

sn_status sn_cross_entropy_forward(const sn_cross_entropy_args *a) {
    SN_REQUIRE(a && a->logits && a->labels && a->loss && a->probs, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    double parts[SN_PARTS];
    sn_cross_entropy_job job = prepare(a);
    job.softmax = sn_softmax_forward_kernel(a->dtype);
    job.parts = a->reduction == SN_REDUCTION_NONE ? NULL : parts;
    sn_parallel_for(a->rows, job.grain, forward_body, &job);
    if (job.parts) sn_store_scalar(a->dtype, a->loss, sn_part_total(parts, a->rows, job.grain) / job.divisor);
    return SN_OK;
}

sn_status sn_cross_entropy_backward(const sn_cross_entropy_args *a) {
    SN_REQUIRE(a && a->probs && a->labels && a->dloss && a->dlogits, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    sn_cross_entropy_job job = prepare(a);
    sn_parallel_for(a->rows, job.grain, backward_body, &job);
    return SN_OK;
}
