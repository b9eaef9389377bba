/* blend, NEON; the generic kernel does the tail. */
#include "blend/blend.h"
#include "core/lanes_neon.h"

#include "blend/blend_sweep.inc"

void sn_f32_blend__neon(void *y, const void *x, double keep, double share, int64_t n) {
    const int64_t i = sweep(y, x, keep, share, n);
    if (i < n) sn_f32_blend__generic((float *)y + i, (const float *)x + i, keep, share, n - i);
}
