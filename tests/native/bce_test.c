/* bce against double formulas, on every ISA: weights of elements and of columns, extreme logits. */
#include "arrays.h"

static double softplus(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }
static double sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }

static void compare(int32_t dtype, int32_t reduction, int64_t rows, int64_t cols, int weights, double range) {
    const int64_t n = rows * cols, losses = reduction == SN_REDUCTION_NONE ? n : 1;
    void *x = array_random(dtype, n), *target = array_random(dtype, n), *weight = array_random(dtype, n), *pos_weight = array_random(dtype, cols);
    for (int64_t i = 0; i < n; i++) {
        array_set(dtype, x, i, array_get(dtype, x, i) * range);
        /* hard labels and soft ones */
        array_set(dtype, target, i, i % 3 == 2 ? fabs(array_get(dtype, target, i)) : (double)(i % 3));
    }
    for (int64_t i = 0; i < cols; i++) array_set(dtype, pos_weight, i, 2 + array_get(dtype, pos_weight, i));
    sn_bce_args a = {.dtype = dtype, .reduction = reduction, .rows = rows, .cols = cols, .x = x, .target = target};
    a.weight = weights & 1 ? weight : NULL, a.pos_weight = weights & 2 ? pos_weight : NULL;
    a.loss = array_new(dtype, losses), a.dloss = array_random(dtype, losses), a.dx = array_new(dtype, n);
    double *loss = check_alloc(n * 8), *dx = check_alloc(n * 8), total = 0, magnitude = 0;
    const double divisor = reduction == SN_REDUCTION_MEAN ? (double)n : 1;
    for (int64_t i = 0; i < n; i++) {
        const double v = array_get(dtype, x, i), t = array_get(dtype, target, i), w = a.weight ? array_get(dtype, weight, i) : 1;
        const double q = a.pos_weight ? array_get(dtype, pos_weight, i % cols) : 1;
        loss[i] = w * (q * t * softplus(-v) + (1 - t) * softplus(v));
        total += loss[i];
        magnitude += fabs(loss[i]);
        dx[i] = w * ((1 - t) * sigmoid(v) - q * t * sigmoid(-v)) * array_get(dtype, a.dloss, losses == 1 ? 0 : i) / divisor;
    }
    if (reduction != SN_REDUCTION_NONE) loss[0] = total / divisor;
    /* weights have both signs; in f64 the reference's sum is no better than the kernel's */
    const double u = unit_of(dtype), terms = dtype == SN_F64 ? sqrt((double)n) : 0;
    const double summed = reduction == SN_REDUCTION_NONE ? 0 : (10 + terms) * u * magnitude / divisor;
    char what[100];
    snprintf(what, sizeof what, "%lld x %lld, reduction %d, weights %d, range %g", (long long)rows, (long long)cols, reduction, weights, range);
    FOR_EACH_ISA(isa) {
        memset(a.loss, 0xcb, (size_t)bytes_of(dtype, losses));
        memset(a.dx, 0xcb, (size_t)bytes_of(dtype, n));
        CHECK_RUN(SN_OP_BCE_FORWARD, a, isa);
        CHECK_ARRAY(dtype, a.loss, loss, losses, 12 * u, summed + 1e-37, isa, "loss %s", what);
        CHECK_RUN(SN_OP_BCE_BACKWARD, a, isa);
        CHECK_ARRAY(dtype, a.dx, dx, n, 12 * u, (reduction == SN_REDUCTION_MEAN ? 8 * u / divisor : 8 * u) * 2, isa, "gradient %s", what);
    }
    check_free_all();
}

static void random_values(void) {
    static const int64_t shapes[][2] = {{1, 1}, {7, 1}, {1, 7}, {5, 3}, {17, 16}, {33, 10}, {3, 255}, {3, 256}, {2, 257}, {3, 513}, {900, 20}, {9001, 1}, {40, 1000}, {2, 20001}};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int32_t reduction = 0; reduction <= 2; reduction++)
            for (int s = 0; s < (int)(sizeof shapes / sizeof *shapes); s++)
                for (int weights = 0; weights < 4; weights++) {
                    compare(dtype, reduction, shapes[s][0], shapes[s][1], weights, 4);
                    if (s < 8) compare(dtype, reduction, shapes[s][0], shapes[s][1], weights, 80);
                }
}

static void special_values(void) {
    FOR_EACH_ISA(isa)
        for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++) {
            const double x[] = {3e38, -3e38, 3e38, -3e38, NAN, 0, -60, 60}, t[] = {1, 0, 0, 1, 0, 0.5, 0, 1};
            const double loss[] = {0, 0, 3e38, 3e38, NAN, 0.69314718055994531, 8.75651076269652e-27, 8.75651076269652e-27};
            const double dx[] = {0, 0, 1, -1, NAN, 0, 8.75651076269652e-27, -8.75651076269652e-27};
            double expected[8];
            sn_bce_args a = {.dtype = dtype, .reduction = SN_REDUCTION_NONE, .rows = 8, .cols = 1};
            void *ax = array_new(dtype, 8), *at = array_new(dtype, 8), *dloss = array_new(dtype, 8);
            a.x = ax, a.target = at, a.dloss = dloss, a.loss = array_new(dtype, 8), a.dx = array_new(dtype, 8);
            for (int i = 0; i < 8; i++) {
                array_set(dtype, ax, i, x[i]), array_set(dtype, at, i, t[i]), array_set(dtype, dloss, i, 1);
                expected[i] = dtype == SN_F32 ? (float)loss[i] : loss[i];
            }
            CHECK_RUN(SN_OP_BCE_FORWARD, a, isa);
            CHECK_ARRAY(dtype, a.loss, expected, 8, 4e-7, 0, isa, "loss");
            CHECK_RUN(SN_OP_BCE_BACKWARD, a, isa);
            CHECK_ARRAY(dtype, a.dx, dx, 8, 4e-7, 0, isa, "gradient");
            check_free_all();
        }
}

static void threads(void) {
    const int64_t rows = 30011, cols = 11, n = rows * cols;
    float *x = check_floats(n), *loss = check_alloc(n * 4), *dx = check_alloc(n * 4);
    FOR_EACH_ISA(isa)
        for (int32_t reduction = 0; reduction <= 2; reduction++) {
            sn_bce_args a = {.dtype = SN_F32, .reduction = reduction, .rows = rows, .cols = cols, .x = x, .target = x, .pos_weight = x, .loss = loss, .dloss = x, .dx = dx};
            check_threads(SN_OP_BCE_FORWARD, &a, isa, loss, reduction ? 4 : n * 4, "loss");
            check_threads(SN_OP_BCE_BACKWARD, &a, isa, dx, n * 4, "gradient");
        }
    check_free_all();
}

static void errors(void) {
    float *x = check_floats(4), *y = check_floats(4);
    const sn_bce_args good = {.dtype = SN_F32, .reduction = SN_REDUCTION_NONE, .rows = 2, .cols = 2, .x = x, .target = x, .loss = y, .dloss = x, .dx = y};
    sn_bce_args a = good;
    CHECK(sn_bce_forward(NULL) == SN_ERR_NULL && sn_bce_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                   \
    do {                                                 \
        CHECK_ERROR(sn_bce_forward, a, status, y, 16);   \
        CHECK_ERROR(sn_bce_backward, a, status, y, 16);  \
        a = good;                                        \
    } while (0)
    a.x = NULL;
    EXPECT(SN_ERR_NULL);
    a.target = NULL;
    EXPECT(SN_ERR_NULL);
    a.loss = NULL, a.dloss = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.reduction = 3;
    EXPECT(SN_ERR_CODE);
    a.rows = -1;
    EXPECT(SN_ERR_SIZE);
    a.cols = 0;
    EXPECT(SN_ERR_SIZE);
    a.rows = a.cols = INT64_C(1) << 32;
    EXPECT(SN_ERR_SIZE);
    a.rows = 0;
    EXPECT(SN_OK);
    check_free_all();
}

int main(void) {
    RUN(random_values);
    RUN(special_values);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
