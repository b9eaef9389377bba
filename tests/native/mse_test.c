/* mse against double formulas, on every ISA. */
#include "arrays.h"

static const int64_t sizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 1000, 4099, 40007};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void random_values(void) {
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int32_t reduction = 0; reduction <= 2; reduction++)
            for (int s = 0; s < SIZES; s++) {
                const int64_t n = sizes[s], losses = reduction == SN_REDUCTION_NONE ? n : 1;
                sn_mse_args a = {.dtype = dtype, .reduction = reduction, .count = n, .x = array_random(dtype, n), .target = array_random(dtype, n)};
                a.loss = array_new(dtype, losses), a.dloss = array_random(dtype, losses), a.dx = array_new(dtype, n);
                double *loss = check_alloc(n * 8), *dx = check_alloc(n * 8), total = 0;
                const double divisor = reduction == SN_REDUCTION_MEAN ? (double)n : 1;
                for (int64_t i = 0; i < n; i++) {
                    const double d = array_get(dtype, a.x, i) - array_get(dtype, a.target, i);
                    loss[i] = d * d;
                    total += d * d;
                    dx[i] = 2 * d * array_get(dtype, a.dloss, losses == 1 ? 0 : i) / divisor;
                }
                if (reduction != SN_REDUCTION_NONE) loss[0] = total / divisor;
                const double u = unit_of(dtype), summed = dtype == SN_F64 ? sqrt((double)n) : 0; /* f32 is summed in double */
                FOR_EACH_ISA(isa) {
                    memset(a.loss, 0xcb, (size_t)bytes_of(dtype, losses));
                    memset(a.dx, 0xcb, (size_t)bytes_of(dtype, n));
                    CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
                    CHECK_ARRAY(dtype, a.loss, loss, losses, (6 + summed) * u, 0, isa, "loss of %lld, reduction %d", (long long)n, reduction);
                    CHECK_RUN(SN_OP_MSE_BACKWARD, a, isa);
                    CHECK_ARRAY(dtype, a.dx, dx, n, 6 * u, 0, isa, "gradient of %lld, reduction %d", (long long)n, reduction);
                }
                check_free_all();
            }
}

static void special_values(void) {
    FOR_EACH_ISA(isa)
        for (int i = 0; i < 33; i++) {
            sn_mse_args a = {.dtype = SN_F32, .reduction = SN_REDUCTION_MEAN, .count = 33};
            float *x = check_floats(33), loss = 0, one = 1;
            a.x = x, a.target = check_floats(33), a.loss = &loss, a.dloss = &one, a.dx = check_floats(33);
            x[i] = NAN;
            CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
            CHECK_RUN(SN_OP_MSE_BACKWARD, a, isa);
            CHECK(isnan(loss), "NaN at %d on %s", i, sn_isa_name(isa));
            for (int j = 0; j < 33; j++) CHECK(isnan(((float *)a.dx)[j]) == (i == j), "gradient of NaN at %d", i);
            x[i] = INFINITY;
            CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
            CHECK(loss == INFINITY, "infinity at %d on %s", i, sn_isa_name(isa));
            x[i] = 1e15f; /* its square is large for a sum of floats, not for one of doubles */
            CHECK_RUN(SN_OP_MSE_FORWARD, a, isa);
            CHECK(fabs(loss / (1e30 / 33) - 1) < 1e-6, "1e15 gives %g", loss);
            check_free_all();
        }
    sn_mse_args a = {.dtype = SN_F64, .reduction = SN_REDUCTION_MEAN};
    double loss = 0, x = 0;
    a.x = a.target = &x, a.loss = &loss;
    CHECK_RUN(SN_OP_MSE_FORWARD, a, 0);
    CHECK(isnan(loss), "mean of nothing");
}

static void threads(void) {
    const int64_t n = 3000017; /* more than SN_PARTS chunks of the smallest grain */
    float *x = check_floats(n), *target = check_floats(n), *loss = check_alloc(n * 4), *dx = check_alloc(n * 4);
    FOR_EACH_ISA(isa)
        for (int32_t reduction = 0; reduction <= 2; reduction++) {
            sn_mse_args a = {.dtype = SN_F32, .reduction = reduction, .count = n, .x = x, .target = target, .loss = loss, .dloss = x, .dx = dx};
            check_threads(SN_OP_MSE_FORWARD, &a, isa, loss, reduction ? 4 : n * 4, "loss");
            check_threads(SN_OP_MSE_BACKWARD, &a, isa, dx, n * 4, "gradient");
        }
    check_free_all();
}

static void errors(void) {
    float *x = check_floats(4), *y = check_floats(4);
    const sn_mse_args good = {.dtype = SN_F32, .reduction = SN_REDUCTION_NONE, .count = 4, .x = x, .target = x, .loss = y, .dloss = x, .dx = y};
    sn_mse_args a = good;
    CHECK(sn_mse_forward(NULL) == SN_ERR_NULL && sn_mse_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                   \
    do {                                                 \
        CHECK_ERROR(sn_mse_forward, a, status, y, 16);   \
        CHECK_ERROR(sn_mse_backward, a, status, y, 16);  \
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
    a.reduction = -1;
    EXPECT(SN_ERR_CODE);
    a.reduction = 3;
    EXPECT(SN_ERR_CODE);
    a.count = -1;
    EXPECT(SN_ERR_SIZE);
    a.count = INT64_MAX;
    EXPECT(SN_ERR_SIZE);
    check_free_all();
}

int main(void) {
    RUN(random_values);
    RUN(special_values);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
