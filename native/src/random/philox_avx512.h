/* Sixteen Philox counters at a time; to be included by AVX-512 files only. */
#ifndef SN_RANDOM_PHILOX_AVX512_H
#define SN_RANDOM_PHILOX_AVX512_H

#include <immintrin.h>

#include "random/philox.h"

/* High and low words of the products of 16 words by m: the even and the odd lanes are multiplied apart. */
static inline void sn_philox_multiply__avx512(__m512i x, __m512i m, __m512i *high, __m512i *low) {
    const __m512i even = _mm512_mul_epu32(x, m), odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), m);
    *high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
    *low = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
}

/* Words [group * 64, group * 64 + 64) of the stream. */
static inline void sn_philox_group__avx512(const sn_philox *p, int64_t group, __m512i out[4]) {
    /* Lane 4 l + k holds block 4 k + l: transposing 4 x 4 words within each quarter then puts them in order. */
    const __m512i lanes = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const uint64_t block = (uint64_t)group * 16;
    const __m512i m0 = _mm512_set1_epi64(SN_PHILOX_M0), m1 = _mm512_set1_epi64(SN_PHILOX_M1);
    __m512i c0 = _mm512_add_epi32(_mm512_set1_epi32((int32_t)(uint32_t)block), lanes);
    __m512i c1 = _mm512_set1_epi32((int32_t)(uint32_t)(block >> 32));
    __m512i c2 = _mm512_set1_epi32((int32_t)p->step[0]), c3 = _mm512_set1_epi32((int32_t)p->step[1]);
    __m512i k0 = _mm512_set1_epi32((int32_t)p->key[0]), k1 = _mm512_set1_epi32((int32_t)p->key[1]);
    for (int round = 0; round < 10; round++) {
        __m512i high0, low0, high1, low1;
        sn_philox_multiply__avx512(c0, m0, &high0, &low0);
        sn_philox_multiply__avx512(c2, m1, &high1, &low1);
        c0 = _mm512_ternarylogic_epi32(high1, c1, k0, 0x96); /* exclusive or of the three */
        c1 = low1;
        c2 = _mm512_ternarylogic_epi32(high0, c3, k1, 0x96);
        c3 = low0;
        k0 = _mm512_add_epi32(k0, _mm512_set1_epi32((int32_t)SN_PHILOX_W0));
        k1 = _mm512_add_epi32(k1, _mm512_set1_epi32((int32_t)SN_PHILOX_W1));
    }
    const __m512i a = _mm512_unpacklo_epi32(c0, c1), b = _mm512_unpackhi_epi32(c0, c1);
    const __m512i c = _mm512_unpacklo_epi32(c2, c3), d = _mm512_unpackhi_epi32(c2, c3);
    out[0] = _mm512_unpacklo_epi64(a, c);
    out[1] = _mm512_unpackhi_epi64(a, c);
    out[2] = _mm512_unpacklo_epi64(b, d);
    out[3] = _mm512_unpackhi_epi64(b, d);
}

#endif
