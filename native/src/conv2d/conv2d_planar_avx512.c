#include "core/compiler.h"
#include "conv2d/conv2d_planar.h"

#include <immintrin.h>

#include "unary/vector_math_avx512.h"

enum { LANES = 16, COLUMNS = 6, VECTORS = 8, ROWS = 12 };

typedef __m512 vfloat;
static SN_INLINE vfloat load(const float *p) { return _mm512_loadu_ps(p); }
static SN_INLINE void store(float *p, vfloat v) { _mm512_storeu_ps(p, v); }
static SN_INLINE vfloat all(float v) { return _mm512_set1_ps(v); }
static SN_INLINE vfloat plus(vfloat a, vfloat b) { return _mm512_add_ps(a, b); }
static SN_INLINE vfloat times(vfloat a, vfloat b) { return _mm512_mul_ps(a, b); }
static SN_INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm512_fmadd_ps(a, b, c); }

static SN_INLINE __m512 activate(const sn_planar *p, __m512 y) {
    if (p->act == SN_IDENTITY || p->act == SN_TANH) return y;
    const __mmask16 negative = _mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_LT_OQ);
    return p->act == SN_RELU ? _mm512_mask_mov_ps(y, negative, _mm512_setzero_ps())
                             : _mm512_mask_mul_ps(y, negative, y, _mm512_set1_ps(p->slope));
}

/* columns and vectors are constants at each call. */
static SN_INLINE void block(const sn_planar *p, int64_t column, int64_t pixel, const int columns, const int vectors) {
    __m512 sum[COLUMNS][VECTORS];
    float *y = p->y + column * p->y_plane + pixel;
#pragma GCC unroll 6
    for (int o = 0; o < columns; o++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) sum[o][v] = p->add ? _mm512_loadu_ps(y + o * p->y_plane + v * LANES) : _mm512_setzero_ps();
    /* along the rows of the kernel; with one column down its columns, as by_rows() does */
    const int64_t lines = columns == 1 ? p->kw : p->kh, taps = columns == 1 ? p->kh : p->kw;
    const int64_t line_x = columns == 1 ? 1 : p->pitch, tap_x = columns == 1 ? p->pitch : 1;
    const int64_t line_weight = columns == 1 ? 1 : p->kw, tap_weight = (columns == 1 ? p->kw : 1) * p->columns;
    for (int64_t i = 0; i < p->channels; i++)
        for (int64_t line = 0; line < lines; line++) {
            const float *x = p->x + i * p->x_plane + line * line_x + pixel;
            const float *weight = p->weight + column + (i * lines * taps + line * line_weight) * p->columns;
            for (int64_t t = taps; t > 0; t--, x += tap_x, weight += tap_weight) {
                __m512 w[COLUMNS];
#pragma GCC unroll 6
                for (int o = 0; o < columns; o++) w[o] = _mm512_set1_ps(weight[o]);
#pragma GCC unroll 8
                for (int v = 0; v < vectors; v++) {
                    __m512 here = _mm512_loadu_ps(x + v * LANES);
                    SN_IN_REGISTER(here);
#pragma GCC unroll 6
                    for (int o = 0; o < columns; o++) sum[o][v] = _mm512_fmadd_ps(here, w[o], sum[o][v]);
                }
            }
        }
#pragma GCC unroll 6
    for (int o = 0; o < columns; o++) {
        const __m512 bias = _mm512_set1_ps(p->bias ? p->bias[column + o] : 0);
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) _mm512_storeu_ps(y + o * p->y_plane + v * LANES, activate(p, _mm512_add_ps(sum[o][v], bias)));
    }
}

#include "conv2d/conv2d_planar_rows.inc"

/* y = tanh(y) of a block, right after its sums, so that the next ones need not wait for it. */
static void tanh_block(const sn_planar *p, int64_t column, int64_t pixel, int64_t columns, int64_t vectors) {
    for (int64_t o = column; o < column + columns; o++)
        for (int64_t v = 0; v < vectors; v++) {
            float *y = p->y + o * p->y_plane + pixel + v * LANES;
            _mm512_storeu_ps(y, sn_tanh_avx512(_mm512_loadu_ps(y)));
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

void sn_f32_planar__avx512(const sn_planar *p) {
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

static SN_INLINE vfloat even(vfloat a, vfloat b) {
    return _mm512_permutex2var_ps(a, _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), b);
}
static SN_INLINE vfloat odd(vfloat a, vfloat b) {
    return _mm512_permutex2var_ps(a, _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), b);
}
static SN_INLINE vfloat larger(vfloat a, vfloat b) {
    return _mm512_mask_mov_ps(a, _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(a, a, _CMP_ORD_Q), b, a, _CMP_NLE_UQ), b);
}

#define POOL sn_f32_planar_pool__avx512
#include "conv2d/conv2d_planar_pool.inc"
