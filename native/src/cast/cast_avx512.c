/* cast, AVX-512. To integers the instruction gives INT32_MIN for all that does not fit: right below, not above and not for NaN. */
#include <immintrin.h>

#include "cast/cast.h"

static inline void put(void *y, __m512 v, int past) {
    if (past) _mm512_stream_ps(y, v);
    else _mm512_storeu_ps(y, v);
}

void sn_f32_cast_i32__avx512(const void *x_, void *y_, int64_t n, int past) {
    const float *x = x_;
    int32_t *y = y_;
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m512 v = _mm512_loadu_ps(x + i);
        const __mmask16 above = _mm512_cmp_ps_mask(v, _mm512_set1_ps(2147483648.0f), _CMP_GE_OQ), number = _mm512_cmp_ps_mask(v, v, _CMP_ORD_Q);
        const __m512i r = _mm512_mask_mov_epi32(_mm512_cvttps_epi32(v), above, _mm512_set1_epi32(INT32_MAX));
        put(y + i, _mm512_castsi512_ps(_mm512_maskz_mov_epi32(number, r)), past);
    }
    if (i < n) sn_f32_cast_i32__generic(x + i, y + i, n - i, 0);
}

void sn_f32_cast_f64__avx512(const void *x_, void *y_, int64_t n, int past) {
    const float *x = x_;
    double *y = y_;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) put(y + i, _mm512_castpd_ps(_mm512_cvtps_pd(_mm256_loadu_ps(x + i))), past);
    if (i < n) sn_f32_cast_f64__generic(x + i, y + i, n - i, 0);
}

void sn_f64_cast_f32__avx512(const void *x_, void *y_, int64_t n, int past) {
    const double *x = x_;
    float *y = y_;
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256 low = _mm512_cvtpd_ps(_mm512_loadu_pd(x + i)), high = _mm512_cvtpd_ps(_mm512_loadu_pd(x + i + 8));
        put(y + i, _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1), past);
    }
    if (i < n) sn_f64_cast_f32__generic(x + i, y + i, n - i, 0);
}
