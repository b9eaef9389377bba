/* batchnorm, NEON: see batchnorm_vector.inc. */
#include <stddef.h>

#include "batchnorm/batchnorm.h"
#include "core/vector_neon.h"

#define INLINE SN_INLINE

enum { LANES = 4 };
typedef float32x4_t vfloat;
typedef int64_t vmask; /* how many lanes */

static INLINE vmask first_lanes(int64_t n) { return n; }
static INLINE vfloat load_all(const float *p) { return vld1q_f32(p); }
static INLINE vfloat load_some(const float *p, vmask m) { return sn_load_first_neon(p, m); }
static INLINE void store_all(float *p, vfloat v) { vst1q_f32(p, v); }
static INLINE void store_past(float *p, vfloat v) { store_all(p, v); } /* no such stores */
static INLINE void store_some(float *p, vfloat v, vmask m) { sn_store_first_neon(p, v, m); }
static INLINE vfloat add(vfloat a, vfloat b) { return vaddq_f32(a, b); }
static INLINE vfloat subtract(vfloat a, vfloat b) { return vsubq_f32(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return vmulq_f32(a, b); }
/* a b + c */
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return vfmaq_f32(c, a, b); }
/* c - a b */
static INLINE vfloat minus_product(vfloat a, vfloat b, vfloat c) { return vfmsq_f32(c, a, b); }
/* NaN stays. */
static INLINE vfloat not_below_zero(vfloat v) { return vmaxq_f32(vdupq_n_f32(0), v); }
/* g, or 0 where y <= 0 */
static INLINE vfloat where_above_zero(vfloat y, vfloat g) { return sn_unless_neon(vclezq_f32(y), g); }

#include "batchnorm/batchnorm_vector.inc"

const sn_batchnorm_kernels sn_f32_batchnorm__neon = {sums, moments, apply, gradient_sums, gradient_apply};
