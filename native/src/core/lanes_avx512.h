/* What kernels are written in once for all widths, here for 16 floats at a time. */
#ifndef SN_CORE_LANES_AVX512_H
#define SN_CORE_LANES_AVX512_H

#include <immintrin.h>
#include <stdint.h>

typedef float element;
typedef __m512 lanes;
enum { WIDTH = 16 };

static inline lanes load(const element *p) { return _mm512_loadu_ps(p); }
static inline void store(element *p, lanes x) { _mm512_storeu_ps(p, x); }
static inline lanes all(double x) { return _mm512_set1_ps((float)x); }
static inline lanes add(lanes a, lanes b) { return _mm512_add_ps(a, b); }
static inline lanes sub(lanes a, lanes b) { return _mm512_sub_ps(a, b); }
static inline lanes mul(lanes a, lanes b) { return _mm512_mul_ps(a, b); }
static inline lanes quotient(lanes a, lanes b) { return _mm512_div_ps(a, b); }
static inline lanes mul_add(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }
static inline lanes root(lanes x) { return _mm512_sqrt_ps(x); }
static inline lanes magnitude(lanes x) { return _mm512_abs_ps(x); }
static inline lanes larger(lanes a, lanes b) { return _mm512_max_ps(a, b); }
static inline lanes smaller(lanes a, lanes b) { return _mm512_min_ps(a, b); }
static inline lanes where_positive(lanes x, lanes yes, lanes no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ), no, yes);
}
static inline lanes where_negative(lanes x, lanes yes, lanes no) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ), no, yes);
}

/* The first n lanes; those behind are loaded as 0 and not stored. */
typedef __mmask16 lane_mask;
static inline lane_mask first_lanes(int64_t n) { return n >= WIDTH ? 0xffff : n <= 0 ? 0 : (lane_mask)((1u << n) - 1); }
static inline lanes load_some(const element *p, lane_mask m) { return _mm512_maskz_loadu_ps(m, p); }
static inline void store_some(element *p, lanes x, lane_mask m) { _mm512_mask_storeu_ps(p, m, x); }

typedef struct {
    __m512d low, high;
} total;
static inline total total_zero(void) { return (total){_mm512_setzero_pd(), _mm512_setzero_pd()}; }
static inline total total_add_square(total t, lanes x) {
    const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(x)), high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));
    return (total){_mm512_fmadd_pd(low, low, t.low), _mm512_fmadd_pd(high, high, t.high)};
}
static inline double total_value(total t) {
    return _mm512_reduce_add_pd(_mm512_add_pd(t.low, t.high));
}

#endif
