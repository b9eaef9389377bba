/* The bench programs' clock and yardstick: the multiply-adds per second that registers alone can do, measured in the
 * same run, on the ISA and the threads in use. */
#ifndef SN_BENCH_PEAK_H
#define SN_BENCH_PEAK_H

#include <stdint.h>
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

#endif
