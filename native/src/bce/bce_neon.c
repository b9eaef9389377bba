/* bce, NEON. Losses are added up in floats within blocks and in doubles from block to block. */
#include "bce/bce.h"
#include "unary/vector_math_neon.h"

enum { BLOCK = 256 };

/* Elements i to i + 3 of an array, or 1 where there is none. */
static inline float32x4_t load_or_1(const void *array, int64_t left, int64_t i) {
    return array ? sn_load_first_neon((const float *)array + i, left) : vdupq_n_f32(1);
}

/* exp(-|x|) */
static inline float32x4_t decay(float32x4_t x) { return sn_exp_neon(vnegq_f32(vabsq_f32(x))); }

static inline float32x4_t loss_at(const sn_bce_block *b, int64_t left, int64_t i) {
    const float32x4_t x = load_or_1(b->x, left, i), t = load_or_1(b->target, left, i);
    const float32x4_t l = sn_log1p_neon(decay(x));
    const uint32x4_t negative = vcltq_f32(x, vdupq_n_f32(0));
    const float32x4_t minus = vbslq_f32(negative, vsubq_f32(l, x), l), plus = vbslq_f32(negative, l, vaddq_f32(l, x));
    const float32x4_t first = vmulq_f32(vmulq_f32(load_or_1(b->pos_weight, left, i), t), minus);
    const float32x4_t loss = vaddq_f32(first, vmulq_f32(vsubq_f32(vdupq_n_f32(1), t), plus));
    return vmulq_f32(loss, load_or_1(b->weight, left, i));
}

double sn_f32_bce_forward__neon(const sn_bce_block *b) {
    float *out = b->out;
    double total = 0;
    for (int64_t begin = 0; begin < b->count; begin += BLOCK) {
        const int64_t end = b->count - begin < BLOCK ? b->count : begin + BLOCK;
        float32x4_t sum = vdupq_n_f32(0);
        for (int64_t i = begin; i < end; i += 4) {
            const int64_t left = end - i;
            const float32x4_t loss = loss_at(b, left, i);
            if (out) sn_store_first_neon(out + i, loss, left);
            else sum = vaddq_f32(sum, sn_where_neon(sn_first_lanes_neon(left), loss));
        }
        total += vaddvq_f32(sum);
    }
    return total;
}

void sn_f32_bce_backward__neon(const sn_bce_block *b) {
    float *out = b->out;
    const float32x4_t one = vdupq_n_f32(1), scale = vdupq_n_f32((float)b->scale);
    for (int64_t i = 0; i < b->count; i += 4) {
        const int64_t left = b->count - i;
        const float32x4_t x = load_or_1(b->x, left, i), t = load_or_1(b->target, left, i), e = decay(x);
        const uint32x4_t negative = vcltq_f32(x, vdupq_n_f32(0));
        const float32x4_t positive_part = vbslq_f32(negative, e, one), negative_part = vbslq_f32(negative, one, e);
        const float32x4_t pull = vmulq_f32(vmulq_f32(load_or_1(b->pos_weight, left, i), t), negative_part);
        const float32x4_t push = vmulq_f32(vsubq_f32(one, t), positive_part);
        const float32x4_t slope = vdivq_f32(vsubq_f32(push, pull), vaddq_f32(one, e));
        const float32x4_t g = vmulq_f32(vmulq_f32(scale, load_or_1(b->weight, left, i)), load_or_1(b->dloss, left, i));
        sn_store_first_neon(out + i, vmulq_f32(slope, g), left);
    }
}
