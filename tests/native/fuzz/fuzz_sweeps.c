/* Calls of what goes through arrays from their first element to their last: elementwise functions, random numbers, optimisers. */
#include "fuzz.h"

static void unary(fuzz *f, fuzz_args *args) {
    sn_unary_args *a = &args->unary;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 40) : fuzz_int(f, 0, 25));
    a->alpha = fuzz_real(f), a->beta = fuzz_real(f), a->count = fuzz_size(f);
    a->x = fuzz_array(f, a->dtype, a->count), a->dy = fuzz_array(f, a->dtype, a->count);
    a->y = fuzz_array(f, a->dtype, a->count), a->dx = fuzz_array(f, a->dtype, a->count);
}

static void dropout(fuzz *f, fuzz_args *args) {
    sn_dropout_args *a = &args->dropout;
    a->dtype = fuzz_dtype(f), a->count = fuzz_size(f), a->p = fuzz_real(f), a->seed = fuzz_size(f);
    a->step = fuzz_int_cell(f);
    a->x = fuzz_array(f, a->dtype, a->count), a->y = fuzz_array(f, a->dtype, a->count);
}

static void random(fuzz *f, fuzz_args *args) {
    sn_random_args *a = &args->random;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)fuzz_int(f, 0, 2), a->count = fuzz_size(f);
    a->a = fuzz_real(f), a->b = fuzz_real(f), a->seed = fuzz_size(f);
    a->step = fuzz_int_cell(f);
    a->y = fuzz_array(f, a->dtype, a->count);
}

static void fill(fuzz *f, fuzz_args *args) {
    sn_fill_args *a = &args->fill;
    a->dtype = fuzz_dtype(f), a->count = fuzz_size(f), a->value = fuzz_real(f);
    a->y = fuzz_array(f, a->dtype, a->count);
}

static void cast(fuzz *f, fuzz_args *args) {
    sn_cast_args *a = &args->cast;
    a->from = (int32_t)fuzz_int(f, 0, 3), a->to = (int32_t)fuzz_int(f, 0, 3), a->count = fuzz_size(f);
    a->x = fuzz_array(f, a->from, a->count), a->y = fuzz_array(f, a->to, a->count);
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

static void sgd_adam(fuzz *f, fuzz_args *args) {
    optimizer(f, &args->optimizer);
}

static void lamb(fuzz *f, fuzz_args *args) {
    optimizer(f, &args->lamb.optimizer);
    FUZZ_WORKSPACE(f, &args->lamb);
}

static void adaptive(fuzz *f, fuzz_args *args) {
    sn_adaptive_args *a = &args->adaptive;
    a->dtype = fuzz_dtype(f), a->rule = (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 9) : fuzz_int(f, 0, 7));
    a->decoupled = (int32_t)fuzz_int(f, 0, 1), a->count = fuzz_size(f);
    a->lr = fuzz_double_cell(f), a->step = fuzz_int_cell(f);
    a->weight_decay = fuzz_real(f), a->beta1 = fuzz_real(f), a->beta2 = fuzz_real(f), a->eps = fuzz_real(f), a->extra = fuzz_real(f);
    a->param = fuzz_array(f, a->dtype, a->count), a->grad = fuzz_array(f, a->dtype, a->count);
    a->state0 = fuzz_array(f, a->dtype, a->count);
    a->state1 = fuzz_optional(f, a->dtype, a->count), a->state2 = fuzz_optional(f, a->dtype, a->count);
}

static void clip(fuzz *f, fuzz_args *args) {
    sn_clip_args *a = &args->clip;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)fuzz_int(f, 0, 2), a->count = fuzz_size(f), a->limit = fuzz_real(f);
    a->x = fuzz_array(f, a->dtype, a->count);
    a->norm = fuzz_double_cell(f);
    FUZZ_WORKSPACE(f, a);
}

static void blend(fuzz *f, fuzz_args *args) {
    sn_blend_args *a = &args->blend;
    a->dtype = fuzz_dtype(f), a->count = fuzz_size(f);
    a->keep = fuzz_double_cell(f), a->share = fuzz_double_cell(f);
    a->y = fuzz_array(f, a->dtype, a->count), a->x = fuzz_array(f, a->dtype, a->count);
}

const fuzz_target fuzz_sweeps[] = {
    {"unary_forward", SN_OP_UNARY_FORWARD, unary},
    {"unary_backward", SN_OP_UNARY_BACKWARD, unary},
    {"dropout", SN_OP_DROPOUT, dropout},
    {"random", SN_OP_RANDOM, random},
    {"fill", SN_OP_FILL, fill},
    {"cast", SN_OP_CAST, cast},
    {"sgd", SN_OP_SGD, sgd_adam},
    {"adam", SN_OP_ADAM, sgd_adam},
    {"lamb", SN_OP_LAMB, lamb},
    {"adaptive", SN_OP_ADAPTIVE, adaptive},
    {"clip", SN_OP_CLIP, clip},
    {"blend", SN_OP_BLEND, blend},
    {0},
};
