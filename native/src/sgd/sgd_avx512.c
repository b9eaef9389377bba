/* sgd, AVX-512: the loop is inlined once for each rule. */
#include <immintrin.h>

#include "sgd/sgd.h"

static inline void sweep(const sn_sgd_step *s, float *p, const float *grad, float *m, int64_t n, int rule) {
    const __m512 lr = _mm512_set1_ps((float)s->lr), decay = _mm512_set1_ps((float)s->weight_decay);
    const __m512 mu = _mm512_set1_ps((float)s->momentum), fresh = _mm512_set1_ps((float)(1 - s->dampening));
    for (int64_t i = 0; i < n; i += 16) {
        const __mmask16 mask = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : (__mmask16)0xffff;
        const __m512 param = _mm512_maskz_loadu_ps(mask, p + i);
        __m512 g = _mm512_fmadd_ps(decay, param, _mm512_maskz_loadu_ps(mask, grad + i));
        if (rule != SN_SGD_PLAIN) {
            __m512 v = g;
            if (rule == SN_SGD_MOMENTUM || rule == SN_SGD_NESTEROV)
                v = _mm512_fmadd_ps(mu, _mm512_maskz_loadu_ps(mask, m + i), _mm512_mul_ps(fresh, g));
            _mm512_mask_storeu_ps(m + i, mask, v);
            g = rule == SN_SGD_NESTEROV || rule == SN_SGD_NESTEROV_FIRST ? _mm512_fmadd_ps(mu, v, g) : v;
        }
        _mm512_mask_storeu_ps(p + i, mask, _mm512_fnmadd_ps(lr, g, param));
    }
}

void sn_f32_sgd__avx512(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n) {
    switch (s->rule) {
    case SN_SGD_PLAIN: sweep(s, param, grad, m, n, SN_SGD_PLAIN); break;
    case SN_SGD_FIRST: sweep(s, param, grad, m, n, SN_SGD_FIRST); break;
    case SN_SGD_MOMENTUM: sweep(s, param, grad, m, n, SN_SGD_MOMENTUM); break;
    case SN_SGD_NESTEROV_FIRST: sweep(s, param, grad, m, n, SN_SGD_NESTEROV_FIRST); break;
    case SN_SGD_NESTEROV: sweep(s, param, grad, m, n, SN_SGD_NESTEROV); break;
    }
}
