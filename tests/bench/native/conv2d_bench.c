/* GFLOP/s of conv2d's passes and their share of the FMA peak: conv2d_bench [threads] [ISA] [part of a name]
 * Answers that take less than 4 GFLOP are first checked against the generic kernels. Best of several runs. Single images
 * go forward with weights packed once, as in inference. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peak.h"

typedef struct {
    const char *net;
    int64_t n, c, hw, oc, k, stride, pad, groups;
} layer;

static const layer layers[] = {
    {"lenet 1", 128, 1, 28, 6, 5, 1, 2, 1},
    {"lenet 2", 128, 6, 14, 16, 5, 1, 0, 1},
    {"cnn 1", 128, 1, 28, 32, 3, 1, 1, 1},
    {"cnn 2", 128, 32, 28, 32, 3, 1, 1, 1},
    {"cnn 3", 128, 32, 14, 64, 3, 1, 1, 1},
    {"cnn 4", 128, 64, 14, 64, 3, 1, 1, 1},
    {"resnet20 first", 128, 3, 32, 16, 3, 1, 1, 1},
    {"resnet20 16", 128, 16, 32, 16, 3, 1, 1, 1},
    {"resnet20 16-32", 128, 16, 32, 32, 3, 2, 1, 1},
    {"resnet20 32-64", 128, 32, 16, 64, 3, 2, 1, 1},
    {"resnet20 shortcut 32", 128, 16, 32, 32, 1, 2, 0, 1},
    {"resnet20 shortcut 64", 128, 32, 16, 64, 1, 2, 0, 1},
    {"resnet20 32", 128, 32, 16, 32, 3, 1, 1, 1},
    {"resnet20 64", 128, 64, 8, 64, 3, 1, 1, 1},
    {"resnet18 first", 8, 3, 224, 64, 7, 2, 3, 1},
    {"resnet18 64", 8, 64, 56, 64, 3, 1, 1, 1},
    {"resnet18 128", 8, 128, 28, 128, 3, 1, 1, 1},
    {"resnet18 256", 8, 256, 14, 256, 3, 1, 1, 1},
    {"resnet18 512", 8, 512, 7, 512, 3, 1, 1, 1},
    {"resnet18 64-128", 8, 64, 56, 128, 3, 2, 1, 1},
    {"resnet18 128-256", 8, 128, 28, 256, 3, 2, 1, 1},
    {"resnet18 256-512", 8, 256, 14, 512, 3, 2, 1, 1},
    {"resnet18 shortcut 128", 8, 64, 56, 128, 1, 2, 0, 1},
    {"resnet18 shortcut 256", 8, 128, 28, 256, 1, 2, 0, 1},
    {"resnet18 shortcut 512", 8, 256, 14, 512, 1, 2, 0, 1},
    {"vgg11 64-128", 32, 64, 32, 128, 3, 1, 1, 1},
    {"vgg11 128-256", 32, 128, 16, 256, 3, 1, 1, 1},
    {"vgg11 256", 32, 256, 16, 256, 3, 1, 1, 1},
    {"vgg11 256-512", 32, 256, 8, 512, 3, 1, 1, 1},
    {"vgg11 512", 32, 512, 8, 512, 3, 1, 1, 1},
    {"vgg11 512 last", 32, 512, 4, 512, 3, 1, 1, 1},
    {"vgg first", 8, 3, 224, 64, 3, 1, 1, 1},
    {"vgg11 first", 32, 3, 64, 64, 3, 1, 1, 1},
    {"resnet50 64-256", 8, 64, 56, 256, 1, 1, 0, 1},
    {"resnet50 64-256 large", 32, 64, 56, 256, 1, 1, 0, 1},
    {"resnet50 256-64", 8, 256, 56, 64, 1, 1, 0, 1},
    {"resnet50 128-512", 8, 128, 28, 512, 1, 1, 0, 1},
    {"resnet50 512-128", 8, 512, 28, 128, 1, 1, 0, 1},
    {"resnet50 256-1024", 8, 256, 14, 1024, 1, 1, 0, 1},
    {"resnet50 1024-256", 8, 1024, 14, 256, 1, 1, 0, 1},
    {"resnet50 512-2048", 8, 512, 7, 2048, 1, 1, 0, 1},
    {"resnet50 2048-512", 8, 2048, 7, 512, 1, 1, 0, 1},
    {"mobile depthwise", 8, 128, 56, 128, 3, 1, 1, 128},
    {"single resnet18 64-128", 1, 64, 56, 128, 3, 2, 1, 1},
    {"single resnet18 128-256", 1, 128, 28, 256, 3, 2, 1, 1},
    {"single resnet18 256-512", 1, 256, 14, 512, 3, 2, 1, 1},
    {"single cnn 2", 1, 32, 28, 32, 3, 1, 1, 1},
    {"single resnet20 16", 1, 16, 32, 16, 3, 1, 1, 1},
    {"single resnet20 64", 1, 64, 8, 64, 3, 1, 1, 1},
    {"single resnet18 64", 1, 64, 56, 64, 3, 1, 1, 1},
    {"single resnet18 128", 1, 128, 28, 128, 3, 1, 1, 1},
    {"single resnet18 256", 1, 256, 14, 256, 3, 1, 1, 1},
    {"single vgg11 64-128", 1, 64, 32, 128, 3, 1, 1, 1},
    {"single vgg11 128-256", 1, 128, 16, 256, 3, 1, 1, 1},
    {"single vgg11 256-512", 1, 256, 8, 512, 3, 1, 1, 1},
    {"single vgg11 512", 1, 512, 8, 512, 3, 1, 1, 1},
    {"single resnet20 32", 1, 32, 16, 32, 3, 1, 1, 1},
    {"single resnet18 512", 1, 512, 7, 512, 3, 1, 1, 1},
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

static double furthest(const float *a, const float *b, int64_t count) {
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        const double d = fabs((double)a[i] - b[i]);
        if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
    }
    return worst;
}

static void run(sn_conv2d_args *a, int32_t code, int32_t isa) {
    sn_call call = {.code = code, .args = a};
    const sn_status status = sn_run(&call, 1, isa, NULL);
    if (status != SN_OK) {
        printf("%s\n", sn_status_text(status));
        exit(2);
    }
}

static double rate(sn_conv2d_args *a, int32_t code, int32_t isa, double flops) {
    double best = 1e30, total = 0;
    for (int r = 0; r < 5 || (total < 0.15 && r < 2000); r++) {
        const double start = bench_seconds();
        run(a, code, isa);
        const double seconds = bench_seconds() - start;
        total += seconds;
        if (seconds < best) best = seconds;
    }
    return flops / best;
}

int main(int count, char **arguments) {
    int32_t isa = sn_isa_active();
    if (count > 1 && atoi(arguments[1]) > 0) sn_set_threads(atoi(arguments[1]));
    for (int32_t i = 0; i <= sn_isa_detected(); i++)
        if (count > 2 && strcmp(arguments[2], sn_isa_name(i)) == 0) isa = i;
    const double peak = bench_peak(isa);
    printf("%s, %s, %d threads, FMA peak %.0f GFLOP/s\n", sn_cpu_name(), sn_isa_name(isa), sn_threads(), peak * 1e-9);
    printf("%-24s %5s %5s %4s %5s %2s %2s  %15s  %15s  %15s   (GFLOP/s, %% of peak)\n", "layer", "n", "c", "hw", "oc", "k", "s", "forward", "input", "weight");
    static const int32_t codes[3] = {SN_OP_CONV2D_FORWARD, SN_OP_CONV2D_BACKWARD_INPUT, SN_OP_CONV2D_BACKWARD_WEIGHT};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        const layer l = layers[i];
        if (count > 3 && !strstr(l.net, arguments[3])) continue;
        const int64_t out = (l.hw + 2 * l.pad - l.k) / l.stride + 1, weights = l.oc * (l.c / l.groups) * l.k * l.k;
        const int64_t sizes[3] = {l.n * out * out * l.oc, l.n * l.hw * l.hw * l.c, weights};
        sn_conv2d_args a = {.dtype = SN_F32, .n = l.n, .c = l.c, .h = l.hw, .w = l.hw, .oc = l.oc, .oh = out, .ow = out, .kh = l.k, .kw = l.k,
            .stride_h = l.stride, .stride_w = l.stride, .pad_h = l.pad, .pad_w = l.pad, .dilation_h = 1, .dilation_w = 1, .groups = l.groups};
        a.x = numbers(sizes[1]), a.weight = numbers(weights), a.dy = numbers(sizes[0]), a.bias = numbers(l.oc);
        for (int c = 0; c < 3; c++) {
            const int64_t bytes = sn_workspace_bytes(codes[c], &a);
            if (bytes > a.workspace_bytes) a.workspace_bytes = bytes;
        }
        a.workspace = sn_alloc(a.workspace_bytes);
        if (l.n == 1) {
            a.packed_bytes = sn_packed_bytes(SN_OP_CONV2D_PACK, &a);
            a.packed = sn_alloc(a.packed_bytes);
            run(&a, SN_OP_CONV2D_PACK, isa);
        }
        float *out_of[3] = {numbers(sizes[0]), numbers(sizes[1]), numbers(weights)}, *dbias = numbers(l.oc);
        a.y = out_of[0], a.dx = out_of[1], a.dweight = out_of[2], a.dbias = dbias;
        const double flops = 2.0 * (double)(l.n * out * out) * (double)weights;
        printf("%-24s %5lld %5lld %4lld %5lld %2lld %2lld", l.net, (long long)l.n, (long long)l.c, (long long)l.hw, (long long)l.oc, (long long)l.k, (long long)l.stride);
        for (int c = 0; c < 3; c++) {
            sn_conv2d_args g = a;
            float *expected = numbers(sizes[c]);
            if (c == 0) g.y = expected;
            else if (c == 1) g.dx = expected;
            else g.dweight = expected;
            g.packed = NULL, g.packed_bytes = 0;
            run(&a, codes[c], isa);
            if (flops < 4e9) run(&g, codes[c], SN_ISA_GENERIC);
            const double terms = flops / 2 / (double)sizes[c], d = flops < 4e9 ? furthest(out_of[c], expected, sizes[c]) : 0;
            if (!(d < 3e-7 * (10 + 4 * sqrt(terms) + 0.3 * terms))) printf("  WRONG by %g", d);
            const double r = rate(&a, codes[c], isa, flops);
            printf("  %8.1f %5.1f%%", r * 1e-9, peak > 0 ? 100 * r / peak : 0);
            fflush(stdout);
            sn_free(expected);
        }
        printf("\n");
        sn_free((void *)a.x), sn_free((void *)a.weight), sn_free((void *)a.dy), sn_free((void *)a.bias), sn_free(a.workspace), sn_free(a.packed), sn_free(dbias);
        for (int c = 0; c < 3; c++) sn_free(out_of[c]);
    }
    return 0;
}
