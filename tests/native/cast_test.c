#include "check.h"

static const int64_t counts[] = {0, 1, 2, 3, 7, 15, 16, 17, 31, 33, 1009, 50021};

/* Values of every kind, all representable in double. */
static double value_at(int64_t i) {
    static const double special[] = {0, -0.0, 0.5, -0.5, 1.9999, -1.9999, 2147483647.0, 2147483648.0, -2147483648.0, -2147483649.0,
        2147483520.0, 2147483646.5, -2147483648.5, 1e10, -1e10, 1e38, -1e38, 1e300, -1e300, 16777217.0, 1e-30};
    const int64_t n = sizeof special / sizeof *special;
    if (i % 40 < n) return special[i % 40];
    if (i % 40 == n) return NAN;
    if (i % 40 == n + 1) return INFINITY;
    if (i % 40 == n + 2) return -INFINITY;
    return check_uniform() * pow(10, (double)check_int(-5, 11));
}

static double load(int32_t dtype, const void *x, int64_t i) {
    return dtype == SN_F32 ? ((const float *)x)[i] : dtype == SN_F64 ? ((const double *)x)[i] : ((const int32_t *)x)[i];
}

static int32_t saturated(double x) { return isnan(x) ? 0 : x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)trunc(x); }

static int matches(int32_t to, const void *y, int64_t i, double x) {
    if (to == SN_I32) return ((const int32_t *)y)[i] == saturated(x);
    if (isnan(x)) return isnan(load(to, y, i));
    if (to == SN_F64) return memcmp((const double *)y + i, &x, 8) == 0;
    const float f = (float)x;
    return memcmp((const float *)y + i, &f, 4) == 0;
}

static void test_all_pairs(void) {
    FOR_EACH_ISA(isa)
        for (int32_t from = 0; from < 3; from++)
            for (int32_t to = 0; to < 3; to++)
                for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
                    const int64_t n = counts[c];
                    void *x = check_alloc(n * (from == SN_F64 ? 8 : 4)), *y = check_alloc(n * (to == SN_F64 ? 8 : 4));
                    for (int64_t i = 0; i < n; i++) {
                        const double v = value_at(i);
                        if (from == SN_F32) ((float *)x)[i] = (float)v;
                        else if (from == SN_F64) ((double *)x)[i] = v;
                        else ((int32_t *)x)[i] = i % 2 ? (int32_t)check_next() : saturated(v);
                    }
                    sn_cast_args a = {.from = from, .to = to, .count = n, .x = x, .y = y};
                    CHECK_RUN(SN_OP_CAST, a, isa);
                    int64_t bad = -1;
                    for (int64_t i = 0; i < n; i++)
                        if (!matches(to, y, i, load(from, x, i)) && bad < 0) bad = i;
                    CHECK(bad < 0, "%d to %d on %s: element %lld of %lld is %g, from %g", from, to, sn_isa_name(isa), (long long)bad, (long long)n,
                          bad < 0 ? 0 : load(to, y, bad), bad < 0 ? 0 : load(from, x, bad));
                    check_free_all();
                }
}

static void test_errors(void) {
    float x[2] = {1, 2}, y[2] = {7, 7};
    const sn_cast_args good = {.from = SN_F32, .to = SN_I32, .count = 2, .x = x, .y = y};
    sn_cast_args a = good;
    CHECK(sn_cast(NULL) == SN_ERR_NULL, "null args");
    a.x = NULL;
    CHECK(sn_cast(&a) == SN_ERR_NULL, "null x");
    a = good, a.y = NULL;
    CHECK(sn_cast(&a) == SN_ERR_NULL, "null y");
    a = good, a.from = 3;
    CHECK(sn_cast(&a) == SN_ERR_DTYPE, "from");
    a = good, a.to = -1;
    CHECK(sn_cast(&a) == SN_ERR_DTYPE, "to");
    a = good, a.count = -1;
    CHECK(sn_cast(&a) == SN_ERR_SIZE, "count");
    CHECK(y[0] == 7 && y[1] == 7, "an error wrote");
}

int main(void) {
    sn_set_threads(3);
    RUN(test_all_pairs);
    RUN(test_errors);
    return check_summary();
}
