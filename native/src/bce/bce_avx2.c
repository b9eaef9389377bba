/* bce, AVX2. Losses are added up in floats within blocks and in doubles from block to block. */
#include <immintrin.h>

#include "bce/bce.h"
#include "unary/vector_math_avx2.h"

enum { BLOCK = 512 };

static inline __m256i first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(n < 8 ? n : 8)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Elements i to i + 7 of an array, or 1 where there is none. */
static inline __m256 load_or_1(const void *array, __m256i mask, int64_t i) {
    return array ? _mm256_maskload_ps((const float *)array + i, mask) : _mm256_set1_ps(1);
}

/* exp(-|x|) */
static inline __m256 decay(__m256 x) { return sn_exp_avx2(_mm256_or_ps(x, _mm256_set1_ps(-0.0f))); }

static inline float sum_lanes(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

static inline __m256 loss_at(const sn_bce_block *b, __m256i mask, int64_t i) {
    const __m256 x = load_or_1(b->x, mask, i), t = load_or_1(b->target, mask, i);
    const __m256 l = sn_log1p_avx2(decay(x)), negative = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ);
    const __m256 minus = _mm256_blendv_ps(l, _mm256_sub_ps(l, x), negative), plus = _mm256_blendv_ps(_mm256_add_ps(l, x), l, negative);
    const __m256 first = _mm256_mul_ps(_mm256_mul_ps(load_or_1(b->pos_weight, mask, i), t), minus);
    const __m256 loss = _mm256_add_ps(first, _mm256_mul_ps(_mm256_sub_ps(_mm256_set1_ps(1), t), plus));
    return _mm256_mul_ps(loss, load_or_1(b->weight, mask, i));
}

double sn_f32_bce_forward__avx2(const sn_bce_block *b) {
    float *out = b->out;
    double total = 0;
    for (int64_t begin = 0; begin < b->count; begin += BLOCK) {
        const int64_t end = b->count - begin < BLOCK ? b->count : begin + BLOCK;
        __m256 sum = _mm256_setzero_ps();
        for (int64_t i = begin; i < end; i += 8) {
            const __m256i mask = first_lanes(end - i);
            const __m256 loss = loss_at(b, mask, i);
            if (out) _mm256_maskstore_ps(out + i, mask, loss);
            else sum = _mm256_add_ps(sum, _mm256_and_ps(loss, _mm256_castsi256_ps(mask)));
        }
        total += sum_lanes(sum);
    }
    return total;
}

void sn_f32_bce_backward__avx2(const sn_bce_block *b) {
    float *out = b->out;
    const __m256 one = _mm256_set1_ps(1), scale = _mm256_set1_ps((float)b->scale);
    for (int64_t i = 0; i < b->count; i += 8) {
        const __m256i mask = first_lanes(b->count - i);
        const __m256 x = load_or_1(b->x, mask, i), t = load_or_1(b->target, mask, i), e = decay(x);
        const __m256 negative = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ);
        const __m256 positive_part = _mm256_blendv_ps(one, e, negative), negative_part = _mm256_blendv_ps(e, one, negative);
        const __m256 pull = _mm256_mul_ps(_mm256_mul_ps(load_or_1(b->pos_weight, mask, i), t), negative_part);
        const __m256 push = _mm256_mul_ps(_mm256_sub_ps(one, t), positive_part);
        const __m256 slope = _mm256_div_ps(_mm256_sub_ps(push, pull), _mm256_add_ps(one, e));
        const __m256 g = _mm256_mul_ps(_mm256_mul_ps(scale, load_or_1(b->weight, mask, i)), load_or_1(b->dloss, mask, i));
        _mm256_maskstore_ps(out + i, mask, _mm256_mul_ps(slope, g));
    }
}
