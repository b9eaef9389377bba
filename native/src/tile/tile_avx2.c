#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

#include "sinew.h"

/* 6 rows of 2 vectors, or 10 of 1, beside 2 vectors of v and a broadcast in 16 registers. */
enum { ROWS_OF_TWO = 6, ROWS_OF_ONE = 10, LANES = 8, STEPS = 4, LINE = 16, SOON = 40, LONG = 48 };

/* What is brought near meanwhile: in STEPS steps the pair of cache lines at `from` and the one `second` further. */
typedef struct {
    const float *from;
    int64_t second, step;
} ahead;

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
static SN_INLINE void tile(const int rows, const sn_tile *t, __m256i mask, int64_t first, const int vectors, const int masked) {
    __m256 sum[ROWS_OF_ONE][2];
    const float *x[ROWS_OF_ONE];
#pragma GCC unroll 10
    for (int r = 0; r < rows; r++) {
        x[r] = t->x + t->row_x[first + r];
        sum[r][0] = sum[r][1] = _mm256_setzero_ps();
    }
    if (t->runs * t->length > SOON && (t->beta != 0 || !t->past_caches)) { /* what is read and written in the end */
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
            if (vectors == 2 && !masked && t->past_caches) _mm256_stream_ps(y, sum[r][j]);
            else if (masked && j == vectors - 1) _mm256_maskstore_ps(y, mask, sum[r][j]);
            else _mm256_storeu_ps(y, sum[r][j]);
        }
}

static SN_INLINE void finish_two(const sn_tile *t, __m256 sum[ROWS_OF_ONE][2], int64_t first, const int rows) {
    finish(t, sum, _mm256_setzero_si256(), first, rows, 2, 0);
}

#define SUMS ROWS_OF_ONE
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, a) _mm256_storeu_ps(p, a)
#define STREAM(p, a) _mm256_stream_ps(p, a)
#define BROADCAST(p) _mm256_broadcast_ss(p)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define ADD(a, b) _mm256_add_ps(a, b)
#define ZERO() _mm256_setzero_ps()
typedef __m256 vector;
#include "tile/tile_even.inc"

/* Two full vectors. Short runs cost less in the loop of single steps. */
static SN_INLINE void full_tile(const int rows, const sn_tile *t, __m256i mask, int64_t first, ahead next) {
    int64_t x_row, y_row;
    if (t->length >= LONG && evenly(rows, t->row_x + first, t->row_y + first, &x_row, &y_row)) even_tile(rows, t, first, next, x_row, y_row, 0, 0);
    else tile(rows, t, mask, first, 2, 0);
}

#define TWO_CASES(call, ...)                   \
    switch (rows) {                            \
    case 1: call(1, __VA_ARGS__); return;      \
    case 2: call(2, __VA_ARGS__); return;      \
    case 3: call(3, __VA_ARGS__); return;      \
    case 4: call(4, __VA_ARGS__); return;      \
    case 5: call(5, __VA_ARGS__); return;      \
    default: call(6, __VA_ARGS__); return;     \
    }

#define ONE_CASES(masked)                               \
    switch (rows) {                                     \
    case 1: tile(1, t, mask, first, 1, masked); return; \
    case 2: tile(2, t, mask, first, 1, masked); return; \
    case 3: tile(3, t, mask, first, 1, masked); return; \
    case 4: tile(4, t, mask, first, 1, masked); return; \
    case 5: tile(5, t, mask, first, 1, masked); return; \
    case 6: tile(6, t, mask, first, 1, masked); return; \
    case 7: tile(7, t, mask, first, 1, masked); return; \
    case 8: tile(8, t, mask, first, 1, masked); return; \
    case 9: tile(9, t, mask, first, 1, masked); return; \
    default: tile(10, t, mask, first, 1, masked); return; \
    }

static void two_full(const sn_tile *t, __m256i mask, int64_t first, int64_t rows, const ahead *next) { TWO_CASES(full_tile, t, mask, first, *next) }
static void two_masked(const sn_tile *t, __m256i mask, int64_t first, int64_t rows) { TWO_CASES(tile, t, mask, first, 2, 1) }
static void one_vector(const sn_tile *t, __m256i mask, int64_t first, int64_t rows) { ONE_CASES(0) }
static void one_vector_masked(const sn_tile *t, __m256i mask, int64_t first, int64_t rows) { ONE_CASES(1) }

/* Tiles of few steps end before what they ask for is there: rows that later ones will write. */
static SN_INLINE void rows_soon(const sn_tile *t, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) SN_PREFETCH(t->y + t->row_y[r]);
}

void sn_f32_tile__avx2(const sn_tile *t) {
    const int two = t->width > LANES, masked = t->width % LANES != 0;
    const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(t->width % LANES)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    const int64_t most = two ? ROWS_OF_TWO : ROWS_OF_ONE, tiles = (t->rows + most - 1) / most;
    const int64_t fours = t->runs * (t->length / STEPS), stride = t->next_stride ? t->next_stride : 2 * LINE;
    int64_t pairs = t->next ? t->next_floats / (2 * LINE) : 0, first = 0;
    const int64_t at_once = (t->next_lines ? t->next_lines > fours : pairs > tiles * fours) ? 2 : 1;
    ahead next = {t->next, (at_once - 1) * stride, at_once * stride};
    for (int64_t i = 0; i < tiles; i++) { /* as even as can be: a tile of few rows is no faster than one of many */
        const int64_t end = t->rows * (i + 1) / tiles;
        if (pairs <= 0) next = (ahead){t->v, 0, 0};
        if (t->y_far && two && t->runs * t->length <= SOON && i + 4 < tiles) rows_soon(t, t->rows * (i + 4) / tiles, t->rows * (i + 5) / tiles);
        if (two && masked) two_masked(t, mask, first, end - first);
        else if (two) two_full(t, mask, first, end - first, &next);
        else if (masked) one_vector_masked(t, mask, first, end - first);
        else one_vector(t, mask, first, end - first);
        next.from = t->next_lines ? t->next + (i + 1) * 2 * LINE : next.from + next.step * fours;
        pairs -= t->next_lines ? t->next_lines : at_once * fours;
        first = end;
    }
}
