/* cross_entropy: softmax and the negative log-likelihood of the labels. */
#include "cross_entropy/cross_entropy.h"

#include "core/isa.h"
#include "core/labels.h"
#include "core/loss.h"
#include "pool/pool.h"

/* Elements of a chunk, which is some whole rows. */
enum { GRAIN = 8192 };

static sn_cross_entropy_forward_kernel *const forward_table[SN_ISA_COUNT] = SN_ISA_TABLE(
    sn_f32_cross_entropy_forward__generic, sn_f32_cross_entropy_forward__generic, sn_f32_cross_entropy_forward__generic);
static sn_cross_entropy_backward_kernel *const backward_table[SN_ISA_COUNT] = SN_ISA_TABLE(
    sn_f32_cross_entropy_backward__generic, sn_f32_cross_entropy_backward__generic, sn_f32_cross_entropy_backward__generic);

typedef struct {
    const sn_cross_entropy_args *args;
    sn_cross_entropy_forward_kernel *forward;
    sn_cross_entropy_backward_kernel *backward;
    double scale, weight_total;
    int64_t size, grain;
    double sums[SN_LOSS_CHUNKS];
} cross_entropy_context;

static void *at(const void *array, int64_t bytes) { return (unsigned char *)array + bytes; }

static sn_cross_entropy_block block(const cross_entropy_context *c, int64_t begin, int64_t end) {
    const sn_cross_entropy_args *a = c->args;
    return (sn_cross_entropy_block){
        .rows = end - begin,
        .classes = a->classes,
        .labels = a->labels + begin,
        .weights = a->weights,
        .ignore_index = a->ignore_index,
        .smoothing = a->smoothing,
        .probs = at(a->probs, begin * a->classes * c->size),
        .scale = c->scale,
        .weight_total = c->weight_total,
    };
}

static void forward_body(void *context, int64_t begin, int64_t end) {
    cross_entropy_context *c = context;
    sn_cross_entropy_block t = block(c, begin, end);
    t.logits = at(c->args->logits, begin * t.classes * c->size);
    if (c->args->reduction == SN_REDUCTION_NONE) t.loss = at(c->args->loss, begin * c->size);
    c->sums[begin / c->grain] = c->forward(&t);
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const cross_entropy_context *c = context;
    sn_cross_entropy_block t = block(c, begin, end);
    t.dlogits = at(c->args->dlogits, begin * t.classes * c->size);
    if (c->args->reduction == SN_REDUCTION_NONE) t.dloss = at(c->args->dloss, begin * c->size);
    c->backward(&t);
}

/* Checks what forward and backward share; *label_weight is the divisor of the mean. */
static sn_status check(const sn_cross_entropy_args *a, double *label_weight) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->rows >= 0 && a->classes >= 1 && sn_mul(a->rows, a->classes) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->smoothing >= 0 && a->smoothing <= 1, SN_ERR_VALUE);
    const sn_labels labels = {
        .labels = a->labels,
        .rows = a->rows,
        .classes = a->classes,
        .ignore_index = a->ignore_index,
        .dtype = a->dtype,
        .weights = a->weights,
    };
    return sn_labels_check(&labels, label_weight);
}

static void start(cross_entropy_context *c, const sn_cross_entropy_args *a) {
    c->args = a;
    c->scale = 1;
    c->size = sn_size_of(a->dtype);
    c->weight_total = (double)a->classes;
    if (a->weights) {
        c->weight_total = 0;
        for (int64_t k = 0; k < a->classes; k++) c->weight_total += sn_read(at(a->weights, k * c->size), a->dtype);
    }
    c->grain = sn_loss_grain(a->rows, sn_max(GRAIN / a->classes, 1));
}

sn_status sn_cross_entropy_forward(const sn_cross_entropy_args *a) {
    SN_REQUIRE(a && a->logits && a->labels && a->loss && a->probs, SN_ERR_NULL);
    double label_weight;
    const sn_status status = check(a, &label_weight);
    if (status != SN_OK) return status;
    cross_entropy_context c;
    start(&c, a);
    c.forward = a->dtype == SN_F64 ? sn_f64_cross_entropy_forward__generic : forward_table[sn_isa_current()];
    sn_parallel_for(a->rows, c.grain, forward_body, &c);
    if (a->reduction == SN_REDUCTION_NONE) return SN_OK;
    const double total = sn_loss_total(c.sums, a->rows, c.grain);
    sn_write(a->loss, a->dtype, a->reduction == SN_REDUCTION_MEAN ? total / label_weight : total);
    return SN_OK;
}

sn_status sn_cross_entropy_backward(const sn_cross_entropy_args *a) {
    SN_REQUIRE(a && a->probs && a->labels && a->dloss && a->dlogits, SN_ERR_NULL);
    double label_weight;
    const sn_status status = check(a, &label_weight);
    if (status != SN_OK) return status;
    cross_entropy_context c;
    start(&c, a);
    c.backward = a->dtype == SN_F64 ? sn_f64_cross_entropy_backward__generic : backward_table[sn_isa_current()];
    if (a->reduction != SN_REDUCTION_NONE) c.scale = sn_read(a->dloss, a->dtype);
    if (a->reduction == SN_REDUCTION_MEAN) c.scale /= label_weight;
    sn_parallel_for(a->rows, c.grain, backward_body, &c);
    return SN_OK;
}
