/* Results so large that they are stored past the caches have the bits of those that are not: of the operation in place, or
 * image by image; with any number of threads. */
#include "arrays.h"
#include "core/stream.h"

static int64_t least; /* floats of such a result */

static void how_large(void) {
    enum { MOST = 64 << 20, SMALL = 1 << 12 };
    const int64_t cache = sn_cache_bytes(3), bytes = cache > 0 && cache < MOST ? cache : MOST / 2;
    least = SN_STREAMS ? bytes / 2 / 4 : SMALL;
    float *x = check_alloc(4 * least);
    if (SN_STREAMS && bytes == (cache > 0 ? cache : MOST / 2)) {
        CHECK(sn_past_caches(x, 4 * least), "%lld floats do not go past the caches", (long long)least);
        CHECK(!sn_past_caches(x, 4 * least - 4), "a little less");
        CHECK(!sn_past_caches(x + 1, 4 * least), "not from the beginning of a line on");
    }
    CHECK(!sn_past_caches(x, 1 << 10), "a KiB");
    check_free_all();
}

static int64_t rows_of(int64_t cols) { return least / cols + 3; }

static float *copy_of(const float *x, int64_t count) {
    float *copy = check_alloc(4 * count);
    memcpy(copy, x, (size_t)count * 4);
    return copy;
}

/* Runs the call with 1 and 3 threads; `made` must become what `expected` holds. */
static void same(int32_t code, void *args, int isa, float *made, const float *expected, int64_t count, const char *what) {
    for (int threads = 1; threads <= 3; threads += 2) {
        sn_call call = {.code = code, .args = args};
        memset(made, 0xcb, (size_t)count * 4);
        sn_set_threads(threads);
        CHECK(sn_run(&call, 1, isa, NULL) == SN_OK, "%s: %s", what, sn_status_text(call.status));
        CHECK(!memcmp(made, expected, (size_t)count * 4), "%s on %s with %d threads", what, sn_isa_name(isa), threads);
    }
    sn_set_threads(2);
}

static void run(int32_t code, void *args, int isa) {
    sn_call call = {.code = code, .args = args};
    CHECK(sn_run(&call, 1, isa, NULL) == SN_OK, "operation %d: %s", code, sn_status_text(call.status));
}

static void unary(void) {
    static const int32_t kinds[] = {SN_RELU, SN_TANH};
    const int64_t count = least + 16 * 3;
    float *x = check_floats(count), *dy = check_floats(count), *y = check_alloc(4 * count);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        FOR_EACH_ISA(isa) {
            float *expected = copy_of(x, count);
            sn_unary_args a = {.dtype = SN_F32, .kind = kinds[k], .count = count, .x = expected, .y = expected};
            run(SN_OP_UNARY_FORWARD, &a, isa);
            a.x = x, a.y = y;
            same(SN_OP_UNARY_FORWARD, &a, isa, y, expected, count, "unary");
            memcpy(expected, dy, (size_t)count * 4);
            a = (sn_unary_args){.dtype = SN_F32, .kind = kinds[k], .count = count, .y = x, .dy = expected, .dx = expected};
            run(SN_OP_UNARY_BACKWARD, &a, isa);
            a.dy = dy, a.dx = y;
            same(SN_OP_UNARY_BACKWARD, &a, isa, y, expected, count, "gradient of unary");
        }
    check_free_all();
}

/* Both dense, one a row, one a column; rows of whole lines, and one long row of any length. */
static void binary(void) {
    static const int64_t cols[] = {48, 1040, 1 << 20};
    for (int k = 0; k < 3; k++) {
        const int64_t c = cols[k], rows = k == 2 ? 1 : rows_of(c), count = k == 2 ? least + 16 : rows * c;
        float *x = check_floats(count), *y = check_alloc(4 * count), *other = check_floats(count);
        const int64_t strides[3][2] = {{c, 1}, {0, 1}, {1, 0}};
        for (int s = 0; s < (k == 2 ? 1 : 3); s++)
            FOR_EACH_ISA(isa) {
                float *expected = copy_of(x, count);
                sn_binary_args a = {.dtype = SN_F32, .kind = SN_SUB, .dims = 2, .shape = {rows, count / rows}, .stride_a = {count / rows, 1},
                    .stride_b = {strides[s][0], strides[s][1]}, .a = expected, .b = other, .y = expected};
                if (k == 2) a.stride_b[0] = count;
                run(SN_OP_BINARY, &a, isa);
                a.a = x, a.y = y;
                same(SN_OP_BINARY, &a, isa, y, expected, count, "binary");
            }
        check_free_all();
    }
}

static void batchnorm(void) {
    static const int64_t channels[] = {8, 24, 64, 1040};
    for (int k = 0; k < 4; k++) {
        const int64_t c = channels[k], rows = rows_of(c) / 16 * 16 + 16, count = rows * c;
        float *x = check_floats(count), *dy = check_floats(count), *residual = check_floats(count), *y = check_alloc(4 * count);
        float *var = check_floats(c);
        for (int64_t i = 0; i < c; i++) var[i] = fabsf(var[i]) + 0.5f;
        FOR_EACH_ISA(isa)
            for (int options = 0; options < 4; options++) {
                float *expected = copy_of(x, count);
                sn_batchnorm_args a = {.dtype = SN_F32, .act = options & 1 ? SN_RELU : SN_IDENTITY, .rows = rows, .c = c, .eps = 1e-5, .x = expected, .y = expected,
                    .residual = options & 2 ? residual : NULL, .gamma = check_floats(c), .beta = check_floats(c), .running_mean = check_floats(c), .running_var = var};
                run(SN_OP_BATCHNORM_INFER, &a, isa);
                a.x = x, a.y = y;
                same(SN_OP_BATCHNORM_INFER, &a, isa, y, expected, count, "batchnorm");
                if (options & 2) continue;
                memcpy(expected, dy, (size_t)count * 4);
                a.save_mean = a.running_mean, a.save_invstd = var, a.dy = expected, a.dx = expected;
                a.workspace_bytes = sn_workspace_bytes(SN_OP_BATCHNORM_BACKWARD, &a);
                a.workspace = check_alloc(a.workspace_bytes);
                run(SN_OP_BATCHNORM_BACKWARD, &a, isa);
                a.dy = dy, a.dx = y;
                same(SN_OP_BATCHNORM_BACKWARD, &a, isa, y, expected, count, "gradient of batchnorm");
            }
        check_free_all();
    }
}

/* Rows that begin anywhere in a line, rows whose exponentials fit the first cache and that do not. */
static void softmax(void) {
    static const int64_t cols[] = {10, 1000, 1021, 5000};
    for (int k = 0; k < 4; k++)
        for (int32_t log = 0; log <= 1; log++) {
            const int64_t c = cols[k], rows = rows_of(c) / 16 * 16 + 16, count = rows * c;
            float *x = check_floats(count), *y = check_alloc(4 * count), *loss = check_alloc(64);
            int32_t *labels = check_alloc(4 * rows);
            for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)(r * 7 % c);
            FOR_EACH_ISA(isa) {
                float *expected = copy_of(x, count);
                sn_softmax_args a = {.dtype = SN_F32, .log = log, .rows = rows, .cols = c, .x = expected, .y = expected};
                run(SN_OP_SOFTMAX_FORWARD, &a, isa);
                a.x = x, a.y = y;
                same(SN_OP_SOFTMAX_FORWARD, &a, isa, y, expected, count, log ? "log-softmax" : "softmax");
                if (log) continue;
                sn_cross_entropy_args b = {.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = c, .logits = x, .labels = labels,
                    .ignore_index = -100, .loss = loss, .probs = y};
                same(SN_OP_CROSS_ENTROPY_FORWARD, &b, isa, y, expected, count, "cross-entropy");
            }
            check_free_all();
        }
}

/* Images one by one are small. */
static void pool2d(void) {
    static const int64_t windows[][3] = {{2, 2, 0}, {3, 2, 1}};
    enum { C = 48, SIDE = 34, OUT = 17, IN = SIDE * SIDE * C, HALF = OUT * OUT * C };
    const int64_t n = least / HALF + 1;
    float *x = check_floats(n * IN), *y = check_alloc(4 * n * HALF), *dy = check_floats(n * HALF), *dx = check_alloc(4 * n * IN);
    int32_t *index = check_alloc(4 * n * HALF), *indices = check_alloc(4 * n * HALF);
    float *expected = check_alloc(4 * n * HALF), *expected_dx = check_alloc(4 * n * IN);
    for (int k = 0; k < 2; k++)
        for (int max = 0; max <= 1; max++)
            FOR_EACH_ISA(isa) {
                sn_pool2d_args a = {.dtype = SN_F32, .n = n, .c = C, .h = SIDE, .w = SIDE, .oh = OUT, .ow = OUT, .kh = windows[k][0], .kw = windows[k][0],
                    .stride_h = 2, .stride_w = 2, .pad_h = windows[k][2], .pad_w = windows[k][2], .dilation_h = 1, .dilation_w = 1, .x = x, .y = y, .dy = dy,
                    .dx = dx, .index = max ? index : NULL};
                const int32_t forward = max ? SN_OP_MAXPOOL2D_FORWARD : SN_OP_AVGPOOL2D_FORWARD, backward = max ? SN_OP_MAXPOOL2D_BACKWARD : SN_OP_AVGPOOL2D_BACKWARD;
                sn_pool2d_args one = a;
                one.n = 1;
                for (int64_t i = 0; i < n; i++) {
                    one.x = x + i * IN, one.y = expected + i * HALF, one.index = max ? indices + i * HALF : NULL, one.dy = dy + i * HALF, one.dx = expected_dx + i * IN;
                    run(forward, &one, isa);
                    run(backward, &one, isa);
                }
                same(forward, &a, isa, y, expected, n * HALF, max ? "maxpool" : "avgpool");
                if (max) {
                    CHECK(!memcmp(index, indices, (size_t)(n * HALF) * 4), "index on %s", sn_isa_name(isa));
                    a.index = NULL;
                    same(forward, &a, isa, y, expected, n * HALF, "maxpool without index");
                    a.index = index;
                }
                same(backward, &a, isa, dx, expected_dx, n * IN, max ? "gradient of maxpool" : "gradient of avgpool");
            }
    check_free_all();
}

static void permute(void) {
    static const int64_t sizes[][2] = {{64, 400}, {48, 336}, {80, 208}, {16, 1008}, {400, 64}, {24, 400}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const int64_t rows = sizes[k][0], cols = sizes[k][1], image = rows * cols, n = least / image + 1;
        float *x = check_floats(n * image), *y = check_alloc(4 * n * image), *expected = check_alloc(4 * n * image);
        for (int64_t i = 0; i < n; i++)
            for (int64_t r = 0; r < rows; r++)
                for (int64_t c = 0; c < cols; c++) expected[i * image + c * rows + r] = x[i * image + r * cols + c];
        sn_permute_args a = {.dtype = SN_F32, .dims = 3, .shape = {n, cols, rows}, .stride = {image, 1, cols}, .x = x, .y = y};
        FOR_EACH_ISA(isa) same(SN_OP_PERMUTE, &a, isa, y, expected, n * image, "permute");
        check_free_all();
    }
}

/* Rows of y that lie apart: lines begin with each of them only if they are whole lines themselves. */
static void permute_apart(void) {
    static const int64_t columns[] = {264, 272};
    for (int k = 0; k < 2; k++) {
        const int64_t cols = columns[k], outer = 2, rows = rows_of(outer * cols), count = rows * outer * cols;
        float *x = check_floats(count), *y = check_alloc(4 * count), *expected = check_alloc(4 * count);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t o = 0; o < outer; o++)
                for (int64_t c = 0; c < cols; c++) expected[(r * outer + o) * cols + c] = x[(c * outer + o) * rows + r];
        sn_permute_args a = {.dtype = SN_F32, .dims = 3, .shape = {rows, outer, cols}, .stride = {1, rows, outer * rows}, .x = x, .y = y};
        FOR_EACH_ISA(isa) same(SN_OP_PERMUTE, &a, isa, y, expected, count, "permute, rows apart");
        check_free_all();
    }
}

/* An array that begins and ends where a line does, for so many bytes. */
static void *lines(int64_t bytes) { return check_alloc((bytes + 63) / 64 * 64); }

enum { PIECE = 1 << 16 }; /* elements of which no result goes past the caches */

static void fill(void) {
    static const double values[] = {0, 2.5};
    for (int32_t dtype = SN_F32; dtype <= SN_I32; dtype++)
        for (int v = 0; v < 2; v++) {
            const int64_t size = dtype == SN_F64 ? 8 : 4, count = 2 * least * 4 / size + 13;
            float *y = lines(count * size), *expected = lines(count * size);
            sn_fill_args a = {.dtype = dtype, .value = values[v]};
            for (int64_t i = 0; i < count; i += PIECE) {
                a.y = (char *)expected + i * size, a.count = count - i < PIECE ? count - i : PIECE;
                run(SN_OP_FILL, &a, -1);
            }
            a.y = y, a.count = count;
            same(SN_OP_FILL, &a, -1, y, expected, count * size / 4, "fill");
            check_free_all();
        }
}

static void cast(void) {
    for (int32_t from = SN_F32; from <= SN_I32; from++)
        for (int32_t to = SN_F32; to <= SN_I32; to++) {
            const int64_t x_size = from == SN_F64 ? 8 : 4, y_size = to == SN_F64 ? 8 : 4, count = least * 4 / y_size + 13;
            void *x = check_alloc(count * x_size);
            float *y = lines(count * y_size), *expected = lines(count * y_size);
            for (int64_t i = 0; i < count; i++) {
                const double value = check_uniform() * 1e10;
                if (from == SN_F32) ((float *)x)[i] = (float)value;
                else if (from == SN_F64) ((double *)x)[i] = value;
                else ((int32_t *)x)[i] = (int32_t)check_next();
            }
            FOR_EACH_ISA(isa) {
                sn_cast_args a = {.from = from, .to = to};
                for (int64_t i = 0; i < count; i += PIECE) {
                    a.x = (char *)x + i * x_size, a.y = (char *)expected + i * y_size, a.count = count - i < PIECE ? count - i : PIECE;
                    run(SN_OP_CAST, &a, isa);
                }
                a.x = x, a.y = y, a.count = count;
                same(SN_OP_CAST, &a, isa, y, expected, count * y_size / 4, "cast");
            }
            check_free_all();
        }
}

int main(void) {
    RUN(how_large);
    RUN(unary);
    RUN(binary);
    RUN(batchnorm);
    RUN(softmax);
    RUN(pool2d);
    RUN(permute);
    RUN(permute_apart);
    RUN(fill);
    RUN(cast);
    return check_summary();
}
