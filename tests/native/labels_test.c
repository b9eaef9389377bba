/* Labels out of range, at any row of small and large batches: refused by the shared check and by both losses that take
 * labels, before anything is read with them or written. Weights stand before a guard page. */
#include "check.h"

#include "core/labels.h"

static const int64_t row_counts[] = {1, 7, 1000, 16384, 16385, 2000003};
enum { CLASSES = 10, COUNTS = sizeof row_counts / sizeof *row_counts };
static const int32_t wrong[] = {-1, CLASSES, CLASSES + 1, -100, INT32_MAX, INT32_MIN, 1 << 30};
enum { WRONG = sizeof wrong / sizeof *wrong };

static int32_t *random_labels(int64_t rows) {
    int32_t *labels = check_alloc(rows * 4);
    for (int64_t r = 0; r < rows; r++) labels[r] = (int32_t)check_int(0, CLASSES - 1);
    return labels;
}

static void every_wrong_label(void) {
    for (int c = 0; c < COUNTS; c++) {
        const int64_t rows = row_counts[c];
        int32_t *labels = random_labels(rows);
        sn_labels l = {.labels = labels, .rows = rows, .classes = CLASSES, .ignore_index = 3, .dtype = SN_F32, .weights = check_floats(CLASSES)};
        double sum;
        CHECK(sn_labels_check(&l, &sum) == SN_OK, "%lld good labels", (long long)rows);
        for (int i = 0; i < WRONG; i++) {
            const int64_t at = i == 0 ? 0 : i == 1 ? rows - 1 : check_int(0, rows - 1);
            const int32_t kept = labels[at];
            labels[at] = wrong[i];
            l.ignore_index = 3;
            sum = 5;
            CHECK(sn_labels_check(&l, &sum) == SN_ERR_VALUE && sum == 5, "label %d in row %lld of %lld", wrong[i], (long long)at, (long long)rows);
            CHECK(sn_labels_check(&l, NULL) == SN_ERR_VALUE, "label %d without a sum", wrong[i]);
            l.ignore_index = wrong[i];
            CHECK(sn_labels_check(&l, &sum) == SN_OK, "label %d ignored", wrong[i]);
            l.ignore_index = (int64_t)wrong[i] + (INT64_C(1) << 32); /* equal in the low 32 bits only */
            CHECK(sn_labels_check(&l, &sum) == SN_ERR_VALUE, "label %d is not %lld", wrong[i], (long long)l.ignore_index);
            labels[at] = kept;
        }
        check_free_all();
    }
}

static void weight_sums(void) {
    for (int c = 0; c < COUNTS; c++)
        for (int dtype = -1; dtype <= SN_F64; dtype++) { /* -1: no weights */
            const int64_t rows = row_counts[c];
            int32_t *labels = random_labels(rows);
            const float *single = check_floats(CLASSES);
            const double *wide = check_widen(single, CLASSES);
            const sn_labels l = {.labels = labels, .rows = rows, .classes = CLASSES, .ignore_index = 2, .dtype = dtype,
                                 .weights = dtype < 0 ? NULL : dtype == SN_F32 ? (const void *)single : wide};
            long double expected = 0;
            for (int64_t r = 0; r < rows; r++)
                if (labels[r] != 2) expected += dtype < 0 ? 1 : wide[labels[r]];
            double sums[4];
            for (int threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                CHECK(sn_labels_check(&l, &sums[threads]) == SN_OK, "good labels");
                CHECK(sums[threads] == sums[1], "%d threads: another sum", threads);
            }
            CHECK(fabsl(sums[1] - expected) <= 1e-12L * rows, "sum of %lld weights: %g, not %Lg", (long long)rows, sums[1], expected);
            check_free_all();
        }
}

static int untouched(const float *x, int64_t count) {
    const unsigned char *bytes = (const unsigned char *)x;
    int same = 1;
    for (int64_t i = 0; i < 4 * count; i++) same &= bytes[i] == 0xcb;
    return same;
}

static void losses(void) {
    FOR_EACH_ISA(isa)
        for (int c = 0; c < COUNTS - 1; c++) {
            const int64_t rows = row_counts[c], n = rows * CLASSES;
            int32_t *labels = random_labels(rows);
            const float *x = check_floats(n), *weights = check_floats(CLASSES), one = 1;
            float *loss = check_alloc(4), *probs = check_alloc(n * 4), *dx = check_alloc(n * 4);
            sn_cross_entropy_args ce = {.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = CLASSES, .logits = x,
                                        .labels = labels, .weights = weights, .ignore_index = -7, .smoothing = 0.1, .loss = loss,
                                        .probs = probs, .dloss = &one, .dlogits = dx};
            sn_hinge_args hinge = {.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .rows = rows, .classes = CLASSES, .p = 1, .margin = 1,
                                   .x = x, .labels = labels, .weights = weights, .loss = loss, .dloss = &one, .dx = dx};
            sn_call calls[4] = {{.code = SN_OP_CROSS_ENTROPY_FORWARD, .args = &ce}, {.code = SN_OP_CROSS_ENTROPY_BACKWARD, .args = &ce},
                                {.code = SN_OP_HINGE_FORWARD, .args = &hinge}, {.code = SN_OP_HINGE_BACKWARD, .args = &hinge}};
            for (int i = 0; i < WRONG; i++) {
                const int64_t at = check_int(0, rows - 1);
                const int32_t kept = labels[at];
                labels[at] = wrong[i];
                for (int k = 0; k < 4; k++)
                    CHECK(sn_run(calls + k, 1, isa, NULL) == SN_ERR_VALUE, "operation %d took label %d", calls[k].code, wrong[i]);
                labels[at] = kept;
            }
            CHECK(untouched(loss, 1) && untouched(probs, n) && untouched(dx, n), "a refused operation wrote");
            for (int k = 0; k < 4; k++) CHECK(sn_run(calls + k, 1, isa, NULL) == SN_OK, "operation %d with good labels", calls[k].code);
            check_free_all();
        }
}

int main(void) {
    RUN(every_wrong_label);
    RUN(weight_sums);
    RUN(losses);
    return check_summary();
}
