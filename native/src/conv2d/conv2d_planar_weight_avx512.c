#include "core/compiler.h"
#include "core/lanes_avx512.h"

enum { COLUMNS = 6, TAPS = 4 };
static SN_INLINE lanes load_where(const float *x, const int32_t *mask) { return _mm512_maskz_loadu_ps(_mm512_movepi32_mask(_mm512_loadu_si512(mask)), x); }

#define PLANAR_WEIGHT sn_f32_planar_weight__avx512
#include "conv2d/conv2d_planar_weight.inc"
