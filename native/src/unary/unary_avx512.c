/* unary, AVX-512. The kinds are those of unary_generic.inc; the functions are those of vector_math_avx512.h. */
#include <immintrin.h>

#include "unary/unary.h"
#include "unary/vector_math_avx512.h"

static inline __m512 c(float x) { return _mm512_set1_ps(x); }

/* where mask: yes, else no */
static inline __m512 choose(__mmask16 mask, __m512 yes, __m512 no) { return _mm512_mask_mov_ps(no, mask, yes); }
static inline __mmask16 positive(__m512 v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_GT_OQ); }
static inline __mmask16 negative(__m512 v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_LT_OQ); }
static inline __mmask16 not_positive(__m512 v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_LE_OQ); }

/* 1 or -1 with v's sign, v itself where it is 0 or NaN */
static inline __m512 sign(__m512 v) { return choose(positive(v), c(1), choose(negative(v), c(-1), v)); }

/* GELU's tanh form is x sigmoid(u), u = 2 sqrt(2/pi) (x + 0.044715 x^3); x clamped to where the sigmoid is 0 or 1. */
static inline __m512 gelu_argument(__m512 x) {
    const __m512 square = _mm512_mul_ps(x, x);
    return _mm512_mul_ps(x, _mm512_fmadd_ps(square, c(0.0713548163f), c(1.59576912f)));
}

static inline __m512 gelu_tanh(__m512 v) { return _mm512_mul_ps(v, sn_sigmoid_avx512(gelu_argument(sn_clamp_avx512(v, -20, 20)))); }

static inline __m512 gelu_tanh_derivative(__m512 v) {
    const __m512 x = sn_clamp_avx512(v, -20, 20), u = gelu_argument(x), one = c(1);
    const __m512 slope = _mm512_fmadd_ps(_mm512_mul_ps(x, x), c(0.214064449f), c(1.59576912f));
    /* e = exp(-|u|): the larger of s(u) and s(-u) is 1 / (1 + e), the smaller e / (1 + e) */
    const __m512 e = sn_exp_avx512(_mm512_or_ps(u, c(-0.0f))), large = _mm512_div_ps(one, _mm512_add_ps(one, e));
    const __m512 small = _mm512_mul_ps(e, large), s = choose(negative(u), small, large);
    return _mm512_fmadd_ps(_mm512_mul_ps(v, slope), _mm512_mul_ps(small, large), s);
}

static inline __m512 gelu(__m512 v) {
    __m512 gauss;
    return _mm512_mul_ps(v, sn_normal_cdf_avx512(v, &gauss));
}

static inline __m512 gelu_derivative(__m512 v) {
    __m512 gauss;
    const __m512 cdf = sn_normal_cdf_avx512(v, &gauss);
    return _mm512_fmadd_ps(_mm512_mul_ps(v, c(0.398942280f)), gauss, cdf);
}

/* y = expression of the vector v of x; masks only at the tail. */
#define EACH(expression)                                                     \
    for (; i + 16 <= end; i += 16) {                                         \
        const __m512 v = _mm512_loadu_ps(x + i);                             \
        _mm512_storeu_ps(y + i, expression);                                 \
    }                                                                        \
    if (i < end) {                                                           \
        const __mmask16 tail = (__mmask16)((1u << (end - i)) - 1);           \
        const __m512 v = _mm512_maskz_loadu_ps(tail, x + i);                 \
        _mm512_mask_storeu_ps(y + i, tail, expression);                      \
    }                                                                        \
    break

void sn_f32_unary_forward__avx512(const sn_unary_args *a, int64_t begin, int64_t end) {
    const float *x = a->x;
    float *y = a->y;
    const __m512 alpha = c((float)a->alpha), beta = c((float)a->beta), zero = _mm512_setzero_ps();
    int64_t i = begin;
    switch (a->kind) {
    case SN_IDENTITY: sn_f32_unary_forward__generic(a, begin, end); break;
    case SN_RELU: EACH(_mm512_max_ps(zero, v)); /* v when it is NaN */
    case SN_SIGMOID: EACH(sn_sigmoid_avx512(v));
    case SN_TANH: EACH(sn_tanh_avx512(v));
    case SN_LEAKY_RELU: EACH(choose(positive(v), v, _mm512_mul_ps(alpha, v)));
    case SN_ELU: EACH(choose(positive(v), v, _mm512_mul_ps(alpha, sn_expm1_avx512(v))));
    case SN_GELU: EACH(gelu(v));
    case SN_GELU_TANH: EACH(gelu_tanh(v));
    case SN_EXP: EACH(sn_exp_avx512(v));
    case SN_LOG: EACH(sn_log_avx512(v));
    case SN_SQRT: EACH(_mm512_sqrt_ps(v));
    case SN_SQUARE: EACH(_mm512_mul_ps(v, v));
    case SN_ABS: EACH(sn_abs_avx512(v));
    case SN_AFFINE: EACH(_mm512_add_ps(_mm512_mul_ps(alpha, v), beta));
    case SN_RECIPROCAL: EACH(_mm512_div_ps(c(1), v));
    case SN_SIGN: EACH(sign(v));
    }
}
#undef EACH

/* dx = expression of the gradient d and of the vector v of `from`. */
#define EACH(from, expression)                                               \
    for (; i + 16 <= end; i += 16) {                                         \
        const __m512 v = _mm512_loadu_ps((from) + i);                        \
        const __m512 d = _mm512_loadu_ps(dy + i);                            \
        _mm512_storeu_ps(dx + i, expression);                                \
    }                                                                        \
    if (i < end) {                                                           \
        const __mmask16 tail = (__mmask16)((1u << (end - i)) - 1);           \
        const __m512 v = _mm512_maskz_loadu_ps(tail, (from) + i);            \
        const __m512 d = _mm512_maskz_loadu_ps(tail, dy + i);                \
        _mm512_mask_storeu_ps(dx + i, tail, expression);                     \
    }                                                                        \
    break

static inline __m512 negate(__m512 v) { return _mm512_xor_ps(v, c(-0.0f)); }

void sn_f32_unary_backward__avx512(const sn_unary_args *a, int64_t begin, int64_t end) {
    const float *x = a->x, *y = a->y, *dy = a->dy, *either = x ? x : y;
    float *dx = a->dx;
    const __m512 alpha = c((float)a->alpha), one = c(1), zero = _mm512_setzero_ps();
    int64_t i = begin;
    switch (a->kind) {
    case SN_RELU: EACH(either, choose(not_positive(v), zero, d));
    case SN_SIGMOID: EACH(y, _mm512_mul_ps(d, _mm512_mul_ps(v, _mm512_sub_ps(one, v))));
    case SN_TANH: EACH(y, _mm512_mul_ps(d, _mm512_mul_ps(_mm512_sub_ps(one, v), _mm512_add_ps(one, v))));
    case SN_LEAKY_RELU: EACH(either, choose(positive(v), d, _mm512_mul_ps(alpha, d)));
    case SN_ELU:
        if (x) {
            EACH(x, choose(positive(v), d, _mm512_mul_ps(d, _mm512_mul_ps(alpha, sn_exp_avx512(v)))));
        } else {
            EACH(y, choose(positive(v), d, _mm512_mul_ps(d, _mm512_add_ps(v, alpha))));
        }
    case SN_GELU: EACH(x, _mm512_mul_ps(d, gelu_derivative(v)));
    case SN_GELU_TANH: EACH(x, _mm512_mul_ps(d, gelu_tanh_derivative(v)));
    case SN_EXP: EACH(y, _mm512_mul_ps(d, v));
    case SN_LOG: EACH(x, _mm512_div_ps(d, v));
    case SN_SQRT: EACH(y, _mm512_div_ps(_mm512_mul_ps(d, c(0.5f)), v));
    case SN_SQUARE: EACH(x, _mm512_mul_ps(d, _mm512_add_ps(v, v)));
    case SN_ABS: EACH(x, choose(positive(v), d, choose(negative(v), negate(d), v)));
    case SN_RECIPROCAL: EACH(y, _mm512_mul_ps(_mm512_mul_ps(negate(d), v), v));
    default: sn_f32_unary_backward__generic(a, begin, end); /* needs no input: at memory speed as it is */
    }
}
