/* What a call costs when there is hardly any work: one training step of the net 2-4-1 (tanh, mean squared error, SGD, batch
 * of 4) as one list of operations, and each of them alone: tiny_bench [ISA] [runs]
 * The step is a function of the last one, so the sum of its losses is printed: it must not depend on the kernels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peak.h"

static float x[8] = {0, 0, 0, 1, 1, 0, 1, 1}, target[4] = {0, 1, 1, 0};
/* w1 [2][4], b1 [4], w2 [4][1], b2 [1], as an optimiser sees them: one array */
static float param[17], grad[17], hidden[16], dhidden[16], y[4], dy[4], loss[1];
static const float one[1] = {1};
static const double lr = 0.1;
static char workspace[1 << 16];

static sn_gemm_args layer(const float *a, const float *b, const float *bias, float *c, int64_t n, int64_t k, int32_t act) {
    return (sn_gemm_args){.dtype = SN_F32, .act = act, .m = 4, .n = n, .k = k, .lda = k, .ldb = n, .ldc = n, .alpha = 1, .a = a, .b = b, .bias = bias, .c = c,
                          .workspace = workspace, .workspace_bytes = sizeof workspace};
}

/* a^T b: the gradient of a [k][n] weight */
static sn_gemm_args weight_gradient(const float *a, const float *b, float *c, int64_t m, int64_t n) {
    return (sn_gemm_args){.dtype = SN_F32, .trans_a = 1, .m = m, .n = n, .k = 4, .lda = m, .ldb = n, .ldc = n, .alpha = 1, .a = a, .b = b, .c = c,
                          .workspace = workspace, .workspace_bytes = sizeof workspace};
}

static sn_reduce_args bias_gradient(const float *from, float *to, int64_t n) {
    return (sn_reduce_args){.dtype = SN_F32, .kind = SN_SUM, .dims = 2, .shape = {4, n}, .reduced = {1, 0}, .x = from, .y = to,
                            .workspace = workspace, .workspace_bytes = sizeof workspace};
}

int main(int count, char **arguments) {
    int32_t isa = sn_isa_active();
    for (int32_t i = 0; i <= sn_isa_detected(); i++)
        if (count > 1 && strcmp(arguments[1], sn_isa_name(i)) == 0) isa = i;
    const int runs = count > 2 ? atoi(arguments[2]) : 200000;
    for (int i = 0; i < 17; i++) param[i] = (float)((i * 7 + 3) % 11) / 11 - 0.45f;

    sn_gemm_args first = layer(x, param, param + 8, hidden, 4, 2, SN_TANH), second = layer(hidden, param + 12, param + 16, y, 1, 4, SN_IDENTITY);
    sn_mse_args mse = {.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .count = 4, .x = y, .target = target, .loss = loss, .dloss = one, .dx = dy};
    sn_gemm_args dw2 = weight_gradient(hidden, dy, grad + 12, 4, 1), dw1 = weight_gradient(x, dhidden, grad, 2, 4);
    sn_gemm_args back = {.dtype = SN_F32, .trans_b = 1, .m = 4, .n = 4, .k = 1, .lda = 1, .ldb = 1, .ldc = 4, .alpha = 1, .a = dy, .b = param + 12, .c = dhidden,
                         .workspace = workspace, .workspace_bytes = sizeof workspace};
    sn_unary_args dtanh = {.dtype = SN_F32, .kind = SN_TANH, .count = 16, .y = hidden, .dy = dhidden, .dx = dhidden};
    sn_reduce_args db2 = bias_gradient(dy, grad + 16, 1), db1 = bias_gradient(dhidden, grad + 8, 4);
    sn_optimizer_args sgd = {.dtype = SN_F32, .count = 17, .lr = &lr, .param = param, .grad = grad};
    sn_call calls[] = {{SN_OP_GEMM, 0, &first}, {SN_OP_GEMM, 0, &second}, {SN_OP_MSE_FORWARD, 0, &mse}, {SN_OP_MSE_BACKWARD, 0, &mse},
                       {SN_OP_GEMM, 0, &dw2}, {SN_OP_REDUCE, 0, &db2}, {SN_OP_GEMM, 0, &back}, {SN_OP_UNARY_BACKWARD, 0, &dtanh},
                       {SN_OP_GEMM, 0, &dw1}, {SN_OP_REDUCE, 0, &db1}, {SN_OP_SGD, 0, &sgd}};
    static const char *const names[] = {"gemm 4x4x2 bias tanh", "gemm 4x1x4 bias", "mse forward", "mse backward", "gemm 4x1x4 trans_a", "reduce 4x1",
                                        "gemm 4x4x1 trans_b", "tanh backward", "gemm 2x4x4 trans_a", "reduce 4x4", "sgd"};
    enum { CALLS = sizeof calls / sizeof *calls };

    double total = 0, best = 1e30;
    for (int r = 0; r < 10; r++) {
        const double start = bench_seconds();
        for (int i = 0; i < runs / 10; i++) {
            if (sn_run(calls, CALLS, isa, NULL) != SN_OK) return 2;
            total += loss[0];
        }
        const double seconds = (bench_seconds() - start) / (runs / 10);
        if (seconds < best) best = seconds;
    }
    printf("%s, %s: step %.3f us (%d calls, sum of losses %.4f)\n", sn_cpu_name(), sn_isa_name(isa), best * 1e6, CALLS, total);
    for (int c = -1; c < CALLS && runs >= 1000; c++) { /* -1: none */
        best = 1e30;
        for (int r = 0; r < 5; r++) {
            const double start = bench_seconds();
            for (int i = 0; i < runs / 10; i++) sn_run(calls + (c < 0 ? 0 : c), c >= 0, isa, NULL);
            const double seconds = (bench_seconds() - start) / (runs / 10);
            if (seconds < best) best = seconds;
        }
        printf("%-22s %6.1f ns\n", c < 0 ? "empty list" : names[c], best * 1e9);
    }
    return 0;
}
