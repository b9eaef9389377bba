/* Calls of what moves, gathers and reduces data. */
#include "fuzz.h"

static int32_t dims(fuzz *f) { return fuzz_rarely(f, 32) ? (int32_t)fuzz_int(f, -1, 9) : (int32_t)fuzz_int(f, 0, 4); }
static int32_t shape(fuzz *f, int32_t count, int64_t *sizes) {
    for (int32_t d = 0; d < count && d < SN_MAX_DIMS; d++) sizes[d] = fuzz_small(f);
    return count;
}
static int64_t product(const int64_t *sizes, int32_t count) {
    int64_t p = 1;
    for (int32_t d = 0; d < count && d < SN_MAX_DIMS; d++) p = sn_mul(p, sizes[d]);
    return p;
}
/* Random strides; returns how many elements are within their reach, 0 of an empty shape, -1 of what no array holds. */
static int64_t strides(fuzz *f, const int64_t *sizes, int32_t count, int64_t *stride) {
    int64_t reach = 1, all = 1;
    const int dense = fuzz_byte(f) % 2;
    for (int32_t d = (count < SN_MAX_DIMS ? count : SN_MAX_DIMS) - 1; d >= 0; d--) {
        stride[d] = dense ? all : fuzz_byte(f) % 3 ? fuzz_size(f) : 0;
        all = sn_mul(all, sizes[d]);
        const int64_t more = sizes[d] <= 1 ? 0 : sn_mul(sizes[d] - 1, stride[d]);
        reach = reach < 0 || more < 0 ? -1 : reach + more;
    }
    return all == 0 ? 0 : reach;
}

static void resample(fuzz *f, fuzz_args *args) {
    sn_resample_args *a = &args->resample;
    a->dtype = fuzz_dtype(f);
    a->outer = fuzz_small(f), a->size = fuzz_size(f), a->inner = fuzz_size(f), a->outputs = fuzz_size(f), a->terms = fuzz_size(f);
    fuzz_work(f, sn_mul(sn_mul(a->outer, a->terms), a->inner));
    int64_t *offset = fuzz_array(f, SN_F64, a->outputs < 0 || a->outputs > SN_MAX_ELEMENTS ? -1 : a->outputs + 1);
    int64_t *index = fuzz_array(f, SN_F64, a->terms);
    const int sane = a->outputs >= 0 && a->outputs <= SN_MAX_ELEMENTS && a->terms >= 0 && a->terms <= SN_MAX_ELEMENTS;
    if (offset && index && sane && !f->too_big) {
        for (int64_t i = 0; i <= a->outputs; i++) {
            if (i == a->outputs) offset[i] = a->terms;
            else offset[i] = i == 0 ? 0 : sn_min(a->terms, offset[i - 1] + fuzz_byte(f) % 3);
        }
        for (int64_t i = 0; i < a->terms; i++) index[i] = a->size > 0 ? fuzz_byte(f) % a->size : 0;
        if (fuzz_rarely(f, 8)) offset[fuzz_int(f, 0, a->outputs)] = fuzz_size(f);
        if (fuzz_rarely(f, 8) && a->terms > 0) index[fuzz_int(f, 0, a->terms - 1)] = fuzz_size(f);
    }
    a->offset = offset, a->index = index;
    a->weight = fuzz_array(f, SN_F64, a->terms);
    a->x = fuzz_array(f, a->dtype, sn_mul(sn_mul(a->outer, a->size), a->inner));
    a->y = fuzz_array(f, a->dtype, sn_mul(sn_mul(a->outer, a->outputs), a->inner));
}

static void binary(fuzz *f, fuzz_args *args) {
    sn_binary_args *a = &args->binary;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 10) : fuzz_int(f, 0, 8));
    a->dims = shape(f, dims(f), a->shape);
    a->a = fuzz_array(f, a->dtype, strides(f, a->shape, a->dims, a->stride_a));
    a->b = fuzz_array(f, a->dtype, strides(f, a->shape, a->dims, a->stride_b));
    a->y = fuzz_array(f, a->dtype, product(a->shape, a->dims));
}

static void reduce(fuzz *f, fuzz_args *args) {
    sn_reduce_args *a = &args->reduce;
    a->dtype = fuzz_dtype(f), a->kind = (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 5) : fuzz_int(f, 0, 3));
    a->dims = shape(f, dims(f), a->shape);
    if (a->dims > 0 && fuzz_rarely(f, 4)) a->shape[0] = fuzz_size(f);
    int64_t kept = 1;
    for (int32_t d = 0; d < a->dims && d < SN_MAX_DIMS; d++) {
        a->reduced[d] = fuzz_byte(f) % 2;
        if (!a->reduced[d]) kept = sn_mul(kept, a->shape[d]);
    }
    a->x = fuzz_array(f, a->dtype, product(a->shape, a->dims));
    a->y = fuzz_array(f, a->kind == SN_ARGMAX ? SN_I32 : a->dtype, kept);
    FUZZ_WORKSPACE(f, a);
}

static void permute(fuzz *f, fuzz_args *args) {
    sn_permute_args *a = &args->permute;
    a->dtype = fuzz_dtype(f);
    a->dims = shape(f, dims(f), a->shape);
    if (a->dims > 0 && fuzz_rarely(f, 3)) a->shape[0] = fuzz_size(f);
    a->x = fuzz_array(f, a->dtype, strides(f, a->shape, a->dims, a->stride));
    a->y = fuzz_array(f, a->dtype, product(a->shape, a->dims));
}

static void concat(fuzz *f, fuzz_args *args) {
    sn_concat_args *a = &args->concat;
    a->dtype = fuzz_dtype(f);
    a->count = (int32_t)(fuzz_rarely(f, 32) ? fuzz_int(f, -1, 0) : fuzz_int(f, 1, 5));
    a->outer = fuzz_size(f), a->inner = fuzz_size(f);
    const int64_t inputs = sn_max(a->count, 0);
    int64_t *size = fuzz_array(f, SN_F64, inputs), total = 0;
    const void **x = fuzz_array(f, SN_F64, inputs);
    for (int64_t i = 0; i < inputs && size && x; i++) {
        size[i] = fuzz_size(f);
        total = total < 0 || size[i] < 0 || size[i] > SN_MAX_ELEMENTS ? -1 : total + size[i];
        x[i] = fuzz_array(f, a->dtype, sn_mul(sn_mul(a->outer, size[i]), a->inner));
    }
    a->size = size, a->x = x;
    a->y = fuzz_array(f, a->dtype, sn_mul(sn_mul(a->outer, total), a->inner));
}

static void slice(fuzz *f, fuzz_args *args) {
    sn_slice_args *a = &args->slice;
    a->dtype = fuzz_dtype(f);
    a->outer = fuzz_small(f), a->size = fuzz_size(f), a->inner = fuzz_size(f);
    a->start = fuzz_size(f), a->step = fuzz_small(f), a->length = fuzz_size(f);
    if (a->step > 0 && a->start >= 0 && a->start < a->size && !fuzz_rarely(f, 8))
        a->length = sn_min(a->length, (a->size - a->start - 1) / a->step + 1);
    const int64_t whole = sn_mul(sn_mul(a->outer, a->size), a->inner), part = sn_mul(sn_mul(a->outer, a->length), a->inner);
    a->x = fuzz_array(f, a->dtype, whole), a->dx = fuzz_array(f, a->dtype, whole);
    a->y = fuzz_array(f, a->dtype, part), a->dy = fuzz_array(f, a->dtype, part);
}

static void pad(fuzz *f, fuzz_args *args) {
    sn_pad_args *a = &args->pad;
    a->dtype = fuzz_dtype(f);
    a->dims = shape(f, dims(f), a->shape);
    a->value = fuzz_real(f);
    int64_t result = 1;
    for (int32_t d = 0; d < a->dims && d < SN_MAX_DIMS; d++) {
        a->before[d] = fuzz_rarely(f, 16) ? fuzz_size(f) : fuzz_int(f, -2, 3);
        a->after[d] = fuzz_rarely(f, 16) ? fuzz_size(f) : fuzz_int(f, -2, 3);
        const int64_t most = SN_MAX_ELEMENTS;
        const int sane = a->before[d] > -most && a->before[d] < most && a->after[d] > -most && a->after[d] < most
            && a->shape[d] >= 0 && a->shape[d] < most;
        result = sn_mul(result, sane ? a->shape[d] + a->before[d] + a->after[d] : -1);
    }
    a->x = fuzz_array(f, a->dtype, product(a->shape, a->dims));
    a->y = fuzz_array(f, a->dtype, result);
}

static void gather(fuzz *f, fuzz_args *args) {
    sn_gather_args *a = &args->gather;
    a->dtype = fuzz_dtype(f), a->elementwise = (int32_t)fuzz_int(f, 0, 1);
    a->outer = fuzz_small(f), a->size = fuzz_size(f), a->inner = fuzz_size(f), a->count = fuzz_size(f);
    a->skip = fuzz_rarely(f, 4) ? fuzz_size(f) : -1;
    const int64_t whole = sn_mul(sn_mul(a->outer, a->size), a->inner), chosen = sn_mul(sn_mul(a->outer, a->count), a->inner);
    a->index = fuzz_indices(f, a->elementwise ? chosen : a->count, a->size);
    a->x = fuzz_array(f, a->dtype, whole), a->dx = fuzz_array(f, a->dtype, whole);
    a->y = fuzz_array(f, a->dtype, chosen), a->dy = fuzz_array(f, a->dtype, chosen);
}

const fuzz_target fuzz_movers[] = {
    {"resample", SN_OP_RESAMPLE, resample},
    {"binary", SN_OP_BINARY, binary},
    {"reduce", SN_OP_REDUCE, reduce},
    {"permute", SN_OP_PERMUTE, permute},
    {"concat", SN_OP_CONCAT, concat},
    {"slice_forward", SN_OP_SLICE_FORWARD, slice},
    {"slice_backward", SN_OP_SLICE_BACKWARD, slice},
    {"pad", SN_OP_PAD, pad},
    {"gather_forward", SN_OP_GATHER_FORWARD, gather},
    {"gather_backward", SN_OP_GATHER_BACKWARD, gather},
    {0},
};
