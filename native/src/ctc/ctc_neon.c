/* ctc, NEON: four places at a time. Logarithms of probabilities are kept and compared in double; exponentials of their
 * differences and the logarithm of the sum, from 0 to log(3), are float: an error of 1.2e-7 a step. */
#include <math.h>

#include "ctc/ctc.h"
#include "unary/vector_math_neon.h"

typedef struct {
    float64x2_t low, high;
} places;

static inline places load(const double *p) { return (places){vld1q_f64(p), vld1q_f64(p + 2)}; }

static inline void store(double *p, places x) {
    vst1q_f64(p, x.low);
    vst1q_f64(p + 2, x.high);
}

static inline places add(places a, places b) { return (places){vaddq_f64(a.low, b.low), vaddq_f64(a.high, b.high)}; }
static inline places less(places a, places m) { return (places){vsubq_f64(a.low, m.low), vsubq_f64(a.high, m.high)}; }
static inline places widened(float32x4_t x) { return (places){vcvt_f64_f32(vget_low_f32(x)), vcvt_high_f64_f32(x)}; }
static inline float32x4_t exp_of(places x) { return sn_exp_neon(vcvt_high_f32_f64(vcvt_f32_f64(x.low), x.high)); }

/* where three terms are all 0, their logarithms' maximum is taken for 0 */
static inline float64x2_t maximum(float64x2_t a, float64x2_t b, float64x2_t c) {
    const float64x2_t m = vmaxq_f64(vmaxq_f64(a, b), c);
    return vbslq_f64(vceqq_f64(m, vdupq_n_f64(-(double)INFINITY)), vdupq_n_f64(0), m);
}

/* c where skips, else the logarithm of 0 */
static inline float64x2_t where(const int32_t *skips, float64x2_t c) {
    return vbslq_f64(vreinterpretq_u64_s64(vmovl_s32(vld1_s32(skips))), c, vdupq_n_f64(-(double)INFINITY));
}

/* log(exp(a) + exp(b) + exp(c) where skips) */
static inline places log_sum(places a, places b, places c, const int32_t *skips) {
    c = (places){where(skips, c.low), where(skips + 2, c.high)};
    const places m = {maximum(a.low, b.low, c.low), maximum(a.high, b.high, c.high)};
    const float32x4_t sum = vaddq_f32(vaddq_f32(exp_of(less(a, m)), exp_of(less(b, m))), exp_of(less(c, m)));
    return add(m, widened(sn_log_neon(sum)));
}

static inline places probabilities(const sn_ctc_labels *labels, int64_t s, const float *log_probs) {
    const int32_t *c = labels->classes + s;
    const float each[4] = {log_probs[c[0]], log_probs[c[1]], log_probs[c[2]], log_probs[c[3]]};
    return widened(vld1q_f32(each));
}

void sn_f32_ctc_forward__neon(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *before,
    double *alpha) {
    for (int64_t s = begin; s < end; s += 4) {
        const places sum = log_sum(load(before + s), load(before + s - 1), load(before + s - 2), labels->skips + s);
        store(alpha + s, add(sum, probabilities(labels, s, log_probs)));
    }
}

void sn_f32_ctc_backward__neon(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *alpha,
    double loss_, const double *after, double *now, double *posterior) {
    const places loss = {vdupq_n_f64(loss_), vdupq_n_f64(loss_)};
    for (int64_t s = begin; s < end; s += 4) {
        const places beta = log_sum(load(after + s), load(after + s + 1), load(after + s + 2), labels->skips + s + 2);
        store(posterior + s, widened(exp_of(add(add(load(alpha + s), beta), loss))));
        store(now + s, add(beta, probabilities(labels, s, log_probs)));
    }
}
