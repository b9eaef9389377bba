#include "conv2d/conv2d_planar.h"

#include "core/vector_neon.h"

#include "unary/vector_math_neon.h"

enum { LANES = 4, COLUMNS = 6, VECTORS = 8, ROWS = 8 };

typedef float32x4_t vfloat;
static SN_INLINE vfloat load(const float *p) { return vld1q_f32(p); }
static SN_INLINE void store(float *p, vfloat v) { vst1q_f32(p, v); }
static SN_INLINE vfloat all(float v) { return vdupq_n_f32(v); }
static SN_INLINE vfloat plus(vfloat a, vfloat b) { return vaddq_f32(a, b); }
static SN_INLINE vfloat times(vfloat a, vfloat b) { return vmulq_f32(a, b); }
static SN_INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return vfmaq_f32(c, a, b); }

static SN_INLINE float32x4_t activate(const sn_planar *p, float32x4_t y) {
    if (p->act == SN_IDENTITY || p->act == SN_TANH) return y;
    const uint32x4_t negative = vcltq_f32(y, vdupq_n_f32(0));
    return p->act == SN_RELU ? sn_unless_neon(negative, y) : vbslq_f32(negative, vmulq_f32(y, vdupq_n_f32(p->slope)), y);
}

/* columns and vectors are constants at each call. */
static SN_INLINE void block(const sn_planar *p, int64_t column, int64_t pixel, const int columns, const int vectors) {
    float32x4_t sum[COLUMNS][VECTORS];
    float *y = p->y + column * p->y_plane + pixel;
#pragma GCC unroll 6
    for (int o = 0; o < columns; o++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) sum[o][v] = p->add ? vld1q_f32(y + o * p->y_plane + v * LANES) : vdupq_n_f32(0);
    /* along the rows of the kernel; with one column down its columns, as by_rows() does */
    const int64_t lines = columns == 1 ? p->kw : p->kh, taps = columns == 1 ? p->kh : p->kw;
    const int64_t line_x = columns == 1 ? 1 : p->pitch, tap_x = columns == 1 ? p->pitch : 1;
    const int64_t line_weight = columns == 1 ? 1 : p->kw, tap_weight = (columns == 1 ? p->kw : 1) * p->columns;
    for (int64_t i = 0; i < p->channels; i++)
        for (int64_t line = 0; line < lines; line++) {
            const float *x = p->x + i * p->x_plane + line * line_x + pixel;
            const float *weight = p->weight + column + (i * lines * taps + line * line_weight) * p->columns;
            for (int64_t t = taps; t > 0; t--, x += tap_x, weight += tap_weight) {
                float32x4_t w[COLUMNS];
#pragma GCC unroll 6
                for (int o = 0; o < columns; o++) w[o] = vdupq_n_f32(weight[o]);
#pragma GCC unroll 8
                for (int v = 0; v < vectors; v++) {
                    const float32x4_t here = vld1q_f32(x + v * LANES);
#pragma GCC unroll 6
                    for (int o = 0; o < columns; o++) sum[o][v] = vfmaq_f32(sum[o][v], here, w[o]);
                }
            }
        }
#pragma GCC unroll 6
    for (int o = 0; o < columns; o++) {
        const float32x4_t bias = vdupq_n_f32(p->bias ? p->bias[column + o] : 0);
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) vst1q_f32(y + o * p->y_plane + v * LANES, activate(p, vaddq_f32(sum[o][v], bias)));
    }
}

#include "conv2d/conv2d_planar_rows.inc"

/* y = tanh(y) of a block, right after its sums, so that the next ones need not wait for it. */
static void tanh_block(const sn_planar *p, int64_t column, int64_t pixel, int64_t columns, int64_t vectors) {
    for (int64_t o = column; o < column + columns; o++)
        for (int64_t v = 0; v < vectors; v++) {
            float *y = p->y + o * p->y_plane + pixel + v * LANES;
            vst1q_f32(y, sn_tanh_neon(vld1q_f32(y)));
        }
}

/* A function for each number of columns, at most so many vectors of pixels at once as the registers hold. */
#define UP_TO_4(columns)                                               \
    case 1: block(p, column, pixel, columns, 1); return;               \
    case 2: block(p, column, pixel, columns, 2); return;               \
    case 3: block(p, column, pixel, columns, 3); return;               \
    case 4: block(p, column, pixel, columns, 4); return;
#define UP_TO_6(columns)                                               \
    UP_TO_4(columns)                                                   \
    case 5: block(p, column, pixel, columns, 5); return;               \
    case 6: block(p, column, pixel, columns, 6); return;
#define UP_TO_8(columns)                                               \
    UP_TO_6(columns)                                                   \
    case 7: block(p, column, pixel, columns, 7); return;               \
    case 8: block(p, column, pixel, columns, 8); return;

static void columns_1(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_8(1) } }
static void columns_2(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_8(2) } }
static void columns_3(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_8(3) } }
static void columns_4(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_6(4) } }
static void columns_5(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_4(5) } }
static void columns_6(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_4(6) } }

typedef void (*columns_kernel)(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors);
static const columns_kernel kernels[COLUMNS] = {columns_1, columns_2, columns_3, columns_4, columns_5, columns_6};
static const int64_t vectors_most[COLUMNS] = {8, 8, 8, 6, 4, 4};

void sn_f32_planar__neon(const sn_planar *p) {
    const int64_t groups = (p->columns + COLUMNS - 1) / COLUMNS, vectors = (p->pixels + LANES - 1) / LANES;
    for (int64_t g = 0, column = 0; g < groups; g++) {
        const int64_t columns = p->columns * (g + 1) / groups - column, done = columns == 1 ? by_rows(p, column) : 0;
        if (p->act == SN_TANH) tanh_block(p, column, 0, 1, (done + LANES - 1) / LANES);
        const int64_t begin = done < p->pixels ? done / LANES : vectors, left = vectors - begin;
        const int64_t blocks = (left + vectors_most[columns - 1] - 1) / vectors_most[columns - 1];
        for (int64_t b = 0, first = begin; b < blocks; b++) { /* as even as can be */
            const int64_t end = begin + left * (b + 1) / blocks;
            kernels[columns - 1](p, column, first * LANES, end - first);
            if (p->act == SN_TANH) tanh_block(p, column, first * LANES, columns, end - first);
            first = end;
        }
        column += columns;
    }
}

static SN_INLINE vfloat even(vfloat a, vfloat b) { return vuzp1q_f32(a, b); }
static SN_INLINE vfloat odd(vfloat a, vfloat b) { return vuzp2q_f32(a, b); }
static SN_INLINE vfloat larger(vfloat a, vfloat b) { return vbslq_f32(vbicq_u32(vceqq_f32(a, a), vcleq_f32(b, a)), b, a); }

#define POOL sn_f32_planar_pool__neon
#include "conv2d/conv2d_planar_pool.inc"
