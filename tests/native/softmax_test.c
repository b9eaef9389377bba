/* softmax and log-softmax against double formulas, on every ISA. */
#include "arrays.h"

static const int64_t cols[] = {1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 127, 129, 1000, 1003};
enum { COLS = sizeof cols / sizeof *cols };

static void reference(const sn_softmax_args *a, double *y, double *dx) {
    for (int64_t r = 0; r < a->rows; r++) {
        const int64_t at = r * a->cols;
        double max = -INFINITY, sum = 0, dot = 0;
        for (int64_t i = 0; i < a->cols; i++) max = fmax(max, array_get(a->dtype, a->x, at + i));
        for (int64_t i = 0; i < a->cols; i++) sum += exp(array_get(a->dtype, a->x, at + i) - max);
        for (int64_t i = 0; i < a->cols; i++) {
            const double v = array_get(a->dtype, a->x, at + i) - max;
            y[at + i] = a->log ? v - log(sum) : exp(v) / sum;
            dot += array_get(a->dtype, a->dy, at + i) * (a->log ? 1 : y[at + i]);
        }
        for (int64_t i = 0; i < a->cols; i++) {
            const double dy = array_get(a->dtype, a->dy, at + i);
            dx[at + i] = a->log ? dy - exp(y[at + i]) * dot : y[at + i] * (dy - dot);
        }
    }
}

static void random_rows(void) {
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int32_t log = 0; log <= 1; log++)
            for (int k = 0; k < COLS; k++)
                for (int scale = 1; scale <= 100; scale *= 10) {
                    sn_softmax_args a = {.dtype = dtype, .log = log, .rows = k % 5 + 1, .cols = cols[k]};
                    const int64_t n = a.rows * a.cols;
                    void *x = array_random(dtype, n), *y = array_new(dtype, n), *dx = array_new(dtype, n), *dy = array_random(dtype, n);
                    for (int64_t i = 0; i < n; i++) array_set(dtype, x, i, array_get(dtype, x, i) * scale + (scale == 10 ? 500 : 0));
                    a.x = x, a.dy = dy;
                    double *expected = check_alloc(n * 8), *expected_dx = check_alloc(n * 8);
                    reference(&a, expected, expected_dx);
                    const double u = unit_of(dtype), summed = sqrt((double)a.cols);
                    FOR_EACH_ISA(isa) {
                        memset(y, 0xcb, (size_t)bytes_of(dtype, n));
                        memset(dx, 0xcb, (size_t)bytes_of(dtype, n));
                        a.x = x, a.y = y, a.dy = dy, a.dx = dx;
                        CHECK_RUN(SN_OP_SOFTMAX_FORWARD, a, isa);
                        /* x - max is rounded: an error of up to 100 u there is a relative one of the exponential */
                        const double relative = log ? 4 * u : (10 + 2 * scale + summed * 0.1) * u, absolute = log ? (6 + 0.1 * summed) * u : 1e-37;
                        CHECK_ARRAY(dtype, y, expected, n, relative, absolute, isa, "log %d, %lld cols, scale %d", log, (long long)a.cols, scale);
                        CHECK_RUN(SN_OP_SOFTMAX_BACKWARD, a, isa);
                        const double gradient = (10 + 4 * scale + summed) * u;
                        CHECK_ARRAY(dtype, dx, expected_dx, n, 8 * u, (log ? summed : 1) * gradient, isa, "gradient, log %d, %lld cols", log, (long long)a.cols);
                        memcpy(dx, dy, (size_t)bytes_of(dtype, n));
                        a.dy = dx;
                        CHECK_RUN(SN_OP_SOFTMAX_BACKWARD, a, isa);
                        CHECK_ARRAY(dtype, dx, expected_dx, n, 8 * u, (log ? summed : 1) * gradient, isa, "gradient in place");
                        memcpy(y, x, (size_t)bytes_of(dtype, n));
                        a.x = y;
                        CHECK_RUN(SN_OP_SOFTMAX_FORWARD, a, isa);
                        CHECK_ARRAY(dtype, y, expected, n, relative, absolute, isa, "in place, log %d, %lld cols", log, (long long)a.cols);
                    }
                    check_free_all();
                }
}

/* A -infinity is a 0 (a masked position); NaN and +infinity spoil their row and no other. */
static void special_values(void) {
    FOR_EACH_ISA(isa)
        for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
            for (int32_t log = 0; log <= 1; log++)
                for (int k = 1; k < COLS; k++)
                    for (int64_t position = 0; position < cols[k]; position += 1 + cols[k] / 7) {
                        const int64_t c = cols[k];
                        sn_softmax_args a = {.dtype = dtype, .log = log, .rows = 5, .cols = c};
                        void *x = array_random(dtype, 5 * c), *y = array_new(dtype, 5 * c);
                        a.x = x, a.y = y;
                        array_set(dtype, x, position, -INFINITY);
                        array_set(dtype, x, c + position, NAN);
                        array_set(dtype, x, 2 * c + position, INFINITY);
                        for (int64_t i = 0; i < c; i++) array_set(dtype, x, 3 * c + i, -INFINITY);
                        array_set(dtype, x, 4 * c + position, 3e38);
                        CHECK_RUN(SN_OP_SOFTMAX_FORWARD, a, isa);
                        double sum = 0;
                        for (int64_t i = 0; i < c; i++) {
                            const double v = array_get(dtype, y, i), huge = array_get(dtype, y, 4 * c + i);
                            sum += log ? exp(v) : v;
                            CHECK(i == position ? v == (log ? -INFINITY : 0) : isfinite(v), "-infinity gives %g", v);
                            for (int r = 1; r <= 3; r++) CHECK(isnan(array_get(dtype, y, r * c + i)), "row %d of %lld on %s is not NaN", r, (long long)c, sn_isa_name(isa));
                            CHECK(i == position ? huge == !log : log ? huge < -2e38 : huge == 0, "3e38 gives %g", huge);
                        }
                        CHECK(fabs(sum - 1) < 1e-5, "sum %g", sum);
                        check_free_all();
                    }
}

static void threads(void) {
    sn_softmax_args a = {.dtype = SN_F32, .rows = 1231, .cols = 37};
    const int64_t n = a.rows * a.cols;
    a.x = check_floats(n), a.dy = check_floats(n), a.y = check_alloc(n * 4), a.dx = check_alloc(n * 4);
    FOR_EACH_ISA(isa) {
        check_threads(SN_OP_SOFTMAX_FORWARD, &a, isa, a.y, n * 4, "softmax");
        check_threads(SN_OP_SOFTMAX_BACKWARD, &a, isa, a.dx, n * 4, "gradient");
    }
    check_free_all();
}

static void errors(void) {
    float *x = check_floats(6), *y = check_floats(6);
    const sn_softmax_args good = {.dtype = SN_F32, .rows = 2, .cols = 3, .x = x, .y = y, .dy = x, .dx = y};
    sn_softmax_args a = good;
    CHECK(sn_softmax_forward(NULL) == SN_ERR_NULL && sn_softmax_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                       \
    do {                                                     \
        CHECK_ERROR(sn_softmax_forward, a, status, y, 24);   \
        CHECK_ERROR(sn_softmax_backward, a, status, y, 24);  \
        a = good;                                            \
    } while (0)
    a.x = a.dy = NULL;
    EXPECT(SN_ERR_NULL);
    a.y = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.rows = -1;
    EXPECT(SN_ERR_SIZE);
    a.cols = 0;
    EXPECT(SN_ERR_SIZE);
    a.rows = a.cols = INT64_C(1) << 40;
    EXPECT(SN_ERR_SIZE);
    a.rows = 0;
    EXPECT(SN_OK);
    check_free_all();
}

int main(void) {
    RUN(random_rows);
    RUN(special_values);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
