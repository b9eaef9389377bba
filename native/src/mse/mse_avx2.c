/* mse, AVX2. Squares are added up in floats within blocks and in doubles from block to block. */
#include <immintrin.h>

#include "mse/mse.h"

enum { BLOCK = 4096 };

static inline __m256i first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(n < 8 ? n : 8)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline float sum_lanes(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

static double sum_of_squares(const float *x, const float *target, int64_t count) {
    double total = 0;
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        const int64_t end = count - begin < BLOCK ? count : begin + BLOCK;
        __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
        int64_t i = begin;
        for (; i + 32 <= end; i += 32)
            for (int k = 0; k < 4; k++) {
                const __m256 d = _mm256_sub_ps(_mm256_loadu_ps(x + i + 8 * k), _mm256_loadu_ps(target + i + 8 * k));
                sum[k] = _mm256_fmadd_ps(d, d, sum[k]);
            }
        for (; i < end; i += 8) {
            const __m256i mask = first_lanes(end - i);
            const __m256 d = _mm256_sub_ps(_mm256_maskload_ps(x + i, mask), _mm256_maskload_ps(target + i, mask));
            sum[0] = _mm256_fmadd_ps(d, d, sum[0]);
        }
        total += sum_lanes(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3])));
    }
    return total;
}

double sn_f32_mse_forward__avx2(const void *x_, const void *target_, void *loss_, int64_t count) {
    const float *x = x_, *target = target_;
    float *loss = loss_;
    if (!loss) return sum_of_squares(x, target, count);
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256 d = _mm256_sub_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(target + i));
        _mm256_storeu_ps(loss + i, _mm256_mul_ps(d, d));
    }
    const __m256i mask = first_lanes(count - i);
    const __m256 d = _mm256_sub_ps(_mm256_maskload_ps(x + i, mask), _mm256_maskload_ps(target + i, mask));
    _mm256_maskstore_ps(loss + i, mask, _mm256_mul_ps(d, d));
    return 0;
}

void sn_f32_mse_backward__avx2(const void *x_, const void *target_, const void *dloss_, double scale_, void *dx_, int64_t count) {
    const float *x = x_, *target = target_, *dloss = dloss_;
    float *dx = dx_;
    const __m256 scale = _mm256_set1_ps((float)scale_);
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 d = _mm256_mul_ps(scale, _mm256_sub_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(target + i)));
        if (dloss) d = _mm256_mul_ps(d, _mm256_loadu_ps(dloss + i));
        _mm256_storeu_ps(dx + i, d);
    }
    const __m256i mask = first_lanes(count - i);
    __m256 d = _mm256_mul_ps(scale, _mm256_sub_ps(_mm256_maskload_ps(x + i, mask), _mm256_maskload_ps(target + i, mask)));
    if (dloss) d = _mm256_mul_ps(d, _mm256_maskload_ps(dloss + i, mask));
    _mm256_maskstore_ps(dx + i, mask, d);
}
