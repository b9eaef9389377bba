#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

#include "sinew.h"

/* 12 rows of 2 vectors: 24 accumulators, 2 vectors of v and the broadcasts fit the 32 registers, and 12 row pointers the
 * general ones. */
enum { ROWS = 12, LANES = 16, STEPS = 4, LINE = 16, SOON = 40, SHORT = 32 };

typedef struct {
    __mmask16 mask[2];
} columns;

/* What is brought near meanwhile: in STEPS steps the pair of cache lines at `from` and the one `second` further. */
typedef struct {
    const float *from;
    int64_t second, step;
} ahead;

/* Of all sums, so that the questions are asked once: in a tile of 64 steps they would cost a tenth of the time. */
static SN_INLINE void finish(const sn_tile *t, __m512 sum[ROWS][2], columns c, int64_t first, const int rows, const int vectors) {
    if (t->beta != 0) {
        const __m512 beta = _mm512_set1_ps(t->beta);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const float *base = t->base + t->row_y[first + r];
            sum[r][0] = _mm512_fmadd_ps(beta, _mm512_maskz_loadu_ps(c.mask[0], base), sum[r][0]);
            if (vectors == 2) sum[r][1] = _mm512_fmadd_ps(beta, _mm512_maskz_loadu_ps(c.mask[1], base + LANES), sum[r][1]);
        }
    }
    if (t->bias) {
        const __m512 bias0 = _mm512_maskz_loadu_ps(c.mask[0], t->bias);
        const __m512 bias1 = vectors == 2 ? _mm512_maskz_loadu_ps(c.mask[1], t->bias + LANES) : bias0;
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            sum[r][0] = _mm512_add_ps(sum[r][0], bias0);
            if (vectors == 2) sum[r][1] = _mm512_add_ps(sum[r][1], bias1);
        }
    }
    if (t->act == SN_IDENTITY) return;
    const __m512 zero = _mm512_setzero_ps(), slope = _mm512_set1_ps(t->slope);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; j++) {
            const __mmask16 negative = _mm512_cmp_ps_mask(sum[r][j], zero, _CMP_LT_OQ);
            /* not a product for ReLU: 0 * -infinity */
            sum[r][j] = t->act == SN_RELU ? _mm512_mask_mov_ps(sum[r][j], negative, zero) : _mm512_mask_mul_ps(sum[r][j], negative, sum[r][j], slope);
        }
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
static SN_INLINE void tile(const int rows, const sn_tile *t, columns c, int64_t first, ahead next, const int vectors, const int full) {
    __m512 sum[ROWS][2];
    const float *x[ROWS];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        x[r] = t->x + t->row_x[first + r];
        sum[r][0] = sum[r][1] = _mm512_setzero_ps();
    }
    if (t->runs * t->length > SOON && (t->beta != 0 || !t->past_caches)) { /* what is read and written in the end */
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const float *y = (t->beta != 0 ? t->base : t->y) + t->row_y[first + r];
            _mm_prefetch((const char *)y, _MM_HINT_T0);
            if (vectors == 2) _mm_prefetch((const char *)(y + LINE), _MM_HINT_T0);
        }
    }
    const int64_t x_step = t->x_step, v_step = t->v_step;
    for (int64_t u = 0; u < t->runs; u++) {
        const float *v = t->v + t->run_v[u];
        int64_t i = t->run_x[u], left = t->length;
        if (full && x_step == 1) /* the most common: offsets are constants of the instructions */
            for (; left >= STEPS; left -= STEPS, i += STEPS) {
#pragma GCC unroll 4
                for (int q = 0; q < STEPS; q++, v += v_step) {
                    _mm_prefetch((const char *)(next.from + q / 2 * next.second + q % 2 * LINE), _MM_HINT_T1);
                    step(sum, x, i + q, v, c, rows, vectors, full);
                }
                next.from += next.step;
            }
        else if (full)
            for (; left >= STEPS; left -= STEPS) {
#pragma GCC unroll 4
                for (int q = 0; q < STEPS; q++, i += x_step, v += v_step) {
                    _mm_prefetch((const char *)(next.from + q / 2 * next.second + q % 2 * LINE), _MM_HINT_T1);
                    step(sum, x, i, v, c, rows, vectors, full);
                }
                next.from += next.step;
            }
        for (; left > 0; left--, i += x_step, v += v_step) step(sum, x, i, v, c, rows, vectors, full);
    }
    finish(t, sum, c, first, rows, vectors);
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++) {
        float *y = t->y + t->row_y[first + r];
        if (t->past_caches) {
            _mm512_stream_ps(y, sum[r][0]);
            if (vectors == 2) _mm512_stream_ps(y + LANES, sum[r][1]);
            continue;
        }
        _mm512_mask_storeu_ps(y, c.mask[0], sum[r][0]);
        if (vectors == 2) _mm512_mask_storeu_ps(y + LANES, c.mask[1], sum[r][1]);
    }
}

static SN_INLINE void finish_two(const sn_tile *t, __m512 sum[ROWS][2], int64_t first, const int rows) {
    finish(t, sum, (columns){{0xffff, 0xffff}}, first, rows, 2);
}

#define SUMS ROWS
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, a) _mm512_storeu_ps(p, a)
#define STREAM(p, a) _mm512_stream_ps(p, a)
#define BROADCAST(p) _mm512_set1_ps(*(p))
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#define ADD(a, b) _mm512_add_ps(a, b)
#define ZERO() _mm512_setzero_ps()
typedef __m512 vector;
#include "tile/tile_even.inc"

/* Adds up v where no tile does it in passing. */
static void add_v(const sn_tile *t, columns c) {
    __m512 sum[2] = {_mm512_maskz_loadu_ps(c.mask[0], t->sum_v), _mm512_maskz_loadu_ps(c.mask[1], t->sum_v + LANES)};
    for (int64_t u = 0; u < t->runs; u++) {
        const float *v = t->v + t->run_v[u];
        for (int64_t i = 0; i < t->length; i++, v += t->v_step)
#pragma GCC unroll 2
            for (int j = 0; j < 2; j++) sum[j] = _mm512_add_ps(sum[j], _mm512_maskz_loadu_ps(c.mask[j], v + j * LANES));
    }
    _mm512_mask_storeu_ps(t->sum_v, c.mask[0], sum[0]);
    _mm512_mask_storeu_ps(t->sum_v + LANES, c.mask[1], sum[1]);
}

/* Two full vectors; the first tile of many rows has the registers to add up v, too, on units that add while others multiply. */
static SN_INLINE void full_tile(const int rows, const sn_tile *t, columns c, int64_t first, ahead next) {
    int64_t x_row, y_row;
    const int even = evenly(rows, t->row_x + first, t->row_y + first, &x_row, &y_row);
    if (rows > 8 && even && first == 0 && t->sum_v) {
        even_tile(rows, t, first, next, x_row, y_row, 1, 0);
        return;
    }
    if (first == 0 && t->sum_v) add_v(t, c);
    if (even) even_tile(rows, t, first, next, x_row, y_row, 0, 0);
    else tile(rows, t, c, first, next, 2, 1);
}

/* The same of short runs, whose first and last steps weigh more than the sums' places. */
static SN_INLINE void short_tile(const int rows, const sn_tile *t, columns c, int64_t first, ahead next) {
    int64_t x_row, y_row;
    if (first == 0 && t->sum_v) add_v(t, c);
    if (evenly(rows, t->row_x + first, t->row_y + first, &x_row, &y_row)) even_tile(rows, t, first, next, x_row, y_row, 0, 1);
    else tile(rows, t, c, first, next, 2, 1);
}

#define CASES(call, ...)                    \
    switch (rows) {                         \
    case 1: call(1, __VA_ARGS__); return;   \
    case 2: call(2, __VA_ARGS__); return;   \
    case 3: call(3, __VA_ARGS__); return;   \
    case 4: call(4, __VA_ARGS__); return;   \
    case 5: call(5, __VA_ARGS__); return;   \
    case 6: call(6, __VA_ARGS__); return;   \
    case 7: call(7, __VA_ARGS__); return;   \
    case 8: call(8, __VA_ARGS__); return;   \
    case 9: call(9, __VA_ARGS__); return;   \
    case 10: call(10, __VA_ARGS__); return; \
    case 11: call(11, __VA_ARGS__); return; \
    default: call(12, __VA_ARGS__); return; \
    }

static void one_vector(const sn_tile *t, columns c, int64_t first, int64_t rows, const ahead *next) { CASES(tile, t, c, first, *next, 1, 0) }
static void two_vectors(const sn_tile *t, columns c, int64_t first, int64_t rows, const ahead *next) { CASES(tile, t, c, first, *next, 2, 0) }
static void two_full(const sn_tile *t, columns c, int64_t first, int64_t rows, const ahead *next) { CASES(full_tile, t, c, first, *next) }
static void two_short(const sn_tile *t, columns c, int64_t first, int64_t rows, const ahead *next) { CASES(short_tile, t, c, first, *next) }

/* Tiles of few steps end before what they ask for is there: rows that later ones will write. */
static SN_INLINE void rows_soon(const sn_tile *t, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
        _mm_prefetch((const char *)(t->y + t->row_y[r]), _MM_HINT_T0);
        _mm_prefetch((const char *)(t->y + t->row_y[r] + LINE), _MM_HINT_T0);
    }
}

void sn_f32_tile__avx512(const sn_tile *t) {
    const uint32_t bits = t->width >= 32 ? 0xffffffffu : (1u << t->width) - 1;
    const columns c = {{(__mmask16)bits, (__mmask16)(bits >> 16)}};
    const int64_t tiles = (t->rows + ROWS - 1) / ROWS, fours = t->runs * (t->length / STEPS), stride = t->next_stride ? t->next_stride : 2 * LINE;
    if (t->sum_v && t->width < 2 * LANES) add_v(t, c);
    int64_t pairs = t->next ? t->next_floats / (2 * LINE) : 0, first = 0;
    const int64_t at_once = (t->next_lines ? t->next_lines > fours : pairs > tiles * fours) ? 2 : 1;
    ahead next = {t->next, (at_once - 1) * stride, at_once * stride};
    for (int64_t i = 0; i < tiles; i++) { /* as even as can be: a tile of few rows is no faster than one of many */
        const int64_t end = t->rows * (i + 1) / tiles;
        if (pairs <= 0) next = (ahead){t->v, 0, 0};
        if (t->y_far && t->width > LANES && t->runs * t->length <= SOON && i + 2 < tiles) rows_soon(t, t->rows * (i + 2) / tiles, t->rows * (i + 3) / tiles);
        if (t->width == 2 * LANES) (t->length < SHORT ? two_short : two_full)(t, c, first, end - first, &next);
        else if (t->width > LANES) two_vectors(t, c, first, end - first, &next);
        else one_vector(t, c, first, end - first, &next);
        next.from = t->next_lines ? t->next + (i + 1) * 2 * LINE : next.from + next.step * fours;
        pairs -= t->next_lines ? t->next_lines : at_once * fours;
        first = end;
    }
}
