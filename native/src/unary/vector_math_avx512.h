/* Exponential, logarithm and their relatives for 16 floats, AVX-512. Only for files compiled with AVX-512's flags.
 *
 * Largest errors against double libm, in units of the last place of the result: exp 1.0, expm1 0.9, log 0.9, log1p 0.9,
 * tanh 1.1, sigmoid 2.2, normal_cdf 7.1 (near 0; what 1 / (1 + 0.35 |x|) rounds away), over floats of every size.
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

#include "core/compiler.h"

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

/* 2^(j/16), its bits less j << 19. */
static const int32_t sn_powers_avx512[16] = {0x3f800000, 0x3f7daac3, 0x3f7b95c2, 0x3f79c3d3, 0x3f7837f0, 0x3f76f532, 0x3f75fed7, 0x3f75583f,
                                             0x3f7504f3, 0x3f7508a4, 0x3f75672a, 0x3f76248c, 0x3f7744fd, 0x3f78ccdf, 0x3f7ac0c7, 0x3f7d257d};

/* exp(x) for x <= 0, or 0 below -87.3 (1.2e-38): faster, for sums whose largest term is 1. x = (16 n + j) log(2)/16 + r with
 * |r| <= log(2)/32, and 16 n + j in the low bits of k. Largest error 1.3 ulp above -5, 1.9 above -20, 5.1 above -87.3. */
static inline __m512 sn_exp_nonpositive_avx512(__m512 x) {
    const __m512 shift = _mm512_set1_ps(0x1.8p23f), k = _mm512_fmadd_ps(x, _mm512_set1_ps(16 * 1.44269504f), shift);
    const __m512 r = _mm512_fnmadd_ps(_mm512_sub_ps(k, shift), _mm512_set1_ps(0.693147182f / 16), x);
    const __m512i bits = _mm512_castps_si512(k), power = _mm512_permutexvar_epi32(bits, _mm512_loadu_si512(sn_powers_avx512));
    const __m512 scale = _mm512_castsi512_ps(_mm512_add_epi32(power, _mm512_slli_epi32(bits, 19)));
    __m512 q = _mm512_fmadd_ps(_mm512_set1_ps(0.16666718f), r, _mm512_set1_ps(0.50001616f));
    q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(1));
    const __mmask16 large = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-87.3f), _CMP_NLT_UQ);
    return _mm512_maskz_fmadd_ps(large, _mm512_mul_ps(scale, r), q, scale);
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

/* A polynomial of |x| - base for each of 26 intervals: [0, 1/8), base 0, and four of each octave from there to 9.01, where
 * tanh rounds to 1; base is where the interval begins. [k][i]: the coefficient of the power k in the interval whose numbers have
 * the bits i from the lowest of the exponent and the two highest of the fraction on; 15 is the first. */
static const float sn_tanh_table_avx512[6][32] = {
    {0.964027584f, 0.986614287f, 0.995054781f, 0.998177886f, 0.999329329f, 0.999909222f, 0.999987721f, 0.999998331f, 0.999999762f,
     0, 0, 0, 0, 0, 0, 0, 0.124352999f, 0.154990733f, 0.185333207f, 0.215326339f, 0.244918659f, 0.302709728f, 0.3583574f,
     0.411570042f, 0.462117165f, 0.554599702f, 0.635148942f, 0.703905582f, 0.761594176f, 0.848283648f, 0.905148268f, 0.941375554f},
    {0.0706501305f, 0.0265928656f, 0.00986311864f, 0.00364197558f, 0.00133912463f, 0.000180627831f, 2.40792851e-05f,
     3.61756179e-06f, 1.10211909e-06f, 0, 0, 0, 0, 0, 0, 1, 0.98454088f, 0.975974083f, 0.965639591f, 0.953635633f, 0.940017402f,
     0.908367515f, 0.871578872f, 0.830620944f, 0.786444366f, 0.692427337f, 0.596589863f, 0.504525602f, 0.419970572f, 0.280413389f,
     0.180703893f, 0.113809086f},
    {-0.0680925548f, -0.0262397714f, -0.00976771582f, -0.00365053467f, -0.00132115453f, -0.000173293636f, -2.05135311e-05f,
     -5.64428683e-06f, -5.55856241e-06f, 0, 0, 0, 0, 0, 0, 0, -0.123625606f, -0.150276139f, -0.175838038f, -0.205618963f,
     -0.230562389f, -0.275061876f, -0.312193573f, -0.34326297f, -0.36320886f, -0.3845478f, -0.379184037f, -0.355694771f,
     -0.319740683f, -0.23783192f, -0.163481206f, -0.107043996f},
    {0.0419668183f, 0.0169889759f, 0.0061789914f, 0.00249572075f, 0.00081946759f, 9.50870453e-05f, 4.6337982e-06f, 8.65525908e-06f,
     1.43119069e-05f, 0, 0, 0, 0, 0, 0, -0.333327711f, -0.203792974f, -0.392081529f, -0.572647095f, -0.24865751f, -0.241667345f,
     -0.215458781f, -0.185115024f, -0.0724426061f, -0.0993119329f, -0.00578561611f, 0.0477656946f, 0.0945107713f, 0.102571867f,
     0.107997455f, 0.0869122446f, 0.0618555211f},
    {-0.0173675176f, -0.00775137171f, -0.00238219928f, -0.00134292827f, -0.0003134406f, -2.41896796e-05f, 6.13853535e-06f,
     -8.34273123e-06f, -1.58299754e-05f, 0, 0, 0, 0, 0, 0, 0, -3.96909475f, 3.4340744f, 10.5957766f, -0.794035494f, -0.143257886f,
     0.0828899741f, 0.288690627f, -1.00370789f, 0.21291028f, 0.0271581206f, 0.0448288396f, -0.0562767647f, 0.0307494942f,
     -0.0122908475f, -0.0212928839f, -0.0187403001f},
    {0.00398115627f, 0.00207446003f, 0.00031909236f, 0.000481250812f, 5.58499632e-05f, 2.40191383e-07f, -3.73232979e-06f,
     3.16390128e-06f, 6.18466083e-06f, 0, 0, 0, 0, 0, 0, 0.132167533f, 52.5081024f, -42.9884949f, -135.07515f, 11.9468899f,
     1.89503396f, 0.523335814f, -0.765361249f, 7.54270458f, -0.19239448f, 0.297688782f, 0.113155849f, 0.320316613f, -0.0432228744f,
     -0.0140341967f, -0.00611358648f, -0.00337812235f},
};

static const float sn_tanh_base_avx512[32] = {2, 2.5f, 3, 3.5f, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0.125f, 0.15625f, 0.1875f,
    0.21875f, 0.25f, 0.3125f, 0.375f, 0.4375f, 0.5f, 0.625f, 0.75f, 0.875f, 1, 1.25f, 1.5f, 1.75f};

enum { SN_TANH_TOGETHER = 4 };

/* x = tanh(x) of count vectors, a constant at each call. Step by step for all of them, so that what waits for a result does not
 * fill the schedulers. */
static SN_INLINE void sn_tanh_of_avx512(__m512 *x, const int count) {
    __m512 t[SN_TANH_TOGETHER], p[SN_TANH_TOGETHER];
    __m512i i[SN_TANH_TOGETHER];
#define EACH _Pragma("GCC unroll 4") for (int v = 0; v < count; v++)
#define TABLE(row) _mm512_permutex2var_ps(_mm512_loadu_ps(row), i[v], _mm512_loadu_ps((row) + 16))
    EACH t[v] = _mm512_min_ps(_mm512_set1_ps(9.01f), sn_abs_avx512(x[v]));
    /* at least the number below 1/8; permutations use the five lowest bits */
    EACH i[v] = _mm512_srli_epi32(_mm512_max_epi32(_mm512_castps_si512(t[v]), _mm512_set1_epi32(0x3dffffff)), 21);
    EACH t[v] = _mm512_sub_ps(t[v], TABLE(sn_tanh_base_avx512));
    EACH p[v] = TABLE(sn_tanh_table_avx512[5]);
#pragma GCC unroll 5
    for (int k = 4; k >= 0; k--) EACH p[v] = _mm512_fmadd_ps(p[v], t[v], TABLE(sn_tanh_table_avx512[k]));
    EACH x[v] = _mm512_or_ps(p[v], _mm512_and_ps(x[v], _mm512_set1_ps(-0.0f)));
#undef TABLE
#undef EACH
}

static inline __m512 sn_tanh_avx512(__m512 x) {
    sn_tanh_of_avx512(&x, 1);
    return x;
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
