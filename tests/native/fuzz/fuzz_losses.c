/* Calls of softmax, losses, CTC and normalisation. */
#include "fuzz.h"

static int64_t losses(int32_t reduction, int64_t count) { return reduction == SN_REDUCTION_NONE ? count : 1; }
static int32_t reduction(fuzz *f) { return (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 3) : fuzz_int(f, 0, 2)); }

static void softmax(fuzz *f, fuzz_args *args) {
    sn_softmax_args *a = &args->softmax;
    a->dtype = fuzz_dtype(f), a->log = (int32_t)fuzz_int(f, 0, 1);
    a->rows = fuzz_size(f), a->cols = fuzz_size(f);
    const int64_t count = sn_mul(a->rows, a->cols);
    a->x = fuzz_array(f, a->dtype, count), a->y = fuzz_array(f, a->dtype, count);
    a->dy = fuzz_array(f, a->dtype, count), a->dx = fuzz_array(f, a->dtype, count);
}

static void cross_entropy(fuzz *f, fuzz_args *args) {
    sn_cross_entropy_args *a = &args->cross_entropy;
    a->dtype = fuzz_dtype(f), a->reduction = reduction(f);
    a->rows = fuzz_size(f), a->classes = fuzz_size(f);
    a->ignore_index = fuzz_rarely(f, 4) ? fuzz_size(f) : -100;
    a->smoothing = fuzz_real(f);
    const int64_t count = sn_mul(a->rows, a->classes);
    a->logits = fuzz_array(f, a->dtype, count);
    a->labels = fuzz_indices(f, a->rows, a->classes);
    a->weights = fuzz_optional(f, a->dtype, a->classes);
    a->loss = fuzz_array(f, a->dtype, losses(a->reduction, a->rows));
    a->probs = fuzz_array(f, a->dtype, count);
    a->dloss = fuzz_array(f, a->dtype, losses(a->reduction, a->rows));
    a->dlogits = fuzz_int(f, 0, 3) ? fuzz_array(f, a->dtype, count) : a->probs;
}

static void mse(fuzz *f, fuzz_args *args) {
    sn_mse_args *a = &args->mse;
    a->dtype = fuzz_dtype(f), a->reduction = reduction(f), a->count = fuzz_size(f);
    a->x = fuzz_array(f, a->dtype, a->count), a->target = fuzz_array(f, a->dtype, a->count);
    a->loss = fuzz_array(f, a->dtype, losses(a->reduction, a->count));
    a->dloss = fuzz_array(f, a->dtype, losses(a->reduction, a->count));
    a->dx = fuzz_array(f, a->dtype, a->count);
}

static void bce(fuzz *f, fuzz_args *args) {
    sn_bce_args *a = &args->bce;
    a->dtype = fuzz_dtype(f), a->reduction = reduction(f);
    a->rows = fuzz_size(f), a->cols = fuzz_size(f);
    const int64_t count = sn_mul(a->rows, a->cols);
    a->x = fuzz_array(f, a->dtype, count), a->target = fuzz_array(f, a->dtype, count);
    a->weight = fuzz_optional(f, a->dtype, count), a->pos_weight = fuzz_optional(f, a->dtype, a->cols);
    a->loss = fuzz_array(f, a->dtype, losses(a->reduction, count));
    a->dloss = fuzz_array(f, a->dtype, losses(a->reduction, count));
    a->dx = fuzz_array(f, a->dtype, count);
}

static void hinge(fuzz *f, fuzz_args *args) {
    sn_hinge_args *a = &args->hinge;
    a->dtype = fuzz_dtype(f), a->reduction = reduction(f);
    a->rows = fuzz_size(f), a->classes = fuzz_size(f);
    a->p = (int32_t)(fuzz_rarely(f, 16) ? fuzz_int(f, -1, 4) : fuzz_int(f, 1, 2));
    a->mean_over_classes = (int32_t)fuzz_int(f, 0, 1);
    a->margin = fuzz_real(f);
    const int64_t count = sn_mul(a->rows, a->classes);
    a->x = fuzz_array(f, a->dtype, count);
    a->labels = fuzz_indices(f, a->rows, a->classes);
    a->weights = fuzz_optional(f, a->dtype, a->classes);
    a->loss = fuzz_array(f, a->dtype, losses(a->reduction, a->rows));
    a->dloss = fuzz_array(f, a->dtype, losses(a->reduction, a->rows));
    a->dx = fuzz_array(f, a->dtype, count);
}

static void ctc(fuzz *f, fuzz_args *args) {
    sn_ctc_args *a = &args->ctc;
    a->dtype = fuzz_dtype(f), a->reduction = reduction(f), a->zero_infinity = (int32_t)fuzz_int(f, 0, 1);
    a->steps = fuzz_size(f), a->batch = fuzz_small(f), a->classes = fuzz_size(f), a->longest = fuzz_size(f);
    a->blank = fuzz_int(f, 0, 3) ? 0 : fuzz_size(f);
    fuzz_work(f, sn_mul(sn_mul(a->steps, a->batch), a->longest));
    const int64_t count = sn_mul(sn_mul(a->steps, a->batch), a->classes);
    a->log_probs = fuzz_array(f, a->dtype, count);
    int32_t *targets = fuzz_indices(f, sn_mul(a->batch, a->longest), sn_max(a->classes, 1) - 1);
    if (targets && a->blank == 0 && !f->too_big)
        for (int64_t i = 0; i < sn_mul(a->batch, a->longest); i++) targets[i] += targets[i] < INT32_MAX;
    a->targets = targets;
    a->input_lengths = fuzz_indices(f, a->batch, fuzz_up_to(a->steps));
    a->target_lengths = fuzz_indices(f, a->batch, fuzz_up_to(a->longest));
    a->loss = fuzz_array(f, a->dtype, losses(a->reduction, a->batch));
    a->dloss = fuzz_array(f, a->dtype, losses(a->reduction, a->batch));
    a->dlog_probs = fuzz_array(f, a->dtype, count);
    FUZZ_WORKSPACE(f, a);
}

static void batchnorm(fuzz *f, fuzz_args *args) {
    sn_batchnorm_args *a = &args->batchnorm;
    a->dtype = fuzz_dtype(f), a->act = (int32_t)fuzz_int(f, 0, 2);
    a->rows = fuzz_size(f), a->c = fuzz_size(f);
    a->eps = fuzz_real(f), a->momentum = fuzz_real(f);
    const int64_t count = sn_mul(a->rows, a->c);
    a->x = fuzz_array(f, a->dtype, count);
    a->gamma = fuzz_optional(f, a->dtype, a->c), a->beta = fuzz_optional(f, a->dtype, a->c);
    a->running_mean = fuzz_optional(f, a->dtype, a->c), a->running_var = fuzz_optional(f, a->dtype, a->c);
    a->y = fuzz_array(f, a->dtype, count);
    a->residual = fuzz_int(f, 0, 3) ? fuzz_optional(f, a->dtype, count) : a->y;
    a->save_mean = fuzz_array(f, a->dtype, a->c), a->save_invstd = fuzz_array(f, a->dtype, a->c);
    a->dy = fuzz_array(f, a->dtype, count), a->dx = fuzz_optional(f, a->dtype, count);
    a->dgamma = fuzz_optional(f, a->dtype, a->c), a->dbeta = fuzz_optional(f, a->dtype, a->c);
    FUZZ_WORKSPACE(f, a);
}

static void groupnorm(fuzz *f, fuzz_args *args) {
    sn_groupnorm_args *a = &args->groupnorm;
    a->dtype = fuzz_dtype(f), a->rms = (int32_t)fuzz_int(f, 0, 1);
    a->n = fuzz_small(f), a->rows = fuzz_size(f), a->groups = fuzz_small(f);
    a->c = fuzz_rarely(f, 16) ? fuzz_size(f) : sn_mul(a->groups, fuzz_size(f));
    a->eps = fuzz_real(f);
    const int64_t count = sn_mul(sn_mul(a->n, a->rows), a->c), saved = sn_mul(a->n, a->groups);
    a->x = fuzz_array(f, a->dtype, count);
    a->gamma = fuzz_optional(f, a->dtype, a->c), a->beta = fuzz_optional(f, a->dtype, a->c);
    a->y = fuzz_array(f, a->dtype, count);
    a->save_mean = fuzz_array(f, a->dtype, saved), a->save_invstd = fuzz_array(f, a->dtype, saved);
    a->dy = fuzz_array(f, a->dtype, count), a->dx = fuzz_array(f, a->dtype, count);
    a->dgamma = fuzz_optional(f, a->dtype, a->c), a->dbeta = fuzz_optional(f, a->dtype, a->c);
    FUZZ_WORKSPACE(f, a);
}

const fuzz_target fuzz_losses[] = {
    {"softmax_forward", SN_OP_SOFTMAX_FORWARD, softmax},
    {"softmax_backward", SN_OP_SOFTMAX_BACKWARD, softmax},
    {"cross_entropy_forward", SN_OP_CROSS_ENTROPY_FORWARD, cross_entropy},
    {"cross_entropy_backward", SN_OP_CROSS_ENTROPY_BACKWARD, cross_entropy},
    {"mse_forward", SN_OP_MSE_FORWARD, mse},
    {"mse_backward", SN_OP_MSE_BACKWARD, mse},
    {"bce_forward", SN_OP_BCE_FORWARD, bce},
    {"bce_backward", SN_OP_BCE_BACKWARD, bce},
    {"hinge_forward", SN_OP_HINGE_FORWARD, hinge},
    {"hinge_backward", SN_OP_HINGE_BACKWARD, hinge},
    {"ctc_forward", SN_OP_CTC_FORWARD, ctc},
    {"ctc_backward", SN_OP_CTC_BACKWARD, ctc},
    {"batchnorm_train", SN_OP_BATCHNORM_TRAIN, batchnorm},
    {"batchnorm_infer", SN_OP_BATCHNORM_INFER, batchnorm},
    {"batchnorm_backward", SN_OP_BATCHNORM_BACKWARD, batchnorm},
    {"groupnorm_forward", SN_OP_GROUPNORM_FORWARD, groupnorm},
    {"groupnorm_backward", SN_OP_GROUPNORM_BACKWARD, groupnorm},
    {0},
};
