#include "core/compiler.h"
#include "gemm/gemm_vector.h"

#include <immintrin.h>

enum { LANES = 8, ROWS = 4, VECTORS = 8 };

static inline __m256i mask_of(int64_t left) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(left < LANES ? left : LANES)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline float total(__m256 x) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

/* rows is a constant at each call; two sums a row hide the latency of the multiply-add. */
static SN_INLINE void dot(const float *matrix, int64_t step, int64_t count, const float *v, float *out, const int rows) {
    __m256 even[ROWS], odd[ROWS];
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) even[r] = odd[r] = _mm256_setzero_ps();
    int64_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        const __m256 v0 = _mm256_loadu_ps(v + i), v1 = _mm256_loadu_ps(v + i + LANES);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            even[r] = _mm256_fmadd_ps(_mm256_loadu_ps(matrix + r * step + i), v0, even[r]);
            odd[r] = _mm256_fmadd_ps(_mm256_loadu_ps(matrix + r * step + i + LANES), v1, odd[r]);
        }
    }
    for (; i < count; i += LANES) {
        const __m256i mask = mask_of(count - i);
        const __m256 v0 = _mm256_maskload_ps(v + i, mask);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) even[r] = _mm256_fmadd_ps(_mm256_maskload_ps(matrix + r * step + i, mask), v0, even[r]);
    }
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) out[r] = total(_mm256_add_ps(even[r], odd[r]));
}

void sn_f32_vector_rows__avx2(const float *matrix, int64_t step, int64_t rows, int64_t count, const float *v, float *out) {
    int64_t r = 0;
    for (; r + ROWS <= rows; r += ROWS) dot(matrix + r * step, step, count, v, out + r, ROWS);
    for (; r < rows; r++) dot(matrix + r * step, step, count, v, out + r, 1);
}

void sn_f32_vector_columns__avx2(const float *matrix, int64_t step, int64_t cols, int64_t count, const float *v, int64_t v_step, float *out) {
    int64_t j = 0;
    for (; j + VECTORS * LANES <= cols; j += VECTORS * LANES) {
        __m256 sum[VECTORS];
#pragma GCC unroll 8
        for (int u = 0; u < VECTORS; u++) sum[u] = _mm256_setzero_ps();
        for (int64_t i = 0; i < count; i++) {
            const __m256 x = _mm256_broadcast_ss(v + i * v_step);
#pragma GCC unroll 8
            for (int u = 0; u < VECTORS; u++) sum[u] = _mm256_fmadd_ps(x, _mm256_loadu_ps(matrix + i * step + j + u * LANES), sum[u]);
        }
#pragma GCC unroll 8
        for (int u = 0; u < VECTORS; u++) _mm256_storeu_ps(out + j + u * LANES, sum[u]);
    }
    for (; j < cols; j += LANES) {
        const __m256i mask = mask_of(cols - j);
        __m256 sum = _mm256_setzero_ps();
        for (int64_t i = 0; i < count; i++)
            sum = _mm256_fmadd_ps(_mm256_broadcast_ss(v + i * v_step), _mm256_maskload_ps(matrix + i * step + j, mask), sum);
        _mm256_maskstore_ps(out + j, mask, sum);
    }
}
