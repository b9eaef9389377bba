/* reduce, NEON. Sums are added in the order of the generic kernels: 16 registers are the 64 lanes of a block. */
#include <math.h>

#include "core/vector_neon.h"
#include "reduce/reduce.h"

/* Larger of x and the best so far; the first NaN stays. */
static inline float32x4_t larger(float32x4_t best, float32x4_t x) { return vbslq_f32(vcgeq_f32(best, x), best, vmaxq_f32(best, x)); }

static float sum_lanes(float32x4_t lane[16]) {
    for (int half = 8; half > 0; half /= 2)
        for (int k = 0; k < half; k++) lane[k] = vaddq_f32(lane[k], lane[k + half]);
    const float32x2_t pair = vadd_f32(vget_low_f32(lane[0]), vget_high_f32(lane[0]));
    return vget_lane_f32(pair, 0) + vget_lane_f32(pair, 1);
}

static double sn_f32_reduce_row_sum__neon(const void *x_, int64_t n) {
    const float *x = x_;
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += SN_REDUCE_BLOCK) {
        const int64_t length = n - begin < SN_REDUCE_BLOCK ? n - begin : SN_REDUCE_BLOCK;
        const float *block = x + begin;
        float32x4_t lane[16];
        for (int k = 0; k < 16; k++) lane[k] = vdupq_n_f32(0);
        int64_t i = 0;
        for (; i + SN_REDUCE_LANES <= length; i += SN_REDUCE_LANES)
            for (int k = 0; k < 16; k++) lane[k] = vaddq_f32(lane[k], vld1q_f32(block + i + 4 * k));
        for (int k = 0; k < 16; k++) { /* adding 0 to the other lanes does not change them */
            const int64_t left = length - i - 4 * k;
            if (left > 0) lane[k] = vaddq_f32(lane[k], sn_load_first_neon(block + i + 4 * k, left));
        }
        total += sum_lanes(lane);
    }
    return total;
}

static double sn_f32_reduce_row_max__neon(const void *x_, int64_t n) {
    const float *x = x_;
    const float32x4_t none = vdupq_n_f32(-INFINITY);
    float32x4_t best[4] = {none, none, none, none};
    int64_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 4; k++) best[k] = larger(best[k], vld1q_f32(x + i + 4 * k));
    for (; i + 4 <= n; i += 4) best[0] = larger(best[0], vld1q_f32(x + i));
    float lane[4];
    vst1q_f32(lane, larger(larger(best[0], best[1]), larger(best[2], best[3])));
    float value = -INFINITY;
    for (int k = 0; k < 4; k++) value = lane[k] > value || lane[k] != lane[k] ? lane[k] : value;
    for (; i < n; i++) value = x[i] > value || x[i] != x[i] ? x[i] : value;
    return value;
}

/* acc[4] += x */
static inline void add_to(double *acc, float32x4_t x) {
    vst1q_f64(acc, vaddq_f64(vld1q_f64(acc), vcvt_f64_f32(vget_low_f32(x))));
    vst1q_f64(acc + 2, vaddq_f64(vld1q_f64(acc + 2), vcvt_high_f64_f32(x)));
}

static inline float32x4_t load_acc(const double *acc) { return vcvt_high_f32_f64(vcvt_f32_f64(vld1q_f64(acc)), vld1q_f64(acc + 2)); }

static inline void store_acc(double *acc, float32x4_t x) {
    vst1q_f64(acc, vcvt_f64_f32(vget_low_f32(x)));
    vst1q_f64(acc + 2, vcvt_high_f64_f32(x));
}

/* acc[cols] += the columns of one block of n rows; cols is a multiple of 32. */
static void add_block(double *acc, const float *x, int64_t n, int64_t stride, int64_t cols) {
    float partial[SN_REDUCE_COLS];
    const int64_t pass = cols > 64 ? SN_REDUCE_PASS : SN_REDUCE_ROWS;
    for (int64_t begin = 0; begin < n; begin += pass) {
        const int64_t rows = n - begin < pass ? n - begin : pass;
        for (int64_t c = 0; c < cols; c += 32) {
            const float *row = x + begin * stride + c;
            float32x4_t sum[8];
            for (int k = 0; k < 8; k++) sum[k] = begin == 0 ? vdupq_n_f32(0) : vld1q_f32(partial + c + 4 * k);
            for (int64_t r = 0; r < rows; r++, row += stride)
                for (int k = 0; k < 8; k++) sum[k] = vaddq_f32(sum[k], vld1q_f32(row + 4 * k));
            for (int k = 0; k < 8; k++) {
                if (begin + pass < n) vst1q_f32(partial + c + 4 * k, sum[k]);
                else add_to(acc + c + 4 * k, sum[k]);
            }
        }
    }
}

/* Blocks of rows outside, so that memory is read nearly in order however many columns there are. */
static void sn_f32_reduce_column_sum__neon(double *acc, const void *x_, int64_t rows, int64_t stride, int64_t cols) {
    const float *x = x_;
    for (int64_t begin = 0; begin < rows; begin += SN_REDUCE_ROWS) {
        const int64_t n = rows - begin < SN_REDUCE_ROWS ? rows - begin : SN_REDUCE_ROWS;
        int64_t c = cols / 32 * 32;
        add_block(acc, x + begin * stride, n, stride, c);
        for (; c + 4 <= cols; c += 4) {
            const float *row = x + begin * stride + c;
            float32x4_t sum = vdupq_n_f32(0);
            for (int64_t r = 0; r < n; r++, row += stride) sum = vaddq_f32(sum, vld1q_f32(row));
            add_to(acc + c, sum);
        }
        if (c < cols) {
            const float *row = x + begin * stride + c;
            float32x4_t sum = vdupq_n_f32(0);
            for (int64_t r = 0; r < n; r++, row += stride) sum = vaddq_f32(sum, sn_load_first_neon(row, cols - c));
            float lane[4];
            vst1q_f32(lane, sum);
            for (int k = 0; c + k < cols; k++) acc[c + k] += lane[k];
        }
    }
}

static void sn_f32_reduce_column_max__neon(double *acc, const void *x_, int64_t rows, int64_t stride, int64_t cols) {
    const float *x = x_;
    for (int64_t begin = 0; begin < rows; begin += SN_REDUCE_ROWS) {
        const int64_t n = rows - begin < SN_REDUCE_ROWS ? rows - begin : SN_REDUCE_ROWS;
        int64_t c = 0;
        for (; c + 4 <= cols; c += 4) {
            const float *row = x + begin * stride + c;
            float32x4_t best = load_acc(acc + c);
            for (int64_t r = 0; r < n; r++, row += stride) best = larger(best, vld1q_f32(row));
            store_acc(acc + c, best);
        }
        if (c < cols) sn_f32_reduce__generic.column_max(acc + c, x + begin * stride + c, n, stride, cols - c);
    }
}

const sn_reduce_kernels sn_f32_reduce__neon = {
    .row_sum = sn_f32_reduce_row_sum__neon,
    .row_max = sn_f32_reduce_row_max__neon,
    .column_sum = sn_f32_reduce_column_sum__neon,
    .column_max = sn_f32_reduce_column_max__neon,
};
