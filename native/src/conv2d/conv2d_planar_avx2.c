#include "core/compiler.h"
#include "conv2d/conv2d_planar.h"

#include <immintrin.h>

#include "unary/vector_math_avx2.h"

enum { LANES = 8, COLUMNS = 4, VECTORS = 6, ROWS = 4 };

typedef __m256 vfloat;
static SN_INLINE vfloat load(const float *p) { return _mm256_loadu_ps(p); }
static SN_INLINE void store(float *p, vfloat v) { _mm256_storeu_ps(p, v); }
static SN_INLINE vfloat all(float v) { return _mm256_set1_ps(v); }
static SN_INLINE vfloat plus(vfloat a, vfloat b) { return _mm256_add_ps(a, b); }
static SN_INLINE vfloat times(vfloat a, vfloat b) { return _mm256_mul_ps(a, b); }
static SN_INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm256_fmadd_ps(a, b, c); }

static SN_INLINE __m256 activate(const sn_planar *p, __m256 y) {
    if (p->act == SN_IDENTITY || p->act == SN_TANH) return y;
    const __m256 negative = _mm256_cmp_ps(y, _mm256_setzero_ps(), _CMP_LT_OQ);
    return p->act == SN_RELU ? _mm256_andnot_ps(negative, y) : _mm256_blendv_ps(y, _mm256_mul_ps(y, _mm256_set1_ps(p->slope)), negative);
}

/* columns and vectors are constants at each call. */
static SN_INLINE void block(const sn_planar *p, int64_t column, int64_t pixel, const int columns, const int vectors) {
    __m256 sum[COLUMNS][VECTORS];
    float *y = p->y + column * p->y_plane + pixel;
#pragma GCC unroll 4
    for (int o = 0; o < columns; o++)
#pragma GCC unroll 6
        for (int v = 0; v < vectors; v++) sum[o][v] = p->add ? _mm256_loadu_ps(y + o * p->y_plane + v * LANES) : _mm256_setzero_ps();
    /* along the rows of the kernel; with one column down its columns, as by_rows() does */
    const int64_t lines = columns == 1 ? p->kw : p->kh, taps = columns == 1 ? p->kh : p->kw;
    const int64_t line_x = columns == 1 ? 1 : p->pitch, tap_x = columns == 1 ? p->pitch : 1;
    const int64_t line_weight = columns == 1 ? 1 : p->kw, tap_weight = (columns == 1 ? p->kw : 1) * p->columns;
    for (int64_t i = 0; i < p->channels; i++)
        for (int64_t line = 0; line < lines; line++) {
            const float *x = p->x + i * p->x_plane + line * line_x + pixel;
            const float *weight = p->weight + column + (i * lines * taps + line * line_weight) * p->columns;
            for (int64_t t = taps; t > 0; t--, x += tap_x, weight += tap_weight) {
                if (columns == COLUMNS) { /* the registers hold the vectors of x and one weight, but not all weights */
                    __m256 here[VECTORS];
#pragma GCC unroll 6
                    for (int v = 0; v < vectors; v++) here[v] = _mm256_loadu_ps(x + v * LANES);
#pragma GCC unroll 4
                    for (int o = 0; o < columns; o++) {
                        __m256 w = _mm256_set1_ps(weight[o]);
                        SN_IN_REGISTER(w);
#pragma GCC unroll 6
                        for (int v = 0; v < vectors; v++) sum[o][v] = _mm256_fmadd_ps(here[v], w, sum[o][v]);
                    }
                    continue;
                }
                __m256 w[COLUMNS];
#pragma GCC unroll 4
                for (int o = 0; o < columns; o++) w[o] = _mm256_set1_ps(weight[o]);
#pragma GCC unroll 6
                for (int v = 0; v < vectors; v++) {
                    __m256 here = _mm256_loadu_ps(x + v * LANES);
                    SN_IN_REGISTER(here);
#pragma GCC unroll 4
                    for (int o = 0; o < columns; o++) sum[o][v] = _mm256_fmadd_ps(here, w[o], sum[o][v]);
                }
            }
        }
#pragma GCC unroll 4
    for (int o = 0; o < columns; o++) {
        const __m256 bias = _mm256_set1_ps(p->bias ? p->bias[column + o] : 0);
#pragma GCC unroll 6
        for (int v = 0; v < vectors; v++) _mm256_storeu_ps(y + o * p->y_plane + v * LANES, activate(p, _mm256_add_ps(sum[o][v], bias)));
    }
}

#include "conv2d/conv2d_planar_rows.inc"

/* y = tanh(y) of a block, right after its sums, so that the next ones need not wait for it. */
static void tanh_block(const sn_planar *p, int64_t column, int64_t pixel, int64_t columns, int64_t vectors) {
    for (int64_t o = column; o < column + columns; o++)
        for (int64_t v = 0; v < vectors; v++) {
            float *y = p->y + o * p->y_plane + pixel + v * LANES;
            _mm256_storeu_ps(y, sn_tanh_avx2(_mm256_loadu_ps(y)));
        }
}

/* A function for each number of columns, at most so many vectors of pixels at once as the registers hold. */
#define UP_TO_3(columns)                                               \
    case 1: block(p, column, pixel, columns, 1); return;               \
    case 2: block(p, column, pixel, columns, 2); return;               \
    case 3: block(p, column, pixel, columns, 3); return;
#define UP_TO_4(columns)                                               \
    UP_TO_3(columns)                                                   \
    case 4: block(p, column, pixel, columns, 4); return;
#define UP_TO_6(columns)                                               \
    UP_TO_4(columns)                                                   \
    case 5: block(p, column, pixel, columns, 5); return;               \
    case 6: block(p, column, pixel, columns, 6); return;

static void columns_1(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_6(1) } }
static void columns_2(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_6(2) } }
static void columns_3(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_4(3) } }
static void columns_4(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors) { switch (vectors) { UP_TO_3(4) } }

typedef void (*columns_kernel)(const sn_planar *p, int64_t column, int64_t pixel, int64_t vectors);
static const columns_kernel kernels[COLUMNS] = {columns_1, columns_2, columns_3, columns_4};
static const int64_t vectors_most[COLUMNS] = {6, 6, 4, 3};

void sn_f32_planar__avx2(const sn_planar *p) {
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

/* The halves of a and b in turn, to their places. */
static SN_INLINE vfloat in_order(__m256 v) { return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), 0xd8)); }
static SN_INLINE vfloat even(vfloat a, vfloat b) { return in_order(_mm256_shuffle_ps(a, b, 0x88)); }
static SN_INLINE vfloat odd(vfloat a, vfloat b) { return in_order(_mm256_shuffle_ps(a, b, 0xdd)); }
static SN_INLINE vfloat larger(vfloat a, vfloat b) {
    return _mm256_blendv_ps(a, b, _mm256_and_ps(_mm256_cmp_ps(a, a, _CMP_ORD_Q), _mm256_cmp_ps(b, a, _CMP_NLE_UQ)));
}

#define POOL sn_f32_planar_pool__avx2
#include "conv2d/conv2d_planar_pool.inc"
