/* random, AVX2: the same bits as the generic kernel. */
#include "random/philox_avx2.h"
#include "random/random.h"

void sn_f32_random_uniform__avx2(const sn_random_source *s, void *y_, int64_t begin, int64_t end) {
    float *y = y_;
    const __m256 a = _mm256_set1_ps((float)s->a), width = _mm256_set1_ps((float)(s->b - s->a)), unit = _mm256_set1_ps(0x1p-24f);
    for (int64_t i = begin; i < end; i += 32) {
        __m256i words[4];
        sn_philox_half__avx2(&s->stream, i / 32, words);
        for (int64_t k = 0; k < 4 && i + 8 * k < end; k++) {
            const __m256 u = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_srli_epi32(words[k], 8)), unit);
            const __m256 v = _mm256_add_ps(a, _mm256_mul_ps(width, u));
            if (end - i >= 32) _mm256_storeu_ps(y + i + 8 * k, v); /* masked stores are slow on some CPUs */
            else _mm256_maskstore_ps(y + i + 8 * k, sn_first_lanes__avx2(end - i - 8 * k), v);
        }
    }
}
