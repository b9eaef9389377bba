#include "check.h"

static const int64_t counts[] = {0, 1, 7, 8, 9, 15, 16, 17, 33, 127, 1009, 16384, 40009};

static void test_values(void) {
    const double shares[][2] = {{0.9, 0.1}, {1, 1}, {0, 2}, {1, 0}, {-0.5, 0.25}};
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int k = 0; k < 5; k++) {
                const int64_t n = counts[c];
                float *y = check_floats(n), *x = check_floats(n);
                double *dy = check_widen(y, n), *dx = check_widen(x, n), *r = check_widen(y, n);
                for (int64_t i = 0; i < n; i++) r[i] = shares[k][0] * r[i] + shares[k][1] * dx[i];
                if (k == 2) /* what is not kept is not read */
                    for (int64_t i = 0; i < n; i++) y[i] = NAN, dy[i] = NAN;
                sn_blend_args a = {.dtype = SN_F32, .count = n, .keep = &shares[k][0], .share = &shares[k][1], .y = y, .x = x};
                sn_blend_args b = a;
                b.dtype = SN_F64, b.y = dy, b.x = dx;
                CHECK_RUN(SN_OP_BLEND, a, isa);
                CHECK_RUN(SN_OP_BLEND, b, isa);
                CHECK_CLOSE(y, r, n, 2e-7, 1e-7, "%lld elements, shares %d, %s", (long long)n, k, sn_isa_name(isa));
                for (int64_t i = 0; i < n; i++) CHECK(fabs(dy[i] - r[i]) <= 1e-15, "f64, element %lld", (long long)i);
                check_free_all();
            }
}

static void test_threads(void) {
    enum { N = 100003 };
    FOR_EACH_ISA(isa) {
        float *x = check_floats(N), *given = check_floats(N), *first = NULL;
        const double keep = 0.99, share = 0.01;
        for (int32_t threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            float *y = check_alloc(N * 4);
            memcpy(y, given, N * 4);
            sn_blend_args a = {.dtype = SN_F32, .count = N, .keep = &keep, .share = &share, .y = y, .x = x};
            CHECK_RUN(SN_OP_BLEND, a, isa);
            if (!first) first = y;
            CHECK(memcmp(first, y, N * 4) == 0, "%d threads on %s", threads, sn_isa_name(isa));
        }
        check_free_all();
    }
}

static void test_errors(void) {
    float y[2] = {1, 2}, x[2] = {3, NAN};
    double keep = 0.5, share = 0.5;
    const sn_blend_args good = {.dtype = SN_F32, .count = 2, .keep = &keep, .share = &share, .y = y, .x = x};
    sn_blend_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_blend(&a) == (status), #change))
    CHECK(sn_blend(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.y = NULL, SN_ERR_NULL);
    ERROR(a.x = NULL, SN_ERR_NULL);
    ERROR(a.keep = NULL, SN_ERR_NULL);
    ERROR(a.share = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.count = -1, SN_ERR_SIZE);
    keep = NAN;
    ERROR(a.count = 2, SN_ERR_VALUE);
    keep = 1, share = INFINITY;
    ERROR(a.count = 2, SN_ERR_VALUE);
    CHECK(y[0] == 1 && y[1] == 2, "an error wrote");
    keep = 0.5, share = 0.5;
    a = good;
    CHECK(sn_blend(&a) == SN_OK && y[0] == 2 && isnan(y[1]), "NaN stays");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_values);
    RUN(test_threads);
    RUN(test_errors);
    return check_summary();
}
