/* adam, NEON; the generic kernel does the tail. */
#include <arm_neon.h>

#include "adam/adam.h"

void sn_f32_adam__neon(const sn_adam_step *s, void *param, const void *grad, void *m_, void *v_, int64_t n) {
    float *p = param, *m = m_, *v = v_;
    const float *g_ = grad;
    const float32x4_t keep = vdupq_n_f32((float)s->keep), decay = vdupq_n_f32((float)s->weight_decay);
    const float32x4_t beta1 = vdupq_n_f32((float)s->beta1), fresh1 = vdupq_n_f32((float)(1 - s->beta1));
    const float32x4_t beta2 = vdupq_n_f32((float)s->beta2), fresh2 = vdupq_n_f32((float)(1 - s->beta2));
    const float32x4_t rate = vdupq_n_f32((float)s->rate), scale = vdupq_n_f32((float)s->scale), eps = vdupq_n_f32((float)s->eps);
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const float32x4_t old = vld1q_f32(p + i);
        const float32x4_t g = vfmaq_f32(vld1q_f32(g_ + i), decay, old);
        const float32x4_t mean = vfmaq_f32(vmulq_f32(fresh1, g), beta1, vld1q_f32(m + i));
        const float32x4_t var = vfmaq_f32(vmulq_f32(fresh2, vmulq_f32(g, g)), beta2, vld1q_f32(v + i));
        vst1q_f32(m + i, mean);
        vst1q_f32(v + i, var);
        const float32x4_t root = vfmaq_f32(eps, vsqrtq_f32(var), scale);
        const float32x4_t move = vdivq_f32(vmulq_f32(rate, mean), root);
        vst1q_f32(p + i, vfmaq_f32(vnegq_f32(move), keep, old));
    }
    if (i < n) sn_f32_adam__generic(s, p + i, g_ + i, m + i, v + i, n - i);
}
