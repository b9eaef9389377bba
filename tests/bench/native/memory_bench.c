/* GB/s of the operations that memory bounds: memory_bench [threads] [ISA] [part of a name]
 * Counted are the bytes that the operation must move: each array once a pass, batchnorm's training in two passes. Beside
 * them their share of a copy of 256 MiB past the caches ("of memory", sn_measure_copy) and of a copy by plain stores that
 * moves as many bytes as the operation ("of copy", in whichever cache that is). Each answer is first checked against the
 * generic kernels. Best of several runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peak.h"

static int32_t isa;
static double memory;
static const char *wanted;

/* The arrays of one measurement: sources keep their numbers, outputs are compared. */
enum { ARRAYS = 8 };
static struct {
    float *now, *expected;
    int64_t count;
} outputs[ARRAYS];
static int output_count;
static void *arrays[4 * ARRAYS];
static int array_count;

static void *memory_of(int64_t bytes) {
    void *p = sn_alloc(bytes);
    if (!p || array_count == 4 * ARRAYS) exit(2);
    return arrays[array_count++] = p;
}

static float *numbers(int64_t count) {
    static uint32_t state = 1;
    float *x = memory_of(count * 4);
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(state >> 8) * 0x1p-23f - 1;
    }
    return x;
}

static float *output(int64_t count) {
    float *x = numbers(count);
    outputs[output_count].now = x;
    outputs[output_count].count = count;
    outputs[output_count++].expected = memory_of(count * 4);
    return x;
}

static void run(int32_t code, void *args, int32_t on) {
    sn_call call = {.code = code, .args = args};
    const sn_status status = sn_run(&call, 1, on, NULL);
    if (status != SN_OK) {
        printf("%s\n", sn_status_text(status));
        exit(2);
    }
}

/* The generic answer, then the kernels' own from the same start. */
static double check(int32_t code, void *args) {
    double worst = 0;
    for (int o = 0; o < output_count; o++) memcpy(outputs[o].expected, outputs[o].now, (size_t)outputs[o].count * 4);
    run(code, args, SN_ISA_GENERIC);
    for (int o = 0; o < output_count; o++)
        for (int64_t i = 0; i < outputs[o].count; i++) {
            const float start = outputs[o].expected[i];
            outputs[o].expected[i] = outputs[o].now[i];
            outputs[o].now[i] = start;
        }
    run(code, args, isa);
    for (int o = 0; o < output_count; o++)
        for (int64_t i = 0; i < outputs[o].count; i++) {
            const double e = outputs[o].expected[i], d = fabs(outputs[o].now[i] - e) / (1 + fabs(e));
            if (!(d <= worst) && memcmp(outputs[o].now + i, outputs[o].expected + i, 4)) worst = d;
        }
    return worst;
}

/* Rows of the table. `arrays` times count floats must move. */
static void measure(const char *name, const char *shape, int32_t code, void *args, double bytes) {
    if (!wanted || strstr(name, wanted)) {
        const double d = check(code, args);
        double best = 1e30, total = 0;
        for (int r = 0; r < 5 || (total < 0.06 && r < 20000); r++) {
            const double start = bench_seconds();
            run(code, args, isa);
            const double seconds = bench_seconds() - start;
            total += seconds;
            if (seconds < best) best = seconds;
        }
        const double rate = bytes / best, copy = bench_copy((int64_t)bytes);
        printf("%-26s %-18s %9.2f us  %7.1f GB/s  %6.1f%% of memory  %6.1f%% of copy%s", name, shape, best * 1e6, rate * 1e-9, 100 * rate / memory, 100 * rate / copy,
               d < 1e-4 ? "\n" : "");
        if (!(d < 1e-4)) printf("  WRONG by %g\n", d);
        fflush(stdout);
    }
    for (int i = 0; i < array_count; i++) sn_free(arrays[i]);
    array_count = output_count = 0;
}

static int skipped(const char *prefix) { return wanted && !strstr(prefix, wanted) && !strstr(wanted, prefix); }

/* ---- pooling ---- */

static void pool(int64_t n, int64_t hw, int64_t c, int64_t k, int64_t stride, int64_t pad) {
    static const char *const names[] = {"maxpool forward", "maxpool backward", "avgpool forward", "avgpool backward"};
    char shape[64];
    snprintf(shape, sizeof shape, "%dx%dx%dx%d k%d s%d", (int)n, (int)hw, (int)hw, (int)c, (int)k, (int)stride);
    const int64_t o = (hw + 2 * pad - k) / stride + 1, in = n * hw * hw * c, out = n * o * o * c;
    for (int kind = k > 3 ? 2 : 0; kind < 4; kind++) {
        sn_pool2d_args a = {.dtype = SN_F32, .n = n, .c = c, .h = hw, .w = hw, .oh = o, .ow = o, .kh = k, .kw = k, .stride_h = stride, .stride_w = stride,
                            .pad_h = pad, .pad_w = pad, .dilation_h = 1, .dilation_w = 1};
        if (skipped(names[kind])) continue;
        a.x = numbers(in), a.index = memory_of(out * 4);
        if (kind == 1) { /* indices as the forward pass makes them */
            a.y = numbers(out);
            run(SN_OP_MAXPOOL2D_FORWARD, &a, isa);
        }
        if (kind % 2) a.dy = numbers(out), a.dx = output(in);
        else a.y = output(out);
        measure(names[kind], shape, SN_OP_MAXPOOL2D_FORWARD + kind, &a, 4.0 * (double)(in + (kind < 2 ? 2 : 1) * out));
    }
}

/* ---- batchnorm ---- */

static void batchnorm(int64_t rows, int64_t c) {
    static const char *const names[] = {"batchnorm train", "batchnorm train relu", "batchnorm infer", "batchnorm infer relu", "batchnorm backward", "batchnorm backward relu"};
    static const int32_t codes[] = {SN_OP_BATCHNORM_TRAIN, SN_OP_BATCHNORM_INFER, SN_OP_BATCHNORM_BACKWARD};
    static const int passes[] = {3, 3, 2, 2, 5, 5};
    char shape[64];
    snprintf(shape, sizeof shape, "%dx%d", (int)rows, (int)c);
    for (int kind = 0; kind < 6; kind++) {
        if (skipped(names[kind])) continue;
        const int32_t code = codes[kind / 2];
        sn_batchnorm_args a = {.dtype = SN_F32, .act = kind % 2 ? SN_RELU : SN_IDENTITY, .rows = rows, .c = c, .eps = 1e-5, .momentum = 0.1};
        a.x = numbers(rows * c), a.gamma = numbers(c), a.beta = numbers(c), a.save_mean = numbers(c), a.save_invstd = numbers(c);
        float *running = numbers(2 * c);
        for (int64_t i = 0; i < 2 * c; i++) running[i] = fabsf(running[i]) + 0.5f;
        a.running_mean = running, a.running_var = running + c;
        for (int64_t i = 0; kind == 5 && i < rows * c; i++) { /* the ReLU's corner, on whose sides two roundings may lie */
            const int64_t j = i % c;
            float *x = (float *)a.x + i;
            if (fabsf((*x - ((float *)a.save_mean)[j]) * ((float *)a.save_invstd)[j] * ((const float *)a.gamma)[j] + ((const float *)a.beta)[j]) < 1e-5f) *x += 0.25f;
        }
        if (code == SN_OP_BATCHNORM_BACKWARD) a.dy = numbers(rows * c), a.dx = output(rows * c);
        else a.y = output(rows * c);
        a.workspace_bytes = sn_workspace_bytes(code, &a);
        if (a.workspace_bytes) a.workspace = memory_of(a.workspace_bytes);
        measure(names[kind], shape, code, &a, 4.0 * passes[kind] * (double)(rows * c));
    }
}

/* ---- elementwise ---- */

static void unary(const char *name, int32_t kind, int64_t count) {
    char text[64], shape[32];
    snprintf(shape, sizeof shape, "%d", (int)count);
    for (int backward = 0; backward < 2; backward++) {
        sn_unary_args a = {.dtype = SN_F32, .kind = kind, .alpha = 1, .count = count};
        const int by_x = kind == SN_GELU || kind == SN_GELU_TANH;
        snprintf(text, sizeof text, "%s %s", name, backward ? "backward" : "forward");
        if (skipped(text)) continue;
        float *first = numbers(count);
        if (!backward) a.x = first, a.y = output(count);
        else {
            if (by_x) a.x = first;
            else a.y = first;
            a.dy = numbers(count), a.dx = output(count);
        }
        measure(text, shape, SN_OP_UNARY_FORWARD + backward, &a, (backward ? 12.0 : 8.0) * (double)count);
    }
}

static void add(int64_t rows, int64_t cols, int row) {
    char shape[32];
    snprintf(shape, sizeof shape, "%dx%d", (int)rows, (int)cols);
    sn_binary_args a = {.dtype = SN_F32, .kind = SN_ADD, .dims = 2, .shape = {rows, cols}, .stride_a = {cols, 1}, .stride_b = {row ? 0 : cols, 1}};
    const char *name = row ? "add row" : "add";
    if (skipped(name)) return;
    a.a = numbers(rows * cols), a.b = numbers(row ? cols : rows * cols), a.y = output(rows * cols);
    measure(name, shape, SN_OP_BINARY, &a, (row ? 8.0 : 12.0) * (double)(rows * cols));
}

static void fill_copy_cast_dropout(int64_t count) {
    char shape[32];
    snprintf(shape, sizeof shape, "%d", (int)count);
    if (!skipped("fill")) {
        sn_fill_args a = {.dtype = SN_F32, .count = count, .value = 2.5, .y = output(count)};
        measure("fill", shape, SN_OP_FILL, &a, 4.0 * (double)count);
    }
    if (!skipped("copy")) {
        sn_permute_args a = {.dtype = SN_F32, .dims = 1, .shape = {count}, .stride = {1}, .x = numbers(count), .y = output(count)};
        measure("copy", shape, SN_OP_PERMUTE, &a, 8.0 * (double)count);
    }
    if (!skipped("cast f32 f64")) {
        sn_cast_args a = {.from = SN_F32, .to = SN_F64, .count = count, .x = numbers(count), .y = output(2 * count)};
        measure("cast f32 f64", shape, SN_OP_CAST, &a, 12.0 * (double)count);
    }
    if (!skipped("cast f32 i32")) {
        sn_cast_args a = {.from = SN_F32, .to = SN_I32, .count = count, .x = numbers(count), .y = output(count)};
        measure("cast f32 i32", shape, SN_OP_CAST, &a, 8.0 * (double)count);
    }
    if (!skipped("dropout")) {
        static const int64_t step = 3;
        sn_dropout_args a = {.dtype = SN_F32, .count = count, .p = 0.5, .seed = 7, .step = &step, .x = numbers(count), .y = output(count)};
        measure("dropout", shape, SN_OP_DROPOUT, &a, 8.0 * (double)count);
    }
}

/* ---- rows ---- */

static void softmax(int64_t rows, int64_t cols) {
    char shape[32];
    snprintf(shape, sizeof shape, "%dx%d", (int)rows, (int)cols);
    const int64_t count = rows * cols;
    if (!skipped("softmax forward")) {
        sn_softmax_args a = {.dtype = SN_F32, .rows = rows, .cols = cols, .x = numbers(count), .y = output(count)};
        measure("softmax forward", shape, SN_OP_SOFTMAX_FORWARD, &a, 8.0 * (double)count);
    }
    if (!skipped("softmax backward")) {
        sn_softmax_args a = {.dtype = SN_F32, .rows = rows, .cols = cols, .y = numbers(count), .dy = numbers(count), .dx = output(count)};
        measure("softmax backward", shape, SN_OP_SOFTMAX_BACKWARD, &a, 12.0 * (double)count);
    }
    for (int backward = 0; backward < 2; backward++) {
        const char *name = backward ? "cross-entropy backward" : "cross-entropy forward";
        if (skipped(name)) continue;
        sn_cross_entropy_args a = {.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = cols, .ignore_index = -100};
        int32_t *labels = memory_of(rows * 4);
        for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)(r * 7 % cols);
        a.labels = labels, a.logits = numbers(count), a.probs = backward ? numbers(count) : output(count);
        if (backward) a.dloss = numbers(1), a.dlogits = output(count);
        else a.loss = output(1);
        measure(name, shape, SN_OP_CROSS_ENTROPY_FORWARD + backward, &a, 8.0 * (double)count + 4.0 * (double)rows);
    }
}

static void reduce(int64_t rows, int64_t cols, int over_rows) {
    char shape[32];
    snprintf(shape, sizeof shape, "%dx%d", (int)rows, (int)cols);
    const char *name = over_rows ? "reduce over rows" : "reduce over columns";
    if (skipped(name)) return;
    sn_reduce_args a = {.dtype = SN_F32, .kind = SN_SUM, .dims = 2, .shape = {rows, cols}, .reduced = {over_rows, !over_rows}};
    a.x = numbers(rows * cols), a.y = output(over_rows ? cols : rows);
    a.workspace_bytes = sn_workspace_bytes(SN_OP_REDUCE, &a);
    if (a.workspace_bytes) a.workspace = memory_of(a.workspace_bytes);
    measure(name, shape, SN_OP_REDUCE, &a, 4.0 * (double)(rows * cols + (over_rows ? cols : rows)));
}

static void permute(int64_t n, int64_t hw, int64_t c, int to_last) {
    char shape[32];
    snprintf(shape, sizeof shape, "%dx%dx%dx%d", (int)n, (int)hw, (int)hw, (int)c);
    const char *name = to_last ? "permute nchw nhwc" : "permute nhwc nchw";
    if (skipped(name)) return;
    const int64_t p = hw * hw;
    sn_permute_args a = {.dtype = SN_F32, .dims = 3, .x = numbers(n * p * c), .y = output(n * p * c)};
    const int64_t shape_of[2][3] = {{n, c, p}, {n, p, c}}, stride_of[2][3] = {{p * c, 1, c}, {p * c, 1, p}};
    memcpy(a.shape, shape_of[to_last], sizeof shape_of[0]);
    memcpy(a.stride, stride_of[to_last], sizeof stride_of[0]);
    measure(name, shape, SN_OP_PERMUTE, &a, 8.0 * (double)(n * p * c));
}

/* ---- optimisers ---- */

static void optimisers(const char *net, int64_t count) {
    static const char *const names[] = {"sgd", "sgd momentum", "adam"};
    static const int sweeps[] = {3, 5, 7};
    static const double lr = 1e-3;
    static const int64_t step = 5;
    for (int kind = 0; kind < 3; kind++) {
        if (skipped(names[kind])) continue;
        sn_optimizer_args a = {.dtype = SN_F32, .count = count, .lr = &lr, .step = &step, .momentum = kind == 1 ? 0.9 : 0, .weight_decay = 1e-4, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
        a.param = output(count), a.grad = numbers(count);
        if (kind > 0) a.m = output(count);
        if (kind == 2) {
            float *v = output(count);
            for (int64_t i = 0; i < count; i++) v[i] = fabsf(v[i]);
            a.v = v;
        }
        char shape[48];
        snprintf(shape, sizeof shape, "%s %d", net, (int)count);
        measure(names[kind], shape, kind == 2 ? SN_OP_ADAM : SN_OP_SGD, &a, 4.0 * sweeps[kind] * (double)count);
    }
}

static double copy_past_caches(void) {
    enum { BYTES = 256 << 20 };
    void *from = sn_alloc(BYTES), *to = sn_alloc(BYTES);
    double best = 0;
    if (!from || !to) exit(2);
    memset(from, 1, BYTES), memset(to, 2, BYTES);
    for (int r = 0; r < 7; r++) {
        const double rate = sn_measure_copy(to, from, BYTES, isa);
        if (rate > best) best = rate;
    }
    sn_free(from), sn_free(to);
    return best;
}

int main(int count, char **arguments) {
    isa = sn_isa_active();
    if (count > 1 && atoi(arguments[1]) > 0) sn_set_threads(atoi(arguments[1]));
    for (int32_t i = 0; i <= sn_isa_detected(); i++)
        if (count > 2 && strcmp(arguments[2], sn_isa_name(i)) == 0) isa = i;
    if (count > 3) wanted = arguments[3];
    memory = copy_past_caches();
    printf("%s, %s, %d threads, copy out of cache %.1f GB/s\n", sn_cpu_name(), sn_isa_name(isa), sn_threads(), memory * 1e-9);

    pool(128, 28, 6, 2, 2, 0), pool(128, 10, 16, 2, 2, 0);                           /* lenet */
    pool(128, 28, 32, 2, 2, 0), pool(128, 14, 64, 2, 2, 0);                          /* cnn */
    pool(32, 64, 64, 2, 2, 0), pool(32, 16, 256, 2, 2, 0), pool(32, 4, 512, 2, 2, 0); /* vgg11 */
    pool(8, 112, 64, 3, 2, 1), pool(8, 7, 512, 7, 7, 0), pool(128, 8, 64, 8, 8, 0);  /* resnet18, resnet20 */
    pool(32, 56, 64, 2, 2, 0), pool(32, 56, 64, 3, 2, 1);

    batchnorm(128 * 28 * 28, 32), batchnorm(128 * 14 * 14, 64);                                 /* cnn */
    batchnorm(128 * 32 * 32, 16), batchnorm(128 * 16 * 16, 32), batchnorm(128 * 8 * 8, 64);     /* resnet20 */
    batchnorm(8 * 112 * 112, 64), batchnorm(8 * 28 * 28, 128), batchnorm(8 * 7 * 7, 512);       /* resnet18 */
    batchnorm(32 * 56 * 56, 64);

    static const struct {
        const char *name;
        int32_t kind;
    } kinds[] = {{"relu", SN_RELU}, {"tanh", SN_TANH}, {"sigmoid", SN_SIGMOID}, {"exp", SN_EXP}, {"elu", SN_ELU}, {"gelu", SN_GELU}, {"gelu-tanh", SN_GELU_TANH}};
    static const int64_t counts[] = {4096, 128 * 512, 128 * 28 * 28 * 32, 32 * 64 * 56 * 56};
    for (int k = 0; k < 7; k++)
        for (int i = 0; i < 4; i++) unary(kinds[k].name, kinds[k].kind, counts[i]);
    for (int i = 0; i < 4; i++) fill_copy_cast_dropout(counts[i]);
    add(128, 512, 0), add(128 * 32 * 32, 16, 0), add(32 * 56 * 56, 64, 0), add(128, 512, 1), add(128 * 28 * 28, 6, 1), add(32 * 56 * 56, 64, 1);

    softmax(128, 10), softmax(32, 1000), softmax(65536, 10), softmax(8192, 1000);
    reduce(128, 10, 1), reduce(128, 512, 1), reduce(128 * 28 * 28, 6, 1), reduce(128 * 32 * 32, 16, 1), reduce(32 * 56 * 56, 64, 1), reduce(8 * 49, 512, 1);
    reduce(128, 10, 0), reduce(128, 512, 0), reduce(32 * 56 * 56, 64, 0), reduce(8192, 1000, 0);
    static const int64_t images[][3] = {{128, 28, 6}, {128, 32, 3}, {8, 224, 3}, {128, 32, 16}, {8, 28, 128}, {8, 7, 512}, {32, 56, 64}};
    for (int to_last = 0; to_last < 2; to_last++)
        for (int i = 0; i < 7; i++) permute(images[i][0], images[i][1], images[i][2], to_last);
    optimisers("lenet", 61706), optimisers("mlp", 669706), optimisers("resnet18", 11689512);

    /* Out of every cache: arrays of 200 MB. */
    pool(256, 56, 64, 2, 2, 0), pool(256, 56, 64, 3, 2, 1);
    batchnorm(256 * 56 * 56, 64);
    for (int k = 0; k < 4; k++) unary(kinds[k].name, kinds[k].kind, 256 * 64 * 56 * 56);
    fill_copy_cast_dropout(256 * 64 * 56 * 56);
    add(256 * 56 * 56, 64, 0), add(256 * 56 * 56, 64, 1);
    softmax(65536, 1000);
    reduce(256 * 56 * 56, 64, 1), reduce(256 * 56 * 56, 64, 0), reduce(65536, 1000, 0);
    permute(256, 56, 64, 0), permute(256, 56, 64, 1), permute(64, 224, 3, 0), permute(64, 224, 3, 1);
    optimisers("resnet101", 44549160);
    return 0;
}
