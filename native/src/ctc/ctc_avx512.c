/* ctc, AVX-512: sixteen places at a time. Logarithms of probabilities are kept and compared in double; exponentials of
 * their differences and the logarithm of the sum, from 0 to log(3), are float: an error of 1.2e-7 a step. */
#include <immintrin.h>
#include <math.h>

#include "ctc/ctc.h"
#include "unary/vector_math_avx512.h"

typedef struct {
    __m512d low, high;
} places;

static inline places load(const double *p) { return (places){_mm512_loadu_pd(p), _mm512_loadu_pd(p + 8)}; }

static inline void store(double *p, places x) {
    _mm512_storeu_pd(p, x.low);
    _mm512_storeu_pd(p + 8, x.high);
}

static inline places add(places a, places b) { return (places){_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)}; }

static inline places widened(__m512 x) {
    return (places){_mm512_cvtps_pd(_mm512_castps512_ps256(x)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1))};
}

static inline __m512 exp_of(places x) {
    const __m512 low = _mm512_castps256_ps512(_mm512_cvtpd_ps(x.low));
    return sn_exp_avx512(_mm512_insertf32x8(low, _mm512_cvtpd_ps(x.high), 1));
}

/* where three terms are all 0, their logarithms' maximum is taken for 0 */
static inline __m512d maximum(__m512d a, __m512d b, __m512d c) {
    const __m512d m = _mm512_max_pd(_mm512_max_pd(a, b), c);
    return _mm512_mask_mov_pd(m, _mm512_cmp_pd_mask(m, _mm512_set1_pd(-(double)INFINITY), _CMP_EQ_OQ), _mm512_setzero_pd());
}

static inline places less(places a, places m) { return (places){_mm512_sub_pd(a.low, m.low), _mm512_sub_pd(a.high, m.high)}; }

/* log(exp(a) + exp(b) + exp(c) where skips) */
static inline places log_sum(places a, places b, places c, const int32_t *skips) {
    const __m512i skip = _mm512_loadu_si512(skips);
    const __mmask16 mask = _mm512_test_epi32_mask(skip, skip);
    const __m512d none = _mm512_set1_pd(-(double)INFINITY);
    c = (places){_mm512_mask_mov_pd(none, (__mmask8)mask, c.low), _mm512_mask_mov_pd(none, (__mmask8)(mask >> 8), c.high)};
    const places m = {maximum(a.low, b.low, c.low), maximum(a.high, b.high, c.high)};
    const __m512 sum = _mm512_add_ps(_mm512_add_ps(exp_of(less(a, m)), exp_of(less(b, m))), exp_of(less(c, m)));
    return add(m, widened(sn_log_avx512(sum)));
}

static inline places probabilities(const sn_ctc_labels *labels, int64_t s, const float *log_probs) {
    return widened(_mm512_i32gather_ps(_mm512_loadu_si512(labels->classes + s), log_probs, 4));
}

void sn_f32_ctc_forward__avx512(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *before,
    double *alpha) {
    for (int64_t s = begin; s < end; s += 16) {
        const places sum = log_sum(load(before + s), load(before + s - 1), load(before + s - 2), labels->skips + s);
        store(alpha + s, add(sum, probabilities(labels, s, log_probs)));
    }
}

void sn_f32_ctc_backward__avx512(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *alpha,
    double loss_, const double *after, double *now, double *posterior) {
    const places loss = {_mm512_set1_pd(loss_), _mm512_set1_pd(loss_)};
    for (int64_t s = begin; s < end; s += 16) {
        const places beta = log_sum(load(after + s), load(after + s + 1), load(after + s + 2), labels->skips + s + 2);
        store(posterior + s, widened(exp_of(add(add(load(alpha + s), beta), loss))));
        store(now + s, add(beta, probabilities(labels, s, log_probs)));
    }
}
