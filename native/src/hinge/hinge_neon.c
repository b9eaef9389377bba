/* hinge, NEON. The label's own z is the margin itself: it is masked out. Sums are added up in floats within blocks and in
 * doubles from block to block. */
#include "core/vector_neon.h"
#include "hinge/hinge.h"

enum { BLOCK = 256 };

/* The lanes of [i, i + 4) below n, but for lane t. */
static inline uint32x4_t others(int64_t i, int64_t n, int64_t t) {
    const uint32x4_t below = sn_first_lanes_neon(n - i);
    return t >= i && t < i + 4 ? vbicq_u32(below, vbicq_u32(sn_first_lanes_neon(t - i + 1), sn_first_lanes_neon(t - i))) : below;
}

/* max(0, margin + (x - own)); NaN stays. */
static inline float32x4_t excess(float32x4_t x, float32x4_t own, float32x4_t margin) {
    return vmaxq_f32(vdupq_n_f32(0), vaddq_f32(margin, vsubq_f32(x, own)));
}

double sn_f32_hinge_forward__neon(const sn_hinge_row *row, const void *x_) {
    const float *x = x_;
    const float32x4_t own = vdupq_n_f32(x[row->t]), margin = vdupq_n_f32((float)row->margin);
    double total = 0;
    for (int64_t begin = 0; begin < row->classes; begin += BLOCK) {
        const int64_t end = row->classes - begin < BLOCK ? row->classes : begin + BLOCK;
        float32x4_t sum = vdupq_n_f32(0);
        for (int64_t i = begin; i < end; i += 4) {
            const uint32x4_t mask = others(i, end, row->t);
            const float32x4_t z = excess(sn_load_first_neon(x + i, end - i), own, margin);
            const float32x4_t term = row->p == 1 ? z : vmulq_f32(z, z);
            sum = vaddq_f32(sum, sn_where_neon(mask, term));
        }
        total += vaddvq_f32(sum);
    }
    return total;
}

void sn_f32_hinge_backward__neon(const sn_hinge_row *row, const void *x_, double scale_, void *dx_) {
    const float *x = x_;
    float *dx = dx_;
    const float32x4_t own = vdupq_n_f32(x[row->t]), margin = vdupq_n_f32((float)row->margin);
    const float32x4_t one = vdupq_n_f32(1), scale = vdupq_n_f32((float)scale_);
    double total = 0;
    for (int64_t begin = 0; begin < row->classes; begin += BLOCK) {
        const int64_t end = row->classes - begin < BLOCK ? row->classes : begin + BLOCK;
        float32x4_t sum = vdupq_n_f32(0);
        for (int64_t i = begin; i < end; i += 4) {
            const uint32x4_t mask = others(i, end, row->t);
            const float32x4_t z = excess(sn_load_first_neon(x + i, end - i), own, margin);
            const uint32x4_t active = vcgtq_f32(z, vdupq_n_f32(0));
            const float32x4_t slope = row->p == 1 ? vbslq_f32(active, one, z) : vaddq_f32(z, z);
            sn_store_first_neon(dx + i, vmulq_f32(scale, slope), end - i); /* that of t is written last */
            sum = vaddq_f32(sum, sn_where_neon(mask, slope));
        }
        total += vaddvq_f32(sum);
    }
    dx[row->t] = (float)(-scale_ * total);
}
