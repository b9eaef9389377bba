/* ctc, AVX2: eight places at a time. Logarithms of probabilities are kept and compared in double; exponentials of their
 * differences and the logarithm of the sum, from 0 to log(3), are float: an error of 1.2e-7 a step. */
#include <immintrin.h>
#include <math.h>

#include "ctc/ctc.h"
#include "unary/vector_math_avx2.h"

typedef struct {
    __m256d low, high;
} places;

static inline places load(const double *p) { return (places){_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}; }

static inline void store(double *p, places x) {
    _mm256_storeu_pd(p, x.low);
    _mm256_storeu_pd(p + 4, x.high);
}

static inline places add(places a, places b) { return (places){_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)}; }

static inline places widened(__m256 x) {
    return (places){_mm256_cvtps_pd(_mm256_castps256_ps128(x)), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))};
}

static inline __m256 exp_of(places x) {
    return sn_exp_avx2(_mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(x.low)), _mm256_cvtpd_ps(x.high), 1));
}

/* where three terms are all 0, their logarithms' maximum is taken for 0 */
static inline __m256d maximum(__m256d a, __m256d b, __m256d c) {
    const __m256d m = _mm256_max_pd(_mm256_max_pd(a, b), c);
    return _mm256_andnot_pd(_mm256_cmp_pd(m, _mm256_set1_pd(-(double)INFINITY), _CMP_EQ_OQ), m);
}

static inline places less(places a, places m) { return (places){_mm256_sub_pd(a.low, m.low), _mm256_sub_pd(a.high, m.high)}; }

/* c where skips, else the logarithm of 0 */
static inline __m256d where(const int32_t *skips, __m256d c) {
    const __m256d mask = _mm256_castsi256_pd(_mm256_cvtepi32_epi64(_mm_loadu_si128((const __m128i *)skips)));
    return _mm256_blendv_pd(_mm256_set1_pd(-(double)INFINITY), c, mask);
}

/* log(exp(a) + exp(b) + exp(c) where skips) */
static inline places log_sum(places a, places b, places c, const int32_t *skips) {
    c = (places){where(skips, c.low), where(skips + 4, c.high)};
    const places m = {maximum(a.low, b.low, c.low), maximum(a.high, b.high, c.high)};
    const __m256 sum = _mm256_add_ps(_mm256_add_ps(exp_of(less(a, m)), exp_of(less(b, m))), exp_of(less(c, m)));
    return add(m, widened(sn_log_avx2(sum)));
}

static inline places probabilities(const sn_ctc_labels *labels, int64_t s, const float *log_probs) {
    return widened(_mm256_i32gather_ps(log_probs, _mm256_loadu_si256((const __m256i *)(labels->classes + s)), 4));
}

void sn_f32_ctc_forward__avx2(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *before,
    double *alpha) {
    for (int64_t s = begin; s < end; s += 8) {
        const places sum = log_sum(load(before + s), load(before + s - 1), load(before + s - 2), labels->skips + s);
        store(alpha + s, add(sum, probabilities(labels, s, log_probs)));
    }
}

void sn_f32_ctc_backward__avx2(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *alpha,
    double loss_, const double *after, double *now, double *posterior) {
    const places loss = {_mm256_set1_pd(loss_), _mm256_set1_pd(loss_)};
    for (int64_t s = begin; s < end; s += 8) {
        const places beta = log_sum(load(after + s), load(after + s + 1), load(after + s + 2), labels->skips + s + 2);
        store(posterior + s, widened(exp_of(add(add(load(alpha + s), beta), loss))));
        store(now + s, add(beta, probabilities(labels, s, log_probs)));
    }
}
