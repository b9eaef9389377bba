/* softmax, AVX2. Rows of up to 16 elements, the classes of most classifiers, stay in two registers,
 * four of them at a time. Longer sums are added
 * up in floats within blocks and in doubles from block to block. A NaN that the maximum loses still makes the sum NaN,
 * and so the row. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#include "core/compiler.h"
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

/* The largest elements, or the sums, of four vectors: in each half those of v[0] to v[3]. */
static inline __m256 max_of_four(const __m256 v[4]) {
    const __m256 ab = _mm256_max_ps(_mm256_unpacklo_ps(v[0], v[1]), _mm256_unpackhi_ps(v[0], v[1]));
    const __m256 cd = _mm256_max_ps(_mm256_unpacklo_ps(v[2], v[3]), _mm256_unpackhi_ps(v[2], v[3]));
    const __m256 halves = _mm256_max_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xee));
    return _mm256_max_ps(halves, _mm256_permute2f128_ps(halves, halves, 1));
}

static inline __m256 sum_of_four(const __m256 v[4]) {
    const __m256 ab = _mm256_add_ps(_mm256_unpacklo_ps(v[0], v[1]), _mm256_unpackhi_ps(v[0], v[1]));
    const __m256 cd = _mm256_add_ps(_mm256_unpacklo_ps(v[2], v[3]), _mm256_unpackhi_ps(v[2], v[3]));
    const __m256 halves = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xee));
    return _mm256_add_ps(halves, _mm256_permute2f128_ps(halves, halves, 1));
}

/* Element k of each half, in the whole of v[k]. */
static inline void spread_four(__m256 all, __m256 v[4]) {
    v[0] = _mm256_shuffle_ps(all, all, 0x00), v[1] = _mm256_shuffle_ps(all, all, 0x55);
    v[2] = _mm256_shuffle_ps(all, all, 0xaa), v[3] = _mm256_shuffle_ps(all, all, 0xff);
}

/* The first n elements; masked stores are slow on some CPUs. */
static inline void store_first(float *y, __m256 v, int64_t n) {
    if (n >= 8) {
        _mm256_storeu_ps(y, v);
        return;
    }
    __m128 low = _mm256_castps256_ps128(v);
    if (n & 4) {
        _mm_storeu_ps(y, low);
        low = _mm256_extractf128_ps(v, 1);
        y += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)y, low);
        low = _mm_movehl_ps(low, low);
        y += 2;
    }
    if (n & 1) _mm_store_ss(y, low);
}

/* Four rows at a time, the last ones together with themselves. `both`: more than 8 columns. */
static SN_INLINE void short_rows_of(const float *x, float *y, int64_t rows, int64_t cols, int log, float *maxima,
                                                                float *log_sums, int both) {
    const __m256i mask_a = first_lanes(cols), mask_b = first_lanes(cols - 8);
    const __m256 lowest = _mm256_set1_ps(-INFINITY);
    for (int64_t r = 0; r < rows; r += 4, x += 4 * cols, y += 4 * cols) {
        const int64_t left = rows - r < 4 ? rows - r : 4;
        __m256 a[4], b[4], e_a[4], e_b[4], each[4];
        for (int k = 0; k < 4; k++) {
            const float *row = x + (k < left ? k : left - 1) * cols;
            a[k] = load_or(lowest, mask_a, row);
            b[k] = both ? load_or(lowest, mask_b, row + 8) : lowest;
            each[k] = both ? _mm256_max_ps(a[k], b[k]) : a[k];
        }
        const __m256 max = max_of_four(each);
        spread_four(max, each);
        for (int k = 0; k < 4; k++) {
            a[k] = _mm256_sub_ps(a[k], each[k]), b[k] = _mm256_sub_ps(b[k], each[k]);
            e_a[k] = sn_exp_nonpositive_avx2(a[k]);
            if (both) e_b[k] = sn_exp_nonpositive_avx2(b[k]);
            each[k] = both ? _mm256_add_ps(e_a[k], e_b[k]) : e_a[k];
        }
        const __m256 sum = sum_of_four(each), log_sum = log || maxima ? sn_log_avx2(sum) : sum;
        spread_four(log ? log_sum : _mm256_div_ps(_mm256_set1_ps(1), sum), each);
        for (int k = 0; k < 4 && k < left; k++) {
            store_first(y + k * cols, log ? _mm256_sub_ps(a[k], each[k]) : _mm256_mul_ps(e_a[k], each[k]), cols);
            if (both) store_first(y + k * cols + 8, log ? _mm256_sub_ps(b[k], each[k]) : _mm256_mul_ps(e_b[k], each[k]), cols - 8);
        }
        if (maxima) {
            store_first(maxima + r, max, left);
            store_first(log_sums + r, log_sum, left);
        }
    }
}

static void short_rows(const float *x, float *y, int64_t rows, int64_t cols, int log, float *maxima, float *log_sums) {
    if (cols <= 8) short_rows_of(x, y, rows, cols, log, maxima, log_sums, 0);
    else short_rows_of(x, y, rows, cols, log, maxima, log_sums, 1);
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
        for (; i + 16 <= end; i += 16) {
            _mm_prefetch((const char *)(x + i + n), _MM_HINT_T0); /* the next row, while there is much to compute */
            for (int k = 0; k < 2; k++) {
                const __m256 e = sn_exp_nonpositive_avx2(_mm256_sub_ps(_mm256_loadu_ps(x + i + 8 * k), max));
                if (y) _mm256_storeu_ps(y + i + 8 * k, e);
                sum[k] = _mm256_add_ps(sum[k], e);
            }
        }
        for (; i < end; i += 8) {
            const __m256i mask = first_lanes(end - i);
            const __m256 e = sn_exp_nonpositive_avx2(_mm256_sub_ps(_mm256_maskload_ps(x + i, mask), max));
            if (y) store_first(y + i, e, end - i);
            sum[0] = _mm256_add_ps(sum[0], _mm256_and_ps(e, _mm256_castsi256_ps(mask)));
        }
        total += sum_lanes(_mm256_add_ps(sum[0], sum[1]));
    }
    return total;
}

static inline __m256 load(const float *x, int64_t n) {
    return n >= 8 ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, first_lanes(n));
}

/* y = v scale of the exponentials v, or log v - max - log_sum of the arguments v. past: whole lines of y go past the caches. */
static inline void finish_row(const float *v, float *y, int64_t n, int log, __m256 max, __m256 log_sum, __m256 scale, int past) {
#define RESULT(v_) (log ? _mm256_sub_ps(_mm256_sub_ps(v_, max), log_sum) : _mm256_mul_ps(v_, scale))
    int64_t i = 0;
    if (past) {
        const int64_t head = (int64_t)(-(uintptr_t)y / sizeof *y % 16);
        for (; i < head; i += 8) store_first(y + i, RESULT(load(v + i, head - i)), head - i);
        for (i = head; i + 8 <= n; i += 8) _mm256_stream_ps(y + i, RESULT(_mm256_loadu_ps(v + i)));
    }
    for (; i < n; i += 8) store_first(y + i, RESULT(load(v + i, n - i)), n - i);
#undef RESULT
}

void sn_f32_softmax_forward__avx2(const void *x_, void *y_, int64_t rows, int64_t cols, int log_, int past, void *maxima, void *log_sums) {
    const float *x = x_;
    float *y = y_, made[SN_SOFTMAX_MADE];
    if (cols <= 16) {
        short_rows(x, y, rows, cols, log_, maxima, log_sums);
        return;
    }
    if (!log_ && cols > SN_SOFTMAX_MADE) past = 0;
    for (int64_t r = 0; r < rows; r++, x += cols, y += cols) {
        const float max = row_max(x, cols);
        const __m256 max_all = _mm256_set1_ps(max);
        float *exponentials = past ? made : y;
        const double sum = row_exp(x, log_ ? NULL : exponentials, cols, max_all);
        const __m256 log_sum = _mm256_set1_ps(log_ ? (float)log(sum) : 0), scale = _mm256_set1_ps((float)(1 / sum));
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
            store_first(dx, gradient(y_a, dy_a, sum, log), cols);
            continue;
        }
        const __m256 y_b = _mm256_maskload_ps(y + 8, mask_b), dy_b = _mm256_maskload_ps(dy + 8, mask_b);
        const __m256 both = log ? _mm256_add_ps(dy_a, dy_b) : _mm256_fmadd_ps(dy_a, y_a, _mm256_mul_ps(dy_b, y_b));
        const __m256 sum = _mm256_set1_ps(sum_lanes(both));
        store_first(dx, gradient(y_a, dy_a, sum, log), cols);
        store_first(dx + 8, gradient(y_b, dy_b, sum, log), cols - 8);
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
            store_first(dx + i, gradient(v, d, sum, log), cols - i);
        }
    }
}
