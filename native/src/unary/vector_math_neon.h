/* Exponential, logarithm and their relatives for 4 floats, NEON. The same formulas, polynomials and measured errors as in
 * vector_math_avx512.h; here powers of two are made of integers. The maximum and minimum are NaN when either operand is. */
#ifndef SN_UNARY_VECTOR_MATH_NEON_H
#define SN_UNARY_VECTOR_MATH_NEON_H

#include <math.h>

#include "core/vector_neon.h"

static inline float32x4_t sn_clamp_neon(float32x4_t x, float low, float high) {
    return vmaxq_f32(vdupq_n_f32(low), vminq_f32(vdupq_n_f32(high), x));
}

/* 2^n for n from -126 to 127 */
static inline float32x4_t sn_power_neon(int32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23));
}

/* x = n log(2) + r with integral n, |r| <= log(2)/2; log(2) in two parts. */
static inline float32x4_t sn_reduce_exp_neon(float32x4_t x, int32x4_t *n) {
    const float32x4_t k = vrndnq_f32(vmulq_f32(x, vdupq_n_f32(1.44269504f)));
    *n = vcvtnq_s32_f32(k);
    const float32x4_t r = vfmsq_f32(x, k, vdupq_n_f32(0.693147182f));
    return vfmsq_f32(r, k, vdupq_n_f32(-1.90465421e-9f));
}

static inline float32x4_t sn_exp_neon(float32x4_t x) {
    int32x4_t n;
    const float32x4_t r = sn_reduce_exp_neon(sn_clamp_neon(x, -105, 90), &n);
    float32x4_t q = vdupq_n_f32(0.0013814467f);
    q = vfmaq_f32(vdupq_n_f32(0.008368781f), q, r);
    q = vfmaq_f32(vdupq_n_f32(0.041668393f), q, r);
    q = vfmaq_f32(vdupq_n_f32(0.1666652f), q, r);
    q = vfmaq_f32(vdupq_n_f32(0.49999994f), q, r);
    const float32x4_t e = vaddq_f32(vdupq_n_f32(1), vfmaq_f32(r, vmulq_f32(r, r), q));
    /* in two steps, since 2^n itself may be infinite or subnormal */
    const int32x4_t half = vshrq_n_s32(n, 1);
    return vmulq_f32(vmulq_f32(e, sn_power_neon(half)), sn_power_neon(vsubq_s32(n, half)));
}

/* exp(r) 2^n - 1, |r| <= log(2)/2 */
static inline float32x4_t sn_expm1_reduced_neon(float32x4_t r, int32x4_t n) {
    float32x4_t q = vdupq_n_f32(0.00019914302f);
    q = vfmaq_f32(vdupq_n_f32(0.0013941103f), q, r);
    q = vfmaq_f32(vdupq_n_f32(0.008333273f), q, r);
    q = vfmaq_f32(vdupq_n_f32(0.041666355f), q, r);
    q = vfmaq_f32(vdupq_n_f32(0.16666667f), q, r);
    q = vfmaq_f32(vdupq_n_f32(0.5f), q, r);
    const float32x4_t p = vfmaq_f32(r, vmulq_f32(r, r), q);
    const float32x4_t scale = sn_power_neon(n);
    return vfmaq_f32(vsubq_f32(scale, vdupq_n_f32(1)), scale, p);
}

/* exp(x) - 1, for x <= 88 */
static inline float32x4_t sn_expm1_neon(float32x4_t x) {
    int32x4_t n;
    const float32x4_t r = sn_reduce_exp_neon(sn_clamp_neon(x, -87, 88), &n); /* -1 long before -87 */
    return sn_expm1_reduced_neon(r, n);
}

/* log(2) e + log(1 + f) for f in [-1/4, 1/2] */
static inline float32x4_t sn_log_reduced_neon(float32x4_t e, float32x4_t f) {
    float32x4_t p = vdupq_n_f32(0.03767289f);
    p = vfmaq_f32(vdupq_n_f32(-0.09116187f), p, f);
    p = vfmaq_f32(vdupq_n_f32(0.11700661f), p, f);
    p = vfmaq_f32(vdupq_n_f32(-0.12727779f), p, f);
    p = vfmaq_f32(vdupq_n_f32(0.1427624f), p, f);
    p = vfmaq_f32(vdupq_n_f32(-0.16655296f), p, f);
    p = vfmaq_f32(vdupq_n_f32(0.19999605f), p, f);
    p = vfmaq_f32(vdupq_n_f32(-0.25000164f), p, f);
    p = vfmaq_f32(vdupq_n_f32(0.3333334f), p, f);
    p = vfmaq_f32(vdupq_n_f32(-0.5f), p, f);
    const float32x4_t low = vmulq_f32(e, vdupq_n_f32(-1.90465421e-9f));
    const float32x4_t log = vaddq_f32(f, vfmaq_f32(low, vmulq_f32(f, f), p));
    return vfmaq_f32(log, e, vdupq_n_f32(0.693147182f));
}

static inline float32x4_t sn_log_neon(float32x4_t x) {
    const uint32x4_t tiny = vcltq_f32(x, vdupq_n_f32(0x1p-126f)); /* subnormal, or 0 or less: see below */
    const int32x4_t bits = vreinterpretq_s32_f32(vbslq_f32(tiny, vmulq_f32(x, vdupq_n_f32(0x1p24f)), x));
    /* the exponent of x as m 2^k with m in [0.75, 1.5) */
    const int32x4_t k = vshrq_n_s32(vsubq_s32(bits, vdupq_n_s32(0x3f400000)), 23);
    const float32x4_t m = vreinterpretq_f32_s32(vsubq_s32(bits, vshlq_n_s32(k, 23)));
    const float32x4_t e = vsubq_f32(vcvtq_f32_s32(k), sn_where_neon(tiny, vdupq_n_f32(24)));
    float32x4_t log = sn_log_reduced_neon(e, vsubq_f32(m, vdupq_n_f32(1)));
    const float32x4_t infinity = vdupq_n_f32(INFINITY), zero = vdupq_n_f32(0);
    /* NaN where x is below 0 or NaN itself; x where that is infinity */
    log = vbslq_f32(vmvnq_u32(vcgeq_f32(x, zero)), vdupq_n_f32(NAN), log);
    log = vbslq_f32(vceqq_f32(x, zero), vsubq_f32(zero, infinity), log);
    return vbslq_f32(vceqq_f32(x, infinity), infinity, log);
}

/* log(1 + x) for x in [0, 1] */
static inline float32x4_t sn_log1p_neon(float32x4_t x) {
    const float32x4_t one = vdupq_n_f32(1), half = vdupq_n_f32(0.5f);
    const uint32x4_t large = vcgtq_f32(x, half); /* log(1+x) = log(2) + log(1 + (x-1)/2) */
    const float32x4_t f = vbslq_f32(large, vmulq_f32(vsubq_f32(x, one), half), x);
    return sn_log_reduced_neon(sn_where_neon(large, one), f);
}

/* sign(x) e / (e + 2), e = exp(2 |x|) - 1. The argument is reduced in one step: what log(2) lacks, times n, is less than
 * 1e-8, and from n = 1 on the quotient damps it. */
static inline float32x4_t sn_tanh_neon(float32x4_t x) {
    const float32x4_t a = vminq_f32(vdupq_n_f32(20), vabsq_f32(vaddq_f32(x, x))); /* tanh(10) rounds to 1 */
    const float32x4_t n = vrndnq_f32(vmulq_f32(a, vdupq_n_f32(1.44269504f)));
    const float32x4_t e = sn_expm1_reduced_neon(vfmsq_f32(a, n, vdupq_n_f32(0.693147182f)), vcvtnq_s32_f32(n));
    const float32x4_t t = vdivq_f32(e, vaddq_f32(e, vdupq_n_f32(2)));
    return vbslq_f32(vdupq_n_u32(0x80000000), x, t);
}

/* 1 / (1 + exp(-x)); e = exp(-|x|) neither overflows nor cancels */
static inline float32x4_t sn_sigmoid_neon(float32x4_t x) {
    const float32x4_t one = vdupq_n_f32(1);
    const float32x4_t e = sn_exp_neon(vnegq_f32(vabsq_f32(x)));
    return vdivq_f32(vbslq_f32(vcltq_f32(x, vdupq_n_f32(0)), e, one), vaddq_f32(one, e));
}

/* The standard normal distribution function Phi(x), and exp(-x^2 / 2) in *gauss. Phi(-|x|) = exp(-x^2 / 2) t R(t) with
 * t = 1 / (1 + 0.35 |x|); the rounding error of x^2 is made good, since the exponential would multiply it by x^2 / 2. */
static inline float32x4_t sn_normal_cdf_neon(float32x4_t x, float32x4_t *gauss) {
    const float32x4_t one = vdupq_n_f32(1), half = vdupq_n_f32(0.5f);
    const float32x4_t z = vminq_f32(vdupq_n_f32(20), vabsq_f32(x));
    const float32x4_t square = vmulq_f32(z, z), rest = vfmaq_f32(vnegq_f32(square), z, z);
    const float32x4_t e = sn_exp_neon(vmulq_f32(square, vdupq_n_f32(-0.5f)));
    *gauss = vfmsq_f32(e, vmulq_f32(half, rest), e);
    const float32x4_t t = vdivq_f32(one, vfmaq_f32(one, vdupq_n_f32(0.35f), z));
    float32x4_t p = vdupq_n_f32(-0.029159496f);
    p = vfmaq_f32(vdupq_n_f32(0.14403889f), p, t);
    p = vfmaq_f32(vdupq_n_f32(-0.2558558f), p, t);
    p = vfmaq_f32(vdupq_n_f32(0.15933926f), p, t);
    p = vfmaq_f32(vdupq_n_f32(-0.023226134f), p, t);
    p = vfmaq_f32(vdupq_n_f32(0.10555848f), p, t);
    p = vfmaq_f32(vdupq_n_f32(0.11981973f), p, t);
    p = vfmaq_f32(vdupq_n_f32(0.13986373f), p, t);
    p = vfmaq_f32(vdupq_n_f32(0.13962129f), p, t);
    const float32x4_t tail = vmulq_f32(vmulq_f32(p, t), *gauss);
    return vbslq_f32(vcgtq_f32(x, vdupq_n_f32(0)), vsubq_f32(one, tail), tail);
}

#endif
