#include "typed.h"

static const int64_t shapes[][2] = {{1, 1}, {4, 1}, {3, 2}, {17, 3}, {5, 7}, {6, 8}, {9, 9}, {64, 10}, {131, 10}, {5, 15}, {7, 16}, {8, 17},
                                    {3, 33}, {4, 100}, {3, 1000}, {2049, 10}, {2, 30011}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

typedef struct {
    int64_t rows, classes, ignore;
    int32_t reduction;
    double smoothing;
    const double *x, *weights, *dloss;
    const int32_t *labels;
    long double *loss, *probs, *dx, gradient; /* gradient: the largest of a row's loss */
} problem;

static void reference(problem *p) {
    long double total = 0, divisor = 0;
    p->gradient = 0;
    for (int64_t r = 0; r < p->rows; r++)
        if (p->labels[r] != p->ignore) divisor += p->weights ? p->weights[p->labels[r]] : 1;
    if (p->reduction != SN_REDUCTION_MEAN) divisor = 1;
    for (int64_t r = 0; r < p->rows; r++) {
        const double *x = p->x + r * p->classes;
        long double *probs = p->probs + r * p->classes, *dx = p->dx + r * p->classes;
        long double max = x[0], sum = 0, loss = 0;
        for (int64_t k = 0; k < p->classes; k++) max = x[k] > max ? x[k] : max;
        for (int64_t k = 0; k < p->classes; k++) sum += expl(x[k] - max);
        for (int64_t k = 0; k < p->classes; k++) probs[k] = expl(x[k] - max) / sum, dx[k] = 0;
        if (p->labels[r] != p->ignore)
            for (int64_t k = 0; k < p->classes; k++) { /* the loss is a sum over k of factor * -log probs[k] */
                const long double w = p->weights ? p->weights[k] : 1;
                const long double factor = w * ((long double)p->smoothing / p->classes + (k == p->labels[r] ? 1 - (long double)p->smoothing : 0));
                loss += factor * (logl(sum) - (x[k] - max));
                for (int64_t j = 0; j < p->classes; j++) /* by classes^2, hence the limit in the caller */
                    if (p->classes <= 1000) dx[j] += factor * (probs[j] - (j == k));
            }
        const long double g = p->dloss[p->reduction == SN_REDUCTION_NONE ? r : 0] / divisor;
        p->gradient = fmaxl(p->gradient, fabsl(g));
        for (int64_t k = 0; k < p->classes; k++) dx[k] = p->labels[r] == p->ignore ? 0 : dx[k] * g;
        if (p->reduction == SN_REDUCTION_NONE) p->loss[r] = loss;
        total += loss;
    }
    if (p->reduction != SN_REDUCTION_NONE) p->loss[0] = total / divisor;
}

static void run_problem(const problem *p, double width) {
    const int64_t n = p->rows * p->classes, outputs = p->reduction == SN_REDUCTION_NONE ? p->rows : 1;
    int32_t *labels = check_alloc(p->rows * 4);
    memcpy(labels, p->labels, (size_t)p->rows * 4);
    FOR_EACH_TYPE_AND_ISA(dtype, isa) {
        void *probs = typed_array(dtype, NULL, n);
        sn_cross_entropy_args a = {.dtype = dtype, .reduction = p->reduction, .rows = p->rows, .classes = p->classes,
                                   .logits = typed_array(dtype, p->x, n), .labels = labels,
                                   .weights = p->weights ? typed_array(dtype, p->weights, p->classes) : NULL, .ignore_index = p->ignore,
                                   .smoothing = p->smoothing, .loss = typed_array(dtype, NULL, outputs), .probs = probs,
                                   .dloss = typed_array(dtype, p->dloss, outputs), .dlogits = typed_array(dtype, NULL, n)};
        char text[200];
        snprintf(text, sizeof text, "%lld x %lld, reduction %d, smoothing %g, %s weights, %s", (long long)p->rows, (long long)p->classes,
                 p->reduction, p->smoothing, p->weights ? "with" : "no", sn_isa_name(isa));
        CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
        CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a, isa);
        const double summing = dtype == SN_F64 ? 2 * sqrt((double)n) : 0;
        TYPED_CLOSE(dtype, a.loss, p->loss, outputs, 8 + summing, 8 + width, "loss %s", text);
        TYPED_CLOSE(dtype, a.probs, p->probs, n, 8 + summing + width, 1e-30, "probs %s", text);
        if (p->classes > 1000) continue;
        /* p - 1 cancels: the errors are those of numbers of the size of the gradient of the loss */
        TYPED_CLOSE(dtype, a.dlogits, p->dx, n, 16 + summing + width, 8 * (double)p->gradient, "dlogits %s", text);
        void *apart = a.dlogits;
        a.dlogits = probs;
        CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a, isa);
        CHECK(memcmp(apart, probs, (size_t)(n * typed_size(dtype))) == 0, "in place differs: %s", text);
    }
}

static void test_values(void) {
    static const double widths[] = {1, 20, 200}, smoothings[] = {0, 0.1, 1};
    for (int s = 0; s < SHAPES; s++)
        for (int variant = 0; variant < 36; variant++) {
            const int64_t rows = shapes[s][0], classes = shapes[s][1];
            if (rows * classes > 10000 && variant % 7) continue;
            const double width = widths[variant % 3];
            int32_t *labels = check_alloc(rows * 4);
            for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)check_int(0, classes - 1);
            problem p = {.rows = rows, .classes = classes, .ignore = variant / 9 % 2 ? -100 : classes / 2, .reduction = variant % 4 % 3,
                         .smoothing = smoothings[variant / 3 % 3], .x = typed_random(rows * classes, 50 - width, 50),
                         .weights = variant / 18 ? typed_random(classes, 0.5, 2) : NULL, .dloss = typed_random(rows, -1, 1), .labels = labels,
                         .loss = check_alloc(rows * 16), .probs = check_alloc(rows * classes * 16), .dx = check_alloc(rows * classes * 16)};
            if (p.ignore < 0 && rows > 2) labels[rows / 2] = (int32_t)p.ignore;
            else if (classes == 1) p.ignore = INT64_MIN;
            int used = 0; /* a mean over no rows is tested elsewhere */
            for (int64_t r = 0; r < rows; r++) used |= labels[r] != p.ignore;
            if (!used) labels[0] = 0;
            reference(&p);
            run_problem(&p, width);
            check_free_all();
        }
}

/* Every label bad in turn: nothing is read out of bounds (the guard pages would tell), nothing succeeds. */
static void test_labels(void) {
    static const int32_t bad[] = {-1, 10, 11, -2, INT32_MAX, INT32_MIN, 1 << 30};
    FOR_EACH_TYPE_AND_ISA(dtype, isa)
        for (int weighted = 0; weighted < 2; weighted++) {
            const int64_t rows = 40000, classes = 10;
            const double *x = typed_random(rows * classes, -1, 1), *w = typed_random(classes, 0.5, 1), one = 1;
            int32_t *labels = check_alloc(rows * 4);
            for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)(r % classes);
            sn_cross_entropy_args a = {.dtype = dtype, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = classes,
                                       .logits = typed_array(dtype, x, rows * classes), .labels = labels,
                                       .weights = weighted ? typed_array(dtype, w, classes) : NULL, .ignore_index = -100,
                                       .loss = typed_array(dtype, &one, 1), .probs = typed_array(dtype, x, rows * classes),
                                       .dloss = typed_array(dtype, &one, 1), .dlogits = typed_array(dtype, NULL, rows * classes)};
            for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
                const int64_t at = b == 0 ? 0 : b == 1 ? rows - 1 : check_int(0, rows - 1);
                const int32_t kept = labels[at];
                labels[at] = bad[b];
                sn_call calls[2] = {{.code = SN_OP_CROSS_ENTROPY_FORWARD, .args = &a}, {.code = SN_OP_CROSS_ENTROPY_BACKWARD, .args = &a}};
                int64_t failed = 7;
                CHECK(sn_run(calls, 2, isa, &failed) == SN_ERR_VALUE && failed == 0, "label %d", bad[b]);
                CHECK(sn_run(calls + 1, 1, isa, &failed) == SN_ERR_VALUE, "label %d, backward", bad[b]);
                a.ignore_index = bad[b]; /* the same number as ignore_index is fine */
                CHECK(sn_run(calls, 2, isa, NULL) == SN_OK, "ignored label %d", bad[b]);
                double sum = 0;
                for (int64_t k = 0; k < classes; k++) sum += fabs(typed_get(dtype, a.dlogits, at * classes + k));
                CHECK(sum == 0, "an ignored row has a gradient");
                a.ignore_index = -100;
                labels[at] = kept;
            }
            check_free_all();
        }
}

static void test_special(void) {
    FOR_EACH_TYPE_AND_ISA(dtype, isa)
        for (int64_t classes = 1; classes < 40; classes += 3) {
            enum { ROWS = 5 };
            const int32_t labels[ROWS] = {0, 0, (int32_t)(classes - 1), -1, 0};
            double *x = typed_random(ROWS * classes, -3, 3), ones[ROWS] = {1, 1, 1, 1, 1};
            x[classes + classes / 2] = NAN;
            x[2 * classes + classes - 1] = classes > 1 ? -INFINITY : 0; /* an impossible label: the loss is infinite */
            x[3 * classes] = NAN;                                       /* ignored all the same */
            sn_cross_entropy_args a = {.dtype = dtype, .reduction = SN_REDUCTION_NONE, .rows = ROWS, .classes = classes,
                                       .logits = typed_array(dtype, x, ROWS * classes), .labels = labels, .ignore_index = -1,
                                       .loss = typed_array(dtype, NULL, ROWS), .probs = typed_array(dtype, NULL, ROWS * classes),
                                       .dloss = typed_array(dtype, ones, ROWS), .dlogits = typed_array(dtype, NULL, ROWS * classes)};
            CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
            CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a, isa);
            CHECK(isnan(typed_get(dtype, a.loss, 1)), "NaN is lost: %lld classes, %s", (long long)classes, sn_isa_name(isa));
            if (classes > 1) CHECK(typed_get(dtype, a.loss, 2) == INFINITY, "infinite loss");
            CHECK(typed_get(dtype, a.loss, 3) == 0, "loss of an ignored row");
            CHECK(isfinite(typed_get(dtype, a.loss, 0)) && isfinite(typed_get(dtype, a.loss, 4)), "NaN leaks");
            for (int64_t k = 0; k < classes; k++) {
                CHECK(typed_get(dtype, a.dlogits, 3 * classes + k) == 0, "gradient of an ignored row");
                CHECK(isnan(typed_get(dtype, a.dlogits, classes + k)) && isfinite(typed_get(dtype, a.dlogits, k)), "gradient and NaN");
            }
            const int32_t ignored[ROWS] = {-1, -1, -1, -1, -1};
            a.labels = ignored;
            a.reduction = SN_REDUCTION_MEAN;
            CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a, isa);
            CHECK(isnan(typed_get(dtype, a.loss, 0)), "the mean of no rows");
            check_free_all();
        }
}

static void test_threads(void) {
    const int64_t rows = 60013, classes = 10, n = rows * classes;
    const double *x = typed_random(n, -5, 5), *w = typed_random(classes, 0.5, 1), one = 1;
    int32_t *labels = check_alloc(rows * 4);
    for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)check_int(0, classes - 1);
    FOR_EACH_TYPE_AND_ISA(dtype, isa) {
        sn_cross_entropy_args a[4];
        for (int threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            a[threads] = (sn_cross_entropy_args){.dtype = dtype, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = classes,
                .logits = typed_array(dtype, x, n), .labels = labels, .weights = typed_array(dtype, w, classes), .ignore_index = 3, .smoothing = 0.1,
                .loss = typed_array(dtype, NULL, 1), .probs = typed_array(dtype, NULL, n), .dloss = typed_array(dtype, &one, 1),
                .dlogits = typed_array(dtype, NULL, n)};
            CHECK_RUN(SN_OP_CROSS_ENTROPY_FORWARD, a[threads], isa);
            CHECK_RUN(SN_OP_CROSS_ENTROPY_BACKWARD, a[threads], isa);
            CHECK(typed_get(dtype, a[threads].loss, 0) == typed_get(dtype, a[1].loss, 0), "%d threads: another loss", threads);
            CHECK(memcmp(a[threads].probs, a[1].probs, (size_t)(n * typed_size(dtype))) == 0, "%d threads: other probs", threads);
            CHECK(memcmp(a[threads].dlogits, a[1].dlogits, (size_t)(n * typed_size(dtype))) == 0, "%d threads: other dlogits", threads);
        }
    }
    check_free_all();
}

static void test_errors(void) {
    float x[4] = {1, 2, 3, 4}, loss[2] = {5, 5}, probs[4] = {5, 5, 5, 5}, dx[4] = {5, 5, 5, 5};
    const int32_t labels[2] = {0, 1};
    const sn_cross_entropy_args good = {.dtype = SN_F32, .rows = 2, .classes = 2, .logits = x, .labels = labels, .ignore_index = -100,
                                        .loss = loss, .probs = probs, .dloss = x, .dlogits = dx};
    sn_cross_entropy_args a;
#define BOTH(change, status)                                                    \
    a = good, a.change;                                                         \
    CHECK(sn_cross_entropy_forward(&a) == (status), #change " forward");        \
    CHECK(sn_cross_entropy_backward(&a) == (status), #change " backward")
    BOTH(labels = NULL, SN_ERR_NULL);
    BOTH(probs = NULL, SN_ERR_NULL);
    BOTH(dtype = SN_I32, SN_ERR_DTYPE);
    BOTH(reduction = 3, SN_ERR_CODE);
    BOTH(rows = -1, SN_ERR_SIZE);
    BOTH(classes = 0, SN_ERR_SIZE);
    BOTH(classes = INT64_MAX, SN_ERR_SIZE);
    BOTH(rows = INT64_MAX, SN_ERR_SIZE);
    BOTH(smoothing = -0.1, SN_ERR_VALUE);
    BOTH(smoothing = 1.1, SN_ERR_VALUE);
    BOTH(smoothing = NAN, SN_ERR_VALUE);
    BOTH(classes = 1, SN_ERR_VALUE); /* label 1 is none */
    a = good, a.logits = NULL;
    CHECK(sn_cross_entropy_forward(&a) == SN_ERR_NULL, "no logits");
    a = good, a.loss = NULL;
    CHECK(sn_cross_entropy_forward(&a) == SN_ERR_NULL, "no loss");
    a = good, a.dloss = NULL;
    CHECK(sn_cross_entropy_backward(&a) == SN_ERR_NULL, "no dloss");
    a = good, a.dlogits = NULL;
    CHECK(sn_cross_entropy_backward(&a) == SN_ERR_NULL, "no dlogits");
    CHECK(sn_cross_entropy_forward(NULL) == SN_ERR_NULL && sn_cross_entropy_backward(NULL) == SN_ERR_NULL, "no arguments");
    CHECK(loss[0] == 5 && loss[1] == 5, "an error wrote");
    for (int i = 0; i < 4; i++) CHECK(probs[i] == 5 && dx[i] == 5, "an error wrote");
}

int main(void) {
    sn_set_threads(3);
    RUN(test_values);
    RUN(test_labels);
    RUN(test_special);
    RUN(test_threads);
    RUN(test_errors);
    return check_summary();
}
