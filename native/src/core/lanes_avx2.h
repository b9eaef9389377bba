/* What kernels are written in once for all widths, here for 8 floats at a time. */
#ifndef SN_CORE_LANES_AVX2_H
#define SN_CORE_LANES_AVX2_H

#include <immintrin.h>
#include <stdint.h>

typedef float element;
typedef __m256 lanes;
enum { WIDTH = 8 };

static inline lanes load(const element *p) { return _mm256_loadu_ps(p); }
static inline void store(element *p, lanes x) { _mm256_storeu_ps(p, x); }
static inline lanes all(double x) { return _mm256_set1_ps((float)x); }
static inline lanes add(lanes a, lanes b) { return _mm256_add_ps(a, b); }
static inline lanes sub(lanes a, lanes b) { return _mm256_sub_ps(a, b); }
static inline lanes mul(lanes a, lanes b) { return _mm256_mul_ps(a, b); }
static inline lanes quotient(lanes a, lanes b) { return _mm256_div_ps(a, b); }
static inline lanes mul_add(lanes a, lanes b, lanes c) { return _mm256_fmadd_ps(a, b, c); }
static inline lanes root(lanes x) { return _mm256_sqrt_ps(x); }
static inline lanes magnitude(lanes x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
static inline lanes larger(lanes a, lanes b) { return _mm256_max_ps(a, b); }
static inline lanes smaller(lanes a, lanes b) { return _mm256_min_ps(a, b); }
static inline lanes where_positive(lanes x, lanes yes, lanes no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ));
}
static inline lanes where_negative(lanes x, lanes yes, lanes no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ));
}

/* The first n lanes; those behind are loaded as 0 and not stored. */
typedef __m256i lane_mask;
static inline lane_mask first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(n < WIDTH ? n : WIDTH)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline lanes load_some(const element *p, lane_mask m) { return _mm256_maskload_ps(p, m); }
static inline void store_some(element *p, lanes x, lane_mask m) { _mm256_maskstore_ps(p, m, x); }

typedef struct {
    __m256d low, high;
} total;
static inline total total_zero(void) { return (total){_mm256_setzero_pd(), _mm256_setzero_pd()}; }
static inline total total_add_square(total t, lanes x) {
    const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(x)), high = _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
    return (total){_mm256_fmadd_pd(low, low, t.low), _mm256_fmadd_pd(high, high, t.high)};
}
static inline double total_value(total t) {
    const __m256d sum = _mm256_add_pd(t.low, t.high);
    const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(sum), _mm256_extractf128_pd(sum, 1));
    return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

#endif
