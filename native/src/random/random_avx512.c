/* random, AVX-512: the same bits as the generic kernel. */
#include "random/philox_avx512.h"
#include "random/random.h"

void sn_f32_random_uniform__avx512(const sn_random_source *s, void *y_, int64_t begin, int64_t end) {
    float *y = y_;
    const __m512 a = _mm512_set1_ps((float)s->a), width = _mm512_set1_ps((float)(s->b - s->a)), unit = _mm512_set1_ps(0x1p-24f);
    for (int64_t i = begin; i < end; i += SN_PHILOX_GROUP) {
        __m512i words[4];
        sn_philox_group__avx512(&s->stream, i / SN_PHILOX_GROUP, words);
        for (int64_t k = 0; k < 4 && i + 16 * k < end; k++) {
            const int64_t left = end - i - 16 * k;
            const __m512 u = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_srli_epi32(words[k], 8)), unit);
            const __m512 v = _mm512_add_ps(a, _mm512_mul_ps(width, u));
            if (left >= 16) _mm512_storeu_ps(y + i + 16 * k, v); /* masked stores are slow out of cache */
            else _mm512_mask_storeu_ps(y + i + 16 * k, (__mmask16)((1u << left) - 1), v);
        }
    }
}
