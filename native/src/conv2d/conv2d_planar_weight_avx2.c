#include "core/compiler.h"
#include "core/lanes_avx2.h"

enum { COLUMNS = 3, TAPS = 4 };
static SN_INLINE lanes load_where(const float *x, const int32_t *mask) { return _mm256_maskload_ps(x, _mm256_loadu_si256((const __m256i *)mask)); }

#define PLANAR_WEIGHT sn_f32_planar_weight__avx2
#include "conv2d/conv2d_planar_weight.inc"
