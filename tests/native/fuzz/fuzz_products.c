/* Calls of matrix products, convolutions, pooling, recurrent layers. */
#include "fuzz.h"

static int64_t mul3(int64_t a, int64_t b, int64_t c) { return sn_mul(sn_mul(a, b), c); }
static int64_t mul4(int64_t a, int64_t b, int64_t c, int64_t d) { return sn_mul(mul3(a, b, c), d); }

/* Elements of a matrix whose rows are `stride` apart. */
static int64_t strided(int64_t rows, int64_t cols, int64_t stride) {
    if (rows == 0 || cols == 0) return 0;
    const int64_t before = rows < 0 ? -1 : sn_mul(rows - 1, stride);
    return before < 0 || cols < 0 || cols > SN_MAX_ELEMENTS ? -1 : before + cols;
}

/* Mostly at least the smallest that is right. */
static int64_t stride_of(fuzz *f, int64_t cols) {
    if (fuzz_rarely(f, 16)) return fuzz_size(f);
    return cols < SN_MAX_ELEMENTS ? cols + fuzz_int(f, 0, 3) : cols;
}

/* What pack makes of b or of weight, for the product that follows; for pack itself the memory that it writes to. */
static void packed(fuzz *f, int32_t pack_code, fuzz_args *args, void **memory, int64_t *memory_bytes) {
    const int product = f->code != pack_code;
    if (f->too_big || (product && fuzz_byte(f) % 2)) return;
    const int64_t bytes = sn_packed_bytes(pack_code, args);
    if (bytes <= 0) return;
    *memory_bytes = bytes - (!product && fuzz_rarely(f, 32));
    *memory = fuzz_block(f, *memory_bytes);
    if (!*memory || !product) return;
    sn_call call = {.code = pack_code, .args = args};
    if (sn_run(&call, 1, f->isa, NULL) != SN_OK) *memory = NULL, *memory_bytes = 0;
}

static void gemm(fuzz *f, fuzz_args *args) {
    sn_gemm_args *a = &args->gemm;
    a->dtype = fuzz_dtype(f);
    a->trans_a = (int32_t)fuzz_int(f, 0, 1), a->trans_b = (int32_t)fuzz_int(f, 0, 1);
    a->act = (int32_t)fuzz_int(f, 0, 5);
    a->m = fuzz_size(f), a->n = fuzz_size(f), a->k = fuzz_size(f);
    fuzz_work(f, mul3(a->m, a->n, a->k));
    a->lda = stride_of(f, a->trans_a ? a->m : a->k);
    a->ldb = stride_of(f, a->trans_b ? a->k : a->n);
    a->ldc = stride_of(f, a->n);
    a->alpha = fuzz_real(f), a->beta = fuzz_real(f), a->act_alpha = fuzz_real(f);
    a->a = fuzz_array(f, a->dtype, a->trans_a ? strided(a->k, a->m, a->lda) : strided(a->m, a->k, a->lda));
    a->b = fuzz_array(f, a->dtype, a->trans_b ? strided(a->n, a->k, a->ldb) : strided(a->k, a->n, a->ldb));
    a->bias = fuzz_optional(f, a->dtype, a->n);
    a->c = fuzz_array(f, a->dtype, strided(a->m, a->n, a->ldc));
    FUZZ_WORKSPACE(f, a);
    packed(f, SN_OP_GEMM_PACK, args, &a->packed, &a->packed_bytes);
}

static void batched_gemm(fuzz *f, fuzz_args *args) {
    sn_batched_gemm_args *a = &args->batched_gemm;
    a->dtype = fuzz_dtype(f);
    a->trans_a = (int32_t)fuzz_int(f, 0, 1), a->trans_b = (int32_t)fuzz_int(f, 0, 1);
    a->dims = fuzz_rarely(f, 32) ? (int32_t)fuzz_int(f, -1, 9) : (int32_t)fuzz_int(f, 0, 3);
    a->m = fuzz_size(f), a->n = fuzz_size(f), a->k = fuzz_size(f);
    int64_t count = 1, reach_a = sn_mul(a->m, a->k), reach_b = sn_mul(a->k, a->n);
    for (int32_t d = 0; d < a->dims && d < SN_MAX_DIMS; d++) {
        a->shape[d] = fuzz_small(f);
        a->stride_a[d] = fuzz_int(f, 0, 2) ? fuzz_size(f) : 0, a->stride_b[d] = fuzz_int(f, 0, 2) ? fuzz_size(f) : 0;
        count = sn_mul(count, a->shape[d]);
        const int64_t steps = a->shape[d] - (a->shape[d] > 0), more_a = sn_mul(steps, a->stride_a[d]), more_b = sn_mul(steps, a->stride_b[d]);
        reach_a = reach_a < 0 || more_a < 0 ? -1 : reach_a + more_a;
        reach_b = reach_b < 0 || more_b < 0 ? -1 : reach_b + more_b;
    }
    fuzz_work(f, mul4(count, a->m, a->n, a->k));
    a->alpha = fuzz_real(f);
    a->a = fuzz_array(f, a->dtype, count == 0 ? 0 : reach_a);
    a->b = fuzz_array(f, a->dtype, count == 0 ? 0 : reach_b);
    a->c = fuzz_array(f, a->dtype, mul3(count, a->m, a->n));
    FUZZ_WORKSPACE(f, a);
}

/* The size of an output, mostly the right one. */
static int64_t outputs(fuzz *f, int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation, int64_t ceil) {
    const int64_t most = 1 << 20;
    const int sane = stride >= 1 && stride <= most && size >= 0 && size <= most && kernel >= 0 && kernel <= most && pad >= 0 && pad <= most
        && dilation >= 0 && dilation <= most;
    if (fuzz_rarely(f, 32) || !sane) return fuzz_size(f);
    return (size + 2 * pad - dilation * (kernel - 1) - 1 + (ceil ? stride - 1 : 0)) / stride + 1;
}

static int64_t padding(fuzz *f) { return fuzz_rarely(f, 16) ? fuzz_size(f) : fuzz_int(f, 0, 3); }

static void conv2d(fuzz *f, fuzz_args *args) {
    sn_conv2d_args *a = &args->conv2d;
    a->dtype = fuzz_dtype(f);
    a->act = (int32_t)fuzz_int(f, 0, 5);
    a->act_alpha = fuzz_real(f);
    const int common = fuzz_int(f, 0, 2) == 0; /* a kernel of 3 x 3 at stride 1 has kernels of its own */
    a->groups = fuzz_int(f, 0, 3) ? 1 : fuzz_small(f);
    a->n = fuzz_int(f, 0, 3) ? 1 : fuzz_small(f), a->h = fuzz_size(f), a->w = fuzz_size(f);
    a->c = fuzz_rarely(f, 16) ? fuzz_size(f) : sn_mul(a->groups, fuzz_size(f));
    a->oc = fuzz_rarely(f, 16) ? fuzz_size(f) : sn_mul(a->groups, fuzz_size(f));
    a->kh = common ? 3 : fuzz_small(f), a->kw = common ? 3 : fuzz_small(f);
    a->stride_h = common ? 1 : fuzz_small(f), a->stride_w = common ? 1 : fuzz_small(f);
    a->dilation_h = common ? 1 : fuzz_small(f), a->dilation_w = common ? 1 : fuzz_small(f);
    a->pad_h = common ? 1 : padding(f), a->pad_w = common ? 1 : padding(f);
    a->oh = outputs(f, a->h, a->kh, a->stride_h, a->pad_h, a->dilation_h, 0);
    a->ow = outputs(f, a->w, a->kw, a->stride_w, a->pad_w, a->dilation_w, 0);
    const int64_t x = mul4(a->n, a->h, a->w, a->c), y = mul4(a->n, a->oh, a->ow, a->oc);
    const int64_t weight = mul4(a->oc, a->groups > 0 ? a->c / a->groups : -1, a->kh, a->kw);
    fuzz_work(f, mul4(y, a->groups > 0 ? a->c / a->groups : -1, a->kh, a->kw));
    if (f->too_big) return;
    a->x = fuzz_array(f, a->dtype, x);
    a->weight = fuzz_array(f, a->dtype, weight);
    a->bias = fuzz_optional(f, a->dtype, a->oc);
    a->dy = fuzz_array(f, a->dtype, y);
    a->y = fuzz_array(f, a->dtype, y);
    a->residual = fuzz_int(f, 0, 3) == 0 ? a->y : fuzz_optional(f, a->dtype, y);
    a->dx = fuzz_array(f, a->dtype, x);
    a->dweight = fuzz_array(f, a->dtype, weight);
    a->dbias = fuzz_optional(f, a->dtype, a->oc);
    FUZZ_WORKSPACE(f, a);
    if (f->code == SN_OP_CONV2D_FORWARD || f->code == SN_OP_CONV2D_PACK) packed(f, SN_OP_CONV2D_PACK, args, &a->packed, &a->packed_bytes);
}

static void pool2d(fuzz *f, fuzz_args *args) {
    sn_pool2d_args *a = &args->pool2d;
    a->dtype = fuzz_dtype(f);
    a->count_include_pad = (int32_t)fuzz_int(f, 0, 1);
    a->n = fuzz_small(f), a->c = fuzz_size(f), a->h = fuzz_size(f), a->w = fuzz_size(f);
    a->kh = fuzz_small(f), a->kw = fuzz_small(f);
    a->stride_h = fuzz_small(f), a->stride_w = fuzz_small(f);
    a->pad_h = padding(f), a->pad_w = padding(f);
    const int dilated = f->code <= SN_OP_MAXPOOL2D_BACKWARD;
    a->dilation_h = dilated ? fuzz_small(f) : 1, a->dilation_w = dilated ? fuzz_small(f) : 1;
    a->oh = outputs(f, a->h, a->kh, a->stride_h, a->pad_h, a->dilation_h, fuzz_int(f, 0, 1));
    a->ow = outputs(f, a->w, a->kw, a->stride_w, a->pad_w, a->dilation_w, fuzz_int(f, 0, 1));
    const int64_t x = mul4(a->n, a->h, a->w, a->c), y = mul4(a->n, a->oh, a->ow, a->c);
    fuzz_work(f, mul3(y, a->kh, a->kw));
    a->x = fuzz_array(f, a->dtype, x);
    a->dy = fuzz_array(f, a->dtype, y);
    a->y = fuzz_array(f, a->dtype, y);
    a->dx = fuzz_array(f, a->dtype, x);
    a->index = fuzz_indices(f, y, sn_mul(a->h, a->w));
}

static void pool2d_index(fuzz *f, fuzz_args *args) {
    sn_pool2d_index_args *a = &args->pool2d_index;
    const int gather = f->code == SN_OP_POOL2D_GATHER;
    a->dtype = fuzz_dtype(f);
    a->overwrite = (int32_t)fuzz_int(f, 0, 1);
    a->n = fuzz_small(f), a->c = fuzz_size(f), a->size = fuzz_size(f), a->outputs = fuzz_size(f);
    const int64_t image = mul3(a->n, a->size, a->c), chosen = mul3(a->n, a->outputs, a->c);
    a->x = fuzz_array(f, a->dtype, gather ? image : chosen);
    a->index = fuzz_indices(f, chosen, a->size);
    a->y = fuzz_array(f, a->dtype, gather ? chosen : image);
}

static void recurrent(fuzz *f, fuzz_args *args) {
    sn_recurrent_args *a = &args->recurrent;
    a->dtype = fuzz_dtype(f);
    a->kind = fuzz_rarely(f, 32) ? (int32_t)fuzz_int(f, -1, 4) : (int32_t)fuzz_int(f, 0, 3);
    a->reverse = (int32_t)fuzz_int(f, 0, 1);
    a->steps = fuzz_small(f), a->batch = fuzz_small(f), a->hidden = fuzz_size(f);
    const int64_t gates = a->kind == SN_LSTM ? 4 : a->kind == SN_GRU ? 3 : 1;
    const int64_t state = sn_mul(a->batch, a->hidden), states = sn_mul(a->steps, state), gated = sn_mul(states, gates);
    fuzz_work(f, sn_mul(gated, a->hidden));
    a->gx = fuzz_array(f, a->dtype, gated);
    a->weight = fuzz_array(f, a->dtype, mul3(gates, a->hidden, a->hidden));
    a->bias = fuzz_optional(f, a->dtype, sn_mul(gates, a->hidden));
    a->h0 = fuzz_optional(f, a->dtype, state), a->c0 = fuzz_optional(f, a->dtype, state);
    a->lengths = fuzz_byte(f) % 2 ? fuzz_indices(f, a->batch, fuzz_up_to(a->steps)) : NULL;
    a->gates = fuzz_array(f, a->dtype, gated), a->extra = fuzz_array(f, a->dtype, states);
    a->y = fuzz_array(f, a->dtype, states);
    a->hn = fuzz_array(f, a->dtype, state), a->cn = fuzz_array(f, a->dtype, state);
    a->dy = fuzz_optional(f, a->dtype, states), a->dhn = fuzz_optional(f, a->dtype, state), a->dcn = fuzz_optional(f, a->dtype, state);
    a->dgx = fuzz_array(f, a->dtype, gated);
    a->dh0 = fuzz_array(f, a->dtype, state), a->dc0 = fuzz_array(f, a->dtype, state);
    a->dweight = fuzz_optional(f, a->dtype, mul3(gates, a->hidden, a->hidden));
    a->dbias = fuzz_optional(f, a->dtype, sn_mul(gates, a->hidden));
    FUZZ_WORKSPACE(f, a);
}

const fuzz_target fuzz_products[] = {
    {"gemm", SN_OP_GEMM, gemm},
    {"gemm_pack", SN_OP_GEMM_PACK, gemm},
    {"batched_gemm", SN_OP_BATCHED_GEMM, batched_gemm},
    {"conv2d_forward", SN_OP_CONV2D_FORWARD, conv2d},
    {"conv2d_backward_input", SN_OP_CONV2D_BACKWARD_INPUT, conv2d},
    {"conv2d_backward_weight", SN_OP_CONV2D_BACKWARD_WEIGHT, conv2d},
    {"conv2d_pack", SN_OP_CONV2D_PACK, conv2d},
    {"maxpool2d_forward", SN_OP_MAXPOOL2D_FORWARD, pool2d},
    {"maxpool2d_backward", SN_OP_MAXPOOL2D_BACKWARD, pool2d},
    {"avgpool2d_forward", SN_OP_AVGPOOL2D_FORWARD, pool2d},
    {"avgpool2d_backward", SN_OP_AVGPOOL2D_BACKWARD, pool2d},
    {"pool2d_gather", SN_OP_POOL2D_GATHER, pool2d_index},
    {"pool2d_scatter", SN_OP_POOL2D_SCATTER, pool2d_index},
    {"recurrent_forward", SN_OP_RECURRENT_FORWARD, recurrent},
    {"recurrent_backward", SN_OP_RECURRENT_BACKWARD, recurrent},
    {0},
};
