#include "core/compiler.h"
#include "conv2d/conv2d_planar.h"

#include <immintrin.h>

enum { LANES = 8, COLUMNS = 3, TAPS = 3 };

/* columns and taps are constants at each call. */
static SN_INLINE void block(const sn_planar_weight *p, int64_t column, int64_t tap, const int columns, const int taps) {
    __m256 sum[COLUMNS][TAPS];
    const float *dy = p->dy + column * p->dy_plane, *x[TAPS];
#pragma GCC unroll 3
    for (int t = 0; t < taps; t++) x[t] = p->x + p->offset[tap + t];
#pragma GCC unroll 3
    for (int o = 0; o < columns; o++)
#pragma GCC unroll 3
        for (int t = 0; t < taps; t++) sum[o][t] = _mm256_setzero_ps();
    for (int64_t i = 0; i < p->pixels; i += LANES) {
        const __m256i mask = _mm256_loadu_si256((const __m256i *)(p->mask + i));
        __m256 d[COLUMNS];
#pragma GCC unroll 3
        for (int o = 0; o < columns; o++) d[o] = _mm256_loadu_ps(dy + o * p->dy_plane + i);
#pragma GCC unroll 3
        for (int t = 0; t < taps; t++) {
            const __m256 here = _mm256_maskload_ps(x[t] + i, mask);
#pragma GCC unroll 3
            for (int o = 0; o < columns; o++) sum[o][t] = _mm256_fmadd_ps(here, d[o], sum[o][t]);
        }
    }
#pragma GCC unroll 3
    for (int o = 0; o < columns; o++)
#pragma GCC unroll 3
        for (int t = 0; t < taps; t++) {
            float *to = p->sum + (column + o) * p->sum_step + (tap + t) * SN_PLANAR_LANES;
            _mm256_storeu_ps(to, _mm256_add_ps(_mm256_loadu_ps(to), sum[o][t]));
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

typedef void (*columns_kernel)(const sn_planar_weight *p, int64_t column, int64_t tap, int64_t taps);
static const columns_kernel kernels[COLUMNS] = {columns_1, columns_2, columns_3};

void sn_f32_planar_weight__avx2(const sn_planar_weight *p) {
    const int64_t groups = (p->columns + COLUMNS - 1) / COLUMNS, blocks = (p->taps + TAPS - 1) / TAPS;
    for (int64_t g = 0; g < groups; g++)
        for (int64_t b = 0; b < blocks; b++) { /* as even as can be */
            const int64_t column = p->columns * g / groups, tap = p->taps * b / blocks;
            kernels[p->columns * (g + 1) / groups - column - 1](p, column, tap, p->taps * (b + 1) / blocks - tap);
        }
}
