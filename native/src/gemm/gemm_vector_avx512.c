#include "core/compiler.h"
#include "gemm/gemm_vector.h"

#include <immintrin.h>

enum { LANES = 16, ROWS = 4, VECTORS = 8 };

static inline __mmask16 mask_of(int64_t left) { return left >= LANES ? 0xffff : (__mmask16)((1u << left) - 1); }

/* rows is a constant at each call; two sums a row hide the latency of the multiply-add. */
static SN_INLINE void dot(const float *matrix, int64_t step, int64_t count, const float *v, float *out, const int rows) {
    __m512 even[ROWS], odd[ROWS];
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) even[r] = odd[r] = _mm512_setzero_ps();
    int64_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        const __m512 v0 = _mm512_loadu_ps(v + i), v1 = _mm512_loadu_ps(v + i + LANES);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            even[r] = _mm512_fmadd_ps(_mm512_loadu_ps(matrix + r * step + i), v0, even[r]);
            odd[r] = _mm512_fmadd_ps(_mm512_loadu_ps(matrix + r * step + i + LANES), v1, odd[r]);
        }
    }
    for (; i < count; i += LANES) {
        const __mmask16 mask = mask_of(count - i);
        const __m512 v0 = _mm512_maskz_loadu_ps(mask, v + i);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) even[r] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, matrix + r * step + i), v0, even[r]);
    }
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) out[r] = _mm512_reduce_add_ps(_mm512_add_ps(even[r], odd[r]));
}

void sn_f32_vector_rows__avx512(const float *matrix, int64_t step, int64_t rows, int64_t count, const float *v, float *out) {
    int64_t r = 0;
    for (; r + ROWS <= rows; r += ROWS) dot(matrix + r * step, step, count, v, out + r, ROWS);
    for (; r < rows; r++) dot(matrix + r * step, step, count, v, out + r, 1);
}

void sn_f32_vector_columns__avx512(const float *matrix, int64_t step, int64_t cols, int64_t count, const float *v, int64_t v_step, float *out) {
    int64_t j = 0;
    for (; j + VECTORS * LANES <= cols; j += VECTORS * LANES) {
        __m512 sum[VECTORS];
#pragma GCC unroll 8
        for (int u = 0; u < VECTORS; u++) sum[u] = _mm512_setzero_ps();
        for (int64_t i = 0; i < count; i++) {
            const __m512 x = _mm512_set1_ps(v[i * v_step]);
#pragma GCC unroll 8
            for (int u = 0; u < VECTORS; u++) sum[u] = _mm512_fmadd_ps(x, _mm512_loadu_ps(matrix + i * step + j + u * LANES), sum[u]);
        }
#pragma GCC unroll 8
        for (int u = 0; u < VECTORS; u++) _mm512_storeu_ps(out + j + u * LANES, sum[u]);
    }
    for (; j < cols; j += LANES) {
        const __mmask16 mask = mask_of(cols - j);
        __m512 sum = _mm512_setzero_ps();
        for (int64_t i = 0; i < count; i++)
            sum = _mm512_fmadd_ps(_mm512_set1_ps(v[i * v_step]), _mm512_maskz_loadu_ps(mask, matrix + i * step + j), sum);
        _mm512_mask_storeu_ps(out + j, mask, sum);
    }
}
