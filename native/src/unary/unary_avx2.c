/* unary, AVX2. The kinds are those of unary_generic.inc; the functions are those of vector_math_avx2.h. */
#include <float.h>
#include <immintrin.h>

#include "unary/unary.h"
#include "unary/vector_math_avx2.h"

static inline __m256 c(float x) { return _mm256_set1_ps(x); }

/* where mask: yes, else no */
static inline __m256 choose(__m256 mask, __m256 yes, __m256 no) { return _mm256_blendv_ps(no, yes, mask); }
static inline __m256 positive(__m256 v) { return _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ); }
static inline __m256 negative(__m256 v) { return _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_LT_OQ); }
static inline __m256 not_positive(__m256 v) { return _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_LE_OQ); }

/* 1 or -1 with v's sign, v itself where it is 0 or NaN */
static inline __m256 sign(__m256 v) { return choose(positive(v), c(1), choose(negative(v), c(-1), v)); }

/* GELU's tanh form is x sigmoid(u), u = 2 sqrt(2/pi) (x + 0.044715 x^3); x clamped to where the sigmoid is 0 or 1. */
static inline __m256 gelu_argument(__m256 x) {
    const __m256 square = _mm256_mul_ps(x, x);
    return _mm256_mul_ps(x, _mm256_fmadd_ps(square, c(0.0713548163f), c(1.59576912f)));
}

static inline __m256 gelu_tanh(__m256 v) { return _mm256_mul_ps(v, sn_sigmoid_avx2(gelu_argument(sn_clamp_avx2(v, -20, 20)))); }

static inline __m256 gelu_tanh_derivative(__m256 v) {
    const __m256 x = sn_clamp_avx2(v, -20, 20), u = gelu_argument(x), one = c(1);
    const __m256 slope = _mm256_fmadd_ps(_mm256_mul_ps(x, x), c(0.214064449f), c(1.59576912f));
    /* e = exp(-|u|): the larger of s(u) and s(-u) is 1 / (1 + e), the smaller e / (1 + e) */
    const __m256 e = sn_exp_avx2(_mm256_or_ps(u, c(-0.0f))), large = _mm256_div_ps(one, _mm256_add_ps(one, e));
    const __m256 small = _mm256_mul_ps(e, large), s = choose(negative(u), small, large);
    return _mm256_fmadd_ps(_mm256_mul_ps(v, slope), _mm256_mul_ps(small, large), s);
}

static inline __m256 gelu(__m256 v) {
    __m256 gauss;
    return _mm256_mul_ps(v, sn_normal_cdf_avx2(v, &gauss));
}

static inline __m256 gelu_derivative(__m256 v) {
    __m256 gauss;
    const __m256 cdf = sn_normal_cdf_avx2(v, &gauss);
    return _mm256_fmadd_ps(_mm256_mul_ps(v, c(0.398942280f)), gauss, cdf);
}

static inline __m256 greater(__m256 a, __m256 b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
static inline __m256 not_greater(__m256 a, __m256 b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }

/* x tanh(log(1 + e)) = x n / (n + 2), n = e (e + 2), e = exp(x); x clamped to where that has long been 1. */
static inline __m256 mish(__m256 v) {
    const __m256 e = sn_exp_avx2(_mm256_min_ps(c(20), v)), n = _mm256_mul_ps(e, _mm256_add_ps(e, c(2)));
    return _mm256_mul_ps(v, _mm256_div_ps(n, _mm256_add_ps(n, c(2))));
}

static inline __m256 mish_derivative(__m256 v) {
    const __m256 x = sn_clamp_avx2(v, -100, 20), e = sn_exp_avx2(x);
    const __m256 n = _mm256_mul_ps(e, _mm256_add_ps(e, c(2))), d = _mm256_add_ps(n, c(2));
    const __m256 slope = _mm256_div_ps(_mm256_mul_ps(_mm256_mul_ps(c(4), e), _mm256_add_ps(c(1), e)), _mm256_mul_ps(d, d));
    return _mm256_fmadd_ps(x, slope, _mm256_div_ps(n, d));
}

/* s(x) + x s(x) s(-x); with e = exp(-|x|) the larger of the two is 1 / (1 + e), the smaller e / (1 + e). */
static inline __m256 silu_derivative(__m256 v) {
    const __m256 x = sn_clamp_avx2(v, -100, 100), e = sn_exp_avx2(_mm256_or_ps(x, c(-0.0f)));
    const __m256 large = _mm256_div_ps(c(1), _mm256_add_ps(c(1), e)), small = _mm256_mul_ps(e, large);
    return _mm256_fmadd_ps(_mm256_mul_ps(x, small), large, choose(negative(x), small, large));
}

static inline __m256 softplus(__m256 v) {
    return _mm256_add_ps(_mm256_max_ps(_mm256_setzero_ps(), v), sn_log1p_avx2(sn_exp_avx2(_mm256_or_ps(v, c(-0.0f)))));
}

/* Clamped to the largest number, so that the infinities give 1 and -1. */
static inline __m256 softsign(__m256 v) {
    const __m256 x = sn_clamp_avx2(v, -FLT_MAX, FLT_MAX);
    return _mm256_div_ps(x, _mm256_add_ps(c(1), sn_abs_avx2(x)));
}

/* (x + 3) x / 6 between -3 and 3. */
static inline __m256 hard_swish(__m256 v) {
    const __m256 inside = _mm256_mul_ps(v, _mm256_fmadd_ps(v, c(1.0f / 6), c(0.5f)));
    return choose(not_greater(v, c(-3)), _mm256_setzero_ps(), choose(not_greater(c(3), v), v, inside));
}

static inline __m256 hard_swish_gradient(__m256 v, __m256 d) {
    const __m256 inside = _mm256_mul_ps(d, _mm256_fmadd_ps(v, c(1.0f / 3), c(0.5f)));
    return choose(not_greater(v, c(-3)), _mm256_setzero_ps(), choose(not_greater(c(3), v), d, inside));
}

/* The first n of 8 lanes. */
static inline __m256i first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Until few numbers are left; returns from where on. Apart, lest the other loops have fewer registers. */
static SN_NOINLINE int64_t tanh_together(const float *x, float *y, int64_t i, int64_t end, int past) {
    enum { STEP = 8 * SN_TANH_TOGETHER };
    for (; i + STEP <= end; i += STEP) {
        __m256 v[SN_TANH_TOGETHER];
#pragma GCC unroll 4
        for (int k = 0; k < SN_TANH_TOGETHER; k++) v[k] = _mm256_loadu_ps(x + i + 8 * k);
        sn_tanh_of_avx2(v, SN_TANH_TOGETHER);
#pragma GCC unroll 4
        for (int k = 0; k < SN_TANH_TOGETHER; k++) {
            if (past) _mm256_stream_ps(y + i + 8 * k, v[k]);
            else _mm256_storeu_ps(y + i + 8 * k, v[k]);
        }
    }
    return i;
}

/* y = expression of the vector v of x; masks only at the tail. */
#define EACH(expression)                                                     \
    for (; i + 8 <= end; i += 8) {                                           \
        const __m256 v = _mm256_loadu_ps(x + i);                             \
        if (past) _mm256_stream_ps(y + i, expression);                       \
        else _mm256_storeu_ps(y + i, expression);                            \
    }                                                                        \
    if (i < end) {                                                           \
        const __m256i tail = first_lanes(end - i);                           \
        const __m256 v = _mm256_maskload_ps(x + i, tail);                    \
        _mm256_maskstore_ps(y + i, tail, expression);                        \
    }                                                                        \
    break

void sn_f32_unary_forward__avx2(const sn_unary_args *a, int64_t begin, int64_t end) {
    const float *x = a->x;
    float *y = a->y;
    const __m256 alpha = c((float)a->alpha), beta = c((float)a->beta), zero = _mm256_setzero_ps();
    const int past = sn_unary_past(y, x, a->count);
    int64_t i = begin;
    switch (a->kind) {
    case SN_IDENTITY: sn_f32_unary_forward__generic(a, begin, end); break;
    case SN_RELU: EACH(_mm256_max_ps(zero, v)); /* v when it is NaN */
    case SN_SIGMOID: EACH(sn_sigmoid_avx2(v));
    case SN_TANH:
        i = tanh_together(x, y, i, end, past);
        EACH(sn_tanh_avx2(v));
    case SN_LEAKY_RELU: EACH(choose(positive(v), v, _mm256_mul_ps(alpha, v)));
    case SN_ELU: EACH(choose(positive(v), v, _mm256_mul_ps(alpha, sn_expm1_avx2(v))));
    case SN_GELU: EACH(gelu(v));
    case SN_GELU_TANH: EACH(gelu_tanh(v));
    case SN_EXP: EACH(sn_exp_avx2(v));
    case SN_LOG: EACH(sn_log_avx2(v));
    case SN_SQRT: EACH(_mm256_sqrt_ps(v));
    case SN_SQUARE: EACH(_mm256_mul_ps(v, v));
    case SN_ABS: EACH(sn_abs_avx2(v));
    case SN_AFFINE: EACH(_mm256_add_ps(_mm256_mul_ps(alpha, v), beta));
    case SN_RECIPROCAL: EACH(_mm256_div_ps(c(1), v));
    case SN_SIGN: EACH(sign(v));
    case SN_SILU: EACH(_mm256_mul_ps(v, sn_sigmoid_avx2(v)));
    case SN_MISH: EACH(mish(v));
    case SN_SOFTPLUS: EACH(choose(greater(_mm256_mul_ps(alpha, v), beta), v, _mm256_div_ps(softplus(_mm256_mul_ps(alpha, v)), alpha)));
    case SN_SOFTSIGN: EACH(softsign(v));
    case SN_CLAMP: EACH(_mm256_max_ps(alpha, _mm256_min_ps(beta, v))); /* v when it is NaN */
    case SN_HARD_SWISH: EACH(hard_swish(v));
    case SN_THRESHOLD: EACH(choose(not_greater(v, alpha), beta, v));
    case SN_HARD_SHRINK: EACH(choose(not_greater(sn_abs_avx2(v), alpha), zero, v));
    case SN_SOFT_SHRINK: EACH(_mm256_sub_ps(v, sn_clamp_avx2(v, (float)-a->alpha, (float)a->alpha)));
    case SN_STEP: EACH(choose(positive(v), c(1), choose(negative(v), zero, choose(not_positive(v), alpha, v))));
    }
}
#undef EACH

/* dx = expression of the gradient d and of the vector v of `from`. */
#define EACH(from, expression)                                               \
    for (; i + 8 <= end; i += 8) {                                           \
        const __m256 v = _mm256_loadu_ps((from) + i);                        \
        const __m256 d = _mm256_loadu_ps(dy + i);                            \
        if (past) _mm256_stream_ps(dx + i, expression);                      \
        else _mm256_storeu_ps(dx + i, expression);                           \
    }                                                                        \
    if (i < end) {                                                           \
        const __m256i tail = first_lanes(end - i);                           \
        const __m256 v = _mm256_maskload_ps((from) + i, tail);               \
        const __m256 d = _mm256_maskload_ps(dy + i, tail);                   \
        _mm256_maskstore_ps(dx + i, tail, expression);                       \
    }                                                                        \
    break

static inline __m256 negate(__m256 v) { return _mm256_xor_ps(v, c(-0.0f)); }

void sn_f32_unary_backward__avx2(const sn_unary_args *a, int64_t begin, int64_t end) {
    const float *x = a->x, *y = a->y, *dy = a->dy, *either = x ? x : y;
    float *dx = a->dx;
    const __m256 alpha = c((float)a->alpha), beta = c((float)a->beta), one = c(1), zero = _mm256_setzero_ps();
    const int past = sn_unary_past(dx, dy, a->count);
    int64_t i = begin;
    switch (a->kind) {
    case SN_RELU: EACH(either, _mm256_andnot_ps(not_positive(v), d));
    case SN_SIGMOID: EACH(y, _mm256_mul_ps(d, _mm256_mul_ps(v, _mm256_sub_ps(one, v))));
    case SN_TANH: EACH(y, _mm256_mul_ps(d, _mm256_mul_ps(_mm256_sub_ps(one, v), _mm256_add_ps(one, v))));
    case SN_LEAKY_RELU: EACH(either, choose(positive(v), d, _mm256_mul_ps(alpha, d)));
    case SN_ELU:
        if (x) {
            EACH(x, choose(positive(v), d, _mm256_mul_ps(d, _mm256_mul_ps(alpha, sn_exp_avx2(v)))));
        } else {
            EACH(y, choose(positive(v), d, _mm256_mul_ps(d, _mm256_add_ps(v, alpha))));
        }
    case SN_GELU: EACH(x, _mm256_mul_ps(d, gelu_derivative(v)));
    case SN_GELU_TANH: EACH(x, _mm256_mul_ps(d, gelu_tanh_derivative(v)));
    case SN_EXP: EACH(y, _mm256_mul_ps(d, v));
    case SN_LOG: EACH(x, _mm256_div_ps(d, v));
    case SN_SQRT: EACH(y, _mm256_div_ps(_mm256_mul_ps(d, c(0.5f)), v));
    case SN_SQUARE: EACH(x, _mm256_mul_ps(d, _mm256_add_ps(v, v)));
    case SN_ABS: EACH(x, choose(positive(v), d, choose(negative(v), negate(d), v)));
    case SN_RECIPROCAL: EACH(y, _mm256_mul_ps(_mm256_mul_ps(negate(d), v), v));
    case SN_SILU: EACH(x, _mm256_mul_ps(d, silu_derivative(v)));
    case SN_MISH: EACH(x, _mm256_mul_ps(d, mish_derivative(v)));
    case SN_SOFTPLUS: EACH(x, choose(greater(_mm256_mul_ps(alpha, v), beta), d, _mm256_mul_ps(d, sn_sigmoid_avx2(_mm256_mul_ps(alpha, v)))));
    case SN_SOFTSIGN: EACH(y, _mm256_mul_ps(d, _mm256_mul_ps(_mm256_sub_ps(one, sn_abs_avx2(v)), _mm256_sub_ps(one, sn_abs_avx2(v)))));
    case SN_CLAMP: EACH(y, choose(not_greater(v, alpha), zero, choose(not_greater(beta, v), zero, d)));
    case SN_HARD_SWISH: EACH(x, hard_swish_gradient(v, d));
    case SN_THRESHOLD: EACH(x, choose(not_greater(v, alpha), zero, d));
    case SN_HARD_SHRINK: case SN_SOFT_SHRINK: EACH(x, choose(not_greater(sn_abs_avx2(v), alpha), zero, d));
    default: sn_f32_unary_backward__generic(a, begin, end); /* needs no input: at memory speed as it is */
    }
}
