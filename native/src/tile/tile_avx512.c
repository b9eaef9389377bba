#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

#include "sinew.h"

/* 12 rows of 2 vectors: 24 accumulators, 2 vectors of v and the broadcasts fit the 32 registers, and 12 row pointers the
 * general ones. */
enum { ROWS = 12, LANES = 16, AHEAD = 16 };

typedef struct {
    __mmask16 mask[2];
} columns;

/* What comes next is prefetched to the second cache bit by bit, as much in a step as lets the rows of t share it evenly. */
typedef struct {
    const char *from;
    int64_t step; /* bytes */
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

/* rows and vectors are constants at each call. */
static SN_INLINE void tile(const sn_tile *t, columns c, ahead next, int64_t first, const int rows, const int vectors) {
    __m512 sum[ROWS][2];
    const float *x[ROWS];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        x[r] = t->x + t->row_x[first + r];
        sum[r][0] = sum[r][1] = _mm512_setzero_ps();
    }
    if (t->beta != 0) {
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const float *base = t->base + t->row_y[first + r];
            _mm_prefetch((const char *)base, _MM_HINT_T0);
            if (vectors == 2) _mm_prefetch((const char *)(base + LANES), _MM_HINT_T0);
        }
    }
    const int64_t x_step = t->x_step, v_step = t->v_step, soon = AHEAD * v_step;
    for (int64_t u = 0; u < t->runs; u++) {
        const float *v = t->v + t->run_v[u];
        int64_t i = t->run_x[u];
        for (int64_t left = t->length; left > 0; left--) {
            const __m512 v0 = _mm512_maskz_loadu_ps(c.mask[0], v);
            const __m512 v1 = vectors == 2 ? _mm512_maskz_loadu_ps(c.mask[1], v + LANES) : v0;
            _mm_prefetch((const char *)(v + soon), _MM_HINT_T0);
            if (vectors == 2) _mm_prefetch((const char *)(v + LANES + soon), _MM_HINT_T0);
            _mm_prefetch(next.from, _MM_HINT_T1);
            next.from += next.step;
#pragma GCC unroll 12
            for (int r = 0; r < rows; r++) {
                const __m512 b = _mm512_set1_ps(x[r][i]);
                sum[r][0] = _mm512_fmadd_ps(b, v0, sum[r][0]);
                if (vectors == 2) sum[r][1] = _mm512_fmadd_ps(b, v1, sum[r][1]);
            }
            i += x_step;
            v += v_step;
        }
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

#define TILE_CASES(vectors)                                  \
    switch (rows) {                                          \
    case 1: tile(t, c, next, first, 1, vectors); return; \
    case 2: tile(t, c, next, first, 2, vectors); return; \
    case 3: tile(t, c, next, first, 3, vectors); return; \
    case 4: tile(t, c, next, first, 4, vectors); return; \
    case 5: tile(t, c, next, first, 5, vectors); return; \
    case 6: tile(t, c, next, first, 6, vectors); return; \
    case 7: tile(t, c, next, first, 7, vectors); return; \
    case 8: tile(t, c, next, first, 8, vectors); return; \
    case 9: tile(t, c, next, first, 9, vectors); return; \
    case 10: tile(t, c, next, first, 10, vectors); return; \
    case 11: tile(t, c, next, first, 11, vectors); return; \
    default: tile(t, c, next, first, 12, vectors); return; \
    }

static void one_vector(const sn_tile *t, columns c, ahead next, int64_t first, int64_t rows) { TILE_CASES(1) }
static void two_vectors(const sn_tile *t, columns c, ahead next, int64_t first, int64_t rows) { TILE_CASES(2) }

void sn_f32_tile__avx512(const sn_tile *t) {
    const uint32_t bits = t->width >= 32 ? 0xffffffffu : (1u << t->width) - 1;
    const columns c = {{(__mmask16)bits, (__mmask16)(bits >> 16)}};
    const int64_t tiles = (t->rows + ROWS - 1) / ROWS;
    const int64_t steps = t->runs * t->length, share = tiles ? t->v_step * (int64_t)sizeof *t->v / tiles + 1 : 0;
    int64_t first = 0;
    for (int64_t i = 0; i < tiles; i++) { /* as even as can be: a tile of few rows is no faster than one of many */
        const int64_t end = t->rows * (i + 1) / tiles;
        const ahead next = t->next ? (ahead){(const char *)t->next + i * (share * steps), share} : (ahead){(const char *)t->v, 0};
        if (t->width > LANES) two_vectors(t, c, next, first, end - first);
        else one_vector(t, c, next, first, end - first);
        first = end;
    }
}
