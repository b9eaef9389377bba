/* mse, AVX-512. Squares are added up in floats within blocks and in doubles from block to block. */
#include <immintrin.h>

#include "mse/mse.h"

enum { BLOCK = 4096 };

static inline __mmask16 first_lanes(int64_t n) { return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1); }

static double sum_of_squares(const float *x, const float *target, int64_t count) {
    double total = 0;
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        const int64_t end = count - begin < BLOCK ? count : begin + BLOCK;
        __m512 sum[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
        int64_t i = begin;
        for (; i + 64 <= end; i += 64)
            for (int k = 0; k < 4; k++) {
                const __m512 d = _mm512_sub_ps(_mm512_loadu_ps(x + i + 16 * k), _mm512_loadu_ps(target + i + 16 * k));
                sum[k] = _mm512_fmadd_ps(d, d, sum[k]);
            }
        for (; i < end; i += 16) {
            const __mmask16 mask = first_lanes(end - i);
            const __m512 d = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), _mm512_maskz_loadu_ps(mask, target + i));
            sum[0] = _mm512_fmadd_ps(d, d, sum[0]);
        }
        total += _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sum[0], sum[1]), _mm512_add_ps(sum[2], sum[3])));
    }
    return total;
}

double sn_f32_mse_forward__avx512(const void *x_, const void *target_, void *loss_, int64_t count) {
    const float *x = x_, *target = target_;
    float *loss = loss_;
    if (!loss) return sum_of_squares(x, target, count);
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m512 d = _mm512_sub_ps(_mm512_loadu_ps(x + i), _mm512_loadu_ps(target + i));
        _mm512_storeu_ps(loss + i, _mm512_mul_ps(d, d));
    }
    const __mmask16 mask = first_lanes(count - i);
    const __m512 d = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), _mm512_maskz_loadu_ps(mask, target + i));
    _mm512_mask_storeu_ps(loss + i, mask, _mm512_mul_ps(d, d));
    return 0;
}

void sn_f32_mse_backward__avx512(const void *x_, const void *target_, const void *dloss_, double scale_, void *dx_, int64_t count) {
    const float *x = x_, *target = target_, *dloss = dloss_;
    float *dx = dx_;
    const __m512 scale = _mm512_set1_ps((float)scale_);
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m512 d = _mm512_mul_ps(scale, _mm512_sub_ps(_mm512_loadu_ps(x + i), _mm512_loadu_ps(target + i)));
        if (dloss) d = _mm512_mul_ps(d, _mm512_loadu_ps(dloss + i));
        _mm512_storeu_ps(dx + i, d);
    }
    const __mmask16 mask = first_lanes(count - i);
    __m512 d = _mm512_mul_ps(scale, _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), _mm512_maskz_loadu_ps(mask, target + i)));
    if (dloss) d = _mm512_mul_ps(d, _mm512_maskz_loadu_ps(mask, dloss + i));
    _mm512_mask_storeu_ps(dx + i, mask, d);
}
