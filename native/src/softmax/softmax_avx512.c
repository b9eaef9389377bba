/* softmax, AVX-512. Rows of up to 16 elements, the classes of most classifiers, stay in one register,
 * four of them at a time. Longer sums are
 * added up in floats within blocks and in doubles from block to block. A NaN that the maximum loses still makes the sum
 * NaN, and so the row. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#include "softmax/softmax.h"
#include "unary/vector_math_avx512.h"

enum { BLOCK = 4096, AHEAD = 2048 };

static inline __mmask16 first_lanes(int64_t n) { return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1); }

/* The largest elements, or the sums, of four vectors: in each quarter those of v[0] to v[3]. */
static inline __m512 max_of_four(const __m512 v[4]) {
    const __m512 ab = _mm512_max_ps(_mm512_unpacklo_ps(v[0], v[1]), _mm512_unpackhi_ps(v[0], v[1]));
    const __m512 cd = _mm512_max_ps(_mm512_unpacklo_ps(v[2], v[3]), _mm512_unpackhi_ps(v[2], v[3]));
    const __m512 low = _mm512_shuffle_ps(ab, cd, 0x44), high = _mm512_shuffle_ps(ab, cd, 0xee), quarters = _mm512_max_ps(low, high);
    const __m512 halves = _mm512_max_ps(quarters, _mm512_shuffle_f32x4(quarters, quarters, 0x4e));
    return _mm512_max_ps(halves, _mm512_shuffle_f32x4(halves, halves, 0xb1));
}

static inline __m512 sum_of_four(const __m512 v[4]) {
    const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(v[0], v[1]), _mm512_unpackhi_ps(v[0], v[1]));
    const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(v[2], v[3]), _mm512_unpackhi_ps(v[2], v[3]));
    const __m512 low = _mm512_shuffle_ps(ab, cd, 0x44), high = _mm512_shuffle_ps(ab, cd, 0xee), quarters = _mm512_add_ps(low, high);
    const __m512 halves = _mm512_add_ps(quarters, _mm512_shuffle_f32x4(quarters, quarters, 0x4e));
    return _mm512_add_ps(halves, _mm512_shuffle_f32x4(halves, halves, 0xb1));
}

/* Element k of each quarter, in the whole of v[k]. */
static inline void spread_four(__m512 all, __m512 v[4]) {
    v[0] = _mm512_shuffle_ps(all, all, 0x00), v[1] = _mm512_shuffle_ps(all, all, 0x55);
    v[2] = _mm512_shuffle_ps(all, all, 0xaa), v[3] = _mm512_shuffle_ps(all, all, 0xff);
}

enum { FOURS = 2 };

/* FOURS times four rows side by side, which hides the latencies; the last ones together with themselves. */
static void short_rows(const float *x, float *y, int64_t rows, int64_t cols, int log, float *maxima, float *log_sums) {
    const __mmask16 mask = first_lanes(cols);
    const __m512 lowest = _mm512_set1_ps(-INFINITY), one = _mm512_set1_ps(1);
    for (int64_t r = 0; r < rows; r += 4 * FOURS, x += 4 * FOURS * cols, y += 4 * FOURS * cols) {
        const int64_t left = rows - r < 4 * FOURS ? rows - r : 4 * FOURS;
        __m512 v[FOURS][4], e[FOURS][4], each[FOURS][4], max[FOURS], sum[FOURS], log_sum[FOURS];
        for (int k = 0; k < 4 * FOURS; k++) v[k / 4][k % 4] = _mm512_mask_loadu_ps(lowest, mask, x + (k < left ? k : left - 1) * cols);
        for (int f = 0; f < FOURS; f++) {
            max[f] = max_of_four(v[f]);
            spread_four(max[f], each[f]);
        }
        for (int k = 0; k < 4 * FOURS; k++) {
            v[k / 4][k % 4] = _mm512_sub_ps(v[k / 4][k % 4], each[k / 4][k % 4]);
            e[k / 4][k % 4] = sn_exp_nonpositive_avx512(v[k / 4][k % 4]);
        }
        for (int f = 0; f < FOURS; f++) {
            sum[f] = sum_of_four(e[f]);
            log_sum[f] = log || maxima ? sn_log_avx512(sum[f]) : sum[f];
            spread_four(log ? log_sum[f] : _mm512_div_ps(one, sum[f]), each[f]);
        }
        for (int k = 0; k < 4 * FOURS && k < left; k++) {
            const __m512 result = log ? _mm512_sub_ps(v[k / 4][k % 4], each[k / 4][k % 4]) : _mm512_mul_ps(e[k / 4][k % 4], each[k / 4][k % 4]);
            _mm512_mask_storeu_ps(y + k * cols, mask, result);
        }
        if (!maxima) continue;
        for (int f = 0; f < FOURS && 4 * f < left; f++) {
            const __mmask16 some = first_lanes(left - 4 * f < 4 ? left - 4 * f : 4);
            _mm512_mask_storeu_ps(maxima + r + 4 * f, some, max[f]);
            _mm512_mask_storeu_ps(log_sums + r + 4 * f, some, log_sum[f]);
        }
    }
}

static float row_max(const float *x, int64_t n) {
    const __m512 lowest = _mm512_set1_ps(-INFINITY);
    __m512 max[4] = {lowest, lowest, lowest, lowest};
    int64_t i = 0;
    for (; i + 64 <= n; i += 64)
        for (int k = 0; k < 4; k++) max[k] = _mm512_max_ps(max[k], _mm512_loadu_ps(x + i + 16 * k));
    for (; i < n; i += 16) max[0] = _mm512_max_ps(max[0], _mm512_mask_loadu_ps(lowest, first_lanes(n - i), x + i));
    return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(max[0], max[1]), _mm512_max_ps(max[2], max[3])));
}

/* The sum of exp(x - max), each of which goes to y unless that is NULL. */
static double row_exp(const float *x, float *y, int64_t n, __m512 max) {
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        __m512 sum[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
        int64_t i = begin;
        for (; i + 32 <= end; i += 32)
            for (int k = 0; k < 2; k++) {
                _mm_prefetch((const char *)(x + i + 16 * k + n + AHEAD), _MM_HINT_T0); /* rows to come, while there is much to compute */
                const __m512 e = sn_exp_nonpositive_avx512(_mm512_sub_ps(_mm512_loadu_ps(x + i + 16 * k), max));
                if (y) _mm512_storeu_ps(y + i + 16 * k, e);
                sum[k] = _mm512_add_ps(sum[k], e);
            }
        for (; i < end; i += 16) {
            const __mmask16 mask = first_lanes(end - i);
            const __m512 e = sn_exp_nonpositive_avx512(_mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), max));
            if (y) _mm512_mask_storeu_ps(y + i, mask, e);
            sum[0] = _mm512_mask_add_ps(sum[0], mask, sum[0], e);
        }
        total += _mm512_reduce_add_ps(_mm512_add_ps(sum[0], sum[1]));
    }
    return total;
}

/* y = v scale of the exponentials v, or log v - max - log_sum of the arguments v. past: whole lines of y go past the caches. */
static inline void finish_row(const float *v, float *y, int64_t n, int log, __m512 max, __m512 log_sum, __m512 scale, int past) {
#define RESULT(v_) (log ? _mm512_sub_ps(_mm512_sub_ps(v_, max), log_sum) : _mm512_mul_ps(v_, scale))
    int64_t i = past ? (int64_t)(-(uintptr_t)y / sizeof *y % 16) : 0;
    if (i > 0) {
        const __mmask16 mask = first_lanes(i);
        _mm512_mask_storeu_ps(y, mask, RESULT(_mm512_maskz_loadu_ps(mask, v)));
    }
    if (past) for (; i + 16 <= n; i += 16) _mm512_stream_ps(y + i, RESULT(_mm512_loadu_ps(v + i)));
    else for (; i + 16 <= n; i += 16) _mm512_storeu_ps(y + i, RESULT(_mm512_loadu_ps(v + i)));
    if (i < n) {
        const __mmask16 mask = first_lanes(n - i);
        _mm512_mask_storeu_ps(y + i, mask, RESULT(_mm512_maskz_loadu_ps(mask, v + i)));
    }
#undef RESULT
}

void sn_f32_softmax_forward__avx512(const void *x_, void *y_, int64_t rows, int64_t cols, int log_, int past, void *maxima, void *log_sums) {
    const float *x = x_;
    float *y = y_, made[SN_SOFTMAX_MADE];
    if (cols <= 16) {
        short_rows(x, y, rows, cols, log_, maxima, log_sums);
        return;
    }
    if (!log_ && cols > SN_SOFTMAX_MADE) past = 0;
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        const float max = row_max(x, cols);
        const __m512 max_all = _mm512_set1_ps(max);
        float *exponentials = past ? made : y;
        const double sum = row_exp(x, log_ ? NULL : exponentials, cols, max_all);
        const __m512 log_sum = _mm512_set1_ps(log_ ? (float)log(sum) : 0), scale = _mm512_set1_ps((float)(1 / sum));
        if (log_) finish_row(x, y, cols, 1, max_all, log_sum, scale, past);
        else finish_row(exponentials, y, cols, 0, max_all, log_sum, scale, past);
        if (maxima) {
            ((float *)maxima)[r] = max;
            ((float *)log_sums)[r] = (float)log(sum);
        }
    }
}

/* The sum of dy y, or of dy where y is NULL. */
static double row_dot(const float *y, const float *dy, int64_t n) {
    double total = 0;
    const __m512 one = _mm512_set1_ps(1);
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        __m512 sum[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
        int64_t i = begin;
        for (; i + 64 <= end; i += 64)
            for (int k = 0; k < 4; k++)
                sum[k] = _mm512_fmadd_ps(_mm512_loadu_ps(dy + i + 16 * k), y ? _mm512_loadu_ps(y + i + 16 * k) : one, sum[k]);
        for (; i < end; i += 16) {
            const __mmask16 mask = first_lanes(end - i);
            sum[0] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, dy + i), y ? _mm512_maskz_loadu_ps(mask, y + i) : one, sum[0]);
        }
        total += _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sum[0], sum[1]), _mm512_add_ps(sum[2], sum[3])));
    }
    return total;
}

static inline __m512 gradient(__m512 y, __m512 dy, __m512 sum, int log) {
    return log ? _mm512_fnmadd_ps(sn_exp_avx512(y), sum, dy) : _mm512_mul_ps(y, _mm512_sub_ps(dy, sum));
}

void sn_f32_softmax_backward__avx512(const void *y_, const void *dy_, void *dx_, int64_t rows, int64_t cols, int log) {
    const float *y = y_, *dy = dy_;
    float *dx = dx_;
    if (cols <= 16) {
        const __mmask16 mask = first_lanes(cols);
        for (int64_t r = 0; r < rows; r++, y += cols, dy += cols, dx += cols) {
            const __m512 v = _mm512_maskz_loadu_ps(mask, y), d = _mm512_maskz_loadu_ps(mask, dy);
            const __m512 sum = _mm512_set1_ps(_mm512_reduce_add_ps(log ? d : _mm512_mul_ps(d, v)));
            _mm512_mask_storeu_ps(dx, mask, gradient(v, d, sum, log));
        }
        return;
    }
    for (int64_t r = 0; r < rows; r++, y += cols, dy += cols, dx += cols) {
        const __m512 sum = _mm512_set1_ps((float)row_dot(log ? NULL : y, dy, cols));
        for (int64_t i = 0; i < cols; i += 16) {
            const __mmask16 mask = first_lanes(cols - i);
            const __m512 result = gradient(_mm512_maskz_loadu_ps(mask, y + i), _mm512_maskz_loadu_ps(mask, dy + i), sum, log);
            if (mask == 0xffff) _mm512_storeu_ps(dx + i, result);
            else _mm512_mask_storeu_ps(dx + i, mask, result);
        }
    }
}
