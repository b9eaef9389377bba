/* sgd, AVX2: the loop is inlined once for each rule; the generic kernel does the tail. */
#include <immintrin.h>

#include "sgd/sgd.h"

static inline int64_t sweep(const sn_sgd_step *s, float *p, const float *grad, float *m, int64_t n, int rule) {
    const __m256 lr = _mm256_set1_ps((float)s->lr), decay = _mm256_set1_ps((float)s->weight_decay);
    const __m256 mu = _mm256_set1_ps((float)s->momentum), fresh = _mm256_set1_ps((float)(1 - s->dampening));
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 param = _mm256_loadu_ps(p + i);
        __m256 g = _mm256_fmadd_ps(decay, param, _mm256_loadu_ps(grad + i));
        if (rule != SN_SGD_PLAIN) {
            __m256 v = g;
            if (rule == SN_SGD_MOMENTUM || rule == SN_SGD_NESTEROV)
                v = _mm256_fmadd_ps(mu, _mm256_loadu_ps(m + i), _mm256_mul_ps(fresh, g));
            _mm256_storeu_ps(m + i, v);
            g = rule == SN_SGD_NESTEROV || rule == SN_SGD_NESTEROV_FIRST ? _mm256_fmadd_ps(mu, v, g) : v;
        }
        _mm256_storeu_ps(p + i, _mm256_fnmadd_ps(lr, g, param));
    }
    return i;
}

void sn_f32_sgd__avx2(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n) {
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
