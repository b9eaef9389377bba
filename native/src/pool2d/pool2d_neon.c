/* pool2d, NEON: see pool2d_vector.inc and pool2d_vector_backward.inc. */
#include <math.h>
#include <string.h>

#include "core/stream.h"
#include "core/vector_neon.h"
#include "pool2d/pool2d.h"

#define INLINE SN_INLINE

enum { LANES = 4 };
typedef float32x4_t vfloat;
typedef int32x4_t vint;
typedef uint32x4_t vtest;
typedef int64_t vmask; /* how many lanes */

static INLINE vmask first_lanes(int64_t n) { return n; }
static INLINE vfloat load_all(const float *p) { return vld1q_f32(p); }
static INLINE vfloat load_some(const float *p, vmask m) { return sn_load_first_neon(p, m); }
static INLINE vint load_ints(const int32_t *p) { return vld1q_s32(p); }
static INLINE void store_all(float *p, vfloat v) { vst1q_f32(p, v); }
static INLINE void store_past(float *p, vfloat v) { store_all(p, v); } /* no such stores */
static INLINE void store_some(float *p, vfloat v, vmask m) { sn_store_first_neon(p, v, m); }
static INLINE vfloat zero_floats(void) { return vdupq_n_f32(0); }
static INLINE vfloat set_float(float v) { return vdupq_n_f32(v); }
static INLINE vint set_int(int32_t v) { return vdupq_n_s32(v); }
static INLINE vfloat add(vfloat a, vfloat b) { return vaddq_f32(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return vmulq_f32(a, b); }
static INLINE vint add_ints(vint a, vint b) { return vaddq_s32(a, b); }
static INLINE vfloat as_floats(vint v) { return vreinterpretq_f32_s32(v); }
static INLINE vint as_ints(vfloat v) { return vreinterpretq_s32_f32(v); }
static INLINE vtest is_number(vfloat v) { return vceqq_f32(v, v); }
static INLINE vtest both(vtest a, vtest b) { return vandq_u32(a, b); }
/* a > b, or either is a NaN */
static INLINE vtest exceeds(vfloat a, vfloat b) { return vmvnq_u32(vcleq_f32(a, b)); }
static INLINE vfloat choose(vtest t, vfloat yes, vfloat no) { return vbslq_f32(t, yes, no); }
static INLINE vint choose_int(vtest t, vint yes, vint no) { return vbslq_s32(t, yes, no); }
/* sum + v where a == b, else sum */
static INLINE vfloat add_where_equal(vint a, vint b, vfloat sum, vfloat v) { return vaddq_f32(sum, sn_where_neon(vceqq_s32(a, b), v)); }
/* Lane i is element source[i] of low and high in a row. */
static INLINE vfloat pick(vfloat low, vfloat high, vint source) {
    const uint8x16x2_t table = {{vreinterpretq_u8_f32(low), vreinterpretq_u8_f32(high)}};
    const vint bytes = vmlaq_n_s32(vdupq_n_s32(0x03020100), source, 0x04040404);
    return vreinterpretq_f32_u8(vqtbl2q_u8(table, vreinterpretq_u8_s32(bytes)));
}
static INLINE vfloat pick_one(vfloat v, vint source) {
    const vint bytes = vmlaq_n_s32(vdupq_n_s32(0x03020100), source, 0x04040404);
    return vreinterpretq_f32_u8(vqtbl1q_u8(vreinterpretq_u8_f32(v), vreinterpretq_u8_s32(bytes)));
}

#define MAX_FORWARD sn_f32_maxpool2d_forward__neon
#define MAX_BACKWARD sn_f32_maxpool2d_backward__neon
#define AVG_FORWARD sn_f32_avgpool2d_forward__neon
#define AVG_BACKWARD sn_f32_avgpool2d_backward__neon
#include "pool2d/pool2d_vector.inc"
#include "pool2d/pool2d_vector_backward.inc"
