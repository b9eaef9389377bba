/* reduce, AVX-512. Sums are added in the order of the generic kernels: 4 registers are the 64 lanes of a block. */
#include <immintrin.h>
#include <math.h>

#include "core/compiler.h"
#include "reduce/reduce.h"

static inline __mmask16 first_lanes(int64_t n) { return n >= 16 ? 0xffff : n <= 0 ? 0 : (__mmask16)((1u << n) - 1); }

/* Larger of x and the best so far; the first NaN stays. The instruction returns `best` when either is NaN. */
static inline __m512 larger(__m512 best, __m512 x) {
    return _mm512_mask_mov_ps(_mm512_max_ps(x, best), _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), x);
}

static inline __m512 load_or(__m512 other, __mmask16 mask, const float *x) { return _mm512_mask_loadu_ps(other, mask, x); }

static float sum_lanes(const __m512 lane[4]) {
    const __m512 s = _mm512_add_ps(_mm512_add_ps(lane[0], lane[2]), _mm512_add_ps(lane[1], lane[3]));
    const __m256 h = _mm256_add_ps(_mm512_castps512_ps256(s), _mm512_extractf32x8_ps(s, 1));
    const __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    const __m128 d = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(d, _mm_movehdup_ps(d)));
}

static double sn_f32_reduce_row_sum__avx512(const void *x_, int64_t n) {
    const float *x = x_;
    double total = 0;
    const __m512 zero = _mm512_setzero_ps();
    if (n <= 16) { /* as below: the other lanes are 0, and 0 + x is not -0 */
        const __m512 few[4] = {_mm512_add_ps(zero, _mm512_maskz_loadu_ps(first_lanes(n), x)), zero, zero, zero};
        return sum_lanes(few);
    }
    for (int64_t begin = 0; begin < n; begin += SN_REDUCE_BLOCK) {
        const int64_t length = n - begin < SN_REDUCE_BLOCK ? n - begin : SN_REDUCE_BLOCK;
        const float *block = x + begin;
        __m512 lane[4] = {zero, zero, zero, zero};
        int64_t i = 0;
        for (; i + SN_REDUCE_LANES <= length; i += SN_REDUCE_LANES)
            for (int k = 0; k < 4; k++) {
                SN_PREFETCH(block + i + 16 * k + SN_REDUCE_AHEAD);
                lane[k] = _mm512_add_ps(lane[k], _mm512_loadu_ps(block + i + 16 * k));
            }
        for (int k = 0; k < 4 && i + 16 * k < length; k++) {
            const __mmask16 mask = first_lanes(length - i - 16 * k);
            lane[k] = _mm512_mask_add_ps(lane[k], mask, lane[k], _mm512_maskz_loadu_ps(mask, block + i + 16 * k));
        }
        total += sum_lanes(lane);
    }
    return total;
}

static double sn_f32_reduce_row_max__avx512(const void *x_, int64_t n) {
    const float *x = x_;
    const __m512 none = _mm512_set1_ps(-INFINITY);
    __m512 best[4] = {none, none, none, none};
    int64_t i = 0;
    for (; i + 64 <= n; i += 64)
        for (int k = 0; k < 4; k++) best[k] = larger(best[k], _mm512_loadu_ps(x + i + 16 * k));
    for (; i < n; i += 16) best[0] = larger(best[0], load_or(none, first_lanes(n - i), x + i));
    float lane[16];
    _mm512_storeu_ps(lane, larger(larger(best[0], best[1]), larger(best[2], best[3])));
    float value = -INFINITY;
    for (int k = 0; k < 16; k++) value = lane[k] > value || lane[k] != lane[k] ? lane[k] : value;
    return value;
}

/* acc[16] += x, for the masked lanes. */
static inline void add_to(double *acc, __m512 x, __mmask16 mask) {
    const __mmask8 low = (__mmask8)mask, high = (__mmask8)(mask >> 8);
    _mm512_mask_storeu_pd(acc, low, _mm512_add_pd(_mm512_maskz_loadu_pd(low, acc), _mm512_cvtps_pd(_mm512_castps512_ps256(x))));
    _mm512_mask_storeu_pd(acc + 8, high, _mm512_add_pd(_mm512_maskz_loadu_pd(high, acc + 8), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1))));
}

static inline __m512 load_acc(const double *acc, __mmask16 mask) {
    const __m256 low = _mm512_cvtpd_ps(_mm512_maskz_loadu_pd((__mmask8)mask, acc));
    const __m256 high = _mm512_cvtpd_ps(_mm512_maskz_loadu_pd((__mmask8)(mask >> 8), acc + 8));
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

static inline void store_acc(double *acc, __m512 x, __mmask16 mask) {
    _mm512_mask_storeu_pd(acc, (__mmask8)mask, _mm512_cvtps_pd(_mm512_castps512_ps256(x)));
    _mm512_mask_storeu_pd(acc + 8, (__mmask8)(mask >> 8), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)));
}

/* acc[cols] += the columns of one block of n rows; cols is a multiple of 64. */
static void add_block(double *acc, const float *x, int64_t n, int64_t stride, int64_t cols) {
    float partial[SN_REDUCE_COLS];
    const int64_t pass = cols > 64 ? SN_REDUCE_PASS : SN_REDUCE_ROWS;
    for (int64_t begin = 0; begin < n; begin += pass) {
        const int64_t rows = n - begin < pass ? n - begin : pass;
        for (int64_t c = 0; c < cols; c += 64) {
            const float *row = x + begin * stride + c;
            __m512 sum[4];
            for (int k = 0; k < 4; k++) sum[k] = begin == 0 ? _mm512_setzero_ps() : _mm512_loadu_ps(partial + c + 16 * k);
            for (int64_t r = 0; r < rows; r++, row += stride)
                for (int k = 0; k < 4; k++) {
                    if (pass == SN_REDUCE_ROWS) SN_PREFETCH(row + 16 * k + SN_REDUCE_AHEAD);
                    sum[k] = _mm512_add_ps(sum[k], _mm512_loadu_ps(row + 16 * k));
                }
            for (int k = 0; k < 4; k++) {
                if (begin + pass < n) _mm512_storeu_ps(partial + c + 16 * k, sum[k]);
                else add_to(acc + c + 16 * k, sum[k], 0xffff);
            }
        }
    }
}

/* Blocks of rows outside, so that memory is read nearly in order however many columns there are. */
static void sn_f32_reduce_column_sum__avx512(double *acc, const void *x_, int64_t rows, int64_t stride, int64_t cols) {
    const float *x = x_;
    for (int64_t begin = 0; begin < rows; begin += SN_REDUCE_ROWS) {
        const int64_t n = rows - begin < SN_REDUCE_ROWS ? rows - begin : SN_REDUCE_ROWS;
        const int64_t whole = cols / 64 * 64;
        add_block(acc, x + begin * stride, n, stride, whole);
        for (int64_t c = whole; c < cols; c += 16) {
            const __mmask16 mask = first_lanes(cols - c);
            const float *row = x + begin * stride + c;
            __m512 sum = _mm512_setzero_ps();
            for (int64_t r = 0; r < n; r++, row += stride) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, row));
            add_to(acc + c, sum, mask);
        }
    }
}

static void sn_f32_reduce_column_max__avx512(double *acc, const void *x_, int64_t rows, int64_t stride, int64_t cols) {
    const float *x = x_;
    for (int64_t begin = 0; begin < rows; begin += SN_REDUCE_ROWS) {
        const int64_t n = rows - begin < SN_REDUCE_ROWS ? rows - begin : SN_REDUCE_ROWS;
        for (int64_t c = 0; c < cols; c += 16) {
            const __mmask16 mask = first_lanes(cols - c);
            const float *row = x + begin * stride + c;
            __m512 best = load_acc(acc + c, mask);
            for (int64_t r = 0; r < n; r++, row += stride) best = larger(best, _mm512_maskz_loadu_ps(mask, row));
            store_acc(acc + c, best, mask);
        }
    }
}

const sn_reduce_kernels sn_f32_reduce__avx512 = {
    .row_sum = sn_f32_reduce_row_sum__avx512,
    .row_max = sn_f32_reduce_row_max__avx512,
    .column_sum = sn_f32_reduce_column_sum__avx512,
    .column_max = sn_f32_reduce_column_max__avx512,
};
