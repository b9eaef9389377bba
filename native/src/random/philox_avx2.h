/* Eight Philox counters at a time; to be included by AVX2 files only. */
#ifndef SN_RANDOM_PHILOX_AVX2_H
#define SN_RANDOM_PHILOX_AVX2_H

#include <immintrin.h>

#include "core/compiler.h"
#include "random/philox.h"

/* `halves` times 32 words, 1 or 2 of them: 2 hide the latency of the rounds. Four counters a vector, each word of them in
 * the low half of 64 bits: that is where the multiplication reads it and leaves the product's low word, the high halves
 * do not matter. */
static SN_INLINE void sn_philox_halves__avx2(const sn_philox *p, int64_t half, int halves, __m256i *out) {
    const __m256i m0 = _mm256_set1_epi64x(SN_PHILOX_M0), m1 = _mm256_set1_epi64x(SN_PHILOX_M1);
    __m256i c0[4], c1[4], c2[4], c3[4];
    for (int h = 0; h < 2 * halves; h++) { /* the last interleaving puts the even lanes before the odd ones */
        const uint64_t block = (uint64_t)half * 8 + 4 * (uint64_t)h;
        c0[h] = _mm256_add_epi64(_mm256_set1_epi64x((int64_t)block), _mm256_setr_epi64x(0, 2, 1, 3));
        c1[h] = _mm256_set1_epi64x((int64_t)(block >> 32));
        c2[h] = _mm256_set1_epi64x(p->step[0]), c3[h] = _mm256_set1_epi64x(p->step[1]);
    }
    uint32_t k0 = p->key[0], k1 = p->key[1];
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        const __m256i key0 = _mm256_set1_epi32((int32_t)k0), key1 = _mm256_set1_epi32((int32_t)k1);
        for (int h = 0; h < 2 * halves; h++) {
            const __m256i p0 = _mm256_mul_epu32(c0[h], m0), p1 = _mm256_mul_epu32(c2[h], m1);
            c0[h] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), c1[h]), key0);
            c1[h] = p1;
            c2[h] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), c3[h]), key1);
            c3[h] = p0;
        }
        k0 += SN_PHILOX_W0;
        k1 += SN_PHILOX_W1;
    }
    for (int h = 0; h < 2 * halves; h++) {
        const __m256i first = _mm256_blend_epi32(c0[h], _mm256_slli_epi64(c1[h], 32), 0xaa);
        const __m256i second = _mm256_blend_epi32(c2[h], _mm256_slli_epi64(c3[h], 32), 0xaa);
        out[2 * h] = _mm256_unpacklo_epi64(first, second);
        out[2 * h + 1] = _mm256_unpackhi_epi64(first, second);
    }
}

/* Words [half * 32, half * 32 + 32) of the stream: half a group. */
static inline void sn_philox_half__avx2(const sn_philox *p, int64_t half, __m256i out[4]) { sn_philox_halves__avx2(p, half, 1, out); }

/* The first n lanes, n from 0 to 8 or more, for masked loads and stores. */
static inline __m256i sn_first_lanes__avx2(int64_t n) {
    const int32_t count = n > 8 ? 8 : n < 0 ? 0 : (int32_t)n;
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#endif
