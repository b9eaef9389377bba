#include "conv2d/conv2d_planar.h"

#include "core/vector_neon.h"

enum { LANES = 4, COLUMNS = 6, TAPS = 3 };

/* columns and taps are constants at each call. */
static SN_INLINE void block(const sn_planar_weight *p, int64_t column, int64_t tap, const int columns, const int taps) {
    float32x4_t sum[COLUMNS][TAPS];
    const float *dy = p->dy + column * p->dy_plane, *x[TAPS];
#pragma GCC unroll 3
    for (int t = 0; t < taps; t++) x[t] = p->x + p->offset[tap + t];
#pragma GCC unroll 6
    for (int o = 0; o < columns; o++)
#pragma GCC unroll 3
        for (int t = 0; t < taps; t++) sum[o][t] = vdupq_n_f32(0);
    for (int64_t i = 0; i < p->pixels; i += LANES) {
        const uint32x4_t mask = vreinterpretq_u32_s32(vld1q_s32(p->mask + i));
        float32x4_t d[COLUMNS];
#pragma GCC unroll 6
        for (int o = 0; o < columns; o++) d[o] = vld1q_f32(dy + o * p->dy_plane + i);
#pragma GCC unroll 3
        for (int t = 0; t < taps; t++) {
            const float32x4_t here = sn_where_neon(mask, vld1q_f32(x[t] + i));
#pragma GCC unroll 6
            for (int o = 0; o < columns; o++) sum[o][t] = vfmaq_f32(sum[o][t], here, d[o]);
        }
    }
#pragma GCC unroll 6
    for (int o = 0; o < columns; o++)
#pragma GCC unroll 3
        for (int t = 0; t < taps; t++) {
            float *to = p->sum + (column + o) * p->sum_step + (tap + t) * SN_PLANAR_LANES;
            vst1q_f32(to, vaddq_f32(vld1q_f32(to), sum[o][t]));
        }
}

#define TAP_CASES(columns)                                        \
    switch (taps) {                                               \
    case 1: block(p, column, tap, columns, 1); return;            \
    case 2: block(p, column, tap, columns, 2); return;            \
    default: block(p, column, tap, columns, 3); return;           \
    }

static void columns_1(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps) { TAP_CASES(1) }
static void columns_2(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps) { TAP_CASES(2) }
static void columns_3(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps) { TAP_CASES(3) }
static void columns_4(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps) { TAP_CASES(4) }
static void columns_5(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps) { TAP_CASES(5) }
static void columns_6(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps) { TAP_CASES(6) }

typedef void (*columns_kernel)(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps);
static const columns_kernel kernels[COLUMNS] = {columns_1, columns_2, columns_3, columns_4, columns_5, columns_6};

void sn_f32_planar_weight__neon(const sn_planar_weight *p) {
    const int64_t groups = (p->columns + COLUMNS - 1) / COLUMNS, blocks = (p->taps + TAPS - 1) / TAPS;
    for (int64_t g = 0; g < groups; g++)
        for (int64_t b = 0; b < blocks; b++) { /* as even as can be */
            const int64_t column = p->columns * g / groups, tap = p->taps * b / blocks;
            kernels[p->columns * (g + 1) / groups - column - 1](p, column, tap, p->taps * (b + 1) / blocks - tap);
        }
}
