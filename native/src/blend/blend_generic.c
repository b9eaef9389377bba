/* blend, float, one element at a time. */
#include "blend/blend.h"
#include "core/lanes_f32.h"

#include "blend/blend_sweep.inc"

void sn_f32_blend__generic(void *y, const void *x, double keep, double share, int64_t n) { sweep(y, x, keep, share, n); }
