/* sgd, AVX-512: the loop is inlined once for each rule. */
#include <immintrin.h>

#include "sgd/sgd.h"

typedef struct {
    __m512 lr, decay, mu, fresh;
} factors;

/* The new parameters; writes the new momentum to *v unless the rule is SN_SGD_PLAIN. */
static inline __m512 update(const factors *f, __m512 param, __m512 grad, __m512 *v, int rule) {
    __m512 g = _mm512_fmadd_ps(f->decay, param, grad);
    if (rule == SN_SGD_FIRST || rule == SN_SGD_NESTEROV_FIRST) *v = g;
    if (rule == SN_SGD_MOMENTUM || rule == SN_SGD_NESTEROV) *v = _mm512_fmadd_ps(f->mu, *v, _mm512_mul_ps(f->fresh, g));
    if (rule == SN_SGD_NESTEROV || rule == SN_SGD_NESTEROV_FIRST) g = _mm512_fmadd_ps(f->mu, *v, g);
    else if (rule != SN_SGD_PLAIN) g = *v;
    return _mm512_fnmadd_ps(f->lr, g, param);
}

static inline void sweep(const sn_sgd_step *s, float *p, const float *grad, float *m, int64_t n, int rule) {
    const factors f = {_mm512_set1_ps((float)s->lr), _mm512_set1_ps((float)s->weight_decay), _mm512_set1_ps((float)s->momentum),
                       _mm512_set1_ps((float)(1 - s->dampening))};
    const int reads = rule == SN_SGD_MOMENTUM || rule == SN_SGD_NESTEROV;
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m512 v = reads ? _mm512_loadu_ps(m + i) : _mm512_setzero_ps();
        _mm512_storeu_ps(p + i, update(&f, _mm512_loadu_ps(p + i), _mm512_loadu_ps(grad + i), &v, rule));
        if (rule != SN_SGD_PLAIN) _mm512_storeu_ps(m + i, v);
    }
    if (i < n) { /* masked loads and stores in the whole sweep would halve its speed out of cache on some CPUs */
        const __mmask16 mask = (__mmask16)((1u << (n - i)) - 1);
        __m512 v = reads ? _mm512_maskz_loadu_ps(mask, m + i) : _mm512_setzero_ps();
        _mm512_mask_storeu_ps(p + i, mask, update(&f, _mm512_maskz_loadu_ps(mask, p + i), _mm512_maskz_loadu_ps(mask, grad + i), &v, rule));
        if (rule != SN_SGD_PLAIN) _mm512_mask_storeu_ps(m + i, mask, v);
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
