/* softmax, AVX2. Rows of up to 16 elements, the classes of most classifiers, stay in two registers. Longer sums are added
 * up in floats within blocks and in doubles from block to block. A NaN that the maximum loses still makes the sum NaN,
 * and so the row. */
#include <immintrin.h>
#include <math.h>

#include "softmax/softmax.h"
#include "unary/vector_math_avx2.h"

enum { BLOCK = 2048 };

static inline __m256i first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(n < 8 ? n : 8)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* The masked lanes of x, `other` elsewhere. */
static inline __m256 load_or(__m256 other, __m256i mask, const float *x) {
    return _mm256_blendv_ps(other, _mm256_maskload_ps(x, mask), _mm256_castsi256_ps(mask));
}

static inline float largest_lane(__m256 v) {
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

static inline float sum_lanes(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

static void short_rows(const float *x, float *y, int64_t rows, int64_t cols, int log, float *maxima, float *sums) {
    const __m256i mask_a = first_lanes(cols), mask_b = first_lanes(cols - 8);
    const __m256 lowest = _mm256_set1_ps(-INFINITY);
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        const __m256 a = load_or(lowest, mask_a, x), b = cols > 8 ? load_or(lowest, mask_b, x + 8) : lowest;
        const float max = largest_lane(_mm256_max_ps(a, b));
        const __m256 max_all = _mm256_set1_ps(max), shifted_a = _mm256_sub_ps(a, max_all), shifted_b = _mm256_sub_ps(b, max_all);
        const __m256 e_a = sn_exp_avx2(shifted_a), e_b = cols > 8 ? sn_exp_avx2(shifted_b) : _mm256_setzero_ps();
        const float sum = sum_lanes(_mm256_add_ps(e_a, e_b));
        const __m256 all = _mm256_set1_ps(sum), log_sum = log ? sn_log_avx2(all) : all;
        _mm256_maskstore_ps(y, mask_a, log ? _mm256_sub_ps(shifted_a, log_sum) : _mm256_div_ps(e_a, all));
        if (cols > 8) _mm256_maskstore_ps(y + 8, mask_b, log ? _mm256_sub_ps(shifted_b, log_sum) : _mm256_div_ps(e_b, all));
        if (maxima) {
            maxima[r] = max;
            sums[r] = sum;
        }
    }
}

static float row_max(const float *x, int64_t n) {
    const __m256 lowest = _mm256_set1_ps(-INFINITY);
    __m256 max[4] = {lowest, lowest, lowest, lowest};
    int64_t i = 0;
    for (; i + 32 <= n; i += 32)
        for (int k = 0; k < 4; k++) max[k] = _mm256_max_ps(max[k], _mm256_loadu_ps(x + i + 8 * k));
    for (; i < n; i += 8) max[0] = _mm256_max_ps(max[0], load_or(lowest, first_lanes(n - i), x + i));
    return largest_lane(_mm256_max_ps(_mm256_max_ps(max[0], max[1]), _mm256_max_ps(max[2], max[3])));
}

/* The sum of exp(x - max), each of which goes to y unless that is NULL. */
static double row_exp(const float *x, float *y, int64_t n, __m256 max) {
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        __m256 sum[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        int64_t i = begin;
        for (; i + 16 <= end; i += 16)
            for (int k = 0; k < 2; k++) {
                const __m256 e = sn_exp_avx2(_mm256_sub_ps(_mm256_loadu_ps(x + i + 8 * k), max));
                if (y) _mm256_storeu_ps(y + i + 8 * k, e);
                sum[k] = _mm256_add_ps(sum[k], e);
            }
        for (; i < end; i += 8) {
            const __m256i mask = first_lanes(end - i);
            const __m256 e = sn_exp_avx2(_mm256_sub_ps(_mm256_maskload_ps(x + i, mask), max));
            if (y) _mm256_maskstore_ps(y + i, mask, e);
            sum[0] = _mm256_add_ps(sum[0], _mm256_and_ps(e, _mm256_castsi256_ps(mask)));
        }
        total += sum_lanes(_mm256_add_ps(sum[0], sum[1]));
    }
    return total;
}

static inline void store(float *y, int64_t n, __m256 v) {
    if (n >= 8) _mm256_storeu_ps(y, v);
    else _mm256_maskstore_ps(y, first_lanes(n), v);
}

static inline __m256 load(const float *x, int64_t n) {
    return n >= 8 ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, first_lanes(n));
}

void sn_f32_softmax_forward__avx2(const void *x_, void *y_, int64_t rows, int64_t cols, int log_, void *maxima, void *sums) {
    const float *x = x_;
    float *y = y_;
    if (cols <= 16) {
        short_rows(x, y, rows, cols, log_, maxima, sums);
        return;
    }
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        const float max = row_max(x, cols);
        const __m256 max_all = _mm256_set1_ps(max);
        const double sum = row_exp(x, log_ ? NULL : y, cols, max_all);
        const __m256 log_sum = _mm256_set1_ps(log_ ? (float)log(sum) : 0), scale = _mm256_set1_ps((float)(1 / sum));
        for (int64_t i = 0; i < cols; i += 8) {
            const __m256 v = load((log_ ? x : y) + i, cols - i);
            store(y + i, cols - i, log_ ? _mm256_sub_ps(_mm256_sub_ps(v, max_all), log_sum) : _mm256_mul_ps(v, scale));
        }
        if (maxima) {
            ((float *)maxima)[r] = max;
            ((float *)sums)[r] = (float)sum;
        }
    }
}

/* The sum of dy y, or of dy where y is NULL. */
static double row_dot(const float *y, const float *dy, int64_t n) {
    double total = 0;
    const __m256 one = _mm256_set1_ps(1);
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
        int64_t i = begin;
        for (; i + 32 <= end; i += 32)
            for (int k = 0; k < 4; k++)
                sum[k] = _mm256_fmadd_ps(_mm256_loadu_ps(dy + i + 8 * k), y ? _mm256_loadu_ps(y + i + 8 * k) : one, sum[k]);
        for (; i < end; i += 8) sum[0] = _mm256_fmadd_ps(load(dy + i, end - i), y ? load(y + i, end - i) : one, sum[0]);
        total += sum_lanes(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3])));
    }
    return total;
}

static inline __m256 gradient(__m256 y, __m256 dy, __m256 sum, int log) {
    return log ? _mm256_fnmadd_ps(sn_exp_avx2(y), sum, dy) : _mm256_mul_ps(y, _mm256_sub_ps(dy, sum));
}

static void short_gradients(const float *y, const float *dy, float *dx, int64_t rows, int64_t cols, int log) {
    const __m256i mask_a = first_lanes(cols), mask_b = first_lanes(cols - 8);
    for (int64_t r = 0; r < rows; r++, y += cols, dy += cols, dx += cols) {
        const __m256 y_a = _mm256_maskload_ps(y, mask_a), dy_a = _mm256_maskload_ps(dy, mask_a);
        if (cols <= 8) {
            const __m256 sum = _mm256_set1_ps(sum_lanes(log ? dy_a : _mm256_mul_ps(dy_a, y_a)));
            _mm256_maskstore_ps(dx, mask_a, gradient(y_a, dy_a, sum, log));
            continue;
        }
        const __m256 y_b = _mm256_maskload_ps(y + 8, mask_b), dy_b = _mm256_maskload_ps(dy + 8, mask_b);
        const __m256 both = log ? _mm256_add_ps(dy_a, dy_b) : _mm256_fmadd_ps(dy_a, y_a, _mm256_mul_ps(dy_b, y_b));
        const __m256 sum = _mm256_set1_ps(sum_lanes(both));
        _mm256_maskstore_ps(dx, mask_a, gradient(y_a, dy_a, sum, log));
        _mm256_maskstore_ps(dx + 8, mask_b, gradient(y_b, dy_b, sum, log));
    }
}

void sn_f32_softmax_backward__avx2(const void *y_, const void *dy_, void *dx_, int64_t rows, int64_t cols, int log) {
    const float *y = y_, *dy = dy_;
    float *dx = dx_;
    if (cols <= 16) {
        short_gradients(y, dy, dx, rows, cols, log);
        return;
    }
    for (int64_t r = 0; r < rows; r++, y += cols, dy += cols, dx += cols) {
        const __m256 sum = _mm256_set1_ps((float)row_dot(log ? NULL : y, dy, cols));
        for (int64_t i = 0; i < cols; i += 8) {
            const __m256 v = load(y + i, cols - i), d = load(dy + i, cols - i);
            store(dx + i, cols - i, gradient(v, d, sum, log));
        }
    }
}
