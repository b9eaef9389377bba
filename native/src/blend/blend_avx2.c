/* blend, AVX2; the generic kernel does the tail. */
#include "blend/blend.h"
#include "core/lanes_avx2.h"

#include "blend/blend_sweep.inc"

void sn_f32_blend__avx2(void *y, const void *x, double keep, double share, int64_t n) {
    const int64_t i = sweep(y, x, keep, share, n);
    if (i < n) sn_f32_blend__generic((float *)y + i, (const float *)x + i, keep, share, n - i);
}
