/* cross_entropy against double formulas, on every ISA: weights, smoothing, ignored rows, wrong labels. */
#include "arrays.h"

enum { IGNORE = -100 };

typedef struct {
    double *loss, *probs, *dlogits;
} results;

static double weight(const sn_cross_entropy_args *a, int64_t k) { return a->weights ? array_get(a->dtype, a->weights, k) : 1; }

static results reference(const sn_cross_entropy_args *a) {
    const int64_t n = a->rows * a->classes, K = a->classes;
    results r = {check_alloc(a->rows * 8), check_alloc(n * 8), check_alloc(n * 8)};
    double divisor = 0, total = 0, all = 0;
    for (int64_t k = 0; k < K; k++) all += weight(a, k);
    for (int64_t i = 0; i < a->rows; i++)
        if (a->labels[i] != a->ignore_index) divisor += weight(a, a->labels[i]);
    if (a->reduction != SN_REDUCTION_MEAN) divisor = 1;
    for (int64_t i = 0; i < a->rows; i++) {
        const int64_t at = i * K, t = a->labels[i];
        double max = -INFINITY, sum = 0, loss = 0;
        for (int64_t k = 0; k < K; k++) max = fmax(max, array_get(a->dtype, a->logits, at + k));
        for (int64_t k = 0; k < K; k++) sum += exp(array_get(a->dtype, a->logits, at + k) - max);
        for (int64_t k = 0; k < K; k++) r.probs[at + k] = exp(array_get(a->dtype, a->logits, at + k) - max) / sum;
        const double g = array_get(a->dtype, a->dloss, a->reduction == SN_REDUCTION_NONE ? i : 0) / divisor;
        for (int64_t k = 0; k < K; k++) {
            const double nll = max + log(sum) - array_get(a->dtype, a->logits, at + k), p = r.probs[at + k];
            loss += a->smoothing / (double)K * weight(a, k) * nll;
            r.dlogits[at + k] = g * a->smoothing / (double)K * (p * all - weight(a, k));
            if (t == a->ignore_index) {
                r.dlogits[at + k] = 0;
                continue;
            }
            if (k == t) loss += (1 - a->smoothing) * weight(a, t) * nll;
            r.dlogits[at + k] += g * (1 - a->smoothing) * weight(a, t) * (p - (k == t));
        }
        r.loss[i] = t == a->ignore_index ? 0 : loss;
        total += r.loss[i];
    }
    if (a->reduction != SN_REDUCTION_NONE) r.loss[0] = total / divisor;
    return r;
}

static void compare(int32_t dtype, int32_t reduction, int64_t rows, int64_t classes, int weighted, double smoothing, int ignoring) {
    sn_cross_entropy_args a = {.dtype = dtype, .reduction = reduction, .rows = rows, .classes = classes, .smoothing = smoothing};
    const int64_t n = rows * classes, losses = reduction == SN_REDUCTION_NONE ? rows : 1;
    void *logits = array_random(dtype, n), *weights = array_random(dtype, classes);
    for (int64_t i = 0; i < n; i++) array_set(dtype, logits, i, array_get(dtype, logits, i) * 8);
    for (int64_t k = 0; k < classes; k++) array_set(dtype, weights, k, fabs(array_get(dtype, weights, k)) + 0.1);
    int32_t *labels = check_alloc(rows * 4);
    a.ignore_index = ignoring == 2 ? 0 : IGNORE; /* also one that is a class */
    for (int64_t i = 0; i < rows; i++) labels[i] = ignoring == 1 && i % 3 == 1 ? IGNORE : (int32_t)check_int(0, classes - 1);
    if (ignoring) labels[0] = (int32_t)(classes - 1); /* not all are ignored */
    a.logits = logits, a.labels = labels, a.weights = weighted ? weights : NULL;
    a.loss = array_new(dtype, losses), a.probs = array_new(dtype, n), a.dlogits = array_new(dtype, n), a.dloss = array_random(dtype, losses);
    const results r = reference(&a);
    void *probs = a.probs;
    char what[120];
    snprintf(what, sizeof what, "reduction %d, %lld x %lld, weights %d, smoothing %g, ignoring %d", reduction, (long long)rows, (long long)classes, weighted, smoothing, ignoring);
    const double u = unit_of(dtype);
    FOR_EACH_ISA(isa) {
        memset(a.loss, 0xcb, (size_t)bytes_of(dtype, losses));
        memset(probs, 0xcb, (size_t)bytes_of(dtype, n));
        memset(a.dlogits, 0xcb, (size_t)bytes_of(dtype, n));
        CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
        CHECK_ARRAY(dtype, probs, r.probs, n, 40 * u, 1e-37, isa, "probs %s", what);
        /* in f64 the reference's sums are no better than the kernel's */
        const double summed = dtype == SN_F64 ? sqrt((double)classes) : 0;
        CHECK_ARRAY(dtype, a.loss, r.loss, losses, (8 + summed) * u, 8 * u * (reduction == SN_REDUCTION_SUM ? sqrt((double)rows) : 1), isa, "loss %s", what);
        CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a, isa);
        CHECK_ARRAY(dtype, a.dlogits, r.dlogits, n, 8 * u, 40 * u / (reduction == SN_REDUCTION_MEAN ? sqrt((double)rows) : 1), isa, "gradient %s", what);
        void *dlogits = a.dlogits;
        a.dlogits = probs;
        CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a, isa);
        CHECK(!memcmp(probs, dlogits, (size_t)bytes_of(dtype, n)), "gradient in place %s", what);
        a.dlogits = dlogits;
    }
    check_free_all();
}

static void random_rows(void) {
    static const int64_t classes[] = {1, 2, 3, 8, 10, 16, 17, 100, 1000};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int32_t reduction = 0; reduction <= 2; reduction++)
            for (int k = 0; k < 9; k++)
                for (int weighted = 0; weighted <= 1; weighted++)
                    for (int ignoring = 0; ignoring <= 2; ignoring++) {
                        if (classes[k] == 1 && ignoring == 2) continue;
                        compare(dtype, reduction, 1 + (k * 31 + ignoring) % 70, classes[k], weighted, 0, ignoring);
                        compare(dtype, reduction, 1 + (k * 31 + ignoring) % 70, classes[k], weighted, 0.1, ignoring);
                        compare(dtype, reduction, 5, classes[k], weighted, 1, ignoring);
                    }
    compare(SN_F32, SN_REDUCTION_MEAN, 70001, 10, 0, 0, 1); /* more rows than parts */
    compare(SN_F32, SN_REDUCTION_SUM, 3001, 37, 1, 0.2, 1);
}

static void special_values(void) {
    FOR_EACH_ISA(isa) {
        const int32_t labels[] = {1, IGNORE, 0};
        sn_cross_entropy_args a = {.dtype = SN_F32, .reduction = SN_REDUCTION_NONE, .rows = 3, .classes = 3, .labels = labels, .ignore_index = IGNORE};
        float *x = check_floats(9), loss[3], probs[9], dlogits[9];
        const float ones[] = {1, 1, 1};
        a.logits = x, a.loss = loss, a.probs = probs, a.dlogits = dlogits, a.dloss = ones;
        x[1] = -INFINITY, x[3] = NAN, x[7] = NAN;
        CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
        CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a, isa);
        CHECK(loss[0] == INFINITY, "an impossible label costs %g", loss[0]);
        CHECK(loss[1] == 0 && dlogits[3] == 0 && dlogits[4] == 0 && dlogits[5] == 0, "an ignored row of NaN");
        CHECK(isnan(loss[2]) && isnan(dlogits[6]), "a NaN does not propagate");
        x[1] = 1e30f, x[0] = -1e30f; /* no overflow */
        CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
        CHECK(loss[0] == 0, "a certain label costs %g", loss[0]);
        const int32_t all[] = {IGNORE, IGNORE, IGNORE};
        a.labels = all, a.reduction = SN_REDUCTION_MEAN;
        CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
        CHECK(isnan(loss[0]), "mean of no rows: %g", loss[0]);
        CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a, isa);
        for (int i = 0; i < 9; i++) CHECK(dlogits[i] == 0, "gradient of no rows");
        a.reduction = SN_REDUCTION_SUM;
        CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
        CHECK(loss[0] == 0, "sum of no rows: %g", loss[0]);
        check_free_all();
    }
}

static void threads(void) {
    FOR_EACH_ISA(isa)
        for (int32_t reduction = 0; reduction <= 2; reduction++) {
            sn_cross_entropy_args a = {.dtype = SN_F32, .reduction = reduction, .rows = 20011, .classes = 11, .smoothing = 0.1, .ignore_index = IGNORE};
            const int64_t n = a.rows * a.classes;
            int32_t *labels = check_alloc(a.rows * 4);
            for (int64_t i = 0; i < a.rows; i++) labels[i] = (int32_t)check_int(0, 10);
            a.labels = labels, a.logits = check_floats(n), a.probs = check_alloc(n * 4), a.loss = check_alloc(a.rows * 4);
            a.dloss = check_floats(a.rows), a.dlogits = check_alloc(n * 4);
            check_threads(SN_OP_CROSS_ENTROPY_FORWARD, &a, isa, a.loss, reduction == SN_REDUCTION_NONE ? a.rows * 4 : 4, "loss");
            check_threads(SN_OP_CROSS_ENTROPY_FORWARD, &a, isa, a.probs, n * 4, "probs");
            check_threads(SN_OP_CROSS_ENTROPY_BACKWARD, &a, isa, a.dlogits, n * 4, "gradient");
            check_free_all();
        }
}

static void errors(void) {
    int32_t *labels = check_alloc(12);
    labels[0] = 0, labels[1] = 3, labels[2] = IGNORE;
    float *x = check_floats(12), *y = check_floats(12), loss[3];
    const sn_cross_entropy_args good = {.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .rows = 3, .classes = 4, .logits = x, .labels = labels,
                                        .ignore_index = IGNORE, .loss = loss, .probs = y, .dloss = x, .dlogits = y, .weights = x};
    sn_cross_entropy_args a = good;
    CHECK(sn_cross_entropy_forward(NULL) == SN_ERR_NULL && sn_cross_entropy_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                             \
    do {                                                           \
        CHECK_ERROR(sn_cross_entropy_forward, a, status, y, 48);   \
        CHECK_ERROR(sn_cross_entropy_backward, a, status, y, 48);  \
        a = good;                                                  \
    } while (0)
    a.logits = a.dloss = NULL;
    EXPECT(SN_ERR_NULL);
    a.labels = NULL;
    EXPECT(SN_ERR_NULL);
    a.probs = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.reduction = 3;
    EXPECT(SN_ERR_CODE);
    a.rows = -1;
    EXPECT(SN_ERR_SIZE);
    a.classes = 0;
    EXPECT(SN_ERR_SIZE);
    a.rows = a.classes = INT64_C(1) << 30;
    EXPECT(SN_ERR_SIZE);
    const double smoothing[] = {-0.1, 1.1, NAN};
    for (int i = 0; i < 3; i++) {
        a.smoothing = smoothing[i];
        EXPECT(SN_ERR_VALUE);
    }
    const int32_t wrong[] = {4, -1, IGNORE - 1, INT32_MAX, INT32_MIN};
    for (int i = 0; i < 5; i++) /* with guarded weights and logits, a use of the label before the check would crash */
        for (int r = 0; r < 3; r++) {
            const int32_t kept = labels[r];
            labels[r] = wrong[i];
            EXPECT(SN_ERR_VALUE);
            labels[r] = kept;
        }
    a.ignore_index = 1 - (INT64_C(1) << 40); /* labels are 32-bit, ignore_index is not cut to that */
    labels[0] = 1;
    EXPECT(SN_ERR_VALUE);
    check_free_all();
}

int main(void) {
    RUN(random_rows);
    RUN(special_values);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
