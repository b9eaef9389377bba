/* adam, AVX-512. */
#include <immintrin.h>

#include "adam/adam.h"

typedef struct {
    __m512 keep, decay, beta1, fresh1, beta2, fresh2, rate, scale, eps;
} factors;

/* The new parameters; updates both moments. */
static inline __m512 update(const factors *f, __m512 param, __m512 grad, __m512 *m, __m512 *v) {
    const __m512 g = _mm512_fmadd_ps(f->decay, param, grad);
    *m = _mm512_fmadd_ps(f->beta1, *m, _mm512_mul_ps(f->fresh1, g));
    *v = _mm512_fmadd_ps(f->beta2, *v, _mm512_mul_ps(f->fresh2, _mm512_mul_ps(g, g)));
    const __m512 root = _mm512_fmadd_ps(_mm512_sqrt_ps(*v), f->scale, f->eps);
    return _mm512_fmsub_ps(f->keep, param, _mm512_div_ps(_mm512_mul_ps(f->rate, *m), root));
}

void sn_f32_adam__avx512(const sn_adam_step *s, void *param, const void *grad, void *m_, void *v_, int64_t n) {
    float *p = param, *m = m_, *v = v_;
    const float *g = grad;
    const factors f = {
        .keep = _mm512_set1_ps((float)s->keep),
        .decay = _mm512_set1_ps((float)s->weight_decay),
        .beta1 = _mm512_set1_ps((float)s->beta1),
        .fresh1 = _mm512_set1_ps((float)(1 - s->beta1)),
        .beta2 = _mm512_set1_ps((float)s->beta2),
        .fresh2 = _mm512_set1_ps((float)(1 - s->beta2)),
        .rate = _mm512_set1_ps((float)s->rate),
        .scale = _mm512_set1_ps((float)s->scale),
        .eps = _mm512_set1_ps((float)s->eps),
    };
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m512 mean = _mm512_loadu_ps(m + i), var = _mm512_loadu_ps(v + i);
        _mm512_storeu_ps(p + i, update(&f, _mm512_loadu_ps(p + i), _mm512_loadu_ps(g + i), &mean, &var));
        _mm512_storeu_ps(m + i, mean);
        _mm512_storeu_ps(v + i, var);
    }
    if (i < n) { /* masked loads and stores in the whole sweep would halve its speed out of cache on some CPUs */
        const __mmask16 mask = (__mmask16)((1u << (n - i)) - 1);
        __m512 mean = _mm512_maskz_loadu_ps(mask, m + i), var = _mm512_maskz_loadu_ps(mask, v + i);
        const __m512 next = update(&f, _mm512_maskz_loadu_ps(mask, p + i), _mm512_maskz_loadu_ps(mask, g + i), &mean, &var);
        _mm512_mask_storeu_ps(p + i, mask, next);
        _mm512_mask_storeu_ps(m + i, mask, mean);
        _mm512_mask_storeu_ps(v + i, mask, var);
    }
}
