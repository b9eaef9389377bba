/* The bench programs' clock and yardsticks, measured in the same run on the threads in use: the multiply-adds per second
 * that registers alone can do, and the bytes per second of a copy. */
#ifndef SN_BENCH_PEAK_H
#define SN_BENCH_PEAK_H

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "pool/pool.h"
#include "sinew.h"

static inline double bench_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#if defined(__x86_64__)
#include <immintrin.h>

enum { BENCH_LOOPS = 1 << 16, BENCH_CHAINS = 12 };

__attribute__((target("avx512f"))) static void bench_chains_avx512(void *sink, int64_t begin, int64_t end) {
    (void)begin, (void)end;
    __m512 a[BENCH_CHAINS];
    const __m512 half = _mm512_set1_ps(0.5f);
    for (int i = 0; i < BENCH_CHAINS; i++) a[i] = _mm512_set1_ps((float)i);
    for (int loop = 0; loop < BENCH_LOOPS; loop++)
#pragma GCC unroll 12
        for (int i = 0; i < BENCH_CHAINS; i++) a[i] = _mm512_fmadd_ps(a[i], half, half);
    for (int i = 1; i < BENCH_CHAINS; i++) a[0] = _mm512_add_ps(a[0], a[i]);
    _mm512_storeu_ps((float *)sink + 16 * (begin & 1), a[0]);
}

__attribute__((target("avx2,fma"))) static void bench_chains_avx2(void *sink, int64_t begin, int64_t end) {
    (void)begin, (void)end;
    __m256 a[BENCH_CHAINS];
    const __m256 half = _mm256_set1_ps(0.5f);
    for (int i = 0; i < BENCH_CHAINS; i++) a[i] = _mm256_set1_ps((float)i);
    for (int loop = 0; loop < BENCH_LOOPS; loop++)
#pragma GCC unroll 12
        for (int i = 0; i < BENCH_CHAINS; i++) a[i] = _mm256_fmadd_ps(a[i], half, half);
    for (int i = 1; i < BENCH_CHAINS; i++) a[0] = _mm256_add_ps(a[0], a[i]);
    _mm256_storeu_ps((float *)sink + 16 * (begin & 1), a[0]);
}

/* FLOP/s of all threads together; 0 where no loop is written for the ISA. */
static double bench_peak(int32_t isa) {
    float sink[32];
    double best = 0;
    if (isa == SN_ISA_GENERIC) return 0;
    const int64_t threads = sn_threads();
    for (int r = 0; r < 30; r++) {
        const double start = bench_seconds();
        sn_parallel_for(threads * 2, 1, isa == SN_ISA_AVX512 ? bench_chains_avx512 : bench_chains_avx2, sink);
        const double flops = 2.0 * BENCH_LOOPS * BENCH_CHAINS * (isa == SN_ISA_AVX512 ? 16 : 8) * (double)(threads * 2);
        const double rate = flops / (bench_seconds() - start);
        if (rate > best) best = rate;
    }
    return best;
}
#else
static double bench_peak(int32_t isa) {
    (void)isa;
    return 0;
}
#endif

enum { BENCH_COPY_CHUNK = 65536 };

static void bench_copy_body(void *arrays, int64_t begin, int64_t end) {
    char *const *p = arrays;
    memcpy(p[1] + begin, p[0] + begin, (size_t)(end - begin));
}

/* Bytes/s, read and written ones together, of a copy that moves `bytes` of them, by plain stores, in chunks as the
 * operations have. Best of several. */
static inline double bench_copy(int64_t bytes) {
    const int64_t half = bytes / 2 + 64;
    char *arrays[2] = {sn_alloc(half), sn_alloc(half)};
    double best = 0, total = 0;
    if (arrays[0] && arrays[1]) {
        memset(arrays[0], 1, (size_t)half);
        memset(arrays[1], 2, (size_t)half);
        for (int r = 0; r < 5 || (total < 0.01 && r < 2000); r++) {
            const double start = bench_seconds();
            sn_parallel_for(half, BENCH_COPY_CHUNK, bench_copy_body, arrays);
            const double seconds = bench_seconds() - start, rate = 2.0 * (double)half / seconds;
            total += seconds;
            if (rate > best) best = rate;
        }
    }
    sn_free(arrays[0]);
    sn_free(arrays[1]);
    return best;
}

#endif
