/* dropout, AVX-512. */
#include "dropout/dropout.h"
#include "random/philox_avx512.h"

void sn_f32_dropout__avx512(const sn_dropout_mask *d, const void *x_, void *y_, int64_t begin, int64_t end) {
    const float *x = x_;
    float *y = y_;
    const __m512 scale = _mm512_set1_ps((float)d->scale);
    const __mmask16 any = d->threshold > UINT32_MAX ? 0 : 0xffff; /* a threshold of 2^32 is no 32-bit word */
    const __m512i threshold = _mm512_set1_epi32((int32_t)(uint32_t)d->threshold);
    int64_t i = begin;
    for (; i + 2 * SN_PHILOX_GROUP <= end; i += 2 * SN_PHILOX_GROUP) {
        /* so much arithmetic in between that the hardware does not see the stream ahead */
        for (int64_t k = 0; k < 8; k++) _mm_prefetch((const char *)(x + i + 16 * k + SN_DROPOUT_AHEAD), _MM_HINT_T0);
        __m512i words[8];
        sn_philox_groups__avx512(&d->stream, i / SN_PHILOX_GROUP, 2, words);
        for (int64_t k = 0; k < 8; k++) {
            const __mmask16 kept = _mm512_mask_cmpge_epu32_mask(any, words[k], threshold);
            _mm512_storeu_ps(y + i + 16 * k, _mm512_maskz_mul_ps(kept, _mm512_loadu_ps(x + i + 16 * k), scale));
        }
    }
    for (; i < end; i += SN_PHILOX_GROUP) {
        __m512i words[4];
        sn_philox_group__avx512(&d->stream, i / SN_PHILOX_GROUP, words);
        for (int64_t k = 0; k < 4 && i + 16 * k < end; k++) {
            const int64_t left = end - i - 16 * k;
            const __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
            const __mmask16 kept = _mm512_mask_cmpge_epu32_mask(any, words[k], threshold);
            _mm512_mask_storeu_ps(y + i + 16 * k, mask, _mm512_maskz_mul_ps(kept, _mm512_maskz_loadu_ps(mask, x + i + 16 * k), scale));
        }
    }
}
