/* softmax, NEON. Rows of up to 16 elements, the classes of most classifiers, stay in registers, four of them at a time.
 * Longer sums are added up in floats within blocks and in doubles from block to block. */
#include <math.h>
#include <stddef.h>

#include "softmax/softmax.h"
#include "unary/vector_math_neon.h"

enum { BLOCK = 2048, SHORT = 16, PARTS = SHORT / 4 };

/* The first n lanes of x, `other` elsewhere. */
static inline float32x4_t load_or(float32x4_t other, const float *x, int64_t n) {
    return vbslq_f32(sn_first_lanes_neon(n), sn_load_first_neon(x, n), other);
}

/* Four rows at a time, the last ones together with themselves; lane k of `max`, `sum` and so on is row k's. `parts` (vectors
 * a row) is a constant at each call. */
static SN_INLINE void short_rows_of(const float *x, float *y, int64_t rows, int64_t cols, int log, float *maxima,
                                                                float *log_sums, const int parts) {
    const int64_t last = cols - 4 * (parts - 1); /* elements of the last part */
    const float32x4_t lowest = vdupq_n_f32(-INFINITY);
    for (int64_t r = 0; r < rows; r += 4, x += 4 * cols, y += 4 * cols) {
        const int64_t left = rows - r < 4 ? rows - r : 4;
        float32x4_t v[4][PARTS], e[4][PARTS], each[4];
        for (int k = 0; k < 4; k++) {
            const float *row = x + (k < left ? k : left - 1) * cols;
            for (int p = 0; p < parts; p++) {
                v[k][p] = p < parts - 1 ? vld1q_f32(row + 4 * p) : load_or(lowest, row + 4 * p, last);
                each[k] = p == 0 ? v[k][p] : vmaxq_f32(each[k], v[k][p]);
            }
        }
        const float32x4_t max = vpmaxq_f32(vpmaxq_f32(each[0], each[1]), vpmaxq_f32(each[2], each[3]));
        each[0] = vdupq_laneq_f32(max, 0), each[1] = vdupq_laneq_f32(max, 1), each[2] = vdupq_laneq_f32(max, 2), each[3] = vdupq_laneq_f32(max, 3);
        for (int k = 0; k < 4; k++) {
            const float32x4_t largest = each[k];
            for (int p = 0; p < parts; p++) {
                v[k][p] = vsubq_f32(v[k][p], largest);
                e[k][p] = sn_exp_neon(v[k][p]);
                each[k] = p == 0 ? e[k][p] : vaddq_f32(each[k], e[k][p]);
            }
        }
        const float32x4_t sum = vpaddq_f32(vpaddq_f32(each[0], each[1]), vpaddq_f32(each[2], each[3]));
        const float32x4_t log_sum = log || maxima ? sn_log_neon(sum) : sum, factor = log ? log_sum : vdivq_f32(vdupq_n_f32(1), sum);
        each[0] = vdupq_laneq_f32(factor, 0), each[1] = vdupq_laneq_f32(factor, 1), each[2] = vdupq_laneq_f32(factor, 2), each[3] = vdupq_laneq_f32(factor, 3);
        for (int k = 0; k < 4 && k < left; k++)
            for (int p = 0; p < parts; p++) {
                const float32x4_t result = log ? vsubq_f32(v[k][p], each[k]) : vmulq_f32(e[k][p], each[k]);
                sn_store_first_neon(y + k * cols + 4 * p, result, p < parts - 1 ? 4 : last);
            }
        if (maxima) {
            sn_store_first_neon(maxima + r, max, left);
            sn_store_first_neon(log_sums + r, log_sum, left);
        }
    }
}

static void short_rows(const float *x, float *y, int64_t rows, int64_t cols, int log, float *maxima, float *log_sums) {
    if (cols <= 4) short_rows_of(x, y, rows, cols, log, maxima, log_sums, 1);
    else if (cols <= 8) short_rows_of(x, y, rows, cols, log, maxima, log_sums, 2);
    else if (cols <= 12) short_rows_of(x, y, rows, cols, log, maxima, log_sums, 3);
    else short_rows_of(x, y, rows, cols, log, maxima, log_sums, 4);
}

static float row_max(const float *x, int64_t n) {
    const float32x4_t lowest = vdupq_n_f32(-INFINITY);
    float32x4_t max[4] = {lowest, lowest, lowest, lowest};
    int64_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 4; k++) max[k] = vmaxq_f32(max[k], vld1q_f32(x + i + 4 * k));
    for (; i < n; i += 4) max[0] = vmaxq_f32(max[0], load_or(lowest, x + i, n - i));
    return vmaxvq_f32(vmaxq_f32(vmaxq_f32(max[0], max[1]), vmaxq_f32(max[2], max[3])));
}

/* The sum of exp(x - max), each of which goes to y unless that is NULL. */
static double row_exp(const float *x, float *y, int64_t n, float32x4_t max) {
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
        int64_t i = begin;
        for (; i + 16 <= end; i += 16) {
            for (int k = 0; k < 4; k++) {
                const float32x4_t e = sn_exp_neon(vsubq_f32(vld1q_f32(x + i + 4 * k), max));
                if (y) vst1q_f32(y + i + 4 * k, e);
                sum[k] = vaddq_f32(sum[k], e);
            }
        }
        for (; i < end; i += 4) {
            const float32x4_t e = sn_exp_neon(vsubq_f32(sn_load_first_neon(x + i, end - i), max));
            if (y) sn_store_first_neon(y + i, e, end - i);
            sum[0] = vaddq_f32(sum[0], sn_where_neon(sn_first_lanes_neon(end - i), e));
        }
        total += vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
    }
    return total;
}

void sn_f32_softmax_forward__neon(const void *x_, void *y_, int64_t rows, int64_t cols, int log_, int past, void *maxima, void *log_sums) {
    (void)past; /* no such stores */
    const float *x = x_;
    float *y = y_;
    if (cols <= SHORT) {
        short_rows(x, y, rows, cols, log_, maxima, log_sums);
        return;
    }
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        const float max = row_max(x, cols);
        const float32x4_t max_all = vdupq_n_f32(max);
        const double sum = row_exp(x, log_ ? NULL : y, cols, max_all);
        const float32x4_t log_sum = vdupq_n_f32(log_ ? (float)log(sum) : 0), scale = vdupq_n_f32((float)(1 / sum));
        for (int64_t i = 0; i < cols; i += 4) {
            const float32x4_t v = sn_load_first_neon((log_ ? x : y) + i, cols - i);
            sn_store_first_neon(y + i, log_ ? vsubq_f32(vsubq_f32(v, max_all), log_sum) : vmulq_f32(v, scale), cols - i);
        }
        if (maxima) {
            ((float *)maxima)[r] = max;
            ((float *)log_sums)[r] = (float)log(sum);
        }
    }
}

/* The sum of dy y, or of dy where y is NULL. */
static double row_dot(const float *y, const float *dy, int64_t n) {
    double total = 0;
    const float32x4_t one = vdupq_n_f32(1);
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
        int64_t i = begin;
        for (; i + 16 <= end; i += 16)
            for (int k = 0; k < 4; k++)
                sum[k] = vfmaq_f32(sum[k], vld1q_f32(dy + i + 4 * k), y ? vld1q_f32(y + i + 4 * k) : one);
        for (; i < end; i += 4) sum[0] = vfmaq_f32(sum[0], sn_load_first_neon(dy + i, end - i), y ? sn_load_first_neon(y + i, end - i) : one);
        total += vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
    }
    return total;
}

static inline float32x4_t gradient(float32x4_t y, float32x4_t dy, float32x4_t sum, int log) {
    return log ? vfmsq_f32(dy, sn_exp_neon(y), sum) : vmulq_f32(y, vsubq_f32(dy, sum));
}

static void short_gradients(const float *y, const float *dy, float *dx, int64_t rows, int64_t cols, int log) {
    for (int64_t r = 0; r < rows; r++, y += cols, dy += cols, dx += cols) {
        float32x4_t v[PARTS], d[PARTS], sum = vdupq_n_f32(0);
        for (int p = 0; 4 * p < cols; p++) {
            v[p] = sn_load_first_neon(y + 4 * p, cols - 4 * p), d[p] = sn_load_first_neon(dy + 4 * p, cols - 4 * p);
            sum = log ? vaddq_f32(sum, d[p]) : vfmaq_f32(sum, d[p], v[p]);
        }
        sum = vdupq_n_f32(vaddvq_f32(sum));
        for (int p = 0; 4 * p < cols; p++) sn_store_first_neon(dx + 4 * p, gradient(v[p], d[p], sum, log), cols - 4 * p);
    }
}

void sn_f32_softmax_backward__neon(const void *y_, const void *dy_, void *dx_, int64_t rows, int64_t cols, int log) {
    const float *y = y_, *dy = dy_;
    float *dx = dx_;
    if (cols <= SHORT) {
        short_gradients(y, dy, dx, rows, cols, log);
        return;
    }
    for (int64_t r = 0; r < rows; r++, y += cols, dy += cols, dx += cols) {
        const float32x4_t sum = vdupq_n_f32((float)row_dot(log ? NULL : y, dy, cols));
        for (int64_t i = 0; i < cols; i += 4) {
            const float32x4_t v = sn_load_first_neon(y + i, cols - i), d = sn_load_first_neon(dy + i, cols - i);
            sn_store_first_neon(dx + i, gradient(v, d, sum, log), cols - i);
        }
    }
}
