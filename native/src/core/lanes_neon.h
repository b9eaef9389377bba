/* What kernels are written in once for all widths, here for 4 floats at a time. */
#ifndef SN_CORE_LANES_NEON_H
#define SN_CORE_LANES_NEON_H

#include <arm_neon.h>
#include <stdint.h>

#include "core/vector_neon.h"

typedef float element;
typedef float32x4_t lanes;
enum { WIDTH = 4 };

static inline lanes load(const element *p) { return vld1q_f32(p); }
static inline void store(element *p, lanes x) { vst1q_f32(p, x); }
static inline lanes all(double x) { return vdupq_n_f32((float)x); }
static inline lanes add(lanes a, lanes b) { return vaddq_f32(a, b); }
static inline lanes sub(lanes a, lanes b) { return vsubq_f32(a, b); }
static inline lanes mul(lanes a, lanes b) { return vmulq_f32(a, b); }
static inline lanes quotient(lanes a, lanes b) { return vdivq_f32(a, b); }
static inline lanes mul_add(lanes a, lanes b, lanes c) { return vfmaq_f32(c, a, b); }
static inline lanes root(lanes x) { return vsqrtq_f32(x); }
static inline lanes magnitude(lanes x) { return vabsq_f32(x); }
/* Not the instructions for it: they give NaN for a NaN in either. */
static inline lanes larger(lanes a, lanes b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline lanes smaller(lanes a, lanes b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
static inline lanes where_positive(lanes x, lanes yes, lanes no) { return vbslq_f32(vcgtzq_f32(x), yes, no); }
static inline lanes where_negative(lanes x, lanes yes, lanes no) { return vbslq_f32(vcltzq_f32(x), yes, no); }

/* The first n lanes; those behind are loaded as 0 and not stored. */
typedef int64_t lane_mask;
static inline lane_mask first_lanes(int64_t n) { return n; }
static inline lanes load_some(const element *p, lane_mask m) { return sn_load_first_neon(p, m); }
static inline void store_some(element *p, lanes x, lane_mask m) { sn_store_first_neon(p, x, m); }

typedef struct {
    float64x2_t low, high;
} total;
static inline total total_zero(void) { return (total){vdupq_n_f64(0), vdupq_n_f64(0)}; }
static inline total total_add_square(total t, lanes x) {
    const float64x2_t low = vcvt_f64_f32(vget_low_f32(x)), high = vcvt_high_f64_f32(x);
    return (total){vfmaq_f64(t.low, low, low), vfmaq_f64(t.high, high, high)};
}
static inline double total_value(total t) { return vaddvq_f64(vaddq_f64(t.low, t.high)); }

#endif
