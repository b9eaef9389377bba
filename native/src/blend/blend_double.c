/* blend, double, one element at a time. */
#include "blend/blend.h"
#include "core/lanes_f64.h"

#include "blend/blend_sweep.inc"

void sn_f64_blend__generic(void *y, const void *x, double keep, double share, int64_t n) { sweep(y, x, keep, share, n); }
