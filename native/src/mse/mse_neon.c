/* mse, NEON. Squares are added up in floats within blocks and in doubles from block to block. */
#include "core/vector_neon.h"
#include "mse/mse.h"

enum { BLOCK = 2048 };

static double sum_of_squares(const float *x, const float *target, int64_t count) {
    double total = 0;
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        const int64_t end = count - begin < BLOCK ? count : begin + BLOCK;
        float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
        int64_t i = begin;
        for (; i + 16 <= end; i += 16)
            for (int k = 0; k < 4; k++) {
                const float32x4_t d = vsubq_f32(vld1q_f32(x + i + 4 * k), vld1q_f32(target + i + 4 * k));
                sum[k] = vfmaq_f32(sum[k], d, d);
            }
        for (; i < end; i += 4) {
            const int64_t left = end - i;
            const float32x4_t d = vsubq_f32(sn_load_first_neon(x + i, left), sn_load_first_neon(target + i, left));
            sum[0] = vfmaq_f32(sum[0], d, d);
        }
        total += vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
    }
    return total;
}

double sn_f32_mse_forward__neon(const void *x_, const void *target_, void *loss_, int64_t count) {
    const float *x = x_, *target = target_;
    float *loss = loss_;
    if (!loss) return sum_of_squares(x, target, count);
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const float32x4_t d = vsubq_f32(vld1q_f32(x + i), vld1q_f32(target + i));
        vst1q_f32(loss + i, vmulq_f32(d, d));
    }
    const int64_t left = count - i;
    const float32x4_t d = vsubq_f32(sn_load_first_neon(x + i, left), sn_load_first_neon(target + i, left));
    sn_store_first_neon(loss + i, vmulq_f32(d, d), left);
    return 0;
}

void sn_f32_mse_backward__neon(const void *x_, const void *target_, const void *dloss_, double scale_, void *dx_, int64_t count) {
    const float *x = x_, *target = target_, *dloss = dloss_;
    float *dx = dx_;
    const float32x4_t scale = vdupq_n_f32((float)scale_);
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        float32x4_t d = vmulq_f32(scale, vsubq_f32(vld1q_f32(x + i), vld1q_f32(target + i)));
        if (dloss) d = vmulq_f32(d, vld1q_f32(dloss + i));
        vst1q_f32(dx + i, d);
    }
    const int64_t left = count - i;
    float32x4_t d = vmulq_f32(scale, vsubq_f32(sn_load_first_neon(x + i, left), sn_load_first_neon(target + i, left)));
    if (dloss) d = vmulq_f32(d, sn_load_first_neon(dloss + i, left));
    sn_store_first_neon(dx + i, d, left);
}
