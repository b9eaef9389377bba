#include "check.h"
#include "random/philox.h"

/* Philox4x32-10 written once more, from the paper: the round is a bijection of two pairs. */
static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round++, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
        const uint64_t left = 0xd2511f53ull * c[0], right = 0xcd9e8d57ull * c[2];
        const uint32_t next[4] = {(uint32_t)(right >> 32) ^ c[1] ^ k0, (uint32_t)right, (uint32_t)(left >> 32) ^ c[3] ^ k1, (uint32_t)left};
        memcpy(c, next, 16);
    }
}

static uint32_t word(int64_t seed, int64_t step, int64_t i) {
    const uint64_t block = (uint64_t)i / 4;
    uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)step, (uint32_t)((uint64_t)step >> 32)};
    philox(c, (uint32_t)seed, (uint32_t)((uint64_t)seed >> 32));
    return c[i % 4];
}

/* The known answers that the authors publish with Random123. */
static void test_known_answers(void) {
    static const struct { uint32_t counter[4], key[2], answer[4]; } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t out[4], c[4];
        sn_philox_block(known[i].key, known[i].counter, out);
        CHECK(memcmp(out, known[i].answer, 16) == 0, "vector %d: %08x %08x %08x %08x", i, out[0], out[1], out[2], out[3]);
        memcpy(c, known[i].counter, 16);
        philox(c, known[i].key[0], known[i].key[1]);
        CHECK(memcmp(c, known[i].answer, 16) == 0, "vector %d, the test's own", i);
    }
}

static const int64_t counts[] = {0, 1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 127, 129, 1009, 16384, 70001};

static void test_uniform_is_the_stream(void) {
    static const int64_t seeds[] = {0, 1, -1, 0x123456789abcdef0, INT64_MIN};
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++) {
                const int64_t n = counts[c], seed = seeds[s], step = s % 2 ? 3 : -5;
                float *f = check_alloc(n * 4);
                double *d = check_alloc(n * 8);
                sn_random_args a = {.dtype = SN_F32, .kind = SN_UNIFORM, .count = n, .a = -0.3, .b = 0.7, .seed = seed, .step = &step, .y = f};
                sn_random_args b = a;
                b.dtype = SN_F64, b.a = 0, b.b = 0x1p32, b.y = d;
                CHECK_RUN(SN_OP_RANDOM, a, isa);
                CHECK_RUN(SN_OP_RANDOM, b, isa);
                int ok = 1, ok64 = 1;
                for (int64_t i = 0; i < n; i++) {
                    const uint32_t w = word(seed, step, i);
                    volatile float part = 1.0f * ((float)(w >> 8) / 16777216.0f);
                    ok &= f[i] == -0.3f + part && f[i] >= -0.3f && f[i] <= 0.7f;
                    ok64 &= d[i] == (double)w;
                }
                CHECK(ok, "f32, %lld elements, seed %lld, %s", (long long)n, (long long)seed, sn_isa_name(isa));
                CHECK(ok64, "f64, %lld elements, seed %lld, %s", (long long)n, (long long)seed, sn_isa_name(isa));
                check_free_all();
            }
}

static void test_uniform_zero_one(void) {
    enum { N = 1 << 20 };
    float *f = check_alloc(N * 4);
    const int64_t step = 1;
    FOR_EACH_ISA(isa) {
        sn_random_args a = {.dtype = SN_F32, .kind = SN_UNIFORM, .count = N, .a = 0, .b = 1, .seed = 11, .step = &step, .y = f};
        CHECK_RUN(SN_OP_RANDOM, a, isa);
        double mean = 0, square = 0;
        int inside = 1;
        for (int i = 0; i < N; i++) inside &= f[i] >= 0 && f[i] < 1, mean += f[i], square += f[i] * f[i];
        CHECK(inside, "outside [0, 1)");
        /* five standard errors */
        CHECK(fabs(mean / N - 0.5) < 5 * sqrt(1.0 / 12 / N) && fabs(square / N - 1.0 / 3) < 5 * sqrt(4.0 / 45 / N), "moments %g %g", mean / N, square / N);
    }
    check_free_all();
}

static void test_normal(void) {
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            const int64_t n = counts[c], step = 77, seed = 5;
            float *f = check_alloc(n * 4);
            double *d = check_alloc(n * 8), *r = check_alloc(n * 8);
            for (int64_t i = 0; i < n; i++) {
                const int64_t even = i / 2 * 2;
                const double radius = sqrt(-2 * log((word(seed, step, even) + 1.0) / 4294967296.0));
                const double angle = 2 * 3.14159265358979323846 * (word(seed, step, even + 1) / 4294967296.0);
                r[i] = 2 + 0.5 * radius * (i % 2 ? sin(angle) : cos(angle));
            }
            sn_random_args a = {.dtype = SN_F32, .kind = SN_NORMAL, .count = n, .a = 2, .b = 0.5, .seed = seed, .step = &step, .y = f};
            sn_random_args b = a;
            b.dtype = SN_F64, b.y = d;
            CHECK_RUN(SN_OP_RANDOM, a, isa);
            CHECK_RUN(SN_OP_RANDOM, b, isa);
            CHECK_CLOSE(f, r, n, 1e-7, 1e-9, "f32 normal, %lld elements", (long long)n);
            int ok = 1;
            for (int64_t i = 0; i < n; i++) ok &= fabs(d[i] - r[i]) <= 4e-15;
            CHECK(ok, "f64 normal, %lld elements", (long long)n);
            check_free_all();
        }
}

static void test_normal_moments(void) {
    enum { N = 1 << 18 };
    double *d = check_alloc(N * 8);
    const int64_t step = 0;
    sn_random_args a = {.dtype = SN_F64, .kind = SN_NORMAL, .count = N, .a = 0, .b = 1, .seed = 3, .step = &step, .y = d};
    CHECK_RUN(SN_OP_RANDOM, a, 0);
    double m1 = 0, m2 = 0, m4 = 0, lag = 0;
    for (int i = 0; i < N; i++) m1 += d[i], m2 += d[i] * d[i], m4 += d[i] * d[i] * d[i] * d[i], lag += i ? d[i] * d[i - 1] : 0;
    CHECK(fabs(m1 / N) < 5 / sqrt(N) && fabs(m2 / N - 1) < 5 * sqrt(2.0 / N) && fabs(m4 / N - 3) < 5 * sqrt(96.0 / N) && fabs(lag / N) < 5 / sqrt(N),
          "moments %g %g %g, lag %g", m1 / N, m2 / N, m4 / N, lag / N);
    check_free_all();
}

static void test_threads(void) {
    enum { N = 100003 };
    const int64_t step = 9;
    for (int kind = 0; kind < 2; kind++) {
        float *first = NULL;
        FOR_EACH_ISA(isa)
            for (int32_t threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                float *y = check_alloc(N * 4);
                sn_random_args a = {.dtype = SN_F32, .kind = kind, .count = N, .a = 0.1, .b = 0.9, .seed = 1, .step = &step, .y = y};
                CHECK_RUN(SN_OP_RANDOM, a, isa);
                if (!first) first = y;
                CHECK(memcmp(first, y, N * 4) == 0, "kind %d, %d threads, %s", kind, threads, sn_isa_name(isa));
            }
        check_free_all();
    }
}

static void test_errors(void) {
    float y[2] = {1, 2};
    const int64_t step = 1;
    const sn_random_args good = {.dtype = SN_F32, .kind = SN_UNIFORM, .count = 2, .a = 0, .b = 1, .step = &step, .y = y};
    sn_random_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_random(&a) == (status), #change))
    CHECK(sn_random(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.y = NULL, SN_ERR_NULL);
    ERROR(a.step = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.kind = 2, SN_ERR_CODE);
    ERROR(a.kind = -1, SN_ERR_CODE);
    ERROR(a.count = -1, SN_ERR_SIZE);
    ERROR(a.a = NAN, SN_ERR_VALUE);
    ERROR(a.b = INFINITY, SN_ERR_VALUE);
    ERROR(a.a = 2, SN_ERR_VALUE);
    ERROR((a.kind = SN_NORMAL, a.b = -1), SN_ERR_VALUE);
    CHECK(y[0] == 1 && y[1] == 2, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_known_answers);
    RUN(test_uniform_is_the_stream);
    RUN(test_uniform_zero_one);
    RUN(test_normal);
    RUN(test_normal_moments);
    RUN(test_threads);
    RUN(test_errors);
    return check_summary();
}
