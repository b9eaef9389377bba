/* bce, AVX-512. Losses are added up in floats within blocks and in doubles from block to block. */
#include <immintrin.h>

#include "bce/bce.h"
#include "unary/vector_math_avx512.h"

enum { BLOCK = 1024 };

static inline __mmask16 first_lanes(int64_t n) { return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1); }

/* Elements i to i + 15 of an array, or 1 where there is none. */
static inline __m512 load_or_1(const void *array, __mmask16 mask, int64_t i) {
    return array ? _mm512_maskz_loadu_ps(mask, (const float *)array + i) : _mm512_set1_ps(1);
}

/* exp(-|x|) */
static inline __m512 decay(__m512 x) { return sn_exp_avx512(_mm512_or_ps(x, _mm512_set1_ps(-0.0f))); }

static inline __m512 loss_at(const sn_bce_block *b, __mmask16 mask, int64_t i) {
    const __m512 x = load_or_1(b->x, mask, i), t = load_or_1(b->target, mask, i), zero = _mm512_setzero_ps();
    const __m512 l = sn_log1p_avx512(decay(x));
    const __mmask16 negative = _mm512_cmp_ps_mask(x, zero, _CMP_LT_OQ);
    const __m512 minus = _mm512_mask_sub_ps(l, negative, l, x), plus = _mm512_mask_add_ps(l, (__mmask16)~negative, l, x);
    const __m512 first = _mm512_mul_ps(_mm512_mul_ps(load_or_1(b->pos_weight, mask, i), t), minus);
    const __m512 loss = _mm512_add_ps(first, _mm512_mul_ps(_mm512_sub_ps(_mm512_set1_ps(1), t), plus));
    return _mm512_mul_ps(loss, load_or_1(b->weight, mask, i));
}

double sn_f32_bce_forward__avx512(const sn_bce_block *b) {
    float *out = b->out;
    double total = 0;
    for (int64_t begin = 0; begin < b->count; begin += BLOCK) {
        const int64_t end = b->count - begin < BLOCK ? b->count : begin + BLOCK;
        __m512 sum = _mm512_setzero_ps();
        for (int64_t i = begin; i < end; i += 16) {
            const __mmask16 mask = first_lanes(end - i);
            const __m512 loss = loss_at(b, mask, i);
            if (out) _mm512_mask_storeu_ps(out + i, mask, loss);
            else sum = _mm512_mask_add_ps(sum, mask, sum, loss);
        }
        total += _mm512_reduce_add_ps(sum);
    }
    return total;
}

void sn_f32_bce_backward__avx512(const sn_bce_block *b) {
    float *out = b->out;
    const __m512 one = _mm512_set1_ps(1), scale = _mm512_set1_ps((float)b->scale);
    for (int64_t i = 0; i < b->count; i += 16) {
        const __mmask16 mask = first_lanes(b->count - i);
        const __m512 x = load_or_1(b->x, mask, i), t = load_or_1(b->target, mask, i), e = decay(x);
        const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
        const __m512 positive_part = _mm512_mask_mov_ps(one, negative, e), negative_part = _mm512_mask_mov_ps(e, negative, one);
        const __m512 pull = _mm512_mul_ps(_mm512_mul_ps(load_or_1(b->pos_weight, mask, i), t), negative_part);
        const __m512 push = _mm512_mul_ps(_mm512_sub_ps(one, t), positive_part);
        const __m512 slope = _mm512_div_ps(_mm512_sub_ps(push, pull), _mm512_add_ps(one, e));
        const __m512 g = _mm512_mul_ps(_mm512_mul_ps(scale, load_or_1(b->weight, mask, i)), load_or_1(b->dloss, mask, i));
        _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(slope, g));
    }
}
