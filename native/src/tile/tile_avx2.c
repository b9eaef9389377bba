#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

#include "sinew.h"

/* 6 rows of 2 vectors, or 10 of 1, beside 2 vectors of v and a broadcast in 16 registers. */
enum { ROWS_OF_TWO = 6, ROWS_OF_ONE = 10, LANES = 8 };

static SN_INLINE __m256 load(const float *p, __m256i mask, const int masked) {
    return masked ? _mm256_maskload_ps(p, mask) : _mm256_loadu_ps(p);
}

static SN_INLINE __m256 finish(const sn_tile *t, __m256 sum, __m256 bias, const float *base, __m256i mask, const int masked) {
    if (t->beta != 0) sum = _mm256_fmadd_ps(_mm256_set1_ps(t->beta), load(base, mask, masked), sum);
    sum = _mm256_add_ps(sum, bias);
    if (t->act == SN_IDENTITY) return sum;
    const __m256 negative = _mm256_cmp_ps(sum, _mm256_setzero_ps(), _CMP_LT_OQ);
    /* not a product for ReLU: 0 * -infinity */
    return t->act == SN_RELU ? _mm256_andnot_ps(negative, sum)
                             : _mm256_blendv_ps(sum, _mm256_mul_ps(sum, _mm256_set1_ps(t->slope)), negative);
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
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++) {
        const int part = masked && j == vectors - 1;
        const __m256 bias = t->bias ? load(t->bias + j * LANES, mask, part) : _mm256_setzero_ps();
#pragma GCC unroll 10
        for (int r = 0; r < rows; r++) {
            const int64_t row = t->row_y[first + r] + j * LANES;
            float *y = t->y + row;
            const __m256 result = finish(t, sum[r][j], bias, t->base + row, mask, part);
            if (part) _mm256_maskstore_ps(y, mask, result);
            else _mm256_storeu_ps(y, result);
        }
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
