/* reduce, AVX2. Sums are added in the order of the generic kernels: 8 registers are the 64 lanes of a block. */
#include <immintrin.h>
#include <math.h>

#include "core/compiler.h"
#include "reduce/reduce.h"

static inline __m256i first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n > 8 ? 8 : (int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Larger of x and the best so far; the first NaN stays. The instruction returns `best` when either is NaN. */
static inline __m256 larger(__m256 best, __m256 x) {
    return _mm256_blendv_ps(_mm256_max_ps(x, best), x, _mm256_cmp_ps(x, x, _CMP_UNORD_Q));
}

static float sum_lanes(const __m256 lane[8]) {
    const __m256 a = _mm256_add_ps(lane[0], lane[4]), b = _mm256_add_ps(lane[1], lane[5]);
    const __m256 c = _mm256_add_ps(lane[2], lane[6]), d = _mm256_add_ps(lane[3], lane[7]);
    const __m256 h = _mm256_add_ps(_mm256_add_ps(a, c), _mm256_add_ps(b, d));
    const __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    const __m128 p = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(p, _mm_movehdup_ps(p)));
}

static double sn_f32_reduce_row_sum__avx2(const void *x_, int64_t n) {
    const float *x = x_;
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += SN_REDUCE_BLOCK) {
        const int64_t length = n - begin < SN_REDUCE_BLOCK ? n - begin : SN_REDUCE_BLOCK;
        const float *block = x + begin;
        __m256 lane[8];
        for (int k = 0; k < 8; k++) lane[k] = _mm256_setzero_ps();
        int64_t i = 0;
        for (; i + SN_REDUCE_LANES <= length; i += SN_REDUCE_LANES)
            for (int k = 0; k < 8; k++) {
                if (k % 2 == 0) SN_PREFETCH(block + i + 8 * k + SN_REDUCE_AHEAD);
                lane[k] = _mm256_add_ps(lane[k], _mm256_loadu_ps(block + i + 8 * k));
            }
        for (int k = 0; k < 8; k++) { /* adding 0 to the other lanes does not change them */
            const int64_t left = length - i - 8 * k;
            if (left > 0) lane[k] = _mm256_add_ps(lane[k], _mm256_maskload_ps(block + i + 8 * k, first_lanes(left)));
        }
        total += sum_lanes(lane);
    }
    return total;
}

static double sn_f32_reduce_row_max__avx2(const void *x_, int64_t n) {
    const float *x = x_;
    const __m256 none = _mm256_set1_ps(-INFINITY);
    __m256 best[4] = {none, none, none, none};
    int64_t i = 0;
    for (; i + 32 <= n; i += 32)
        for (int k = 0; k < 4; k++) best[k] = larger(best[k], _mm256_loadu_ps(x + i + 8 * k));
    for (; i + 8 <= n; i += 8) best[0] = larger(best[0], _mm256_loadu_ps(x + i));
    float lane[8];
    _mm256_storeu_ps(lane, larger(larger(best[0], best[1]), larger(best[2], best[3])));
    float value = -INFINITY;
    for (int k = 0; k < 8; k++) value = lane[k] > value || lane[k] != lane[k] ? lane[k] : value;
    for (; i < n; i++) value = x[i] > value || x[i] != x[i] ? x[i] : value;
    return value;
}

/* acc[8] += x */
static inline void add_to(double *acc, __m256 x) {
    _mm256_storeu_pd(acc, _mm256_add_pd(_mm256_loadu_pd(acc), _mm256_cvtps_pd(_mm256_castps256_ps128(x))));
    _mm256_storeu_pd(acc + 4, _mm256_add_pd(_mm256_loadu_pd(acc + 4), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))));
}

static inline __m256 load_acc(const double *acc) {
    return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_loadu_pd(acc + 4)), _mm256_cvtpd_ps(_mm256_loadu_pd(acc)));
}

static inline void store_acc(double *acc, __m256 x) {
    _mm256_storeu_pd(acc, _mm256_cvtps_pd(_mm256_castps256_ps128(x)));
    _mm256_storeu_pd(acc + 4, _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)));
}

/* The sums of `vectors` x 8 columns from c on over the rows from `begin` on of a block of n. */
static SN_INLINE void add_columns(double *acc, float *partial, const float *x, int64_t n, int64_t stride, int64_t begin, int64_t rows, int64_t c, int vectors,
                                  int together) {
    const float *row = x + begin * stride + c;
    __m256 sum[8];
    for (int k = 0; k < vectors; k++) sum[k] = begin == 0 ? _mm256_setzero_ps() : _mm256_loadu_ps(partial + c + 8 * k);
    for (int64_t r = 0; r < rows; r++, row += stride)
        for (int k = 0; k < vectors; k++) {
            if (together && k % 2 == 0) SN_PREFETCH(row + 8 * k + SN_REDUCE_AHEAD);
            sum[k] = _mm256_add_ps(sum[k], _mm256_loadu_ps(row + 8 * k));
        }
    for (int k = 0; k < vectors; k++) {
        if (begin + rows < n) _mm256_storeu_ps(partial + c + 8 * k, sum[k]);
        else add_to(acc + c + 8 * k, sum[k]);
    }
}

/* acc[cols] += the columns of one block of n rows; cols is a multiple of 32. */
static void add_block(double *acc, const float *x, int64_t n, int64_t stride, int64_t cols) {
    float partial[SN_REDUCE_COLS];
    const int64_t pass = cols > 64 ? SN_REDUCE_PASS : SN_REDUCE_ROWS;
    for (int64_t begin = 0; begin < n; begin += pass) {
        const int64_t rows = n - begin < pass ? n - begin : pass;
        int64_t c = 0;
        if (cols == 64) add_columns(acc, partial, x, n, stride, begin, rows, c, 8, 1), c = 64;
        for (; c < cols; c += 32) add_columns(acc, partial, x, n, stride, begin, rows, c, 4, 0);
    }
}

/* Blocks of rows outside, so that memory is read nearly in order however many columns there are. */
static void sn_f32_reduce_column_sum__avx2(double *acc, const void *x_, int64_t rows, int64_t stride, int64_t cols) {
    const float *x = x_;
    for (int64_t begin = 0; begin < rows; begin += SN_REDUCE_ROWS) {
        const int64_t n = rows - begin < SN_REDUCE_ROWS ? rows - begin : SN_REDUCE_ROWS;
        int64_t c = cols / 32 * 32;
        add_block(acc, x + begin * stride, n, stride, c);
        for (; c + 8 <= cols; c += 8) {
            const float *row = x + begin * stride + c;
            __m256 sum = _mm256_setzero_ps();
            for (int64_t r = 0; r < n; r++, row += stride) sum = _mm256_add_ps(sum, _mm256_loadu_ps(row));
            add_to(acc + c, sum);
        }
        if (c < cols) {
            const __m256i mask = first_lanes(cols - c);
            const float *row = x + begin * stride + c;
            __m256 sum = _mm256_setzero_ps();
            for (int64_t r = 0; r < n; r++, row += stride) sum = _mm256_add_ps(sum, _mm256_maskload_ps(row, mask));
            float lane[8];
            _mm256_storeu_ps(lane, sum);
            for (int k = 0; c + k < cols; k++) acc[c + k] += lane[k];
        }
    }
}

static void sn_f32_reduce_column_max__avx2(double *acc, const void *x_, int64_t rows, int64_t stride, int64_t cols) {
    const float *x = x_;
    for (int64_t begin = 0; begin < rows; begin += SN_REDUCE_ROWS) {
        const int64_t n = rows - begin < SN_REDUCE_ROWS ? rows - begin : SN_REDUCE_ROWS;
        int64_t c = 0;
        for (; c + 8 <= cols; c += 8) {
            const float *row = x + begin * stride + c;
            __m256 best = load_acc(acc + c);
            for (int64_t r = 0; r < n; r++, row += stride) best = larger(best, _mm256_loadu_ps(row));
            store_acc(acc + c, best);
        }
        if (c < cols) sn_f32_reduce__generic.column_max(acc + c, x + begin * stride + c, n, stride, cols - c);
    }
}

const sn_reduce_kernels sn_f32_reduce__avx2 = {
    .row_sum = sn_f32_reduce_row_sum__avx2,
    .row_max = sn_f32_reduce_row_max__avx2,
    .column_sum = sn_f32_reduce_column_sum__avx2,
    .column_max = sn_f32_reduce_column_max__avx2,
};
