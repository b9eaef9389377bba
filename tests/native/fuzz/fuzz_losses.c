/* Calls of softmax, losses, CTC and normalisation. */
#include "fuzz.h"

static int32_t either(fuzz *f, int32_t forward, int32_t backward) { return fuzz_int(f, 0, 1) ? forward : backward; }
static int64_t losses(int32_t reduction, int64_t count) { return reduction == SN_REDUCTION_NONE ? count : 1; }
static int32_t reduction(fuzz *f) { return (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 3) : fuzz_int(f, 0, 2)); }

static int32_t softmax(fuzz *f, fuzz_args *args) {
    sn_softmax_args *a = &args->softmax;
    a->dtype = fuzz_dtype(f), a->log = (int32_t)fuzz_int(f, 0, 1);
    a->rows = fuzz_size(f), a->cols = fuzz_size(f);
    const int64_t count = sn_mul(a->rows, a->cols);
    a->x = fuzz_array(f, a->dtype, count), a->y = fuzz_array(f, a->dtype, count);
    a->dy = fuzz_array(f, a->dtype, count), a->dx = fuzz_array(f, a->dtype, count);
    return either(f, SN_OP_SOFTMAX_FORWARD, SN_OP_SOFTMAX_BACKWARD);
}

static int32_t cross_entropy(fuzz *f, fuzz_args *args) {
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
    return either(f, SN_OP_CROSS_ENTROPY_FORWARD, SN_OP_CROSS_ENTROPY_BACKWARD);
}

static int32_t mse(fuzz *f, fuzz_args *args) {
    sn_mse_args *a = &args->mse;
    a->dtype = fuzz_dtype(f), a->reduction = reduction(f), a->count = fuzz_size(f);
    a->x = fuzz_array(f, a->dtype, a->count), a->target = fuzz_array(f, a->dtype, a->count);
    a->loss = fuzz_array(f, a->dtype, losses(a->reduction, a->count));
    a->dloss = fuzz_array(f, a->dtype, losses(a->reduction, a->count));
    a->dx = fuzz_array(f, a->dtype, a->count);
    return either(f, SN_OP_MSE_FORWARD, SN_OP_MSE_BACKWARD);
}

static int32_t bce(fuzz *f, fuzz_args *args) {
    sn_bce_args *a = &args->bce;
    a->dtype = fuzz_dtype(f), a->reduction = reduction(f);
    a->rows = fuzz_size(f), a->cols = fuzz_size(f);
    const int64_t count = sn_mul(a->rows, a->cols);
    a->x = fuzz_array(f, a->dtype, count), a->target = fuzz_array(f, a->dtype, count);
    a->weight = fuzz_optional(f, a->dtype, count), a->pos_weight = fuzz_optional(f, a->dtype, a->cols);
    a->loss = fuzz_array(f, a->dtype, losses(a->reduction, count));
    a->dloss = fuzz_array(f, a->dtype, losses(a->reduction, count));
    a->dx = fuzz_array(f, a->dtype, count);
    return either(f, SN_OP_BCE_FORWARD, SN_OP_BCE_BACKWARD);
}

static int32_t hinge(fuzz *f, fuzz_args *args) {
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
    return either(f, SN_OP_HINGE_FORWARD, SN_OP_HINGE_BACKWARD);
}

static int32_t ctc(fuzz *f, fuzz_args *args) {
    sn_ctc_args *a = &args->ctc;
    const int32_t code = either(f, SN_OP_CTC_FORWARD, SN_OP_CTC_BACKWARD);
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
    FUZZ_WORKSPACE(f, code, a);
    return code;
}

static int32_t batchnorm(fuzz *f, fuzz_args *args) {
    static const int32_t codes[] = {SN_OP_BATCHNORM_TRAIN, SN_OP_BATCHNORM_INFER, SN_OP_BATCHNORM_BACKWARD};
    const int32_t code = codes[fuzz_int(f, 0, 2)];
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
    FUZZ_WORKSPACE(f, code, a);
    return code;
}

static int32_t groupnorm(fuzz *f, fuzz_args *args) {
    sn_groupnorm_args *a = &args->groupnorm;
    const int32_t code = either(f, SN_OP_GROUPNORM_FORWARD, SN_OP_GROUPNORM_BACKWARD);
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
    FUZZ_WORKSPACE(f, code, a);
    return code;
}

const fuzz_builder fuzz_losses[] = {softmax, cross_entropy, mse, bce, hinge, ctc, batchnorm, groupnorm};
const int fuzz_losses_count = sizeof fuzz_losses / sizeof *fuzz_losses;
