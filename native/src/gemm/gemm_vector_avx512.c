#include "core/compiler.h"
#include "gemm/gemm_vector.h"

#include <immintrin.h>

enum { LANES = 16, ROWS = 4, VECTORS = 8 };

static inline __mmask16 mask_of(int64_t left) { return left >= LANES ? 0xffff : (__mmask16)((1u << left) - 1); }

/* The sums of four vectors. */
static SN_INLINE __m128 totals(__m512 a, __m512 b, __m512 c, __m512 d) {
    const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    const __m512 all = _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xee));
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_castps512_ps256(_mm512_shuffle_f32x4(all, all, 0xee)));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

/* rows is a constant at each call; two sums a row hide the latency of the multiply-add. */
static SN_INLINE void dot(const float *matrix, int64_t step, int64_t count, const float *v, float *out, const int rows) { /* ROWS or 1 */
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
    for (int r = 0; r < rows; r++) even[r] = _mm512_add_ps(even[r], odd[r]);
    if (rows == ROWS) _mm_storeu_ps(out, totals(even[0], even[1], even[2], even[3]));
    else out[0] = _mm512_reduce_add_ps(even[0]);
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
