/* sgd, NEON: the loop is inlined once for each rule; the generic kernel does the tail. */
#include <arm_neon.h>

#include "sgd/sgd.h"

static inline int64_t sweep(const sn_sgd_step *s, float *p, const float *grad, float *m, int64_t n, int rule) {
    const float32x4_t lr = vdupq_n_f32((float)s->lr), decay = vdupq_n_f32((float)s->weight_decay);
    const float32x4_t mu = vdupq_n_f32((float)s->momentum), fresh = vdupq_n_f32((float)(1 - s->dampening));
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const float32x4_t param = vld1q_f32(p + i);
        float32x4_t g = vfmaq_f32(vld1q_f32(grad + i), decay, param);
        if (rule != SN_SGD_PLAIN) {
            float32x4_t v = g;
            if (rule == SN_SGD_MOMENTUM || rule == SN_SGD_NESTEROV)
                v = vfmaq_f32(vmulq_f32(fresh, g), mu, vld1q_f32(m + i));
            vst1q_f32(m + i, v);
            g = rule == SN_SGD_NESTEROV || rule == SN_SGD_NESTEROV_FIRST ? vfmaq_f32(g, mu, v) : v;
        }
        vst1q_f32(p + i, vfmsq_f32(param, lr, g));
    }
    return i;
}

void sn_f32_sgd__neon(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n) {
    int64_t i = 0;
    switch (s->rule) {
    case SN_SGD_PLAIN: i = sweep(s, param, grad, m, n, SN_SGD_PLAIN); break;
    case SN_SGD_FIRST: i = sweep(s, param, grad, m, n, SN_SGD_FIRST); break;
    case SN_SGD_MOMENTUM: i = sweep(s, param, grad, m, n, SN_SGD_MOMENTUM); break;
    case SN_SGD_NESTEROV_FIRST: i = sweep(s, param, grad, m, n, SN_SGD_NESTEROV_FIRST); break;
    case SN_SGD_NESTEROV: i = sweep(s, param, grad, m, n, SN_SGD_NESTEROV); break;
    }
    if (i < n) sn_f32_sgd__generic(s, (float *)param + i, (const float *)grad + i, m ? (float *)m + i : NULL, n - i);
}
