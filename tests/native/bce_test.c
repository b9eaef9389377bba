#include "typed.h"

static const int64_t shapes[][2] = {{1, 1}, {1, 3}, {5, 1}, {2, 7}, {3, 8}, {1, 9}, {16, 1}, {5, 15}, {3, 16}, {4, 17}, {7, 33}, {1, 64},
                                    {64, 10}, {3, 4097}, {513, 31}, {1, 50021}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static long double softplus(long double x) { return fmaxl(x, 0) + log1pl(expl(-fabsl(x))); }
static long double sigmoid(long double x) { return 1 / (1 + expl(-x)); }

static void test_values(void) {
    static const double widths[] = {1, 15, 120};
    for (int s = 0; s < SHAPES; s++)
        for (int variant = 0; variant < 36; variant++) {
            const int64_t rows = shapes[s][0], cols = shapes[s][1], n = rows * cols;
            if (n > 10000 && variant % 5) continue;
            const int32_t reduction = variant % 3;
            const int64_t outputs = reduction == SN_REDUCTION_NONE ? n : 1;
            const double width = widths[variant / 12];
            const double *x = typed_random(n, -width, width), *weight = variant / 3 % 2 ? typed_random(n, 0, 2) : NULL;
            const double *pos_weight = variant / 6 % 2 ? typed_random(cols, 0.5, 3) : NULL, *dloss = typed_random(outputs, -1, 1);
            double *target = typed_random(n, 0, 1);
            for (int64_t i = 0; i < n; i++) target[i] = i % 4 == 0 ? 0 : i % 4 == 1 ? 1 : target[i];
            long double *loss = check_alloc(outputs * 16), *dx = check_alloc(n * 16), sum = 0;
            const long double divisor = reduction == SN_REDUCTION_MEAN ? n : 1;
            for (int64_t i = 0; i < n; i++) {
                const long double w = weight ? weight[i] : 1, q = pos_weight ? pos_weight[i % cols] : 1, t = target[i];
                const long double value = w * (q * t * softplus(-x[i]) + (1 - t) * softplus(x[i]));
                sum += value;
                if (reduction == SN_REDUCTION_NONE) loss[i] = value;
                dx[i] = dloss[reduction == SN_REDUCTION_NONE ? i : 0] / divisor * w * ((1 - t) * sigmoid(x[i]) - q * t * sigmoid(-x[i]));
            }
            if (reduction != SN_REDUCTION_NONE) loss[0] = sum / divisor;
            FOR_EACH_TYPE_AND_ISA(dtype, isa) {
                sn_bce_args a = {.dtype = dtype, .reduction = reduction, .rows = rows, .cols = cols, .x = typed_array(dtype, x, n),
                                 .target = typed_array(dtype, target, n), .weight = weight ? typed_array(dtype, weight, n) : NULL,
                                 .pos_weight = pos_weight ? typed_array(dtype, pos_weight, cols) : NULL,
                                 .loss = typed_array(dtype, NULL, outputs), .dloss = typed_array(dtype, dloss, outputs),
                                 .dx = typed_array(dtype, NULL, n)};
                CHECK_RUN(SN_OP_BCE_FORWARD, a, isa);
                CHECK_RUN(SN_OP_BCE_BACKWARD, a, isa);
                char text[200];
                snprintf(text, sizeof text, "%lld x %lld, reduction %d, within %g,%s%s %s", (long long)rows, (long long)cols, reduction, width,
                         weight ? " weight," : "", pos_weight ? " pos_weight," : "", sn_isa_name(isa));
                const double summing = dtype == SN_F64 ? 2 * sqrt((double)n) : 0;
                /* nothing cancels in the loss; 1e-31 is where a subnormal exponential has become 0 */
                TYPED_CLOSE(dtype, a.loss, loss, outputs, 10 + summing, 1e-29, "loss %s", text);
                /* both terms of the derivative are at most 3 * 2, and so are the numbers whose difference it is */
                const double scale = (double)(fabs(dloss[0]) / divisor);
                TYPED_CLOSE(dtype, a.dx, dx, n, 10, 8 * (reduction == SN_REDUCTION_NONE ? 1 : scale), "dx %s", text);
            }
            check_free_all();
        }
}

static void test_special(void) {
    static const double xs[] = {NAN, INFINITY, -INFINITY, INFINITY, -INFINITY, 1e30, -1e30}, targets[] = {0, 0, 0, 1, 1, 0, 0};
    /* infinity * 0 is NaN, as the formula says */
    static const double expected[] = {NAN, INFINITY, NAN, NAN, INFINITY, 1e30, 0}, slopes[] = {NAN, 1, 0, 0, -1, 1, 0};
    FOR_EACH_TYPE_AND_ISA(dtype, isa)
        for (int64_t at = 0; at < 37; at++)
            for (size_t s = 0; s < sizeof xs / sizeof *xs; s++) {
                double *x = typed_random(37, -1, 1), *target = typed_random(37, 0, 1), ones[37];
                for (int i = 0; i < 37; i++) ones[i] = 1;
                x[at] = (double)(float)xs[s], target[at] = targets[s];
                sn_bce_args a = {.dtype = dtype, .rows = 1, .cols = 37, .x = typed_array(dtype, x, 37), .target = typed_array(dtype, target, 37),
                                 .loss = typed_array(dtype, NULL, 37), .dloss = typed_array(dtype, ones, 37), .dx = typed_array(dtype, NULL, 37)};
                CHECK_RUN(SN_OP_BCE_FORWARD, a, isa);
                CHECK_RUN(SN_OP_BCE_BACKWARD, a, isa);
                const double loss = typed_get(dtype, a.loss, at), slope = typed_get(dtype, a.dx, at), want = (float)expected[s];
                CHECK(loss == want || (isnan(loss) && isnan(want)), "x %g target %g: loss %g, %s", xs[s], targets[s], loss, sn_isa_name(isa));
                CHECK(slope == slopes[s] || (isnan(slope) && isnan(slopes[s])), "x %g target %g: dx %g, %s", xs[s], targets[s], slope, sn_isa_name(isa));
                for (int64_t i = 0; i < 37; i++)
                    if (i != at) CHECK(isfinite(typed_get(dtype, a.loss, i)) && isfinite(typed_get(dtype, a.dx, i)), "NaN leaks");
                check_free_all();
            }
}

static void test_threads(void) {
    const int64_t rows = 4001, cols = 37, n = rows * cols;
    const double *x = typed_random(n, -5, 5), *target = typed_random(n, 0, 1), *pos_weight = typed_random(cols, 0, 2), one = 1;
    FOR_EACH_TYPE_AND_ISA(dtype, isa) {
        sn_bce_args a[4];
        for (int threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            a[threads] = (sn_bce_args){.dtype = dtype, .reduction = SN_REDUCTION_MEAN, .rows = rows, .cols = cols, .x = typed_array(dtype, x, n),
                                       .target = typed_array(dtype, target, n), .pos_weight = typed_array(dtype, pos_weight, cols),
                                       .loss = typed_array(dtype, NULL, 1), .dloss = typed_array(dtype, &one, 1), .dx = typed_array(dtype, NULL, n)};
            CHECK_RUN(SN_OP_BCE_FORWARD, a[threads], isa);
            CHECK_RUN(SN_OP_BCE_BACKWARD, a[threads], isa);
            CHECK(typed_get(dtype, a[threads].loss, 0) == typed_get(dtype, a[1].loss, 0), "%d threads: another loss", threads);
            CHECK(memcmp(a[threads].dx, a[1].dx, (size_t)(n * typed_size(dtype))) == 0, "%d threads: other dx", threads);
        }
    }
    check_free_all();
}

static void test_errors(void) {
    float x[2] = {1, 2}, loss[2] = {5, 5}, dx[2] = {5, 5};
    const sn_bce_args good = {.dtype = SN_F32, .rows = 1, .cols = 2, .x = x, .target = x, .loss = loss, .dloss = x, .dx = dx};
    sn_bce_args a;
#define BOTH(change, status)                                          \
    a = good, a.change;                                               \
    CHECK(sn_bce_forward(&a) == (status), #change " forward");        \
    CHECK(sn_bce_backward(&a) == (status), #change " backward")
    BOTH(x = NULL, SN_ERR_NULL);
    BOTH(target = NULL, SN_ERR_NULL);
    BOTH(dtype = SN_I32, SN_ERR_DTYPE);
    BOTH(reduction = 3, SN_ERR_CODE);
    BOTH(rows = -1, SN_ERR_SIZE);
    BOTH(cols = 0, SN_ERR_SIZE);
    BOTH(cols = INT64_MAX, SN_ERR_SIZE);
    BOTH(rows = INT64_C(1) << 48, SN_ERR_SIZE);
    a = good, a.loss = NULL;
    CHECK(sn_bce_forward(&a) == SN_ERR_NULL, "no loss");
    a = good, a.dloss = NULL;
    CHECK(sn_bce_backward(&a) == SN_ERR_NULL, "no dloss");
    a = good, a.dx = NULL;
    CHECK(sn_bce_backward(&a) == SN_ERR_NULL, "no dx");
    CHECK(sn_bce_forward(NULL) == SN_ERR_NULL && sn_bce_backward(NULL) == SN_ERR_NULL, "no arguments");
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
