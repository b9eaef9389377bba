/* hinge against double formulas, on every ISA: both powers, weights, wrong labels. */
#include "arrays.h"

static void compare(int32_t dtype, int32_t reduction, int64_t rows, int64_t classes, int32_t p, int32_t mean_over_classes, int weighted) {
    const int64_t n = rows * classes, losses = reduction == SN_REDUCTION_NONE ? rows : 1;
    sn_hinge_args a = {.dtype = dtype, .reduction = reduction, .rows = rows, .classes = classes, .p = p, .mean_over_classes = mean_over_classes, .margin = 0.75};
    void *x = array_random(dtype, n), *weights = array_random(dtype, classes);
    int32_t *labels = check_alloc(rows * 4);
    for (int64_t i = 0; i < rows; i++) labels[i] = (int32_t)check_int(0, classes - 1);
    /* multiples of 1/64, margin - x[t] + x[j] exact: no doubt on which side of the hinge, and some right on it */
    for (int64_t i = 0; i < n; i++) array_set(dtype, x, i, round(array_get(dtype, x, i) * 64) / 64);
    a.x = x, a.labels = labels, a.weights = weighted ? weights : NULL;
    a.loss = array_new(dtype, losses), a.dloss = array_random(dtype, losses), a.dx = array_new(dtype, n);
    double *loss = check_alloc(rows * 8), *dx = check_alloc(n * 8), total = 0, magnitude = 0;
    for (int64_t r = 0; r < rows; r++) {
        const int64_t t = labels[r];
        const double f = (weighted ? array_get(dtype, weights, t) : 1) / (mean_over_classes ? (double)classes : 1);
        const double g = f * array_get(dtype, a.dloss, losses == 1 ? 0 : r) / (reduction == SN_REDUCTION_MEAN ? (double)rows : 1);
        double sum = 0, slopes = 0;
        for (int64_t j = 0; j < classes; j++) {
            const double z = 0.75 + array_get(dtype, x, r * classes + j) - array_get(dtype, x, r * classes + t);
            if (j != t && z > 0) sum += p == 1 ? z : z * z;
            const double slope = z > 0 ? (p == 1 ? 1 : 2 * z) : 0;
            dx[r * classes + j] = g * slope;
            if (j != t) slopes += slope;
        }
        dx[r * classes + t] = -g * slopes;
        loss[r] = f * sum;
        total += loss[r];
        magnitude += fabs(loss[r]);
    }
    const double divisor = reduction == SN_REDUCTION_MEAN ? (double)rows : 1, u = unit_of(dtype);
    if (reduction != SN_REDUCTION_NONE) loss[0] = total / divisor;
    char what[120];
    snprintf(what, sizeof what, "%lld x %lld, p %d, reduction %d, mean %d, weights %d", (long long)rows, (long long)classes, p, reduction, mean_over_classes, weighted);
    FOR_EACH_ISA(isa) {
        memset(a.loss, 0xcb, (size_t)bytes_of(dtype, losses));
        memset(a.dx, 0xcb, (size_t)bytes_of(dtype, n));
        CHECK_RUN(SN_OP_HINGE_FORWARD, a, isa);
        CHECK_ARRAY(dtype, a.loss, loss, losses, 6 * u, reduction ? 4 * u * magnitude / divisor : 0, isa, "loss %s", what);
        CHECK_RUN(SN_OP_HINGE_BACKWARD, a, isa);
        CHECK_ARRAY(dtype, a.dx, dx, n, 6 * u, 0, isa, "gradient %s", what);
    }
    check_free_all();
}

static void random_rows(void) {
    static const int64_t classes[] = {1, 2, 3, 7, 8, 10, 15, 16, 17, 33, 100, 131};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int32_t reduction = 0; reduction <= 2; reduction++)
            for (int k = 0; k < 12; k++)
                for (int32_t p = 1; p <= 2; p++)
                    for (int options = 0; options < 4; options++) compare(dtype, reduction, 1 + k * 7, classes[k], p, options & 1, options >> 1);
    compare(SN_F32, SN_REDUCTION_MEAN, 10007, 10, 2, 1, 1);
}

static void special_values(void) {
    FOR_EACH_ISA(isa)
        for (int32_t p = 1; p <= 2; p++)
            for (int64_t k = 0; k < 37; k++) { /* a NaN at every place, the label's included */
                const int32_t label = 5;
                float *x = check_floats(37), loss, one = 1, *dx = check_floats(37);
                sn_hinge_args a = {.dtype = SN_F32, .reduction = SN_REDUCTION_SUM, .rows = 1, .classes = 37, .p = p, .margin = 10, .x = x, .labels = &label, .loss = &loss, .dloss = &one, .dx = dx};
                x[k] = NAN;
                CHECK_RUN(SN_OP_HINGE_FORWARD, a, isa);
                CHECK_RUN(SN_OP_HINGE_BACKWARD, a, isa);
                CHECK(isnan(loss) && isnan(dx[k]) && isnan(dx[label]), "NaN at %d on %s: %g %g", (int)k, sn_isa_name(isa), loss, dx[k]);
                x[k] = k == label ? -INFINITY : INFINITY;
                CHECK_RUN(SN_OP_HINGE_FORWARD, a, isa);
                CHECK(loss == INFINITY, "infinity at %d: %g", (int)k, loss);
                x[k] = k == label ? INFINITY : -INFINITY;
                CHECK_RUN(SN_OP_HINGE_FORWARD, a, isa);
                CHECK(k == label ? loss == 0 : isfinite(loss), "-infinity at %d: %g", (int)k, loss);
                check_free_all();
            }
}

static void threads(void) {
    const int64_t rows = 9001, classes = 13, n = rows * classes;
    float *x = check_floats(n), *loss = check_alloc(rows * 4), *dx = check_alloc(n * 4);
    int32_t *labels = check_alloc(rows * 4);
    for (int64_t i = 0; i < rows; i++) labels[i] = (int32_t)(i % classes);
    FOR_EACH_ISA(isa)
        for (int32_t reduction = 0; reduction <= 2; reduction++) {
            sn_hinge_args a = {.dtype = SN_F32, .reduction = reduction, .rows = rows, .classes = classes, .p = 2, .margin = 1, .x = x, .labels = labels, .loss = loss, .dloss = x, .dx = dx};
            check_threads(SN_OP_HINGE_FORWARD, &a, isa, loss, reduction ? 4 : rows * 4, "loss");
            check_threads(SN_OP_HINGE_BACKWARD, &a, isa, dx, n * 4, "gradient");
        }
    check_free_all();
}

static void errors(void) {
    float *x = check_floats(6), *y = check_floats(6);
    int32_t *labels = check_alloc(8);
    labels[0] = 2, labels[1] = 0;
    const sn_hinge_args good = {.dtype = SN_F32, .reduction = SN_REDUCTION_NONE, .rows = 2, .classes = 3, .p = 1, .margin = 1, .x = x, .labels = labels, .loss = y, .dloss = x, .dx = y};
    sn_hinge_args a = good;
    CHECK(sn_hinge_forward(NULL) == SN_ERR_NULL && sn_hinge_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                     \
    do {                                                   \
        CHECK_ERROR(sn_hinge_forward, a, status, y, 24);   \
        CHECK_ERROR(sn_hinge_backward, a, status, y, 24);  \
        a = good;                                          \
    } while (0)
    a.x = NULL;
    EXPECT(SN_ERR_NULL);
    a.labels = NULL;
    EXPECT(SN_ERR_NULL);
    a.loss = NULL, a.dx = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.reduction = 7;
    EXPECT(SN_ERR_CODE);
    a.rows = -1;
    EXPECT(SN_ERR_SIZE);
    a.classes = 0;
    EXPECT(SN_ERR_SIZE);
    a.rows = a.classes = INT64_C(1) << 31;
    EXPECT(SN_ERR_SIZE);
    a.p = 3;
    EXPECT(SN_ERR_VALUE);
    a.margin = NAN;
    EXPECT(SN_ERR_VALUE);
    const int32_t wrong[] = {3, -1, INT32_MAX, INT32_MIN};
    for (int i = 0; i < 4; i++) {
        labels[i % 2] = wrong[i];
        EXPECT(SN_ERR_VALUE);
        labels[i % 2] = 0;
    }
    check_free_all();
}

int main(void) {
    RUN(random_rows);
    RUN(special_values);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
