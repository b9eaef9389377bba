#include "typed.h"

static const int64_t counts[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 1009, 16384, 16385, 100003};
enum { COUNTS = sizeof counts / sizeof *counts };

static void test_values(void) {
    for (int c = 0; c < COUNTS; c++)
        for (int32_t reduction = 0; reduction < 3; reduction++) {
            const int64_t n = counts[c], outputs = reduction == SN_REDUCTION_NONE ? n : 1;
            const double *x = typed_random(n, -2, 2), *target = typed_random(n, -2, 2), *dloss = typed_random(outputs, -2, 2);
            long double *loss = check_alloc(outputs * 16), *dx = check_alloc(n * 16), sum = 0;
            const long double divisor = reduction == SN_REDUCTION_MEAN ? n : 1;
            for (int64_t i = 0; i < n; i++) {
                const long double d = (long double)x[i] - target[i];
                sum += d * d;
                if (reduction == SN_REDUCTION_NONE) loss[i] = d * d;
                dx[i] = 2 * d * dloss[reduction == SN_REDUCTION_NONE ? i : 0] / divisor;
            }
            if (reduction != SN_REDUCTION_NONE) loss[0] = sum / divisor;
            FOR_EACH_TYPE_AND_ISA(dtype, isa) {
                sn_mse_args a = {.dtype = dtype, .reduction = reduction, .count = n, .x = typed_array(dtype, x, n),
                                 .target = typed_array(dtype, target, n), .loss = typed_array(dtype, NULL, outputs),
                                 .dloss = typed_array(dtype, dloss, outputs), .dx = typed_array(dtype, NULL, n)};
                CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
                CHECK_RUN(SN_OP_MSE_BACKWARD, a, isa);
                /* all terms are positive: their relative errors do not add up, but for the sum's own in f64 */
                const double summing = dtype == SN_F64 ? 4 * sqrt((double)n) : 0;
                TYPED_CLOSE(dtype, a.loss, loss, outputs, 4 + summing, 0, "loss of %lld, reduction %d, %s", (long long)n, reduction, sn_isa_name(isa));
                TYPED_CLOSE(dtype, a.dx, dx, n, 8, 0, "dx of %lld, reduction %d, %s", (long long)n, reduction, sn_isa_name(isa));
            }
            check_free_all();
        }
}

static void test_special(void) {
    FOR_EACH_TYPE_AND_ISA(dtype, isa)
        for (int64_t at = 0; at < 37; at++) {
            double *x = typed_random(37, -1, 1), *target = typed_random(37, -1, 1);
            const double one = 1;
            x[at] = NAN;
            sn_mse_args a = {.dtype = dtype, .reduction = SN_REDUCTION_SUM, .count = 37, .x = typed_array(dtype, x, 37),
                             .target = typed_array(dtype, target, 37), .loss = typed_array(dtype, NULL, 1),
                             .dloss = typed_array(dtype, &one, 1), .dx = typed_array(dtype, NULL, 37)};
            CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
            CHECK_RUN(SN_OP_MSE_BACKWARD, a, isa);
            CHECK(isnan(typed_get(dtype, a.loss, 0)), "NaN at %lld is lost, %s", (long long)at, sn_isa_name(isa));
            for (int64_t i = 0; i < 37; i++) CHECK(!isnan(typed_get(dtype, a.dx, i)) == (i != at), "NaN in dx, %s", sn_isa_name(isa));
            x[at] = -INFINITY;
            a.x = typed_array(dtype, x, 37);
            CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
            CHECK(typed_get(dtype, a.loss, 0) == INFINITY, "infinity at %lld, %s", (long long)at, sn_isa_name(isa));
            check_free_all();
        }
    /* no elements: the sum is 0, the mean is not a number */
    float x = 0, loss = 7;
    sn_mse_args a = {.dtype = SN_F32, .reduction = SN_REDUCTION_SUM, .x = &x, .target = &x, .loss = &loss};
    CHECK(sn_mse_forward(&a) == SN_OK && loss == 0, "sum of nothing");
    a.reduction = SN_REDUCTION_MEAN;
    CHECK(sn_mse_forward(&a) == SN_OK && isnan(loss), "mean of nothing");
}

static void test_threads(void) {
    const int64_t n = 300007;
    const double *x = typed_random(n, -2, 2), *target = typed_random(n, -2, 2);
    FOR_EACH_TYPE_AND_ISA(dtype, isa) {
        double sums[4];
        for (int threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            sn_mse_args a = {.dtype = dtype, .reduction = SN_REDUCTION_SUM, .count = n, .x = typed_array(dtype, x, n),
                             .target = typed_array(dtype, target, n), .loss = typed_array(dtype, NULL, 1)};
            CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
            sums[threads] = typed_get(dtype, a.loss, 0);
            CHECK(sums[threads] == sums[1], "%d threads: %.17g, not %.17g", threads, sums[threads], sums[1]);
        }
    }
    check_free_all();
}

static void test_errors(void) {
    float x[2] = {1, 2}, loss[2] = {5, 5}, dx[2] = {5, 5};
    const sn_mse_args good = {.dtype = SN_F32, .count = 2, .x = x, .target = x, .loss = loss, .dloss = x, .dx = dx};
    sn_mse_args a;
#define BOTH(change, status)                                          \
    a = good, a.change;                                               \
    CHECK(sn_mse_forward(&a) == (status), #change " forward");        \
    CHECK(sn_mse_backward(&a) == (status), #change " backward")
    BOTH(x = NULL, SN_ERR_NULL);
    BOTH(target = NULL, SN_ERR_NULL);
    BOTH(dtype = SN_I32, SN_ERR_DTYPE);
    BOTH(reduction = 3, SN_ERR_CODE);
    BOTH(reduction = -1, SN_ERR_CODE);
    BOTH(count = -1, SN_ERR_SIZE);
    BOTH(count = INT64_MAX, SN_ERR_SIZE);
    a = good, a.loss = NULL;
    CHECK(sn_mse_forward(&a) == SN_ERR_NULL, "no loss");
    a = good, a.dloss = NULL;
    CHECK(sn_mse_backward(&a) == SN_ERR_NULL, "no dloss");
    a = good, a.dx = NULL;
    CHECK(sn_mse_backward(&a) == SN_ERR_NULL, "no dx");
    CHECK(sn_mse_forward(NULL) == SN_ERR_NULL && sn_mse_backward(NULL) == SN_ERR_NULL, "no arguments");
    CHECK(loss[0] == 5 && loss[1] == 5 && dx[0] == 5 && dx[1] == 5, "an error wrote");
}

int main(void) {
    sn_set_threads(3);
    RUN(test_values);
    RUN(test_special);
    RUN(test_threads);
    RUN(test_errors);
    return check_summary();
}
