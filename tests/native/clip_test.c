#include "check.h"

static const int64_t counts[] = {0, 1, 7, 8, 9, 15, 16, 17, 33, 127, 1009, 16384, 16385, 70001};

static void run(sn_clip_args a, int isa) {
    a.workspace_bytes = sn_workspace_bytes(SN_OP_CLIP, &a);
    CHECK(a.workspace_bytes >= 0, "workspace");
    a.workspace = check_alloc(a.workspace_bytes);
    CHECK_RUN(SN_OP_CLIP, a, isa);
}

static double norm_of(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

static void test_norm(void) {
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int mode = 0; mode < 3; mode++) {
                const int64_t n = counts[c];
                float *x = check_floats(n);
                double *d = check_widen(x, n), *r = check_widen(x, n), norm = -1, exact = -1;
                const double expected = norm_of(r, n), limit = mode == 0 ? 0 : mode == 1 ? expected / 3 + 0.01 : expected * 2 + 1;
                const double factor = limit / (expected + 1e-6);
                for (int64_t i = 0; i < n && factor < 1; i++) r[i] *= factor;
                run((sn_clip_args){.dtype = SN_F32, .kind = SN_CLIP_NORM, .count = n, .limit = limit, .x = x, .norm = &norm}, isa);
                run((sn_clip_args){.dtype = SN_F64, .kind = SN_CLIP_NORM, .count = n, .limit = limit, .x = d, .norm = &exact}, isa);
                CHECK(fabs(norm - expected) <= 1e-12 * expected && fabs(exact - expected) <= 1e-12 * expected, "norm of %lld: %g, not %g", (long long)n,
                      norm, expected);
                CHECK_CLOSE(x, r, n, 2e-7, 0, "%lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                for (int64_t i = 0; i < n; i++) CHECK(fabs(d[i] - r[i]) <= 1e-12 * fabs(r[i]), "f64, element %lld", (long long)i);
                check_free_all();
            }
}

static void test_value(void) {
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            const int64_t n = counts[c];
            float *x = check_floats(n);
            double *d = check_widen(x, n);
            if (n > 3) x[0] = NAN, x[1] = INFINITY, x[2] = -INFINITY, d[0] = NAN, d[1] = INFINITY, d[2] = -INFINITY;
            double *r = check_widen(x, n);
            for (int64_t i = 0; i < n; i++) r[i] = isnan(r[i]) ? r[i] : fmin(fmax(r[i], -0.5), 0.5);
            run((sn_clip_args){.dtype = SN_F32, .kind = SN_CLIP_VALUE, .count = n, .limit = 0.5, .x = x}, isa);
            run((sn_clip_args){.dtype = SN_F64, .kind = SN_CLIP_VALUE, .count = n, .limit = 0.5, .x = d}, isa);
            CHECK_CLOSE(x, r, n, 0, 0, "%lld elements, %s", (long long)n, sn_isa_name(isa));
            for (int64_t i = 0; i < n; i++) CHECK(d[i] == r[i] || (isnan(d[i]) && isnan(r[i])), "f64, element %lld", (long long)i);
            check_free_all();
        }
}

/* As in PyTorch: an infinite norm makes zeros of what is finite, a NaN makes NaN of all. */
static void test_special(void) {
    FOR_EACH_ISA(isa)
        for (int k = 0; k < 2; k++) {
            float x[20];
            double norm;
            for (int i = 0; i < 20; i++) x[i] = 1;
            x[3] = k ? NAN : INFINITY;
            run((sn_clip_args){.dtype = SN_F32, .kind = SN_CLIP_NORM, .count = 20, .limit = 1, .x = x, .norm = &norm}, isa);
            CHECK(k ? isnan(norm) : isinf(norm), "norm %g", norm);
            for (int i = 0; i < 20; i++) CHECK(k || i == 3 ? isnan(x[i]) : x[i] == 0, "element %d: %g", i, x[i]);
            check_free_all();
        }
}

static void test_threads(void) {
    enum { N = 100003 };
    FOR_EACH_ISA(isa) {
        float *given = check_floats(N), *first = NULL;
        for (int32_t threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            float *x = check_alloc(N * 4);
            memcpy(x, given, N * 4);
            double norm;
            run((sn_clip_args){.dtype = SN_F32, .kind = SN_CLIP_NORM, .count = N, .limit = 1, .x = x, .norm = &norm}, isa);
            if (!first) first = x;
            CHECK(memcmp(first, x, N * 4) == 0, "%d threads on %s", threads, sn_isa_name(isa));
        }
        check_free_all();
    }
}

static void test_errors(void) {
    float x[2] = {3, 4};
    double norm = 9, space[1];
    const sn_clip_args good = {.dtype = SN_F32, .kind = SN_CLIP_NORM, .count = 2, .limit = 1, .x = x, .norm = &norm, .workspace = space, .workspace_bytes = 8};
    sn_clip_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_clip(&a) == (status), #change))
    CHECK(sn_clip(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.x = NULL, SN_ERR_NULL);
    ERROR(a.norm = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.kind = 2, SN_ERR_CODE);
    ERROR(a.count = -1, SN_ERR_SIZE);
    ERROR(a.limit = -1, SN_ERR_VALUE);
    ERROR(a.limit = NAN, SN_ERR_VALUE);
    ERROR(a.workspace = NULL, SN_ERR_MEMORY);
    ERROR(a.workspace_bytes = 7, SN_ERR_MEMORY);
    CHECK(x[0] == 3 && x[1] == 4 && norm == 9, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_norm);
    RUN(test_value);
    RUN(test_special);
    RUN(test_threads);
    RUN(test_errors);
    return check_summary();
}
