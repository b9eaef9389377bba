/* Planes, NEON: see conv2d_planar.inc. */
#include "core/lanes_neon.h"

#include "conv2d/conv2d_planar.h"
#include "core/check.h"
#include "core/compiler.h"

enum { COLUMNS = 6, ROWS = 8 };
static const int64_t vectors_most[6] = {8, 8, 8, 6, 4, 4};

static SN_INLINE lanes even(lanes a, lanes b) { return vuzp1q_f32(a, b); }
static SN_INLINE lanes odd(lanes a, lanes b) { return vuzp2q_f32(a, b); }
static SN_INLINE lanes maximum(lanes a, lanes b) { return vbslq_f32(vbicq_u32(vceqq_f32(a, a), vcleq_f32(b, a)), b, a); }

#define PLANAR sn_f32_planar__neon
#define PLANAR_POOL sn_f32_planar_pool__neon
#include "conv2d/conv2d_planar.inc"
