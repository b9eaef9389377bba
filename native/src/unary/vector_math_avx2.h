/* Exponential, logarithm and their relatives for 8 floats, AVX2 with FMA. Only for files compiled with those flags.
 * The same formulas, polynomials and measured errors as in vector_math_avx512.h, but for tanh, 2.2; here powers of two are made of
 * integers. _mm256_min_ps(c, x) and _mm256_max_ps(c, x) return x when x is NaN: hence the order of their arguments. */
#ifndef SN_UNARY_VECTOR_MATH_AVX2_H
#define SN_UNARY_VECTOR_MATH_AVX2_H

#include <immintrin.h>
#include <math.h>

#include "core/compiler.h"

static inline __m256 sn_abs_avx2(__m256 x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }

static inline __m256 sn_clamp_avx2(__m256 x, float low, float high) {
    return _mm256_max_ps(_mm256_set1_ps(low), _mm256_min_ps(_mm256_set1_ps(high), x));
}

/* 2^n for n from -126 to 127 */
static inline __m256 sn_power_avx2(__m256i n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}

/* x = n log(2) + r with integral n, |r| <= log(2)/2; log(2) in two parts. */
static inline __m256 sn_reduce_exp_avx2(__m256 x, __m256i *n) {
    const __m256 k = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    *n = _mm256_cvtps_epi32(k);
    const __m256 r = _mm256_fnmadd_ps(k, _mm256_set1_ps(0.693147182f), x);
    return _mm256_fnmadd_ps(k, _mm256_set1_ps(-1.90465421e-9f), r);
}

static inline __m256 sn_exp_avx2(__m256 x) {
    __m256i n;
    const __m256 r = sn_reduce_exp_avx2(sn_clamp_avx2(x, -105, 90), &n);
    __m256 q = _mm256_set1_ps(0.0013814467f);
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.008368781f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.041668393f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.1666652f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.49999994f));
    const __m256 e = _mm256_add_ps(_mm256_set1_ps(1), _mm256_fmadd_ps(_mm256_mul_ps(r, r), q, r));
    /* in two steps, since 2^n itself may be infinite or subnormal */
    const __m256i half = _mm256_srai_epi32(n, 1);
    return _mm256_mul_ps(_mm256_mul_ps(e, sn_power_avx2(half)), sn_power_avx2(_mm256_sub_epi32(n, half)));
}

/* 2^(j/8), its bits less j << 20. */
static const int32_t sn_powers_avx2[8] = {0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7, 0x3f7504f3, 0x3f75672a, 0x3f7744fd, 0x3f7ac0c7};

/* As sn_exp_nonpositive_avx512(), by eighths. */
static inline __m256 sn_exp_nonpositive_avx2(__m256 x) {
    const __m256 shift = _mm256_set1_ps(0x1.8p23f), k = _mm256_fmadd_ps(x, _mm256_set1_ps(8 * 1.44269504f), shift);
    const __m256 r = _mm256_fnmadd_ps(_mm256_sub_ps(k, shift), _mm256_set1_ps(0.693147182f / 8), x);
    const __m256i bits = _mm256_castps_si256(k), power = _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i *)sn_powers_avx2), bits);
    const __m256 scale = _mm256_castsi256_ps(_mm256_add_epi32(power, _mm256_slli_epi32(bits, 20)));
    __m256 q = _mm256_fmadd_ps(_mm256_set1_ps(0.16666858f), r, _mm256_set1_ps(0.50006447f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(1));
    const __m256 large = _mm256_cmp_ps(x, _mm256_set1_ps(-87.3f), _CMP_NLT_UQ);
    return _mm256_and_ps(large, _mm256_fmadd_ps(_mm256_mul_ps(scale, r), q, scale));
}

/* exp(r) 2^n - 1, |r| <= log(2)/2 */
static inline __m256 sn_expm1_reduced_avx2(__m256 r, __m256i n) {
    __m256 q = _mm256_set1_ps(0.00019914302f);
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.0013941103f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.008333273f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.041666355f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.16666667f));
    q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(0.5f));
    const __m256 p = _mm256_fmadd_ps(_mm256_mul_ps(r, r), q, r);
    const __m256 scale = sn_power_avx2(n);
    return _mm256_fmadd_ps(scale, p, _mm256_sub_ps(scale, _mm256_set1_ps(1)));
}

/* exp(x) - 1, for x <= 88 */
static inline __m256 sn_expm1_avx2(__m256 x) {
    __m256i n;
    const __m256 r = sn_reduce_exp_avx2(sn_clamp_avx2(x, -87, 88), &n); /* -1 long before -87 */
    return sn_expm1_reduced_avx2(r, n);
}

/* log(2) e + log(1 + f) for f in [-1/4, 1/2] */
static inline __m256 sn_log_reduced_avx2(__m256 e, __m256 f) {
    __m256 p = _mm256_set1_ps(0.03767289f);
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(-0.09116187f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(0.11700661f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(-0.12727779f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(0.1427624f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(-0.16655296f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(0.19999605f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(-0.25000164f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(0.3333334f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(-0.5f));
    const __m256 low = _mm256_mul_ps(e, _mm256_set1_ps(-1.90465421e-9f));
    const __m256 log = _mm256_add_ps(f, _mm256_fmadd_ps(_mm256_mul_ps(f, f), p, low));
    return _mm256_fmadd_ps(e, _mm256_set1_ps(0.693147182f), log);
}

static inline __m256 sn_log_avx2(__m256 x) {
    const __m256 tiny = _mm256_cmp_ps(x, _mm256_set1_ps(0x1p-126f), _CMP_LT_OQ); /* subnormal, or 0 or less: see below */
    const __m256i bits = _mm256_castps_si256(_mm256_blendv_ps(x, _mm256_mul_ps(x, _mm256_set1_ps(0x1p24f)), tiny));
    /* the exponent of x as m 2^k with m in [0.75, 1.5) */
    const __m256i k = _mm256_srai_epi32(_mm256_sub_epi32(bits, _mm256_set1_epi32(0x3f400000)), 23);
    const __m256 m = _mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_slli_epi32(k, 23)));
    const __m256 e = _mm256_sub_ps(_mm256_cvtepi32_ps(k), _mm256_and_ps(tiny, _mm256_set1_ps(24)));
    __m256 log = sn_log_reduced_avx2(e, _mm256_sub_ps(m, _mm256_set1_ps(1)));
    const __m256 infinity = _mm256_set1_ps(INFINITY), zero = _mm256_setzero_ps();
    /* NaN where x is below 0 or NaN itself; x where that is infinity */
    log = _mm256_blendv_ps(log, _mm256_set1_ps(NAN), _mm256_cmp_ps(x, zero, _CMP_NGE_UQ));
    log = _mm256_blendv_ps(log, _mm256_sub_ps(zero, infinity), _mm256_cmp_ps(x, zero, _CMP_EQ_OQ));
    return _mm256_blendv_ps(log, infinity, _mm256_cmp_ps(x, infinity, _CMP_EQ_OQ));
}

/* log(1 + x) for x in [0, 1] */
static inline __m256 sn_log1p_avx2(__m256 x) {
    const __m256 one = _mm256_set1_ps(1), half = _mm256_set1_ps(0.5f);
    const __m256 large = _mm256_cmp_ps(x, half, _CMP_GT_OQ); /* log(1+x) = log(2) + log(1 + (x-1)/2) */
    const __m256 f = _mm256_blendv_ps(x, _mm256_mul_ps(_mm256_sub_ps(x, one), half), large);
    return sn_log_reduced_avx2(_mm256_and_ps(large, one), f);
}

enum { SN_TANH_TOGETHER = 4 };

/* x = tanh(x) of count vectors, a constant at each call, step by step for all of them, so that what waits for a result does not
 * fill the schedulers. sign(x) e / (e + 2), e = exp(2 |x|) - 1. The argument is reduced in one step: what log(2) lacks, times n,
 * is less than 1e-8, and from n = 1 on the quotient damps it. */
static SN_INLINE void sn_tanh_of_avx2(__m256 *x, const int count) {
    __m256 a[SN_TANH_TOGETHER], n[SN_TANH_TOGETHER], e[SN_TANH_TOGETHER];
#define EACH _Pragma("GCC unroll 4") for (int v = 0; v < count; v++)
    EACH a[v] = _mm256_min_ps(_mm256_set1_ps(20), sn_abs_avx2(_mm256_add_ps(x[v], x[v]))); /* tanh(10) rounds to 1 */
    EACH n[v] = _mm256_round_ps(_mm256_mul_ps(a[v], _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    EACH e[v] = sn_expm1_reduced_avx2(_mm256_fnmadd_ps(n[v], _mm256_set1_ps(0.693147182f), a[v]), _mm256_cvtps_epi32(n[v]));
    EACH e[v] = _mm256_div_ps(e[v], _mm256_add_ps(e[v], _mm256_set1_ps(2)));
    EACH x[v] = _mm256_or_ps(e[v], _mm256_and_ps(x[v], _mm256_set1_ps(-0.0f)));
#undef EACH
}

static inline __m256 sn_tanh_avx2(__m256 x) {
    sn_tanh_of_avx2(&x, 1);
    return x;
}

/* 1 / (1 + exp(-x)); e = exp(-|x|) neither overflows nor cancels */
static inline __m256 sn_sigmoid_avx2(__m256 x) {
    const __m256 one = _mm256_set1_ps(1);
    const __m256 e = sn_exp_avx2(_mm256_or_ps(x, _mm256_set1_ps(-0.0f)));
    return _mm256_div_ps(_mm256_blendv_ps(one, e, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ)), _mm256_add_ps(one, e));
}

/* The standard normal distribution function Phi(x), and exp(-x^2 / 2) in *gauss. Phi(-|x|) = exp(-x^2 / 2) t R(t) with
 * t = 1 / (1 + 0.35 |x|); the rounding error of x^2 is made good, since the exponential would multiply it by x^2 / 2. */
static inline __m256 sn_normal_cdf_avx2(__m256 x, __m256 *gauss) {
    const __m256 one = _mm256_set1_ps(1), half = _mm256_set1_ps(0.5f);
    const __m256 z = _mm256_min_ps(_mm256_set1_ps(20), sn_abs_avx2(x));
    const __m256 square = _mm256_mul_ps(z, z), rest = _mm256_fmsub_ps(z, z, square);
    const __m256 e = sn_exp_avx2(_mm256_mul_ps(square, _mm256_set1_ps(-0.5f)));
    *gauss = _mm256_fnmadd_ps(_mm256_mul_ps(half, rest), e, e);
    const __m256 t = _mm256_div_ps(one, _mm256_fmadd_ps(_mm256_set1_ps(0.35f), z, one));
    __m256 p = _mm256_set1_ps(-0.029159496f);
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(0.14403889f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(-0.2558558f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(0.15933926f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(-0.023226134f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(0.10555848f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(0.11981973f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(0.13986373f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(0.13962129f));
    const __m256 tail = _mm256_mul_ps(_mm256_mul_ps(p, t), *gauss);
    return _mm256_blendv_ps(tail, _mm256_sub_ps(one, tail), _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ));
}

#endif
