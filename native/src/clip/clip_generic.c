/* clip, float, one element at a time. */
#include "clip/clip.h"
#include "core/lanes_f32.h"

#include "clip/clip_sweep.inc"

double sn_f32_clip_square__generic(const void *x, int64_t n) {
    double sum;
    square_sum(x, n, &sum);
    return sum;
}

void sn_f32_clip_scale__generic(void *x, double factor, int64_t n) { scale(x, factor, n); }

void sn_f32_clip_value__generic(void *x, double limit, int64_t n) { clamp(x, limit, n); }
