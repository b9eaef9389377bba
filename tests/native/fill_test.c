#include "check.h"

static const int64_t counts[] = {0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 1009, 65536, 200003};

static void test_values(void) {
    static const double values[] = {0, -0.0, 1, -2.5, 0.1, 1e300, -1e300, 3e9, -3e9, 1e-320};
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t v = 0; v <= sizeof values / sizeof *values; v++) {
                const int64_t n = counts[c];
                const double value = v < sizeof values / sizeof *values ? values[v] : NAN;
                float *f = check_alloc(n * 4);
                double *d = check_alloc(n * 8);
                int32_t *i = check_alloc(n * 4);
                sn_fill_args af = {.dtype = SN_F32, .count = n, .value = value, .y = f}, ad = af, ai = af;
                ad.dtype = SN_F64, ad.y = d;
                ai.dtype = SN_I32, ai.y = i;
                CHECK(sn_fill(&af) == SN_OK && sn_fill(&ad) == SN_OK && sn_fill(&ai) == SN_OK, "status");
                const float ef = (float)value;
                const int32_t ei = value != value ? 0 : value > 2e9 ? INT32_MAX : value < -2e9 ? INT32_MIN : (int32_t)value;
                int ok = 1;
                for (int64_t k = 0; k < n; k++) ok &= memcmp(&f[k], &ef, 4) == 0 && memcmp(&d[k], &value, 8) == 0 && i[k] == ei;
                CHECK(ok, "%lld elements of %g", (long long)n, value);
                check_free_all();
            }
}

static void test_errors(void) {
    float y[4] = {1, 2, 3, 4};
    const sn_fill_args good = {.dtype = SN_F32, .count = 4, .value = 9, .y = y};
    sn_fill_args a = good;
    CHECK(sn_fill(NULL) == SN_ERR_NULL, "null args");
    a.y = NULL;
    CHECK(sn_fill(&a) == SN_ERR_NULL, "null y");
    a = good, a.dtype = 3;
    CHECK(sn_fill(&a) == SN_ERR_DTYPE, "dtype 3");
    a = good, a.dtype = -1;
    CHECK(sn_fill(&a) == SN_ERR_DTYPE, "dtype -1");
    a = good, a.count = -1;
    CHECK(sn_fill(&a) == SN_ERR_SIZE, "negative count");
    a = good, a.count = INT64_MAX;
    CHECK(sn_fill(&a) == SN_ERR_SIZE, "huge count");
    CHECK(y[0] == 1 && y[3] == 4, "an error wrote");
}

int main(void) {
    sn_set_threads(3);
    RUN(test_values);
    RUN(test_errors);
    return check_summary();
}
