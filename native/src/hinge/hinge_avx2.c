/* hinge, AVX2. The label's own z is the margin itself: it is masked out. Sums are added up in floats within blocks and in
 * doubles from block to block. */
#include <immintrin.h>

#include "hinge/hinge.h"

enum { BLOCK = 512 };

/* The lanes of [i, i + 8) below n, but for lane t. */
static inline __m256i others(int64_t i, int64_t n, int64_t t) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(n - i < 8 ? n - i : 8)), lanes);
    const int64_t lane = t >= i && t < i + 8 ? t - i : 8;
    return _mm256_andnot_si256(_mm256_cmpeq_epi32(_mm256_set1_epi32((int32_t)lane), lanes), below);
}

/* max(0, margin + (x - own)); NaN stays. */
static inline __m256 excess(__m256 x, __m256 own, __m256 margin) {
    return _mm256_max_ps(_mm256_setzero_ps(), _mm256_add_ps(margin, _mm256_sub_ps(x, own)));
}

static inline float sum_lanes(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

double sn_f32_hinge_forward__avx2(const sn_hinge_row *row, const void *x_) {
    const float *x = x_;
    const __m256 own = _mm256_set1_ps(x[row->t]), margin = _mm256_set1_ps((float)row->margin);
    double total = 0;
    for (int64_t begin = 0; begin < row->classes; begin += BLOCK) {
        const int64_t end = row->classes - begin < BLOCK ? row->classes : begin + BLOCK;
        __m256 sum = _mm256_setzero_ps();
        for (int64_t i = begin; i < end; i += 8) {
            const __m256i mask = others(i, end, row->t);
            const __m256 z = excess(_mm256_maskload_ps(x + i, mask), own, margin);
            const __m256 term = row->p == 1 ? z : _mm256_mul_ps(z, z);
            sum = _mm256_add_ps(sum, _mm256_and_ps(term, _mm256_castsi256_ps(mask)));
        }
        total += sum_lanes(sum);
    }
    return total;
}

void sn_f32_hinge_backward__avx2(const sn_hinge_row *row, const void *x_, double scale_, void *dx_) {
    const float *x = x_;
    float *dx = dx_;
    const __m256 own = _mm256_set1_ps(x[row->t]), margin = _mm256_set1_ps((float)row->margin);
    const __m256 one = _mm256_set1_ps(1), scale = _mm256_set1_ps((float)scale_);
    double total = 0;
    for (int64_t begin = 0; begin < row->classes; begin += BLOCK) {
        const int64_t end = row->classes - begin < BLOCK ? row->classes : begin + BLOCK;
        __m256 sum = _mm256_setzero_ps();
        for (int64_t i = begin; i < end; i += 8) {
            const __m256i mask = others(i, end, row->t);
            const __m256 z = excess(_mm256_maskload_ps(x + i, mask), own, margin);
            const __m256 active = _mm256_cmp_ps(z, _mm256_setzero_ps(), _CMP_GT_OQ);
            const __m256 slope = row->p == 1 ? _mm256_blendv_ps(z, one, active) : _mm256_add_ps(z, z);
            _mm256_maskstore_ps(dx + i, mask, _mm256_mul_ps(scale, slope));
            sum = _mm256_add_ps(sum, _mm256_and_ps(slope, _mm256_castsi256_ps(mask)));
        }
        total += sum_lanes(sum);
    }
    dx[row->t] = (float)(-scale_ * total);
}
