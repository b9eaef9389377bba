#include "core/compiler.h"
#include "core/lanes_neon.h"

enum { COLUMNS = 6, TAPS = 3 };
static SN_INLINE lanes load_where(const float *x, const int32_t *mask) { return sn_where_neon(vreinterpretq_u32_s32(vld1q_s32(mask)), vld1q_f32(x)); }

#define PLANAR_WEIGHT sn_f32_planar_weight__neon
#include "conv2d/conv2d_planar_weight.inc"
