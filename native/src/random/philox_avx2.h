/* Eight Philox counters at a time; to be included by AVX2 files only. */
#ifndef SN_RANDOM_PHILOX_AVX2_H
#define SN_RANDOM_PHILOX_AVX2_H

#include <immintrin.h>

#include "random/philox.h"

/* High and low words of the products of 8 words by m: the even and the odd lanes are multiplied apart. */
static inline void sn_philox_multiply__avx2(__m256i x, __m256i m, __m256i *high, __m256i *low) {
    const __m256i even = _mm256_mul_epu32(x, m), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), m);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

/* Words [half * 32, half * 32 + 32) of the stream: half a group. */
static inline void sn_philox_half__avx2(const sn_philox *p, int64_t half, __m256i out[4]) {
    /* Lane 4 l + k holds block 2 k + l: transposing 4 x 4 words within each half then puts them in order. */
    const __m256i lanes = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
    const uint64_t block = (uint64_t)half * 8;
    const __m256i m0 = _mm256_set1_epi64x(SN_PHILOX_M0), m1 = _mm256_set1_epi64x(SN_PHILOX_M1);
    __m256i c0 = _mm256_add_epi32(_mm256_set1_epi32((int32_t)(uint32_t)block), lanes);
    __m256i c1 = _mm256_set1_epi32((int32_t)(uint32_t)(block >> 32));
    __m256i c2 = _mm256_set1_epi32((int32_t)p->step[0]), c3 = _mm256_set1_epi32((int32_t)p->step[1]);
    __m256i k0 = _mm256_set1_epi32((int32_t)p->key[0]), k1 = _mm256_set1_epi32((int32_t)p->key[1]);
    for (int round = 0; round < 10; round++) {
        __m256i high0, low0, high1, low1;
        sn_philox_multiply__avx2(c0, m0, &high0, &low0);
        sn_philox_multiply__avx2(c2, m1, &high1, &low1);
        c0 = _mm256_xor_si256(_mm256_xor_si256(high1, c1), k0);
        c1 = low1;
        c2 = _mm256_xor_si256(_mm256_xor_si256(high0, c3), k1);
        c3 = low0;
        k0 = _mm256_add_epi32(k0, _mm256_set1_epi32((int32_t)SN_PHILOX_W0));
        k1 = _mm256_add_epi32(k1, _mm256_set1_epi32((int32_t)SN_PHILOX_W1));
    }
    const __m256i a = _mm256_unpacklo_epi32(c0, c1), b = _mm256_unpackhi_epi32(c0, c1);
    const __m256i c = _mm256_unpacklo_epi32(c2, c3), d = _mm256_unpackhi_epi32(c2, c3);
    out[0] = _mm256_unpacklo_epi64(a, c);
    out[1] = _mm256_unpackhi_epi64(a, c);
    out[2] = _mm256_unpacklo_epi64(b, d);
    out[3] = _mm256_unpackhi_epi64(b, d);
}

/* The first n lanes, n from 0 to 8 or more, for masked loads and stores. */
static inline __m256i sn_first_lanes__avx2(int64_t n) {
    const int32_t count = n > 8 ? 8 : n < 0 ? 0 : (int32_t)n;
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#endif
