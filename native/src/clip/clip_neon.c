/* clip, NEON; the generic kernels do the tail. */
#include "clip/clip.h"
#include "core/lanes_neon.h"

#include "clip/clip_sweep.inc"

double sn_f32_clip_square__neon(const void *x, int64_t n) {
    double sum;
    const int64_t i = square_sum(x, n, &sum);
    return i < n ? sum + sn_f32_clip_square__generic((const float *)x + i, n - i) : sum;
}

void sn_f32_clip_scale__neon(void *x, double factor, int64_t n) {
    const int64_t i = scale(x, factor, n);
    if (i < n) sn_f32_clip_scale__generic((float *)x + i, factor, n - i);
}

void sn_f32_clip_value__neon(void *x, double limit, int64_t n) {
    const int64_t i = clamp(x, limit, n);
    if (i < n) sn_f32_clip_value__generic((float *)x + i, limit, n - i);
}
