/* adam, AVX2; the generic kernel does the tail. */
#include <immintrin.h>

#include "adam/adam.h"

void sn_f32_adam__avx2(const sn_adam_step *s, void *param, const void *grad, void *m_, void *v_, int64_t n) {
    float *p = param, *m = m_, *v = v_;
    const float *g_ = grad;
    const __m256 keep = _mm256_set1_ps((float)s->keep), decay = _mm256_set1_ps((float)s->weight_decay);
    const __m256 beta1 = _mm256_set1_ps((float)s->beta1), fresh1 = _mm256_set1_ps((float)(1 - s->beta1));
    const __m256 beta2 = _mm256_set1_ps((float)s->beta2), fresh2 = _mm256_set1_ps((float)(1 - s->beta2));
    const __m256 rate = _mm256_set1_ps((float)s->rate), scale = _mm256_set1_ps((float)s->scale), eps = _mm256_set1_ps((float)s->eps);
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 old = _mm256_loadu_ps(p + i);
        const __m256 g = _mm256_fmadd_ps(decay, old, _mm256_loadu_ps(g_ + i));
        const __m256 mean = _mm256_fmadd_ps(beta1, _mm256_loadu_ps(m + i), _mm256_mul_ps(fresh1, g));
        const __m256 var = _mm256_fmadd_ps(beta2, _mm256_loadu_ps(v + i), _mm256_mul_ps(fresh2, _mm256_mul_ps(g, g)));
        _mm256_storeu_ps(m + i, mean);
        _mm256_storeu_ps(v + i, var);
        const __m256 root = _mm256_fmadd_ps(_mm256_sqrt_ps(var), scale, eps);
        const __m256 move = _mm256_div_ps(_mm256_mul_ps(rate, mean), root);
        _mm256_storeu_ps(p + i, _mm256_fmsub_ps(keep, old, move));
    }
    if (i < n) sn_f32_adam__generic(s, p + i, g_ + i, m + i, v + i, n - i);
}
