/* The kernels that the gate watches, and their arguments. */
#ifndef SN_BENCH_GATE_JOBS_H
#define SN_BENCH_GATE_JOBS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sinew.h"

enum { GATE_MOST_JOBS = 64, GATE_SIZES = 8 };

/* What a kernel is compared with: multiply-adds in registers, a copy out of cache, OpenBLAS with the same product. */
enum { GATE_FMA, GATE_COPY, GATE_GEMM };

typedef struct {
    void *now, *other; /* of 4-byte elements */
    int64_t count;
    int integers;
} gate_output;

typedef struct {
    const char *name;
    char shape[64];
    int yardstick;
    int32_t code;
    union {
        sn_gemm_args gemm;
        sn_conv2d_args conv2d;
        sn_pool2d_args pool2d;
        sn_batchnorm_args batchnorm;
        sn_unary_args unary;
        sn_binary_args binary;
        sn_softmax_args softmax;
        sn_cross_entropy_args cross_entropy;
        sn_reduce_args reduce;
        sn_permute_args permute;
        sn_dropout_args dropout;
        sn_optimizer_args optimizer;
    } args;
    double flops, bytes;
    int outputs;
    gate_output output[4];
    int32_t pack; /* SN_OP_..._PACK where an operand is packed before, else 0 */
    void *packed;
    int64_t packed_bytes;
} gate_job;

typedef struct {
    const char *name;
    int yardstick;
    int32_t code;
    int variant;                /* see the function that reads it */
    int64_t large[GATE_SIZES];  /* to be timed */
    int64_t small[GATE_SIZES];  /* to be counted */
} gate_kernel;

/* conv2d: n, c, size, oc, kernel, stride, pad, groups; variant 1: packed weights. gemm: m, n, k; variant: trans_a,
 * trans_b, 4 packed. pooling: n, size, c, window, stride, pad. batchnorm: rows, c; variant: activation. unary: count;
 * variant: kind. Matrices: rows, columns. permute: images, channels, pixels to channels-last. optimizers: count. */
static const gate_kernel gate_kernels[] = {
    {"conv2d forward 3x3", GATE_FMA, SN_OP_CONV2D_FORWARD, 0, {2, 64, 56, 64, 3, 1, 1, 1}, {1, 64, 14, 64, 3, 1, 1, 1}},
    {"conv2d forward 3x3 small maps", GATE_FMA, SN_OP_CONV2D_FORWARD, 0, {4, 256, 7, 256, 3, 1, 1, 1}, {2, 128, 7, 128, 3, 1, 1, 1}},
    {"conv2d forward 3x3 16 channels", GATE_FMA, SN_OP_CONV2D_FORWARD, 0, {32, 16, 32, 16, 3, 1, 1, 1}, {1, 16, 32, 16, 3, 1, 1, 1}},
    {"conv2d forward 5x5 1 channel", GATE_FMA, SN_OP_CONV2D_FORWARD, 0, {128, 1, 28, 6, 5, 1, 2, 1}, {2, 1, 28, 6, 5, 1, 2, 1}},
    {"conv2d forward 7x7 stride 2", GATE_FMA, SN_OP_CONV2D_FORWARD, 0, {1, 3, 224, 64, 7, 2, 3, 1}, {1, 3, 32, 64, 7, 2, 3, 1}},
    {"conv2d forward 1x1", GATE_FMA, SN_OP_CONV2D_FORWARD, 0, {2, 64, 56, 256, 1, 1, 0, 1}, {1, 64, 14, 256, 1, 1, 0, 1}},
    {"conv2d forward depthwise", GATE_FMA, SN_OP_CONV2D_FORWARD, 0, {4, 128, 56, 128, 3, 1, 1, 128}, {1, 128, 14, 128, 3, 1, 1, 128}},
    {"conv2d forward packed 1 image", GATE_FMA, SN_OP_CONV2D_FORWARD, 1, {1, 32, 28, 32, 3, 1, 1, 1}, {1, 32, 14, 32, 3, 1, 1, 1}},
    {"conv2d input gradient 3x3", GATE_FMA, SN_OP_CONV2D_BACKWARD_INPUT, 0, {2, 64, 56, 64, 3, 1, 1, 1}, {1, 64, 14, 64, 3, 1, 1, 1}},
    {"conv2d input gradient stride 2", GATE_FMA, SN_OP_CONV2D_BACKWARD_INPUT, 0, {16, 16, 32, 32, 3, 2, 1, 1}, {1, 16, 32, 32, 3, 2, 1, 1}},
    {"conv2d weight gradient 3x3", GATE_FMA, SN_OP_CONV2D_BACKWARD_WEIGHT, 0, {2, 64, 56, 64, 3, 1, 1, 1}, {1, 64, 14, 64, 3, 1, 1, 1}},
    {"conv2d weight gradient 16 channels", GATE_FMA, SN_OP_CONV2D_BACKWARD_WEIGHT, 0, {32, 16, 32, 16, 3, 1, 1, 1}, {1, 16, 32, 16, 3, 1, 1, 1}},
    {"conv2d weight gradient 5x5 1 channel", GATE_FMA, SN_OP_CONV2D_BACKWARD_WEIGHT, 0, {128, 1, 28, 6, 5, 1, 2, 1}, {2, 1, 28, 6, 5, 1, 2, 1}},
    {"gemm square", GATE_GEMM, SN_OP_GEMM, 0, {512, 512, 512}, {96, 96, 96}},
    {"gemm dense forward", GATE_GEMM, SN_OP_GEMM, 2, {128, 512, 784}, {32, 64, 784}},
    {"gemm dense weight gradient", GATE_GEMM, SN_OP_GEMM, 1, {512, 784, 128}, {64, 98, 128}},
    {"gemm 10 classes", GATE_GEMM, SN_OP_GEMM, 2, {128, 10, 512}, {32, 10, 512}},
    {"gemm packed 1 row", GATE_GEMM, SN_OP_GEMM, 6, {1, 512, 784}, {1, 512, 784}},
    {"gemm tiny", GATE_FMA, SN_OP_GEMM, 2, {4, 4, 2}, {4, 4, 2}},
    {"maxpool forward", GATE_COPY, SN_OP_MAXPOOL2D_FORWARD, 0, {32, 56, 64, 2, 2, 0}, {1, 28, 64, 2, 2, 0}},
    {"maxpool backward", GATE_COPY, SN_OP_MAXPOOL2D_BACKWARD, 0, {32, 56, 64, 2, 2, 0}, {1, 28, 64, 2, 2, 0}},
    {"avgpool forward", GATE_COPY, SN_OP_AVGPOOL2D_FORWARD, 0, {32, 56, 64, 2, 2, 0}, {1, 28, 64, 2, 2, 0}},
    {"batchnorm train", GATE_COPY, SN_OP_BATCHNORM_TRAIN, SN_RELU, {100352, 64}, {1568, 64}},
    {"batchnorm infer", GATE_COPY, SN_OP_BATCHNORM_INFER, SN_RELU, {100352, 64}, {1568, 64}},
    {"batchnorm backward", GATE_COPY, SN_OP_BATCHNORM_BACKWARD, SN_RELU, {100352, 64}, {1568, 64}},
    {"relu forward", GATE_COPY, SN_OP_UNARY_FORWARD, SN_RELU, {6422528}, {65536}},
    {"tanh forward", GATE_FMA, SN_OP_UNARY_FORWARD, SN_TANH, {65536}, {16384}},
    {"tanh backward", GATE_COPY, SN_OP_UNARY_BACKWARD, SN_TANH, {6422528}, {65536}},
    {"gelu forward", GATE_FMA, SN_OP_UNARY_FORWARD, SN_GELU, {65536}, {16384}},
    {"add row", GATE_COPY, SN_OP_BINARY, 0, {100352, 64}, {1024, 64}},
    {"softmax forward", GATE_COPY, SN_OP_SOFTMAX_FORWARD, 0, {8192, 1000}, {64, 1000}},
    {"cross-entropy forward", GATE_COPY, SN_OP_CROSS_ENTROPY_FORWARD, 0, {8192, 1000}, {64, 1000}},
    {"sum over rows", GATE_COPY, SN_OP_REDUCE, 0, {100352, 64}, {1024, 64}},
    {"permute to channels-last", GATE_COPY, SN_OP_PERMUTE, 0, {32, 64, 3136}, {1, 64, 784}},
    {"dropout", GATE_FMA, SN_OP_DROPOUT, 0, {65536}, {65536}},
    {"sgd momentum", GATE_COPY, SN_OP_SGD, 0, {11689512}, {65536}},
    {"adam", GATE_COPY, SN_OP_ADAM, 0, {11689512}, {65536}},
};
enum { gate_kernel_count = sizeof gate_kernels / sizeof *gate_kernels };

static void *gate_memory(int64_t bytes) {
    void *p = sn_alloc(bytes);
    if (!p) exit(2);
    return p;
}

/* From -1 to 1. */
static float *gate_numbers(int64_t count) {
    static uint32_t state = 1;
    float *x = gate_memory(count * 4);
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(state >> 8) * 0x1p-23f - 1;
    }
    return x;
}

static float *gate_positive(int64_t count) {
    float *x = gate_numbers(count);
    for (int64_t i = 0; i < count; i++) x[i] = fabsf(x[i]) + 0.5f;
    return x;
}

static void *gate_result(gate_job *job, int64_t count, int integers) {
    void *now = gate_numbers(count);
    if (integers) memset(now, 0, (size_t)count * 4);
    job->output[job->outputs++] = (gate_output){now, gate_memory(count * 4), count, integers};
    return now;
}

/* Scratch memory of the larger of what the generic kernels and those of the ISA in use need. */
static void gate_workspace(gate_job *job, void **workspace, int64_t *bytes) {
    const int32_t isa = sn_isa_active();
    const int64_t own = sn_workspace_bytes(job->code, &job->args);
    sn_set_max_isa(SN_ISA_GENERIC);
    const int64_t generic = sn_workspace_bytes(job->code, &job->args);
    sn_set_max_isa(isa);
    *bytes = own > generic ? own : generic;
    *workspace = *bytes > 0 ? gate_memory(*bytes) : NULL;
}

static void gate_packed_memory(gate_job *job, int32_t pack) {
    job->pack = pack;
    job->packed_bytes = sn_packed_bytes(pack, &job->args);
    job->packed = gate_memory(job->packed_bytes);
}

static void gate_conv2d(gate_job *job, const int64_t *d, int packed) {
    const int64_t out = (d[2] + 2 * d[6] - d[4]) / d[5] + 1, weights = d[3] * (d[1] / d[7]) * d[4] * d[4];
    const int64_t x = d[0] * d[2] * d[2] * d[1], y = d[0] * out * out * d[3];
    sn_conv2d_args *a = &job->args.conv2d;
    *a = (sn_conv2d_args){.dtype = SN_F32, .n = d[0], .c = d[1], .h = d[2], .w = d[2], .oc = d[3], .oh = out, .ow = out, .kh = d[4], .kw = d[4],
        .stride_h = d[5], .stride_w = d[5], .pad_h = d[6], .pad_w = d[6], .dilation_h = 1, .dilation_w = 1, .groups = d[7]};
    a->x = gate_numbers(x), a->weight = gate_numbers(weights), a->bias = gate_numbers(d[3]), a->dy = gate_numbers(y);
    if (job->code == SN_OP_CONV2D_FORWARD) a->y = gate_result(job, y, 0);
    else if (job->code == SN_OP_CONV2D_BACKWARD_INPUT) a->dx = gate_result(job, x, 0);
    else a->dweight = gate_result(job, weights, 0), a->dbias = gate_result(job, d[3], 0);
    if (packed) gate_packed_memory(job, SN_OP_CONV2D_PACK);
    gate_workspace(job, &a->workspace, &a->workspace_bytes);
    job->flops = 2.0 * (double)(d[0] * out * out) * (double)weights;
    snprintf(job->shape, sizeof job->shape, "%dx%dx%dx%d to %d, %dx%d", (int)d[0], (int)d[2], (int)d[2], (int)d[1], (int)d[3], (int)d[4], (int)d[4]);
}

static void gate_gemm(gate_job *job, const int64_t *d, int variant) {
    sn_gemm_args *g = &job->args.gemm;
    *g = (sn_gemm_args){.dtype = SN_F32, .trans_a = variant & 1, .trans_b = variant >> 1 & 1, .m = d[0], .n = d[1], .k = d[2], .alpha = 1};
    g->lda = g->trans_a ? g->m : g->k, g->ldb = g->trans_b ? g->k : g->n, g->ldc = g->n;
    g->a = gate_numbers(g->m * g->k), g->b = gate_numbers(g->k * g->n), g->c = gate_result(job, g->m * g->n, 0);
    if (variant & 4) gate_packed_memory(job, SN_OP_GEMM_PACK);
    gate_workspace(job, &g->workspace, &g->workspace_bytes);
    job->flops = 2.0 * (double)d[0] * (double)d[1] * (double)d[2];
    snprintf(job->shape, sizeof job->shape, "%dx%dx%d%s%s", (int)d[0], (int)d[1], (int)d[2], g->trans_a ? " a'" : "", g->trans_b ? " b'" : "");
}

static void gate_pool2d(gate_job *job, const int64_t *d) {
    const int64_t out = (d[1] + 2 * d[5] - d[3]) / d[4] + 1, x = d[0] * d[1] * d[1] * d[2], y = d[0] * out * out * d[2];
    sn_pool2d_args *a = &job->args.pool2d;
    *a = (sn_pool2d_args){.dtype = SN_F32, .n = d[0], .c = d[2], .h = d[1], .w = d[1], .oh = out, .ow = out, .kh = d[3], .kw = d[3], .stride_h = d[4],
        .stride_w = d[4], .pad_h = d[5], .pad_w = d[5], .dilation_h = 1, .dilation_w = 1};
    const int maximum = job->code != SN_OP_AVGPOOL2D_FORWARD;
    a->x = gate_numbers(x);
    if (job->code == SN_OP_MAXPOOL2D_BACKWARD) {
        a->y = gate_numbers(y), a->index = gate_memory(y * 4);
        sn_maxpool2d_forward(a);
        a->dy = gate_numbers(y), a->dx = gate_result(job, x, 0);
    } else {
        a->y = gate_result(job, y, 0);
        if (maximum) a->index = gate_result(job, y, 1);
    }
    job->bytes = 4.0 * (double)(x + (maximum ? 2 : 1) * y);
    snprintf(job->shape, sizeof job->shape, "%dx%dx%dx%d, %dx%d", (int)d[0], (int)d[1], (int)d[1], (int)d[2], (int)d[3], (int)d[3]);
}

static void gate_batchnorm(gate_job *job, const int64_t *d, int act) {
    const int64_t count = d[0] * d[1], c = d[1];
    sn_batchnorm_args *a = &job->args.batchnorm;
    *a = (sn_batchnorm_args){.dtype = SN_F32, .act = act, .rows = d[0], .c = c, .eps = 1e-5, .momentum = 0.1};
    a->x = gate_numbers(count), a->gamma = gate_numbers(c), a->beta = gate_numbers(c);
    int passes = job->code == SN_OP_BATCHNORM_INFER ? 2 : 3;
    if (job->code == SN_OP_BATCHNORM_BACKWARD) {
        a->save_mean = gate_numbers(c), a->save_invstd = gate_positive(c), a->dy = gate_numbers(count);
        a->dx = gate_result(job, count, 0), a->dgamma = gate_result(job, c, 0), a->dbeta = gate_result(job, c, 0);
        passes = 5;
    } else {
        a->running_mean = gate_numbers(c), a->running_var = gate_positive(c), a->y = gate_result(job, count, 0);
        if (job->code == SN_OP_BATCHNORM_TRAIN) a->save_mean = gate_result(job, c, 0), a->save_invstd = gate_result(job, c, 0);
    }
    gate_workspace(job, &a->workspace, &a->workspace_bytes);
    job->bytes = 4.0 * passes * (double)count;
    snprintf(job->shape, sizeof job->shape, "%dx%d", (int)d[0], (int)d[1]);
}

static void gate_unary(gate_job *job, const int64_t *d, int kind) {
    sn_unary_args *a = &job->args.unary;
    *a = (sn_unary_args){.dtype = SN_F32, .kind = kind, .count = d[0]};
    if (job->code == SN_OP_UNARY_FORWARD) a->x = gate_numbers(d[0]), a->y = gate_result(job, d[0], 0);
    else a->y = gate_numbers(d[0]), a->dy = gate_numbers(d[0]), a->dx = gate_result(job, d[0], 0);
    job->bytes = (job->code == SN_OP_UNARY_FORWARD ? 8.0 : 12.0) * (double)d[0];
    job->flops = (double)d[0]; /* an element counts as one */
    snprintf(job->shape, sizeof job->shape, "%d", (int)d[0]);
}

static void gate_matrix(gate_job *job, const int64_t *d) {
    static const int64_t step = 3;
    const int64_t rows = d[0], cols = d[1], count = rows * cols;
    snprintf(job->shape, sizeof job->shape, "%dx%d", (int)rows, (int)cols);
    job->bytes = 8.0 * (double)count;
    if (job->code == SN_OP_BINARY) {
        job->args.binary = (sn_binary_args){.dtype = SN_F32, .kind = SN_ADD, .dims = 2, .shape = {rows, cols}, .stride_a = {cols, 1}, .stride_b = {0, 1},
            .a = gate_numbers(count), .b = gate_numbers(cols), .y = gate_result(job, count, 0)};
    } else if (job->code == SN_OP_SOFTMAX_FORWARD) {
        job->args.softmax = (sn_softmax_args){.dtype = SN_F32, .rows = rows, .cols = cols, .x = gate_numbers(count), .y = gate_result(job, count, 0)};
    } else if (job->code == SN_OP_CROSS_ENTROPY_FORWARD) {
        int32_t *labels = gate_memory(rows * 4);
        for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)(r * 7 % cols);
        job->args.cross_entropy = (sn_cross_entropy_args){.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = cols,
            .logits = gate_numbers(count), .labels = labels, .ignore_index = -100, .loss = gate_result(job, 1, 0), .probs = gate_result(job, count, 0)};
    } else if (job->code == SN_OP_REDUCE) {
        sn_reduce_args *a = &job->args.reduce;
        *a = (sn_reduce_args){.dtype = SN_F32, .kind = SN_SUM, .dims = 2, .shape = {rows, cols}, .reduced = {1, 0}, .x = gate_numbers(count),
            .y = gate_result(job, cols, 0)};
        gate_workspace(job, &a->workspace, &a->workspace_bytes);
        job->bytes = 4.0 * (double)count;
    } else if (job->code == SN_OP_PERMUTE) {
        const int64_t pixels = d[2];
        job->args.permute = (sn_permute_args){.dtype = SN_F32, .dims = 3, .shape = {rows, pixels, cols}, .stride = {cols * pixels, 1, pixels},
            .x = gate_numbers(count * pixels), .y = gate_result(job, count * pixels, 0)};
        job->bytes = 8.0 * (double)(count * pixels);
        snprintf(job->shape, sizeof job->shape, "%dx%dx%d", (int)rows, (int)cols, (int)pixels);
    } else {
        job->args.dropout = (sn_dropout_args){.dtype = SN_F32, .count = rows, .p = 0.5, .seed = 7, .step = &step, .x = gate_numbers(rows),
            .y = gate_result(job, rows, 0)};
        job->flops = (double)rows; /* an element counts as one */
        snprintf(job->shape, sizeof job->shape, "%d", (int)rows);
    }
}

static void gate_optimizer(gate_job *job, const int64_t *d) {
    static const double lr = 1e-9; /* a thousand runs leave the numbers as they are */
    static const int64_t step = 5;
    sn_optimizer_args *a = &job->args.optimizer;
    *a = (sn_optimizer_args){.dtype = SN_F32, .count = d[0], .lr = &lr, .step = &step, .momentum = 0.9, .weight_decay = 1e-4, .beta1 = 0.9, .beta2 = 0.999,
        .eps = 1e-8, .param = gate_result(job, d[0], 0), .grad = gate_numbers(d[0]), .m = gate_result(job, d[0], 0)};
    if (job->code == SN_OP_ADAM) {
        float *v = a->v = gate_result(job, d[0], 0);
        for (int64_t i = 0; i < d[0]; i++) v[i] = fabsf(v[i]);
    }
    job->bytes = (job->code == SN_OP_ADAM ? 28.0 : 20.0) * (double)d[0];
    snprintf(job->shape, sizeof job->shape, "%d", (int)d[0]);
}

/* Arguments and random numbers for the ISA in use. */
static void gate_make(gate_job *job, const gate_kernel *kernel, int small) {
    const int64_t *d = small ? kernel->small : kernel->large;
    memset(job, 0, sizeof *job);
    job->name = kernel->name, job->yardstick = kernel->yardstick, job->code = kernel->code;
    switch (kernel->code) {
    case SN_OP_CONV2D_FORWARD:
    case SN_OP_CONV2D_BACKWARD_INPUT:
    case SN_OP_CONV2D_BACKWARD_WEIGHT: gate_conv2d(job, d, kernel->variant); break;
    case SN_OP_GEMM: gate_gemm(job, d, kernel->variant); break;
    case SN_OP_MAXPOOL2D_FORWARD:
    case SN_OP_MAXPOOL2D_BACKWARD:
    case SN_OP_AVGPOOL2D_FORWARD: gate_pool2d(job, d); break;
    case SN_OP_BATCHNORM_TRAIN:
    case SN_OP_BATCHNORM_INFER:
    case SN_OP_BATCHNORM_BACKWARD: gate_batchnorm(job, d, kernel->variant); break;
    case SN_OP_UNARY_FORWARD:
    case SN_OP_UNARY_BACKWARD: gate_unary(job, d, kernel->variant); break;
    case SN_OP_SGD:
    case SN_OP_ADAM: gate_optimizer(job, d); break;
    default: gate_matrix(job, d);
    }
}

static void gate_set_packed(gate_job *job, void *packed, int64_t bytes) {
    if (job->code == SN_OP_GEMM) job->args.gemm.packed = packed, job->args.gemm.packed_bytes = bytes;
    else job->args.conv2d.packed = packed, job->args.conv2d.packed_bytes = bytes;
}

/* Packed operands belong to one ISA: the generic run does without, then they are made for the other. */
static void gate_unpack(gate_job *job) {
    if (job->pack) gate_set_packed(job, NULL, 0);
}

static void gate_pack(gate_job *job, int32_t isa) {
    if (!job->pack) return;
    gate_set_packed(job, job->packed, job->packed_bytes);
    sn_call call = {.code = job->pack, .args = &job->args};
    if (sn_run(&call, 1, isa, NULL) != SN_OK) exit(2);
}

#endif
