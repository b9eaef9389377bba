/* dropout, AVX2. */
#include "dropout/dropout.h"
#include "random/philox_avx2.h"

/* The words that are not dropped. */
static inline __m256 kept(__m256i words, __m256i threshold, __m256i any) {
    /* word >= threshold, unsigned: the larger of the two is the word */
    return _mm256_castsi256_ps(_mm256_and_si256(any, _mm256_cmpeq_epi32(_mm256_max_epu32(words, threshold), words)));
}

void sn_f32_dropout__avx2(const sn_dropout_mask *d, const void *x_, void *y_, int64_t begin, int64_t end) {
    const float *x = x_;
    float *y = y_;
    const __m256 scale = _mm256_set1_ps((float)d->scale);
    const __m256i any = _mm256_set1_epi32(d->threshold > UINT32_MAX ? 0 : -1); /* a threshold of 2^32 is no 32-bit word */
    const __m256i threshold = _mm256_set1_epi32((int32_t)(uint32_t)d->threshold);
    int64_t i = begin;
    for (; i + 64 <= end; i += 64) {
        /* so much arithmetic in between that the hardware does not see the stream ahead */
        for (int64_t k = 0; k < 4; k++) _mm_prefetch((const char *)(x + i + 16 * k + SN_DROPOUT_AHEAD), _MM_HINT_T0);
        __m256i words[8];
        sn_philox_halves__avx2(&d->stream, i / 32, 2, words);
        for (int64_t k = 0; k < 8; k++) {
            const __m256 v = _mm256_mul_ps(_mm256_loadu_ps(x + i + 8 * k), scale);
            _mm256_storeu_ps(y + i + 8 * k, _mm256_and_ps(v, kept(words[k], threshold, any)));
        }
    }
    for (; i < end; i += 32) {
        __m256i words[4];
        sn_philox_half__avx2(&d->stream, i / 32, words);
        for (int64_t k = 0; k < 4; k++) {
            const __m256i mask = sn_first_lanes__avx2(end - i - 8 * k);
            const __m256 v = _mm256_mul_ps(_mm256_maskload_ps(x + i + 8 * k, mask), scale);
            _mm256_maskstore_ps(y + i + 8 * k, mask, _mm256_and_ps(v, kept(words[k], threshold, any)));
        }
    }
}
