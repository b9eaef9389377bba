#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

#include "sinew.h"

/* 12 rows of 2 vectors: 24 accumulators, 2 vectors of v and the broadcasts fit the 32 registers, and 12 row pointers the
 * general ones. */
enum { ROWS = 12, LANES = 16, STEPS = 4, LINE = 16 };

typedef struct {
    __mmask16 mask[2];
} columns;

/* What is brought near meanwhile: up to a line a step. */
typedef struct {
    const float *from;
    int64_t step; /* floats in STEPS steps */
} ahead;

static SN_INLINE __m512 finish(const sn_tile *t, __m512 sum, __m512 bias, const float *base, __mmask16 mask) {
    if (t->beta != 0) sum = _mm512_fmadd_ps(_mm512_set1_ps(t->beta), _mm512_maskz_loadu_ps(mask, base), sum);
    sum = _mm512_add_ps(sum, bias);
    if (t->act == SN_IDENTITY) return sum;
    const __m512 slope = _mm512_set1_ps(t->act == SN_RELU ? 0 : t->slope);
    const __mmask16 negative = _mm512_cmp_ps_mask(sum, _mm512_setzero_ps(), _CMP_LT_OQ);
    /* not a product for ReLU: 0 * -infinity */
    return t->act == SN_RELU ? _mm512_mask_mov_ps(sum, negative, slope) : _mm512_mask_mul_ps(sum, negative, sum, slope);
}

/* sum += x[.][i] * v; a mask costs a full vector nothing but time. */
static SN_INLINE void step(__m512 sum[ROWS][2], const float *const x[ROWS], int64_t i, const float *v, columns c, const int rows,
                           const int vectors, const int full) {
    const __m512 v0 = full ? _mm512_loadu_ps(v) : _mm512_maskz_loadu_ps(c.mask[0], v);
    const __m512 v1 = vectors == 1 ? v0 : full ? _mm512_loadu_ps(v + LANES) : _mm512_maskz_loadu_ps(c.mask[1], v + LANES);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        const __m512 b = _mm512_set1_ps(x[r][i]);
        sum[r][0] = _mm512_fmadd_ps(b, v0, sum[r][0]);
        if (vectors == 2) sum[r][1] = _mm512_fmadd_ps(b, v1, sum[r][1]);
    }
}

/* rows, vectors and full (all vectors are) are constants at each call. */
static SN_INLINE void tile(const sn_tile *t, columns c, int64_t first, ahead next, const int rows, const int vectors, const int full) {
    __m512 sum[ROWS][2];
    const float *x[ROWS];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        x[r] = t->x + t->row_x[first + r];
        sum[r][0] = sum[r][1] = _mm512_setzero_ps();
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) { /* what is read and written in the end */
        const float *y = (t->beta != 0 ? t->base : t->y) + t->row_y[first + r];
        _mm_prefetch((const char *)y, _MM_HINT_T0);
        if (vectors == 2) _mm_prefetch((const char *)(y + LINE), _MM_HINT_T0);
    }
    const int64_t x_step = t->x_step, v_step = t->v_step;
    for (int64_t u = 0; u < t->runs; u++) {
        const float *v = t->v + t->run_v[u];
        int64_t i = t->run_x[u], left = t->length;
        if (full && x_step == 1) /* the most common: offsets are constants of the instructions */
            for (; left >= STEPS; left -= STEPS, i += STEPS) {
#pragma GCC unroll 4
                for (int q = 0; q < STEPS; q++, v += v_step) {
                    _mm_prefetch((const char *)(next.from + q * LINE), _MM_HINT_T1);
                    step(sum, x, i + q, v, c, rows, vectors, full);
                }
                next.from += next.step;
            }
        else if (full)
            for (; left >= STEPS; left -= STEPS) {
#pragma GCC unroll 4
                for (int q = 0; q < STEPS; q++, i += x_step, v += v_step) {
                    _mm_prefetch((const char *)(next.from + q * LINE), _MM_HINT_T1);
                    step(sum, x, i, v, c, rows, vectors, full);
                }
                next.from += next.step;
            }
        for (; left > 0; left--, i += x_step, v += v_step) step(sum, x, i, v, c, rows, vectors, full);
    }
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++) {
        const __m512 bias = t->bias ? _mm512_maskz_loadu_ps(c.mask[j], t->bias + j * LANES) : _mm512_setzero_ps();
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const int64_t row = t->row_y[first + r] + j * LANES;
            _mm512_mask_storeu_ps(t->y + row, c.mask[j], finish(t, sum[r][j], bias, t->base + row, c.mask[j]));
        }
    }
}

#define TILE_CASES(vectors, full)                                  \
    switch (rows) {                                                \
    case 1: tile(t, c, first, next, 1, vectors, full); return;     \
    case 2: tile(t, c, first, next, 2, vectors, full); return;     \
    case 3: tile(t, c, first, next, 3, vectors, full); return;     \
    case 4: tile(t, c, first, next, 4, vectors, full); return;     \
    case 5: tile(t, c, first, next, 5, vectors, full); return;     \
    case 6: tile(t, c, first, next, 6, vectors, full); return;     \
    case 7: tile(t, c, first, next, 7, vectors, full); return;     \
    case 8: tile(t, c, first, next, 8, vectors, full); return;     \
    case 9: tile(t, c, first, next, 9, vectors, full); return;     \
    case 10: tile(t, c, first, next, 10, vectors, full); return;   \
    case 11: tile(t, c, first, next, 11, vectors, full); return;   \
    default: tile(t, c, first, next, 12, vectors, full); return;   \
    }

static void one_vector(const sn_tile *t, columns c, int64_t first, int64_t rows, ahead next) { TILE_CASES(1, 0) }
static void two_vectors(const sn_tile *t, columns c, int64_t first, int64_t rows, ahead next) { TILE_CASES(2, 0) }
static void two_full(const sn_tile *t, columns c, int64_t first, int64_t rows, ahead next) { TILE_CASES(2, 1) }

void sn_f32_tile__avx512(const sn_tile *t) {
    const uint32_t bits = t->width >= 32 ? 0xffffffffu : (1u << t->width) - 1;
    const columns c = {{(__mmask16)bits, (__mmask16)(bits >> 16)}};
    const int64_t tiles = (t->rows + ROWS - 1) / ROWS, fours = t->runs * (t->length / STEPS);
    ahead next = {t->v, 0};
    if (t->next && fours > 0) next = (ahead){t->next, sn_tile_next_step(t, tiles * fours)};
    int64_t first = 0;
    for (int64_t i = 0; i < tiles; i++) { /* as even as can be: a tile of few rows is no faster than one of many */
        const int64_t end = t->rows * (i + 1) / tiles;
        if (t->width == 2 * LANES) two_full(t, c, first, end - first, next);
        else if (t->width > LANES) two_vectors(t, c, first, end - first, next);
        else one_vector(t, c, first, end - first, next);
        next.from += next.step * fours;
        first = end;
    }
}
