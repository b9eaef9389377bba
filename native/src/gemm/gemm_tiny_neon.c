/* Tiny products, NEON: see gemm_tiny.inc. */
#include "gemm/gemm_tiny.h"
#include "unary/vector_math_neon.h"

#define INLINE SN_INLINE

enum { LANES = 4 };
typedef float32x4_t vfloat;
typedef int64_t vmask; /* how many lanes */

static INLINE vmask first_lanes(int64_t n) { return n; }
static INLINE vfloat set(float v) { return vdupq_n_f32(v); }
static INLINE vfloat load_some(const float *p, vmask m) { return sn_load_first_neon(p, m); }
static INLINE void store_some(float *p, vfloat v, vmask m, int64_t n) {
    (void)n;
    sn_store_first_neon(p, v, m);
}
static INLINE vfloat add(vfloat a, vfloat b) { return vaddq_f32(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return vmulq_f32(a, b); }
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return vfmaq_f32(c, a, b); }
static INLINE vfloat relu(vfloat v) { return vmaxq_f32(vdupq_n_f32(0), v); } /* NaN stays */
static INLINE vfloat where_positive(vfloat v, vfloat yes, vfloat no) { return vbslq_f32(vcgtzq_f32(v), yes, no); }
static INLINE vfloat sigmoid(vfloat v) { return sn_sigmoid_neon(v); }
static INLINE vfloat hyperbolic_tangent(vfloat v) { return sn_tanh_neon(v); }
static INLINE vfloat expm1_of(vfloat v) { return sn_expm1_neon(v); }

#define GEMM_TINY sn_f32_gemm_tiny__neon
#include "gemm/gemm_tiny.inc"
