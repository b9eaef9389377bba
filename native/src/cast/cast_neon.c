/* cast, NEON: the conversion to integers saturates and makes 0 of NaN, as it should. */
#include <arm_neon.h>

#include "cast/cast.h"

void sn_f32_cast_i32__neon(const void *x_, void *y_, int64_t n, int past) {
    (void)past;
    const float *x = x_;
    int32_t *y = y_;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) vst1q_s32(y + i, vcvtq_s32_f32(vld1q_f32(x + i)));
    if (i < n) sn_f32_cast_i32__generic(x + i, y + i, n - i, 0);
}

void sn_f32_cast_f64__neon(const void *x_, void *y_, int64_t n, int past) {
    (void)past;
    const float *x = x_;
    double *y = y_;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const float32x4_t v = vld1q_f32(x + i);
        vst1q_f64(y + i, vcvt_f64_f32(vget_low_f32(v)));
        vst1q_f64(y + i + 2, vcvt_high_f64_f32(v));
    }
    if (i < n) sn_f32_cast_f64__generic(x + i, y + i, n - i, 0);
}

void sn_f64_cast_f32__neon(const void *x_, void *y_, int64_t n, int past) {
    (void)past;
    const double *x = x_;
    float *y = y_;
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) vst1q_f32(y + i, vcvt_high_f32_f64(vcvt_f32_f64(vld1q_f64(x + i)), vld1q_f64(x + i + 2)));
    if (i < n) sn_f64_cast_f32__generic(x + i, y + i, n - i, 0);
}
