/* cross_entropy: softmax, the loss of labels[rows] and its gradient. The time goes into the softmax kernels; what is left
 * is one pass, so there are generic kernels only. */
#include "cross_entropy/cross_entropy.h"

#include "core/check.h"
#include "core/labels.h"
#include "core/partial_sum.h"
#include "core/stream.h"
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

/* *label_weight becomes the divisor of the mean. */
static sn_status check(const sn_cross_entropy_args *a, double *label_weight) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->classes >= 1 && sn_mul(a->rows, a->classes) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->smoothing >= 0 && a->smoothing <= 1, SN_ERR_VALUE);
    const sn_labels labels = {a->labels, a->rows, a->classes, a->ignore_index, a->dtype, a->weights};
    return sn_labels_check(&labels, label_weight);
}

static sn_cross_entropy_job prepare(const sn_cross_entropy_args *a, double label_weight) {
    sn_cross_entropy_job job = {.a = a, .divisor = 1, .weight_total = (double)a->classes};
    if (a->weights && a->smoothing > 0) {
        job.weight_total = 0;
        for (int64_t k = 0; k < a->classes; k++)
            job.weight_total += sn_load_scalar(a->dtype, (const char *)a->weights + k * sn_size_of(a->dtype));
    }
    if (a->reduction == SN_REDUCTION_MEAN) job.divisor = label_weight;
    job.grain = sn_part_grain(a->rows, sn_softmax_grain(a->classes));
    return job;
}

sn_status sn_cross_entropy_forward(const sn_cross_entropy_args *a) {
    SN_REQUIRE(a && a->logits && a->labels && a->loss && a->probs, SN_ERR_NULL);
    double label_weight;
    const sn_status status = check(a, &label_weight);
    SN_REQUIRE(status == SN_OK, status);
    double parts[SN_PARTS];
    sn_cross_entropy_job job = prepare(a, label_weight);
    job.softmax = sn_softmax_forward_kernel(a->dtype);
    job.past = a->logits != a->probs && sn_past_caches(a->probs, a->rows * a->classes * sn_size_of(a->dtype));
    job.parts = a->reduction == SN_REDUCTION_NONE ? NULL : parts;
    sn_parallel_for(a->rows, job.grain, forward_body, &job);
    if (job.parts) sn_store_scalar(a->dtype, a->loss, sn_part_total(parts, a->rows, job.grain) / job.divisor);
    return SN_OK;
}

sn_status sn_cross_entropy_backward(const sn_cross_entropy_args *a) {
    SN_REQUIRE(a && a->probs && a->labels && a->dloss && a->dlogits, SN_ERR_NULL);
    double label_weight;
    const sn_status status = check(a, &label_weight);
    SN_REQUIRE(status == SN_OK, status);
    sn_cross_entropy_job job = prepare(a, label_weight);
    sn_parallel_for(a->rows, job.grain, backward_body, &job);
    return SN_OK;
}
