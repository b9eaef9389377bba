/* cast, AVX2. To integers the instruction gives INT32_MIN for all that does not fit: right below, not above and not for NaN. */
#include <immintrin.h>

#include "cast/cast.h"

static inline void put(void *y, __m256 v, int past) {
    if (past) _mm256_stream_ps(y, v);
    else _mm256_storeu_ps(y, v);
}

void sn_f32_cast_i32__avx2(const void *x_, void *y_, int64_t n, int past) {
    const float *x = x_;
    int32_t *y = y_;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 v = _mm256_loadu_ps(x + i);
        const __m256 above = _mm256_cmp_ps(v, _mm256_set1_ps(2147483648.0f), _CMP_GE_OQ), number = _mm256_cmp_ps(v, v, _CMP_ORD_Q);
        /* INT32_MIN becomes INT32_MAX with all bits flipped */
        const __m256 r = _mm256_xor_ps(_mm256_castsi256_ps(_mm256_cvttps_epi32(v)), above);
        put(y + i, _mm256_and_ps(number, r), past);
    }
    if (i < n) sn_f32_cast_i32__generic(x + i, y + i, n - i, 0);
}

void sn_f32_cast_f64__avx2(const void *x_, void *y_, int64_t n, int past) {
    const float *x = x_;
    double *y = y_;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) put(y + i, _mm256_castpd_ps(_mm256_cvtps_pd(_mm_loadu_ps(x + i))), past);
    if (i < n) sn_f32_cast_f64__generic(x + i, y + i, n - i, 0);
}

void sn_f64_cast_f32__avx2(const void *x_, void *y_, int64_t n, int past) {
    const double *x = x_;
    float *y = y_;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m128 low = _mm256_cvtpd_ps(_mm256_loadu_pd(x + i)), high = _mm256_cvtpd_ps(_mm256_loadu_pd(x + i + 4));
        put(y + i, _mm256_set_m128(high, low), past);
    }
    if (i < n) sn_f64_cast_f32__generic(x + i, y + i, n - i, 0);
}
