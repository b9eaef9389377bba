#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

#include "sinew.h"

/* 6 rows of 2 vectors, or 10 of 1, beside 2 vectors of v and a broadcast in 16 registers. */
enum { ROWS_OF_TWO = 6, ROWS_OF_ONE = 10, LANES = 8, SOON = 40 };

static SN_INLINE __m256 load(const float *p, __m256i mask, const int masked) {
    return masked ? _mm256_maskload_ps(p, mask) : _mm256_loadu_ps(p);
}

/* Of all sums, so that the questions are asked once: in short tiles they would cost a tenth of the time. */
static SN_INLINE void finish(const sn_tile *t, __m256 sum[ROWS_OF_ONE][2], __m256i mask, int64_t first, const int rows, const int vectors,
                             const int masked) {
    const int part = masked && vectors == 1, second = vectors == 2;
    if (t->beta != 0) {
        const __m256 beta = _mm256_set1_ps(t->beta);
#pragma GCC unroll 10
        for (int r = 0; r < rows; r++) {
            const float *base = t->base + t->row_y[first + r];
            sum[r][0] = _mm256_fmadd_ps(beta, load(base, mask, part), sum[r][0]);
            if (second) sum[r][1] = _mm256_fmadd_ps(beta, load(base + LANES, mask, masked), sum[r][1]);
        }
    }
    if (t->bias) {
        const __m256 bias0 = load(t->bias, mask, part), bias1 = second ? load(t->bias + LANES, mask, masked) : bias0;
#pragma GCC unroll 10
        for (int r = 0; r < rows; r++) {
            sum[r][0] = _mm256_add_ps(sum[r][0], bias0);
            if (second) sum[r][1] = _mm256_add_ps(sum[r][1], bias1);
        }
    }
    if (t->act == SN_IDENTITY) return;
    const __m256 slope = _mm256_set1_ps(t->slope);
#pragma GCC unroll 10
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; j++) {
            const __m256 negative = _mm256_cmp_ps(sum[r][j], _mm256_setzero_ps(), _CMP_LT_OQ);
            /* not a product for ReLU: 0 * -infinity */
            sum[r][j] = t->act == SN_RELU ? _mm256_andnot_ps(negative, sum[r][j])
                                          : _mm256_blendv_ps(sum[r][j], _mm256_mul_ps(sum[r][j], slope), negative);
        }
}

/* rows, vectors and masked (the last vector is not a full one) are constants at each call. */
static SN_INLINE void tile(const sn_tile *t, __m256i mask, int64_t first, const int rows, const int vectors,
                                                       const int masked) {
    __m256 sum[ROWS_OF_ONE][2];
    const float *x[ROWS_OF_ONE];
#pragma GCC unroll 10
    for (int r = 0; r < rows; r++) {
        x[r] = t->x + t->row_x[first + r];
        sum[r][0] = sum[r][1] = _mm256_setzero_ps();
    }
    if (t->runs * t->length > SOON) { /* what is read and written in the end */
#pragma GCC unroll 10
        for (int r = 0; r < rows; r++) SN_PREFETCH((t->beta != 0 ? t->base : t->y) + t->row_y[first + r]);
    }
    const int64_t x_step = t->x_step, v_step = t->v_step;
    for (int64_t u = 0; u < t->runs; u++) {
        const float *v = t->v + t->run_v[u];
        int64_t i = t->run_x[u];
        for (int64_t left = t->length; left > 0; left--) {
            const __m256 v0 = load(v, mask, masked && vectors == 1);
            const __m256 v1 = vectors == 2 ? load(v + LANES, mask, masked) : v0;
#pragma GCC unroll 10
            for (int r = 0; r < rows; r++) {
                const __m256 b = _mm256_broadcast_ss(x[r] + i);
                sum[r][0] = _mm256_fmadd_ps(b, v0, sum[r][0]);
                if (vectors == 2) sum[r][1] = _mm256_fmadd_ps(b, v1, sum[r][1]);
            }
            i += x_step;
            v += v_step;
        }
    }
    finish(t, sum, mask, first, rows, vectors, masked);
#pragma GCC unroll 10
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; j++) {
            float *y = t->y + t->row_y[first + r] + j * LANES;
            if (masked && j == vectors - 1) _mm256_maskstore_ps(y, mask, sum[r][j]);
            else _mm256_storeu_ps(y, sum[r][j]);
        }
}

#define TWO_CASES(masked)                               \
    switch (rows) {                                     \
    case 1: tile(t, mask, first, 1, 2, masked); return; \
    case 2: tile(t, mask, first, 2, 2, masked); return; \
    case 3: tile(t, mask, first, 3, 2, masked); return; \
    case 4: tile(t, mask, first, 4, 2, masked); return; \
    case 5: tile(t, mask, first, 5, 2, masked); return; \
    default: tile(t, mask, first, 6, 2, masked); return; \
    }

#define ONE_CASES(masked)                               \
    switch (rows) {                                     \
    case 1: tile(t, mask, first, 1, 1, masked); return; \
    case 2: tile(t, mask, first, 2, 1, masked); return; \
    case 3: tile(t, mask, first, 3, 1, masked); return; \
    case 4: tile(t, mask, first, 4, 1, masked); return; \
    case 5: tile(t, mask, first, 5, 1, masked); return; \
    case 6: tile(t, mask, first, 6, 1, masked); return; \
    case 7: tile(t, mask, first, 7, 1, masked); return; \
    case 8: tile(t, mask, first, 8, 1, masked); return; \
    case 9: tile(t, mask, first, 9, 1, masked); return; \
    default: tile(t, mask, first, 10, 1, masked); return; \
    }

static void two_vectors(const sn_tile *t, __m256i mask, int64_t first, int64_t rows) { TWO_CASES(0) }
static void two_vectors_masked(const sn_tile *t, __m256i mask, int64_t first, int64_t rows) { TWO_CASES(1) }
static void one_vector(const sn_tile *t, __m256i mask, int64_t first, int64_t rows) { ONE_CASES(0) }
static void one_vector_masked(const sn_tile *t, __m256i mask, int64_t first, int64_t rows) { ONE_CASES(1) }

void sn_f32_tile__avx2(const sn_tile *t) {
    const int two = t->width > LANES, masked = t->width % LANES != 0;
    const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(t->width % LANES)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    const int64_t most = two ? ROWS_OF_TWO : ROWS_OF_ONE, tiles = (t->rows + most - 1) / most;
    int64_t first = 0;
    for (int64_t i = 0; i < tiles; i++) { /* as even as can be: a tile of few rows is no faster than one of many */
        const int64_t end = t->rows * (i + 1) / tiles;
        if (two && masked) two_vectors_masked(t, mask, first, end - first);
        else if (two) two_vectors(t, mask, first, end - first);
        else if (masked) one_vector_masked(t, mask, first, end - first);
        else one_vector(t, mask, first, end - first);
        first = end;
    }
}
