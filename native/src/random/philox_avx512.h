/* Sixteen Philox counters at a time; to be included by AVX-512 files only. */
#ifndef SN_RANDOM_PHILOX_AVX512_H
#define SN_RANDOM_PHILOX_AVX512_H

#include <immintrin.h>

#include "core/compiler.h"
#include "random/philox.h"

/* `groups` times 64 words, 1 or 2 of them: 2 hide the latency of the rounds. Eight counters a vector, each word of them in
 * the low half of 64 bits: that is where the multiplication reads it and leaves the product's low word, the high halves
 * do not matter. */
static SN_INLINE void sn_philox_groups__avx512(const sn_philox *p, int64_t group, int groups, __m512i *out) {
    const __m512i m0 = _mm512_set1_epi64(SN_PHILOX_M0), m1 = _mm512_set1_epi64(SN_PHILOX_M1);
    __m512i c0[4], c1[4], c2[4], c3[4];
    for (int h = 0; h < 2 * groups; h++) { /* the last interleaving puts the even lanes before the odd ones */
        const uint64_t block = (uint64_t)group * 16 + 8 * (uint64_t)h;
        c0[h] = _mm512_add_epi64(_mm512_set1_epi64((int64_t)block), _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7));
        c1[h] = _mm512_set1_epi64((int64_t)(block >> 32));
        c2[h] = _mm512_set1_epi64(p->step[0]), c3[h] = _mm512_set1_epi64(p->step[1]);
    }
    uint32_t k0 = p->key[0], k1 = p->key[1];
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        const __m512i key0 = _mm512_set1_epi32((int32_t)k0), key1 = _mm512_set1_epi32((int32_t)k1);
        for (int h = 0; h < 2 * groups; h++) {
            const __m512i p0 = _mm512_mul_epu32(c0[h], m0), p1 = _mm512_mul_epu32(c2[h], m1);
            c0[h] = _mm512_ternarylogic_epi32(_mm512_srli_epi64(p1, 32), c1[h], key0, 0x96); /* exclusive or of the three */
            c1[h] = p1;
            c2[h] = _mm512_ternarylogic_epi32(_mm512_srli_epi64(p0, 32), c3[h], key1, 0x96);
            c3[h] = p0;
        }
        k0 += SN_PHILOX_W0;
        k1 += SN_PHILOX_W1;
    }
    for (int h = 0; h < 2 * groups; h++) {
        const __m512i first = _mm512_mask_shuffle_epi32(c0[h], 0xaaaa, c1[h], _MM_PERM_CCAA);
        const __m512i second = _mm512_mask_shuffle_epi32(c2[h], 0xaaaa, c3[h], _MM_PERM_CCAA);
        out[2 * h] = _mm512_unpacklo_epi64(first, second);
        out[2 * h + 1] = _mm512_unpackhi_epi64(first, second);
    }
}

/* Words [group * 64, group * 64 + 64) of the stream. */
static inline void sn_philox_group__avx512(const sn_philox *p, int64_t group, __m512i out[4]) { sn_philox_groups__avx512(p, group, 1, out); }

#endif
