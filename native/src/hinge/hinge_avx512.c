/* hinge, AVX-512. The label's own z is the margin itself: it is masked out. Sums are added up in floats within blocks and
 * in doubles from block to block. */
#include <immintrin.h>

#include "hinge/hinge.h"

enum { BLOCK = 1024 };

/* The lanes of [i, i + 16) below n, but for lane t. */
static inline __mmask16 others(int64_t i, int64_t n, int64_t t) {
    const unsigned lanes = n - i >= 16 ? 0xffffu : (1u << (n - i)) - 1;
    return (__mmask16)(t >= i && t < i + 16 ? lanes & ~(1u << (t - i)) : lanes);
}

/* max(0, margin + (x - own)); NaN stays. */
static inline __m512 excess(__m512 x, __m512 own, __m512 margin) {
    return _mm512_max_ps(_mm512_setzero_ps(), _mm512_add_ps(margin, _mm512_sub_ps(x, own)));
}

double sn_f32_hinge_forward__avx512(const sn_hinge_row *row, const void *x_) {
    const float *x = x_;
    const __m512 own = _mm512_set1_ps(x[row->t]), margin = _mm512_set1_ps((float)row->margin);
    double total = 0;
    for (int64_t begin = 0; begin < row->classes; begin += BLOCK) {
        const int64_t end = row->classes - begin < BLOCK ? row->classes : begin + BLOCK;
        __m512 sum = _mm512_setzero_ps();
        for (int64_t i = begin; i < end; i += 16) {
            const __mmask16 mask = others(i, end, row->t);
            const __m512 z = excess(_mm512_maskz_loadu_ps(mask, x + i), own, margin);
            sum = _mm512_mask_add_ps(sum, mask, sum, row->p == 1 ? z : _mm512_mul_ps(z, z));
        }
        total += _mm512_reduce_add_ps(sum);
    }
    return total;
}

void sn_f32_hinge_backward__avx512(const sn_hinge_row *row, const void *x_, double scale_, void *dx_) {
    const float *x = x_;
    float *dx = dx_;
    const __m512 own = _mm512_set1_ps(x[row->t]), margin = _mm512_set1_ps((float)row->margin);
    const __m512 one = _mm512_set1_ps(1), scale = _mm512_set1_ps((float)scale_);
    double total = 0;
    for (int64_t begin = 0; begin < row->classes; begin += BLOCK) {
        const int64_t end = row->classes - begin < BLOCK ? row->classes : begin + BLOCK;
        __m512 sum = _mm512_setzero_ps();
        for (int64_t i = begin; i < end; i += 16) {
            const __mmask16 mask = others(i, end, row->t);
            const __m512 z = excess(_mm512_maskz_loadu_ps(mask, x + i), own, margin);
            const __mmask16 active = _mm512_cmp_ps_mask(z, _mm512_setzero_ps(), _CMP_GT_OQ);
            const __m512 slope = row->p == 1 ? _mm512_mask_mov_ps(z, active, one) : _mm512_add_ps(z, z);
            _mm512_mask_storeu_ps(dx + i, mask, _mm512_mul_ps(scale, slope));
            sum = _mm512_mask_add_ps(sum, mask, sum, slope);
        }
        total += _mm512_reduce_add_ps(sum);
    }
    dx[row->t] = (float)(-scale_ * total);
}
