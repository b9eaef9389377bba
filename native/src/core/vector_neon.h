/* What NEON lacks beside AVX2: loads and stores of the first lanes, and masks of floats. For NEON files only. */
#ifndef SN_CORE_VECTOR_NEON_H
#define SN_CORE_VECTOR_NEON_H

#include <arm_neon.h>
#include <stdint.h>

#include "core/compiler.h"

/* The first n floats, all from 4 on; zeros behind them, and behind none. */
static inline float32x4_t sn_load_first_neon(const float *p, int64_t n) {
    const float32x4_t zero = vdupq_n_f32(0);
    if (n >= 4) return vld1q_f32(p);
    if (n == 3) return vcombine_f32(vld1_f32(p), vld1_lane_f32(p + 2, vdup_n_f32(0), 0));
    if (n == 2) return vcombine_f32(vld1_f32(p), vdup_n_f32(0));
    return n == 1 ? vld1q_lane_f32(p, zero, 0) : zero;
}

static inline void sn_store_first_neon(float *p, float32x4_t v, int64_t n) {
    if (n >= 4) {
        vst1q_f32(p, v);
        return;
    }
    if (n >= 2) vst1_f32(p, vget_low_f32(v));
    if (n == 3) vst1q_lane_f32(p + 2, v, 2);
    if (n == 1) vst1q_lane_f32(p, v, 0);
}

/* A mask of the first n lanes, n from 0 to 4 or more. */
static inline uint32x4_t sn_first_lanes_neon(int64_t n) {
    static const uint32_t lane[4] = {0, 1, 2, 3};
    return vcltq_u32(vld1q_u32(lane), vdupq_n_u32(n > 4 ? 4 : n < 0 ? 0 : (uint32_t)n));
}

/* v in the lanes of the mask, else 0; the other way round. */
static inline float32x4_t sn_where_neon(uint32x4_t mask, float32x4_t v) { return vreinterpretq_f32_u32(vandq_u32(mask, vreinterpretq_u32_f32(v))); }
static inline float32x4_t sn_unless_neon(uint32x4_t mask, float32x4_t v) { return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(v), mask)); }

/* Row i becomes column i. */
static inline void sn_transpose_neon(float32x4_t r[4]) {
    const float64x2_t a = vreinterpretq_f64_f32(vtrn1q_f32(r[0], r[1])), b = vreinterpretq_f64_f32(vtrn2q_f32(r[0], r[1]));
    const float64x2_t c = vreinterpretq_f64_f32(vtrn1q_f32(r[2], r[3])), d = vreinterpretq_f64_f32(vtrn2q_f32(r[2], r[3]));
    r[0] = vreinterpretq_f32_f64(vtrn1q_f64(a, c)), r[1] = vreinterpretq_f32_f64(vtrn1q_f64(b, d));
    r[2] = vreinterpretq_f32_f64(vtrn2q_f64(a, c)), r[3] = vreinterpretq_f32_f64(vtrn2q_f64(b, d));
}

#endif
