#include "check.h"
#include "random/philox.h"

static uint32_t word(int64_t seed, int64_t step, int64_t i) {
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)((uint64_t)seed >> 32)};
    const uint64_t block = (uint64_t)i / 4;
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)step, (uint32_t)((uint64_t)step >> 32)};
    uint32_t out[4];
    sn_philox_block(key, counter, out);
    return out[i % 4];
}

static const int64_t counts[] = {0, 1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 127, 129, 191, 1009, 16384, 70001};
static const double rates[] = {0, 1e-12, 0.1, 0.25, 0.5, 0.9, 0.99999, 1 - 0x1p-40, 1};

static void test_mask(void) {
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t k = 0; k < sizeof rates / sizeof *rates; k++) {
                const int64_t n = counts[c], seed = 0x1234567890 * (int64_t)k - 3, step = (int64_t)c << 31;
                const double p = rates[k];
                float *x = check_floats(n), *y = check_alloc(n * 4);
                double *dx = check_doubles(n), *dy = check_alloc(n * 8), *r = check_alloc(n * 8);
                if (n > 4) x[3] = dx[3] = NAN, x[4] = dx[4] = INFINITY;
                sn_dropout_args a = {.dtype = SN_F32, .count = n, .p = p, .seed = seed, .step = &step, .x = x, .y = y};
                sn_dropout_args b = a;
                b.dtype = SN_F64, b.x = dx, b.y = dy;
                CHECK_RUN(SN_OP_DROPOUT, a, isa);
                CHECK_RUN(SN_OP_DROPOUT, b, isa);
                int ok = 1;
                for (int64_t i = 0; i < n; i++) {
                    const int dropped = p == 1 || word(seed, step, i) < p * 4294967296.0;
                    r[i] = dropped ? 0 : x[i] / (1 - p);
                    const double e = dropped ? 0 : dx[i] / (1 - p);
                    ok &= dy[i] == e || (isnan(dy[i]) && isnan(e)) || fabs(dy[i] - e) <= 3e-16 * fabs(e);
                }
                CHECK_CLOSE(y, r, n, 1.3e-7, 0, "%lld elements, p %g, %s", (long long)n, p, sn_isa_name(isa));
                CHECK(ok, "f64, %lld elements, p %g, %s", (long long)n, p, sn_isa_name(isa));
                if (p == 0) CHECK(memcmp(x, y, (size_t)n * 4) == 0, "p 0 is not a copy");
                float *kept = check_alloc(n * 4);
                memcpy(kept, y, (size_t)n * 4);
                a.y = x; /* in place */
                CHECK_RUN(SN_OP_DROPOUT, a, isa);
                CHECK(memcmp(kept, x, (size_t)n * 4) == 0, "in place, %lld elements, p %g, %s", (long long)n, p, sn_isa_name(isa));
                check_free_all();
            }
}

static void test_share_and_threads(void) {
    enum { N = 1000003 };
    float *x = check_alloc(N * 4), *first = NULL;
    const int64_t step = 4;
    for (int i = 0; i < N; i++) x[i] = 1;
    FOR_EACH_ISA(isa)
        for (int32_t threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            float *y = check_alloc(N * 4);
            sn_dropout_args a = {.dtype = SN_F32, .count = N, .p = 0.3, .seed = 17, .step = &step, .x = x, .y = y};
            CHECK_RUN(SN_OP_DROPOUT, a, isa);
            int64_t dropped = 0;
            for (int i = 0; i < N; i++) dropped += y[i] == 0;
            CHECK(fabs((double)dropped / N - 0.3) < 5 * sqrt(0.3 * 0.7 / N), "%lld of %d dropped", (long long)dropped, N);
            if (!first) first = y;
            CHECK(memcmp(first, y, N * 4) == 0, "%d threads, %s: the result depends on them", threads, sn_isa_name(isa));
        }
    check_free_all();
}

static void test_errors(void) {
    float x[2] = {1, 2}, y[2] = {7, 7};
    const int64_t step = 1;
    const sn_dropout_args good = {.dtype = SN_F32, .count = 2, .p = 0.5, .step = &step, .x = x, .y = y};
    sn_dropout_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_dropout(&a) == (status), #change))
    CHECK(sn_dropout(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.x = NULL, SN_ERR_NULL);
    ERROR(a.y = NULL, SN_ERR_NULL);
    ERROR(a.step = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.count = -1, SN_ERR_SIZE);
    ERROR(a.p = NAN, SN_ERR_VALUE);
    ERROR(a.p = -0.1, SN_ERR_VALUE);
    ERROR(a.p = 1.1, SN_ERR_VALUE);
    CHECK(y[0] == 7 && y[1] == 7, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_mask);
    RUN(test_share_and_threads);
    RUN(test_errors);
    return check_summary();
}
