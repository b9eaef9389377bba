#include "typed.h"

static const int64_t shapes[][2] = {{1, 1}, {4, 1}, {3, 2}, {17, 3}, {5, 7}, {6, 8}, {9, 9}, {64, 10}, {131, 10}, {5, 15}, {7, 16}, {8, 17},
                                    {3, 33}, {4, 100}, {3, 1000}, {2049, 10}, {2, 30011}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void test_values(void) {
    for (int s = 0; s < SHAPES; s++)
        for (int variant = 0; variant < 24; variant++) {
            const int64_t rows = shapes[s][0], classes = shapes[s][1], n = rows * classes;
            const int32_t reduction = variant % 3, p = 1 + variant / 3 % 2, mean_over_classes = variant / 6 % 2;
            const int64_t outputs = reduction == SN_REDUCTION_NONE ? rows : 1;
            /* margins and numbers of few bits, so that which hinges are active does not depend on rounding */
            const double margin = variant % 5 ? 1 : -0.25;
            double *x = typed_random(n, -2, 2);
            for (int64_t i = 0; i < n; i++) x[i] = round(x[i] * 64) / 64;
            const double *weights = variant / 12 ? typed_random(classes, 0.5, 2) : NULL, *dloss = typed_random(outputs, -1, 1);
            int32_t *labels = check_alloc(rows * 4);
            for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)check_int(0, classes - 1);
            long double *loss = check_alloc(outputs * 16), *dx = check_alloc(n * 16), total = 0;
            const long double divisor = reduction == SN_REDUCTION_MEAN ? rows : 1;
            for (int64_t r = 0; r < rows; r++) {
                const int64_t t = labels[r];
                const long double factor = (weights ? weights[t] : 1) / (long double)(mean_over_classes ? classes : 1);
                const long double g = dloss[reduction == SN_REDUCTION_NONE ? r : 0] / divisor * factor;
                long double sum = 0;
                for (int64_t j = 0; j < classes; j++) dx[r * classes + j] = 0;
                for (int64_t j = 0; j < classes; j++) {
                    const long double z = margin + x[r * classes + j] - x[r * classes + t];
                    if (j == t || z <= 0) continue;
                    sum += p == 1 ? z : z * z;
                    const long double slope = g * (p == 1 ? 1 : 2 * z);
                    dx[r * classes + j] += slope;
                    dx[r * classes + t] -= slope;
                }
                if (reduction == SN_REDUCTION_NONE) loss[r] = sum * factor;
                total += sum * factor;
            }
            if (reduction != SN_REDUCTION_NONE) loss[0] = total / divisor;
            FOR_EACH_TYPE_AND_ISA(dtype, isa) {
                sn_hinge_args a = {.dtype = dtype, .reduction = reduction, .rows = rows, .classes = classes, .p = p,
                                   .mean_over_classes = mean_over_classes, .margin = margin, .x = typed_array(dtype, x, n), .labels = labels,
                                   .weights = weights ? typed_array(dtype, weights, classes) : NULL, .loss = typed_array(dtype, NULL, outputs),
                                   .dloss = typed_array(dtype, dloss, outputs), .dx = typed_array(dtype, NULL, n)};
                CHECK_RUN(SN_OP_HINGE_FORWARD, a, isa);
                CHECK_RUN(SN_OP_HINGE_BACKWARD, a, isa);
                char text[200];
                snprintf(text, sizeof text, "%lld x %lld, reduction %d, p %d, margin %g, %s", (long long)rows, (long long)classes, reduction, p,
                         margin, sn_isa_name(isa));
                const double summing = dtype == SN_F64 ? 2 * sqrt((double)n) : 0;
                TYPED_CLOSE(dtype, a.loss, loss, outputs, 8 + summing, 0, "loss %s", text);
                TYPED_CLOSE(dtype, a.dx, dx, n, 8 + summing, 0, "dx %s", text);
            }
            check_free_all();
        }
}

/* Every label bad in turn, those that ignore_index of other losses likes too. */
static void test_labels(void) {
    static const int32_t bad[] = {-1, 10, 11, -100, INT32_MAX, INT32_MIN, 1 << 30};
    FOR_EACH_TYPE_AND_ISA(dtype, isa) {
        const int64_t rows = 40000, classes = 10;
        const double *x = typed_random(rows * classes, -1, 1), one = 1;
        int32_t *labels = check_alloc(rows * 4);
        for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)(r % classes);
        sn_hinge_args a = {.dtype = dtype, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = classes, .p = 1, .margin = 1,
                           .x = typed_array(dtype, x, rows * classes), .labels = labels, .loss = typed_array(dtype, &one, 1),
                           .dloss = typed_array(dtype, &one, 1), .dx = typed_array(dtype, NULL, rows * classes)};
        for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
            const int64_t at = b == 0 ? 0 : b == 1 ? rows - 1 : check_int(0, rows - 1);
            const int32_t kept = labels[at];
            labels[at] = bad[b];
            sn_call calls[2] = {{.code = SN_OP_HINGE_FORWARD, .args = &a}, {.code = SN_OP_HINGE_BACKWARD, .args = &a}};
            CHECK(sn_run(calls, 1, isa, NULL) == SN_ERR_VALUE && sn_run(calls + 1, 1, isa, NULL) == SN_ERR_VALUE, "label %d", bad[b]);
            labels[at] = kept;
            CHECK(sn_run(calls, 2, isa, NULL) == SN_OK, "good labels");
        }
        check_free_all();
    }
}

static void test_special(void) {
    FOR_EACH_TYPE_AND_ISA(dtype, isa)
        for (int64_t classes = 2; classes < 40; classes++)
            for (int32_t p = 1; p <= 2; p++) {
                enum { ROWS = 3 };
                const int64_t at = classes + check_int(0, classes - 1);
                const int32_t labels[ROWS] = {0, (int32_t)(classes / 2), 0};
                double *x = typed_random(ROWS * classes, -1, 1), ones[ROWS] = {1, 1, 1};
                x[at] = NAN;
                sn_hinge_args a = {.dtype = dtype, .reduction = SN_REDUCTION_NONE, .rows = ROWS, .classes = classes, .p = p, .margin = 1,
                                   .x = typed_array(dtype, x, ROWS * classes), .labels = labels, .loss = typed_array(dtype, NULL, ROWS),
                                   .dloss = typed_array(dtype, ones, ROWS), .dx = typed_array(dtype, NULL, ROWS * classes)};
                CHECK_RUN(SN_OP_HINGE_FORWARD, a, isa);
                CHECK_RUN(SN_OP_HINGE_BACKWARD, a, isa);
                CHECK(isfinite(typed_get(dtype, a.loss, 0)) && isnan(typed_get(dtype, a.loss, 1)) && isfinite(typed_get(dtype, a.loss, 2)),
                      "%lld classes, p %d, %s: NaN in the losses", (long long)classes, p, sn_isa_name(isa));
                CHECK(isnan(typed_get(dtype, a.dx, at)) && isnan(typed_get(dtype, a.dx, classes + classes / 2)), "NaN in dx, %s", sn_isa_name(isa));
                x[at] = INFINITY;
                a.x = typed_array(dtype, x, ROWS * classes);
                CHECK_RUN(SN_OP_HINGE_FORWARD, a, isa);
                CHECK(typed_get(dtype, a.loss, 1) == (at - classes == classes / 2 ? 0 : INFINITY), "infinity: %g", typed_get(dtype, a.loss, 1));
                /* the derivative at the hinge itself is 0 */
                for (int64_t i = 0; i < ROWS * classes; i++) x[i] = i % classes == labels[i / classes] ? 1 : 0;
                a.x = typed_array(dtype, x, ROWS * classes);
                CHECK_RUN(SN_OP_HINGE_BACKWARD, a, isa);
                for (int64_t i = 0; i < ROWS * classes; i++) CHECK(typed_get(dtype, a.dx, i) == 0, "derivative at the hinge");
                check_free_all();
            }
}

static void test_threads(void) {
    const int64_t rows = 60013, classes = 10, n = rows * classes;
    const double *x = typed_random(n, -5, 5), one = 1;
    int32_t *labels = check_alloc(rows * 4);
    for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)check_int(0, classes - 1);
    FOR_EACH_TYPE_AND_ISA(dtype, isa) {
        sn_hinge_args a[4];
        for (int threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            a[threads] = (sn_hinge_args){.dtype = dtype, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = classes, .p = 2, .margin = 1,
                .x = typed_array(dtype, x, n), .labels = labels, .loss = typed_array(dtype, NULL, 1), .dloss = typed_array(dtype, &one, 1),
                .dx = typed_array(dtype, NULL, n)};
            CHECK_RUN(SN_OP_HINGE_FORWARD, a[threads], isa);
            CHECK_RUN(SN_OP_HINGE_BACKWARD, a[threads], isa);
            CHECK(typed_get(dtype, a[threads].loss, 0) == typed_get(dtype, a[1].loss, 0), "%d threads: another loss", threads);
            CHECK(memcmp(a[threads].dx, a[1].dx, (size_t)(n * typed_size(dtype))) == 0, "%d threads: other dx", threads);
        }
    }
    check_free_all();
}

static void test_errors(void) {
    float x[4] = {1, 2, 3, 4}, loss[2] = {5, 5}, dx[4] = {5, 5, 5, 5};
    const int32_t labels[2] = {0, 1};
    const sn_hinge_args good = {.dtype = SN_F32, .rows = 2, .classes = 2, .p = 1, .margin = 1, .x = x, .labels = labels, .loss = loss, .dloss = x, .dx = dx};
    sn_hinge_args a;
#define BOTH(change, status)                                            \
    a = good, a.change;                                                 \
    CHECK(sn_hinge_forward(&a) == (status), #change " forward");        \
    CHECK(sn_hinge_backward(&a) == (status), #change " backward")
    BOTH(x = NULL, SN_ERR_NULL);
    BOTH(labels = NULL, SN_ERR_NULL);
    BOTH(dtype = SN_I32, SN_ERR_DTYPE);
    BOTH(reduction = 3, SN_ERR_CODE);
    BOTH(rows = -1, SN_ERR_SIZE);
    BOTH(classes = 0, SN_ERR_SIZE);
    BOTH(classes = INT64_MAX, SN_ERR_SIZE);
    BOTH(rows = INT64_MAX, SN_ERR_SIZE);
    BOTH(p = 0, SN_ERR_VALUE);
    BOTH(p = 3, SN_ERR_VALUE);
    BOTH(mean_over_classes = 2, SN_ERR_VALUE);
    BOTH(margin = NAN, SN_ERR_VALUE);
    BOTH(margin = INFINITY, SN_ERR_VALUE);
    BOTH(classes = 1, SN_ERR_VALUE); /* label 1 is none */
    a = good, a.loss = NULL;
    CHECK(sn_hinge_forward(&a) == SN_ERR_NULL, "no loss");
    a = good, a.dloss = NULL;
    CHECK(sn_hinge_backward(&a) == SN_ERR_NULL, "no dloss");
    a = good, a.dx = NULL;
    CHECK(sn_hinge_backward(&a) == SN_ERR_NULL, "no dx");
    CHECK(sn_hinge_forward(NULL) == SN_ERR_NULL && sn_hinge_backward(NULL) == SN_ERR_NULL, "no arguments");
    CHECK(loss[0] == 5 && loss[1] == 5 && dx[0] == 5 && dx[3] == 5, "an error wrote");
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
