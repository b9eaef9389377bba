#include "typed.h"

static const int64_t shapes[][2] = {{1, 1}, {3, 1}, {1, 2}, {5, 3}, {7, 7}, {13, 8}, {9, 9}, {64, 10}, {129, 10}, {4, 15}, {5, 16},
                                    {5, 17}, {3, 31}, {2, 33}, {17, 64}, {3, 100}, {2, 1000}, {1000, 10}, {1, 20011}, {3, 70001}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void reference_forward(const double *x, long double *y, int64_t rows, int64_t cols, int log) {
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        long double max = x[0], sum = 0;
        for (int64_t i = 0; i < cols; i++) max = x[i] > max ? x[i] : max;
        for (int64_t i = 0; i < cols; i++) sum += expl(x[i] - max);
        for (int64_t i = 0; i < cols; i++) y[i] = log ? x[i] - max - logl(sum) : expl(x[i] - max) / sum;
    }
}

static void reference_backward(const double *y, const double *dy, long double *dx, int64_t rows, int64_t cols, int log) {
    for (int64_t r = 0; r < rows; r++, y += cols, dy += cols, dx += cols) {
        long double sum = 0;
        for (int64_t i = 0; i < cols; i++) sum += log ? dy[i] : (long double)dy[i] * y[i];
        for (int64_t i = 0; i < cols; i++) dx[i] = log ? dy[i] - expl(y[i]) * sum : y[i] * (dy[i] - sum);
    }
}

static void test_forward(void) {
    static const double ranges[][2] = {{-1, 1}, {-30, 30}, {990, 1010}, {-1e4, 0}};
    for (int s = 0; s < SHAPES; s++)
        for (int range = 0; range < 4; range++)
            for (int log = 0; log < 2; log++) {
                const int64_t rows = shapes[s][0], cols = shapes[s][1], n = rows * cols;
                const double *x = typed_random(n, ranges[range][0], ranges[range][1]);
                long double *expected = check_alloc(n * 16);
                reference_forward(x, expected, rows, cols, log);
                FOR_EACH_TYPE_AND_ISA(dtype, isa)
                    for (int in_place = 0; in_place < 2; in_place++) {
                        void *in = typed_array(dtype, x, n), *y = in_place ? in : typed_array(dtype, NULL, n);
                        sn_softmax_args a = {.dtype = dtype, .log = log, .rows = rows, .cols = cols, .x = in, .y = y};
                        CHECK_RUN(SN_OP_SOFTMAX_FORWARD, a, isa);
                        /* x - max is rounded: absolutely, to within the range, before exp */
                        const double width = ranges[range][1] - ranges[range][0];
                        const double summing = dtype == SN_F64 ? sqrt((double)cols) : 0;
                        TYPED_CLOSE(dtype, y, expected, n, 8 + (log ? 0 : summing + fmin(width, 100)),
                                    log ? 4 + summing + log2((double)cols) : 1e-30, "%s %lld x %lld, range %d, %s",
                                    log ? "log-softmax" : "softmax", (long long)rows, (long long)cols, range, sn_isa_name(isa));
                    }
                check_free_all();
            }
}

static void test_backward(void) {
    for (int s = 0; s < SHAPES; s++)
        for (int log = 0; log < 2; log++) {
            const int64_t rows = shapes[s][0], cols = shapes[s][1], n = rows * cols;
            const double *y = typed_random(n, log ? -12 : 0, log ? 0 : 2.0 / (double)cols), *dy = typed_random(n, -1, 1);
            long double *expected = check_alloc(n * 16);
            reference_backward(y, dy, expected, rows, cols, log);
            FOR_EACH_TYPE_AND_ISA(dtype, isa)
                for (int in_place = 0; in_place < 2; in_place++) {
                    void *d = typed_array(dtype, dy, n), *dx = in_place ? d : typed_array(dtype, NULL, n);
                    sn_softmax_args a = {.dtype = dtype, .log = log, .rows = rows, .cols = cols, .y = typed_array(dtype, y, n), .dy = d, .dx = dx};
                    CHECK_RUN(SN_OP_SOFTMAX_BACKWARD, a, isa);
                    const double sum_size = sqrt((double)cols); /* of the sum of dy */
                    TYPED_CLOSE(dtype, dx, expected, n, 8, log ? 8 * (1 + sum_size) : 8 * 2.0 / (double)cols, "%s backward %lld x %lld, %s",
                                log ? "log-softmax" : "softmax", (long long)rows, (long long)cols, sn_isa_name(isa));
                }
            check_free_all();
        }
}

/* A row with a NaN or +infinity, or of -infinities, is NaN throughout; its neighbours are not. -infinity gives 0. */
static void test_special(void) {
    static const int64_t widths[] = {1, 2, 7, 10, 16, 17, 40, 1025};
    FOR_EACH_TYPE_AND_ISA(dtype, isa)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
            for (int log = 0; log < 2; log++) {
                const int64_t cols = widths[w], rows = 5;
                double *x = typed_random(rows * cols, -3, 3);
                x[1 * cols + check_int(0, cols - 1)] = NAN;
                x[2 * cols + check_int(0, cols - 1)] = INFINITY;
                for (int64_t i = 0; i < cols; i++) x[3 * cols + i] = -INFINITY;
                const int64_t hole = 4 * cols + check_int(0, cols - 1);
                if (cols > 1) x[hole] = -INFINITY;
                void *y = typed_array(dtype, NULL, rows * cols);
                sn_softmax_args a = {.dtype = dtype, .log = log, .rows = rows, .cols = cols, .x = typed_array(dtype, x, rows * cols), .y = y};
                CHECK_RUN(SN_OP_SOFTMAX_FORWARD, a, isa);
                int finite = 1, nan = 1;
                for (int64_t i = 0; i < cols; i++) {
                    finite &= isfinite(typed_get(dtype, y, i)) && (isfinite(typed_get(dtype, y, 4 * cols + i)) || 4 * cols + i == hole);
                    for (int r = 1; r < 4; r++) nan &= isnan(typed_get(dtype, y, r * cols + i)) != 0;
                }
                CHECK(finite, "%s: NaN leaks into other rows of %lld", sn_isa_name(isa), (long long)cols);
                CHECK(nan, "%s: a row of %lld that should be NaN is not", sn_isa_name(isa), (long long)cols);
                if (cols > 1) CHECK(typed_get(dtype, y, hole) == (log ? -INFINITY : 0), "%s: -infinity", sn_isa_name(isa));
                check_free_all();
            }
}

static void test_threads(void) {
    const int64_t rows = 3001, cols = 23, n = rows * cols;
    const double *x = typed_random(n, -5, 5), *dy = typed_random(n, -1, 1);
    FOR_EACH_TYPE_AND_ISA(dtype, isa)
        for (int log = 0; log < 2; log++) {
            void *y[4], *dx[4];
            for (int threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                y[threads] = typed_array(dtype, NULL, n), dx[threads] = typed_array(dtype, NULL, n);
                sn_softmax_args a = {.dtype = dtype, .log = log, .rows = rows, .cols = cols, .x = typed_array(dtype, x, n), .y = y[threads],
                                     .dy = typed_array(dtype, dy, n), .dx = dx[threads]};
                CHECK_RUN(SN_OP_SOFTMAX_FORWARD, a, isa);
                CHECK_RUN(SN_OP_SOFTMAX_BACKWARD, a, isa);
                CHECK(memcmp(y[threads], y[1], (size_t)(n * typed_size(dtype))) == 0, "%d threads: other bits", threads);
                CHECK(memcmp(dx[threads], dx[1], (size_t)(n * typed_size(dtype))) == 0, "%d threads: other bits, backward", threads);
            }
        }
    check_free_all();
}

static void test_errors(void) {
    float x[4] = {1, 2, 3, 4}, y[4] = {5, 5, 5, 5}, dy[4] = {1, 1, 1, 1}, dx[4] = {5, 5, 5, 5};
    const sn_softmax_args good = {.dtype = SN_F32, .rows = 2, .cols = 2, .x = x, .y = y, .dy = dy, .dx = dx};
    sn_softmax_args a;
#define BOTH(change, status)                                              \
    a = good, a.change;                                                   \
    CHECK(sn_softmax_forward(&a) == (status), #change " forward");        \
    CHECK(sn_softmax_backward(&a) == (status), #change " backward")
    BOTH(y = NULL, SN_ERR_NULL);
    BOTH(dtype = SN_I32, SN_ERR_DTYPE);
    BOTH(dtype = -1, SN_ERR_DTYPE);
    BOTH(log = 2, SN_ERR_VALUE);
    BOTH(rows = -1, SN_ERR_SIZE);
    BOTH(cols = 0, SN_ERR_SIZE);
    BOTH(cols = INT64_MAX, SN_ERR_SIZE);
    BOTH(rows = INT64_C(1) << 48, SN_ERR_SIZE);
    a = good, a.x = NULL;
    CHECK(sn_softmax_forward(&a) == SN_ERR_NULL, "no x");
    a = good, a.dy = NULL;
    CHECK(sn_softmax_backward(&a) == SN_ERR_NULL, "no dy");
    a = good, a.dx = NULL;
    CHECK(sn_softmax_backward(&a) == SN_ERR_NULL, "no dx");
    CHECK(sn_softmax_forward(NULL) == SN_ERR_NULL && sn_softmax_backward(NULL) == SN_ERR_NULL, "no arguments");
    for (int i = 0; i < 4; i++) CHECK(y[i] == 5 && dx[i] == 5, "an error wrote");
    a = good, a.rows = 0;
    CHECK(sn_softmax_forward(&a) == SN_OK && sn_softmax_backward(&a) == SN_OK && y[0] == 5, "no rows");
}

int main(void) {
    sn_set_threads(3);
    RUN(test_forward);
    RUN(test_backward);
    RUN(test_special);
    RUN(test_threads);
    RUN(test_errors);
    return check_summary();
}
