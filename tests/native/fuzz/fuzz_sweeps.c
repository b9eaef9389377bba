/* Calls of what goes through arrays from their first element to their last: elementwise functions, random numbers, optimisers. */
#include "fuzz.h"

static int32_t unary(fuzz *f, fuzz_args *args) {
    sn_unary_args *a = &args->unary;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 40) : fuzz_int(f, 0, 25));
    a->alpha = fuzz_real(f), a->beta = fuzz_real(f), a->count = fuzz_size(f);
    a->x = fuzz_array(f, a->dtype, a->count), a->dy = fuzz_array(f, a->dtype, a->count);
    a->y = fuzz_array(f, a->dtype, a->count), a->dx = fuzz_array(f, a->dtype, a->count);
    return fuzz_int(f, 0, 1) ? SN_OP_UNARY_FORWARD : SN_OP_UNARY_BACKWARD;
}

static int32_t dropout(fuzz *f, fuzz_args *args) {
    sn_dropout_args *a = &args->dropout;
    a->dtype = fuzz_dtype(f), a->count = fuzz_size(f), a->p = fuzz_real(f), a->seed = fuzz_size(f);
    a->step = fuzz_int_cell(f);
    a->x = fuzz_array(f, a->dtype, a->count), a->y = fuzz_array(f, a->dtype, a->count);
    return SN_OP_DROPOUT;
}

static int32_t random(fuzz *f, fuzz_args *args) {
    sn_random_args *a = &args->random;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)fuzz_int(f, 0, 2), a->count = fuzz_size(f);
    a->a = fuzz_real(f), a->b = fuzz_real(f), a->seed = fuzz_size(f);
    a->step = fuzz_int_cell(f);
    a->y = fuzz_array(f, a->dtype, a->count);
    return SN_OP_RANDOM;
}

static int32_t fill(fuzz *f, fuzz_args *args) {
    sn_fill_args *a = &args->fill;
    a->dtype = fuzz_dtype(f), a->count = fuzz_size(f), a->value = fuzz_real(f);
    a->y = fuzz_array(f, a->dtype, a->count);
    return SN_OP_FILL;
}

static int32_t cast(fuzz *f, fuzz_args *args) {
    sn_cast_args *a = &args->cast;
    a->from = (int32_t)fuzz_int(f, 0, 3), a->to = (int32_t)fuzz_int(f, 0, 3), a->count = fuzz_size(f);
    a->x = fuzz_array(f, a->from, a->count), a->y = fuzz_array(f, a->to, a->count);
    return SN_OP_CAST;
}

static void optimizer(fuzz *f, sn_optimizer_args *a) {
    a->dtype = fuzz_dtype(f), a->nesterov = (int32_t)fuzz_int(f, 0, 1), a->decoupled = (int32_t)fuzz_int(f, 0, 1), a->count = fuzz_size(f);
    a->lr = fuzz_double_cell(f), a->step = fuzz_int_cell(f);
    a->momentum = fuzz_byte(f) % 2 ? fuzz_real(f) : 0, a->dampening = fuzz_real(f), a->weight_decay = fuzz_real(f);
    a->beta1 = fuzz_real(f), a->beta2 = fuzz_real(f), a->eps = fuzz_real(f);
    a->param = fuzz_array(f, a->dtype, a->count), a->grad = fuzz_array(f, a->dtype, a->count);
    a->m = fuzz_array(f, a->dtype, a->count), a->v = fuzz_array(f, a->dtype, a->count);
    a->momentum_now = fuzz_byte(f) % 2 ? fuzz_double_cell(f) : NULL;
}

static int32_t sgd_adam(fuzz *f, fuzz_args *args) {
    optimizer(f, &args->optimizer);
    return fuzz_int(f, 0, 1) ? SN_OP_SGD : SN_OP_ADAM;
}

static int32_t lamb(fuzz *f, fuzz_args *args) {
    optimizer(f, &args->lamb.optimizer);
    FUZZ_WORKSPACE(f, SN_OP_LAMB, &args->lamb);
    return SN_OP_LAMB;
}

static int32_t adaptive(fuzz *f, fuzz_args *args) {
    sn_adaptive_args *a = &args->adaptive;
    a->dtype = fuzz_dtype(f), a->rule = (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 9) : fuzz_int(f, 0, 7));
    a->decoupled = (int32_t)fuzz_int(f, 0, 1), a->count = fuzz_size(f);
    a->lr = fuzz_double_cell(f), a->step = fuzz_int_cell(f);
    a->weight_decay = fuzz_real(f), a->beta1 = fuzz_real(f), a->beta2 = fuzz_real(f), a->eps = fuzz_real(f), a->extra = fuzz_real(f);
    a->param = fuzz_array(f, a->dtype, a->count), a->grad = fuzz_array(f, a->dtype, a->count);
    a->state0 = fuzz_array(f, a->dtype, a->count);
    a->state1 = fuzz_optional(f, a->dtype, a->count), a->state2 = fuzz_optional(f, a->dtype, a->count);
    return SN_OP_ADAPTIVE;
}

static int32_t clip(fuzz *f, fuzz_args *args) {
    sn_clip_args *a = &args->clip;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)fuzz_int(f, 0, 2), a->count = fuzz_size(f), a->limit = fuzz_real(f);
    a->x = fuzz_array(f, a->dtype, a->count);
    a->norm = fuzz_double_cell(f);
    FUZZ_WORKSPACE(f, SN_OP_CLIP, a);
    return SN_OP_CLIP;
}

static int32_t blend(fuzz *f, fuzz_args *args) {
    sn_blend_args *a = &args->blend;
    a->dtype = fuzz_dtype(f), a->count = fuzz_size(f);
    a->keep = fuzz_double_cell(f), a->share = fuzz_double_cell(f);
    a->y = fuzz_array(f, a->dtype, a->count), a->x = fuzz_array(f, a->dtype, a->count);
    return SN_OP_BLEND;
}

const fuzz_builder fuzz_sweeps[] = {unary, unary, dropout, random, fill, cast, sgd_adam, lamb, adaptive, clip, blend};
const int fuzz_sweeps_count = sizeof fuzz_sweeps / sizeof *fuzz_sweeps;
