/* GFLOP/s of gemm and its share of the FMA peak, beside OpenBLAS on one thread:
 * gemm_bench [threads] [ISA] [part of m x n x k, as 128x512x784]
 * Each answer is first checked against the generic kernel. Best of several runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gemm/gemm.h"
#include "peak.h"

static const struct {
    int64_t m, n, k;
    int trans_a, trans_b;
} products[] = {
    {1024, 1024, 1024, 0, 0}, {2048, 2048, 2048, 0, 0},
    {128, 512, 784, 0, 1}, {128, 784, 512, 0, 0}, {512, 784, 128, 1, 0}, /* a dense layer: forward, input, weight */
    {128, 512, 512, 0, 1}, {128, 512, 512, 0, 0}, {512, 512, 128, 1, 0},
    {128, 10, 512, 0, 1},  {128, 512, 10, 0, 0},  {10, 512, 128, 1, 0},
    {128, 128, 3136, 0, 1}, {128, 3136, 128, 0, 0}, {128, 3136, 128, 1, 0},
    {64, 784, 25, 0, 0},   {6, 784, 25, 0, 0},    {16, 1024, 144, 0, 0}, {64, 3136, 576, 0, 0},
    {1, 512, 784, 0, 1},   {1, 784, 512, 0, 0},   {1, 1000, 512, 0, 1},  {4, 512, 512, 0, 1}, {8, 512, 512, 0, 1},
    {16, 512, 512, 0, 1},  {512, 1, 512, 0, 1},   {4, 4, 2, 0, 1},       {16, 16, 16, 0, 1},  {32, 32, 32, 0, 1},
};

static float *numbers(int64_t count) {
    static uint32_t state = 1;
    float *x = sn_alloc(count * 4);
    if (!x) exit(2);
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(state >> 8) * 0x1p-23f - 1;
    }
    return x;
}

static void run(sn_gemm_args *g, int32_t isa) {
    sn_call call = {.code = SN_OP_GEMM, .args = g};
    if (sn_run(&call, 1, isa, NULL) != SN_OK) {
        printf("%s\n", sn_status_text(call.status));
        exit(2);
    }
}

/* isa -1: OpenBLAS, on this thread. */
static double rate(sn_gemm_args *g, int32_t isa) {
    const double flops = 2.0 * (double)g->m * (double)g->n * (double)g->k;
    double best = 1e30, total = 0;
    const int repeats = flops < 1e5 ? 100 : 1;
    for (int r = 0; r < 5 || (total < 0.1 && r < 2000); r++) {
        const double start = bench_seconds();
        for (int i = 0; i < repeats; i++) {
            if (isa < 0) sn_f32_gemm__openblas(g, (sn_gemm_part){0, g->m, 0, g->n});
            else run(g, isa);
        }
        const double seconds = bench_seconds() - start;
        total += seconds;
        if (seconds / repeats < best) best = seconds / repeats;
    }
    return flops / best;
}

int main(int count, char **arguments) {
    int32_t isa = sn_isa_active();
    if (count > 1 && atoi(arguments[1]) > 0) sn_set_threads(atoi(arguments[1]));
    for (int32_t i = 0; i <= sn_isa_detected(); i++)
        if (count > 2 && strcmp(arguments[2], sn_isa_name(i)) == 0) isa = i;
    const double peak = bench_peak(isa);
    printf("%s, %s, %d threads, FMA peak %.0f GFLOP/s; %s\n", sn_cpu_name(), sn_isa_name(isa), sn_threads(), peak * 1e-9, sn_openblas_config());
    printf("%5s %5s %5s %5s  %15s  %15s  %21s\n", "m", "n", "k", "trans", "GFLOP/s, % peak", "b packed before", "OpenBLAS, one thread");
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        char name[64];
        snprintf(name, sizeof name, "%lldx%lldx%lld", (long long)products[i].m, (long long)products[i].n, (long long)products[i].k);
        if (count > 3 && !strstr(name, arguments[3])) continue;
        sn_gemm_args g = {.dtype = SN_F32, .m = products[i].m, .n = products[i].n, .k = products[i].k, .trans_a = products[i].trans_a,
            .trans_b = products[i].trans_b, .alpha = 1, .ldc = products[i].n};
        g.lda = g.trans_a ? g.m : g.k, g.ldb = g.trans_b ? g.k : g.n;
        g.a = numbers(g.m * g.k), g.b = numbers(g.k * g.n), g.c = numbers(g.m * g.n);
        g.workspace_bytes = sn_workspace_bytes(SN_OP_GEMM, &g);
        g.workspace = sn_alloc(g.workspace_bytes);
        sn_gemm_args ready = g; /* b packed before */
        ready.packed_bytes = sn_packed_bytes(SN_OP_GEMM_PACK, &ready);
        ready.packed = sn_alloc(ready.packed_bytes);
        sn_call pack = {.code = SN_OP_GEMM_PACK, .args = &ready};
        if (sn_run(&pack, 1, isa, NULL) != SN_OK) return 2;
        sn_gemm_args expected = g;
        float *c = expected.c = numbers(g.m * g.n);
        run(&g, isa);
        run(&expected, SN_ISA_GENERIC);
        for (int64_t e = 0; e < g.m * g.n; e++)
            if (!(fabs((double)((float *)g.c)[e] - c[e]) < 3e-7 * (10 + 4 * sqrt((double)g.k) + 0.3 * (double)g.k))) {
                printf("WRONG: %g, not %g\n", ((float *)g.c)[e], c[e]);
                break;
            }
        const double ours = rate(&g, isa), packed = rate(&ready, isa), theirs = rate(&g, -1);
        printf("%5lld %5lld %5lld %5s  %8.1f %5.1f%%  %8.1f %5.1f%%  %8.1f", (long long)g.m, (long long)g.n, (long long)g.k, g.trans_a ? "a" : g.trans_b ? "b" : "-",
               ours * 1e-9, peak > 0 ? 100 * ours / peak : 0, packed * 1e-9, peak > 0 ? 100 * packed / peak : 0, theirs * 1e-9);
        printf("  %10.2f us\n", 2e6 * (double)g.m * (double)g.n * (double)g.k / ours);
        sn_free((void *)g.a), sn_free((void *)g.b), sn_free(g.c), sn_free(g.workspace), sn_free(ready.packed), sn_free(c);
    }
    return 0;
}
