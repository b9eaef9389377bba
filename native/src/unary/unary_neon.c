/* unary, NEON. The kinds are those of unary_generic.inc; the functions are those of vector_math_neon.h. */
#include <float.h>

#include "unary/unary.h"
#include "unary/vector_math_neon.h"

static inline float32x4_t c(float x) { return vdupq_n_f32(x); }

/* where mask: yes, else no */
static inline float32x4_t choose(uint32x4_t mask, float32x4_t yes, float32x4_t no) { return vbslq_f32(mask, yes, no); }
static inline uint32x4_t positive(float32x4_t v) { return vcgtq_f32(v, vdupq_n_f32(0)); }
static inline uint32x4_t negative(float32x4_t v) { return vcltq_f32(v, vdupq_n_f32(0)); }
static inline uint32x4_t not_positive(float32x4_t v) { return vcleq_f32(v, vdupq_n_f32(0)); }

/* 1 or -1 with v's sign, v itself where it is 0 or NaN */
static inline float32x4_t sign(float32x4_t v) { return choose(positive(v), c(1), choose(negative(v), c(-1), v)); }

/* GELU's tanh form is x sigmoid(u), u = 2 sqrt(2/pi) (x + 0.044715 x^3); x clamped to where the sigmoid is 0 or 1. */
static inline float32x4_t gelu_argument(float32x4_t x) {
    const float32x4_t square = vmulq_f32(x, x);
    return vmulq_f32(x, vfmaq_f32(c(1.59576912f), square, c(0.0713548163f)));
}

static inline float32x4_t gelu_tanh(float32x4_t v) { return vmulq_f32(v, sn_sigmoid_neon(gelu_argument(sn_clamp_neon(v, -20, 20)))); }

static inline float32x4_t gelu_tanh_derivative(float32x4_t v) {
    const float32x4_t x = sn_clamp_neon(v, -20, 20), u = gelu_argument(x), one = c(1);
    const float32x4_t slope = vfmaq_f32(c(1.59576912f), vmulq_f32(x, x), c(0.214064449f));
    /* e = exp(-|u|): the larger of s(u) and s(-u) is 1 / (1 + e), the smaller e / (1 + e) */
    const float32x4_t e = sn_exp_neon(vnegq_f32(vabsq_f32(u))), large = vdivq_f32(one, vaddq_f32(one, e));
    const float32x4_t small = vmulq_f32(e, large), s = choose(negative(u), small, large);
    return vfmaq_f32(s, vmulq_f32(v, slope), vmulq_f32(small, large));
}

static inline float32x4_t gelu(float32x4_t v) {
    float32x4_t gauss;
    return vmulq_f32(v, sn_normal_cdf_neon(v, &gauss));
}

static inline float32x4_t gelu_derivative(float32x4_t v) {
    float32x4_t gauss;
    const float32x4_t cdf = sn_normal_cdf_neon(v, &gauss);
    return vfmaq_f32(cdf, vmulq_f32(v, c(0.398942280f)), gauss);
}

static inline uint32x4_t greater(float32x4_t a, float32x4_t b) { return vcgtq_f32(a, b); }
static inline uint32x4_t not_greater(float32x4_t a, float32x4_t b) { return vcleq_f32(a, b); }

/* x tanh(log(1 + e)) = x n / (n + 2), n = e (e + 2), e = exp(x); x clamped to where that has long been 1. */
static inline float32x4_t mish(float32x4_t v) {
    const float32x4_t e = sn_exp_neon(vminq_f32(c(20), v)), n = vmulq_f32(e, vaddq_f32(e, c(2)));
    return vmulq_f32(v, vdivq_f32(n, vaddq_f32(n, c(2))));
}

static inline float32x4_t mish_derivative(float32x4_t v) {
    const float32x4_t x = sn_clamp_neon(v, -100, 20), e = sn_exp_neon(x);
    const float32x4_t n = vmulq_f32(e, vaddq_f32(e, c(2))), d = vaddq_f32(n, c(2));
    const float32x4_t slope = vdivq_f32(vmulq_f32(vmulq_f32(c(4), e), vaddq_f32(c(1), e)), vmulq_f32(d, d));
    return vfmaq_f32(vdivq_f32(n, d), x, slope);
}

/* s(x) + x s(x) s(-x); with e = exp(-|x|) the larger of the two is 1 / (1 + e), the smaller e / (1 + e). */
static inline float32x4_t silu_derivative(float32x4_t v) {
    const float32x4_t x = sn_clamp_neon(v, -100, 100), e = sn_exp_neon(vnegq_f32(vabsq_f32(x)));
    const float32x4_t large = vdivq_f32(c(1), vaddq_f32(c(1), e)), small = vmulq_f32(e, large);
    return vfmaq_f32(choose(negative(x), small, large), vmulq_f32(x, small), large);
}

static inline float32x4_t softplus(float32x4_t v) {
    return vaddq_f32(vmaxq_f32(vdupq_n_f32(0), v), sn_log1p_neon(sn_exp_neon(vnegq_f32(vabsq_f32(v)))));
}

/* Clamped to the largest number, so that the infinities give 1 and -1. */
static inline float32x4_t softsign(float32x4_t v) {
    const float32x4_t x = sn_clamp_neon(v, -FLT_MAX, FLT_MAX);
    return vdivq_f32(x, vaddq_f32(c(1), vabsq_f32(x)));
}

/* (x + 3) x / 6 between -3 and 3. */
static inline float32x4_t hard_swish(float32x4_t v) {
    const float32x4_t inside = vmulq_f32(v, vfmaq_f32(c(0.5f), v, c(1.0f / 6)));
    return choose(not_greater(v, c(-3)), vdupq_n_f32(0), choose(not_greater(c(3), v), v, inside));
}

static inline float32x4_t hard_swish_gradient(float32x4_t v, float32x4_t d) {
    const float32x4_t inside = vmulq_f32(d, vfmaq_f32(c(0.5f), v, c(1.0f / 3)));
    return choose(not_greater(v, c(-3)), vdupq_n_f32(0), choose(not_greater(c(3), v), d, inside));
}

/* y = expression of the vector v of x; parts of vectors only at the tail. */
#define EACH(expression)                                                     \
    for (; i + 4 <= end; i += 4) {                                           \
        const float32x4_t v = vld1q_f32(x + i);                             \
        vst1q_f32(y + i, expression);                                 \
    }                                                                        \
    if (i < end) {                                                           \
        const int64_t tail = end - i;                           \
        const float32x4_t v = sn_load_first_neon(x + i, tail);                    \
        sn_store_first_neon(y + i, expression, tail);                        \
    }                                                                        \
    break

void sn_f32_unary_forward__neon(const sn_unary_args *a, int64_t begin, int64_t end) {
    const float *x = a->x;
    float *y = a->y;
    const float32x4_t alpha = c((float)a->alpha), beta = c((float)a->beta), zero = vdupq_n_f32(0);
    int64_t i = begin;
    switch (a->kind) {
    case SN_IDENTITY: sn_f32_unary_forward__generic(a, begin, end); break;
    case SN_RELU: EACH(vmaxq_f32(zero, v)); /* NaN stays */
    case SN_SIGMOID: EACH(sn_sigmoid_neon(v));
    case SN_TANH: EACH(sn_tanh_neon(v));
    case SN_LEAKY_RELU: EACH(choose(positive(v), v, vmulq_f32(alpha, v)));
    case SN_ELU: EACH(choose(positive(v), v, vmulq_f32(alpha, sn_expm1_neon(v))));
    case SN_GELU: EACH(gelu(v));
    case SN_GELU_TANH: EACH(gelu_tanh(v));
    case SN_EXP: EACH(sn_exp_neon(v));
    case SN_LOG: EACH(sn_log_neon(v));
    case SN_SQRT: EACH(vsqrtq_f32(v));
    case SN_SQUARE: EACH(vmulq_f32(v, v));
    case SN_ABS: EACH(vabsq_f32(v));
    case SN_AFFINE: EACH(vaddq_f32(vmulq_f32(alpha, v), beta));
    case SN_RECIPROCAL: EACH(vdivq_f32(c(1), v));
    case SN_SIGN: EACH(sign(v));
    case SN_SILU: EACH(vmulq_f32(v, sn_sigmoid_neon(v)));
    case SN_MISH: EACH(mish(v));
    case SN_SOFTPLUS: EACH(choose(greater(vmulq_f32(alpha, v), beta), v, vdivq_f32(softplus(vmulq_f32(alpha, v)), alpha)));
    case SN_SOFTSIGN: EACH(softsign(v));
    case SN_CLAMP: EACH(vmaxq_f32(alpha, vminq_f32(beta, v))); /* NaN stays */
    case SN_HARD_SWISH: EACH(hard_swish(v));
    case SN_THRESHOLD: EACH(choose(not_greater(v, alpha), beta, v));
    case SN_HARD_SHRINK: EACH(choose(not_greater(vabsq_f32(v), alpha), zero, v));
    case SN_SOFT_SHRINK: EACH(vsubq_f32(v, sn_clamp_neon(v, (float)-a->alpha, (float)a->alpha)));
    case SN_STEP: EACH(choose(positive(v), c(1), choose(negative(v), zero, choose(not_positive(v), alpha, v))));
    }
}
#undef EACH

/* dx = expression of the gradient d and of the vector v of `from`. */
#define EACH(from, expression)                                               \
    for (; i + 4 <= end; i += 4) {                                           \
        const float32x4_t v = vld1q_f32((from) + i);                        \
        const float32x4_t d = vld1q_f32(dy + i);                            \
        vst1q_f32(dx + i, expression);                                \
    }                                                                        \
    if (i < end) {                                                           \
        const int64_t tail = end - i;                           \
        const float32x4_t v = sn_load_first_neon((from) + i, tail);               \
        const float32x4_t d = sn_load_first_neon(dy + i, tail);                   \
        sn_store_first_neon(dx + i, expression, tail);                       \
    }                                                                        \
    break

static inline float32x4_t negate(float32x4_t v) { return vnegq_f32(v); }

void sn_f32_unary_backward__neon(const sn_unary_args *a, int64_t begin, int64_t end) {
    const float *x = a->x, *y = a->y, *dy = a->dy, *either = x ? x : y;
    float *dx = a->dx;
    const float32x4_t alpha = c((float)a->alpha), beta = c((float)a->beta), one = c(1), zero = vdupq_n_f32(0);
    int64_t i = begin;
    switch (a->kind) {
    case SN_RELU: EACH(either, sn_unless_neon(not_positive(v), d));
    case SN_SIGMOID: EACH(y, vmulq_f32(d, vmulq_f32(v, vsubq_f32(one, v))));
    case SN_TANH: EACH(y, vmulq_f32(d, vmulq_f32(vsubq_f32(one, v), vaddq_f32(one, v))));
    case SN_LEAKY_RELU: EACH(either, choose(positive(v), d, vmulq_f32(alpha, d)));
    case SN_ELU:
        if (x) {
            EACH(x, choose(positive(v), d, vmulq_f32(d, vmulq_f32(alpha, sn_exp_neon(v)))));
        } else {
            EACH(y, choose(positive(v), d, vmulq_f32(d, vaddq_f32(v, alpha))));
        }
    case SN_GELU: EACH(x, vmulq_f32(d, gelu_derivative(v)));
    case SN_GELU_TANH: EACH(x, vmulq_f32(d, gelu_tanh_derivative(v)));
    case SN_EXP: EACH(y, vmulq_f32(d, v));
    case SN_LOG: EACH(x, vdivq_f32(d, v));
    case SN_SQRT: EACH(y, vdivq_f32(vmulq_f32(d, c(0.5f)), v));
    case SN_SQUARE: EACH(x, vmulq_f32(d, vaddq_f32(v, v)));
    case SN_ABS: EACH(x, choose(positive(v), d, choose(negative(v), negate(d), v)));
    case SN_RECIPROCAL: EACH(y, vmulq_f32(vmulq_f32(negate(d), v), v));
    case SN_SILU: EACH(x, vmulq_f32(d, silu_derivative(v)));
    case SN_MISH: EACH(x, vmulq_f32(d, mish_derivative(v)));
    case SN_SOFTPLUS: EACH(x, choose(greater(vmulq_f32(alpha, v), beta), d, vmulq_f32(d, sn_sigmoid_neon(vmulq_f32(alpha, v)))));
    case SN_SOFTSIGN: EACH(y, vmulq_f32(d, vmulq_f32(vsubq_f32(one, vabsq_f32(v)), vsubq_f32(one, vabsq_f32(v)))));
    case SN_CLAMP: EACH(y, choose(not_greater(v, alpha), zero, choose(not_greater(beta, v), zero, d)));
    case SN_HARD_SWISH: EACH(x, hard_swish_gradient(v, d));
    case SN_THRESHOLD: EACH(x, choose(not_greater(v, alpha), zero, d));
    case SN_HARD_SHRINK: case SN_SOFT_SHRINK: EACH(x, choose(not_greater(vabsq_f32(v), alpha), zero, d));
    default: sn_f32_unary_backward__generic(a, begin, end); /* needs no input: at memory speed as it is */
    }
}
