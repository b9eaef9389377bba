/* Exponential, logarithm and their relatives for 16 floats, AVX-512. Only for files compiled with AVX-512's flags.
 *
 * Largest errors against double libm, in units of the last place of the result: exp 1.0, expm1 0.9, log 0.9, log1p 0.9,
 * tanh 2.3, sigmoid 2.2, normal_cdf 7.1 (near 0; what 1 / (1 + 0.35 |x|) rounds away), over floats of every size.
 * tests/native/unary_accuracy_test.c measures those that are kinds of unary.
 * NaN gives NaN, infinities their limits. Subnormal arguments and results are right unless the caller has them flushed
 * to zero.
 *
 * Polynomials: least maximal relative error over the reduced range, fitted for this file. _mm512_min_ps(c, x) and
 * _mm512_max_ps(c, x) return x when x is NaN: hence the order of their arguments. */
#ifndef SN_UNARY_VECTOR_MATH_AVX512_H
#define SN_UNARY_VECTOR_MATH_AVX512_H

#include <immintrin.h>
#include <math.h>

static inline __m512 sn_abs_avx512(__m512 x) { return _mm512_abs_ps(x); }

static inline __m512 sn_clamp_avx512(__m512 x, float low, float high) {
    return _mm512_max_ps(_mm512_set1_ps(low), _mm512_min_ps(_mm512_set1_ps(high), x));
}

/* x = n log(2) + r with integral n, |r| <= log(2)/2; log(2) in two parts. */
static inline __m512 sn_reduce_exp_avx512(__m512 x, __m512 *n) {
    *n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512 r = _mm512_fnmadd_ps(*n, _mm512_set1_ps(0.693147182f), x);
    return _mm512_fnmadd_ps(*n, _mm512_set1_ps(-1.90465421e-9f), r);
}

static inline __m512 sn_exp_avx512(__m512 x) {
    __m512 n;
    const __m512 r = sn_reduce_exp_avx512(sn_clamp_avx512(x, -105, 90), &n);
    __m512 q = _mm512_set1_ps(0.0013814467f);
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.008368781f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.041668393f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.1666652f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.49999994f));
    const __m512 one = _mm512_set1_ps(1);
    return _mm512_scalef_ps(_mm512_add_ps(one, _mm512_fmadd_ps(_mm512_mul_ps(r, r), q, r)), n);
}

/* exp(r) 2^n - 1, |r| <= log(2)/2 */
static inline __m512 sn_expm1_reduced_avx512(__m512 r, __m512 n) {
    __m512 q = _mm512_set1_ps(0.00019914302f);
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.0013941103f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.008333273f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.041666355f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.16666667f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(0.5f));
    const __m512 p = _mm512_fmadd_ps(_mm512_mul_ps(r, r), q, r), one = _mm512_set1_ps(1);
    const __m512 scale = _mm512_scalef_ps(one, n);
    return _mm512_fmadd_ps(scale, p, _mm512_sub_ps(scale, one));
}

/* exp(x) - 1, for x <= 88 */
static inline __m512 sn_expm1_avx512(__m512 x) {
    __m512 n;
    const __m512 r = sn_reduce_exp_avx512(sn_clamp_avx512(x, -105, 88), &n);
    return sn_expm1_reduced_avx512(r, n);
}

/* log(2) e + log(1 + f) for f in [-1/4, 1/2] */
static inline __m512 sn_log_reduced_avx512(__m512 e, __m512 f) {
    __m512 p = _mm512_set1_ps(0.03767289f);
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-0.09116187f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.11700661f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-0.12727779f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.1427624f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-0.16655296f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.19999605f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-0.25000164f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.3333334f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(-0.5f));
    const __m512 low = _mm512_mul_ps(e, _mm512_set1_ps(-1.90465421e-9f));
    const __m512 log = _mm512_add_ps(f, _mm512_fmadd_ps(_mm512_mul_ps(f, f), p, low));
    return _mm512_fmadd_ps(e, _mm512_set1_ps(0.693147182f), log);
}

static inline __m512 sn_log_avx512(__m512 x) {
    const __m512 m = _mm512_getmant_ps(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan); /* in [0.75, 1.5), NaN below 0 */
    const __m512 e = _mm512_sub_ps(_mm512_getexp_ps(x), _mm512_getexp_ps(m));
    const __m512 log = sn_log_reduced_avx512(e, _mm512_sub_ps(m, _mm512_set1_ps(1)));
    const __m512 infinity = _mm512_set1_ps(INFINITY), zero = _mm512_setzero_ps();
    const __m512 or_zero = _mm512_mask_sub_ps(log, _mm512_cmp_ps_mask(x, zero, _CMP_EQ_OQ), zero, infinity);
    return _mm512_mask_mov_ps(or_zero, _mm512_cmp_ps_mask(x, infinity, _CMP_EQ_OQ), infinity);
}

/* log(1 + x) for x in [0, 1] */
static inline __m512 sn_log1p_avx512(__m512 x) {
    const __m512 one = _mm512_set1_ps(1), half = _mm512_set1_ps(0.5f);
    const __mmask16 large = _mm512_cmp_ps_mask(x, half, _CMP_GT_OQ); /* log(1+x) = log(2) + log(1 + (x-1)/2) */
    const __m512 f = _mm512_mask_mul_ps(x, large, _mm512_sub_ps(x, one), half);
    return sn_log_reduced_avx512(_mm512_maskz_mov_ps(large, one), f);
}

/* sign(x) e / (e + 2), e = exp(2 |x|) - 1. The argument is reduced in one step: what log(2) lacks, times n, is less than
 * 1e-8, and from n = 1 on the quotient damps it. */
static inline __m512 sn_tanh_avx512(__m512 x) {
    const __m512 a = _mm512_min_ps(_mm512_set1_ps(20), sn_abs_avx512(_mm512_add_ps(x, x))); /* tanh(10) rounds to 1 */
    const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(a, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512 e = sn_expm1_reduced_avx512(_mm512_fnmadd_ps(n, _mm512_set1_ps(0.693147182f), a), n);
    const __m512 t = _mm512_div_ps(e, _mm512_add_ps(e, _mm512_set1_ps(2)));
    return _mm512_or_ps(t, _mm512_and_ps(x, _mm512_set1_ps(-0.0f)));
}

/* 1 / (1 + exp(-x)); e = exp(-|x|) neither overflows nor cancels */
static inline __m512 sn_sigmoid_avx512(__m512 x) {
    const __m512 one = _mm512_set1_ps(1);
    const __m512 e = sn_exp_avx512(_mm512_or_ps(x, _mm512_set1_ps(-0.0f)));
    const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
    return _mm512_div_ps(_mm512_mask_mov_ps(one, negative, e), _mm512_add_ps(one, e));
}

/* The standard normal distribution function Phi(x), and exp(-x^2 / 2) in *gauss. Phi(-|x|) = exp(-x^2 / 2) t R(t) with
 * t = 1 / (1 + 0.35 |x|); the rounding error of x^2 is made good, since the exponential would multiply it by x^2 / 2. */
static inline __m512 sn_normal_cdf_avx512(__m512 x, __m512 *gauss) {
    const __m512 one = _mm512_set1_ps(1), half = _mm512_set1_ps(0.5f);
    const __m512 z = _mm512_min_ps(_mm512_set1_ps(20), sn_abs_avx512(x));
    const __m512 square = _mm512_mul_ps(z, z), rest = _mm512_fmsub_ps(z, z, square);
    const __m512 e = sn_exp_avx512(_mm512_mul_ps(square, _mm512_set1_ps(-0.5f)));
    *gauss = _mm512_fnmadd_ps(_mm512_mul_ps(half, rest), e, e);
    const __m512 t = _mm512_div_ps(one, _mm512_fmadd_ps(_mm512_set1_ps(0.35f), z, one));
    __m512 p = _mm512_set1_ps(-0.029159496f);
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.14403889f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.2558558f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.15933926f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.023226134f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.10555848f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.11981973f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.13986373f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.13962129f));
    const __m512 tail = _mm512_mul_ps(_mm512_mul_ps(p, t), *gauss);
    return _mm512_mask_sub_ps(tail, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ), one, tail);
}

#endif
