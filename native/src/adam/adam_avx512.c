/* adam, AVX-512. */
#include <immintrin.h>

#include "adam/adam.h"

void sn_f32_adam__avx512(const sn_adam_step *s, void *param, const void *grad, void *m_, void *v_, int64_t n) {
    float *p = param, *m = m_, *v = v_;
    const float *g_ = grad;
    const __m512 keep = _mm512_set1_ps((float)s->keep), decay = _mm512_set1_ps((float)s->weight_decay);
    const __m512 beta1 = _mm512_set1_ps((float)s->beta1), fresh1 = _mm512_set1_ps((float)(1 - s->beta1));
    const __m512 beta2 = _mm512_set1_ps((float)s->beta2), fresh2 = _mm512_set1_ps((float)(1 - s->beta2));
    const __m512 rate = _mm512_set1_ps((float)s->rate), scale = _mm512_set1_ps((float)s->scale), eps = _mm512_set1_ps((float)s->eps);
    for (int64_t i = 0; i < n; i += 16) {
        const __mmask16 mask = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : (__mmask16)0xffff;
        const __m512 old = _mm512_maskz_loadu_ps(mask, p + i);
        const __m512 g = _mm512_fmadd_ps(decay, old, _mm512_maskz_loadu_ps(mask, g_ + i));
        const __m512 mean = _mm512_fmadd_ps(beta1, _mm512_maskz_loadu_ps(mask, m + i), _mm512_mul_ps(fresh1, g));
        const __m512 var = _mm512_fmadd_ps(beta2, _mm512_maskz_loadu_ps(mask, v + i), _mm512_mul_ps(fresh2, _mm512_mul_ps(g, g)));
        _mm512_mask_storeu_ps(m + i, mask, mean);
        _mm512_mask_storeu_ps(v + i, mask, var);
        const __m512 root = _mm512_fmadd_ps(_mm512_sqrt_ps(var), scale, eps);
        const __m512 move = _mm512_div_ps(_mm512_mul_ps(rate, mean), root);
        _mm512_mask_storeu_ps(p + i, mask, _mm512_fmsub_ps(keep, old, move));
    }
}
