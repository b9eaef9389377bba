/* groupnorm of contiguous groups, NEON: see groupnorm_vector.inc. */
#include <math.h>
#include <stddef.h>

#include "core/vector_neon.h"
#include "groupnorm/groupnorm.h"

#define INLINE SN_INLINE

enum { LANES = 4 };
typedef float32x4_t vfloat;
typedef int64_t vmask; /* how many lanes */

static INLINE vfloat all(float x) { return vdupq_n_f32(x); }
static INLINE vfloat load_all(const float *p) { return vld1q_f32(p); }
static INLINE void store_all(float *p, vfloat v) { vst1q_f32(p, v); }
static INLINE vfloat add(vfloat a, vfloat b) { return vaddq_f32(a, b); }
static INLINE vfloat subtract(vfloat a, vfloat b) { return vsubq_f32(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return vmulq_f32(a, b); }
/* a b + c */
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return vfmaq_f32(c, a, b); }
/* c - a b */
static INLINE vfloat minus_product(vfloat a, vfloat b, vfloat c) { return vfmsq_f32(c, a, b); }
static INLINE vmask first_lanes(int64_t n) { return n; }
static INLINE vfloat load_some(const float *p, vmask m) { return sn_load_first_neon(p, m); }
static INLINE void store_some(float *p, vfloat v, vmask m) { sn_store_first_neon(p, v, m); }
/* v in the lanes of the mask, else 0 */
static INLINE vfloat only(vfloat v, vmask m) { return sn_where_neon(sn_first_lanes_neon(m), v); }
static INLINE float sum_lanes(vfloat v) { return vaddvq_f32(v); }

#define FORWARD sn_f32_groupnorm_forward_rows__neon
#define BACKWARD sn_f32_groupnorm_backward_rows__neon
#include "groupnorm/groupnorm_vector.inc"
