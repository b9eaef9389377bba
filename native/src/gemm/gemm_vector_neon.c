#include "gemm/gemm_vector.h"

#include "core/vector_neon.h"

enum { LANES = 4, ROWS = 4, VECTORS = 16 };

/* rows is a constant at each call; two sums a row hide the latency of the multiply-add. */
static SN_INLINE void dot(const float *matrix, int64_t step, int64_t count, const float *v, float *out, const int rows) {
    float32x4_t even[ROWS], odd[ROWS];
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) even[r] = odd[r] = vdupq_n_f32(0);
    int64_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        const float32x4_t v0 = vld1q_f32(v + i), v1 = vld1q_f32(v + i + LANES);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            even[r] = vfmaq_f32(even[r], vld1q_f32(matrix + r * step + i), v0);
            odd[r] = vfmaq_f32(odd[r], vld1q_f32(matrix + r * step + i + LANES), v1);
        }
    }
    for (; i < count; i += LANES) {
        const int64_t left = count - i;
        const float32x4_t v0 = sn_load_first_neon(v + i, left);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) even[r] = vfmaq_f32(even[r], sn_load_first_neon(matrix + r * step + i, left), v0);
    }
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) out[r] = vaddvq_f32(vaddq_f32(even[r], odd[r]));
}

void sn_f32_vector_rows__neon(const float *matrix, int64_t step, int64_t rows, int64_t count, const float *v, float *out) {
    int64_t r = 0;
    for (; r + ROWS <= rows; r += ROWS) dot(matrix + r * step, step, count, v, out + r, ROWS);
    for (; r < rows; r++) dot(matrix + r * step, step, count, v, out + r, 1);
}

void sn_f32_vector_columns__neon(const float *matrix, int64_t step, int64_t cols, int64_t count, const float *v, int64_t v_step, float *out) {
    int64_t j = 0;
    for (; j + VECTORS * LANES <= cols; j += VECTORS * LANES) {
        float32x4_t sum[VECTORS];
#pragma GCC unroll 16
        for (int u = 0; u < VECTORS; u++) sum[u] = vdupq_n_f32(0);
        for (int64_t i = 0; i < count; i++) {
            const float32x4_t x = vld1q_dup_f32(v + i * v_step);
#pragma GCC unroll 16
            for (int u = 0; u < VECTORS; u++) sum[u] = vfmaq_f32(sum[u], x, vld1q_f32(matrix + i * step + j + u * LANES));
        }
#pragma GCC unroll 16
        for (int u = 0; u < VECTORS; u++) vst1q_f32(out + j + u * LANES, sum[u]);
    }
    for (; j < cols; j += LANES) {
        const int64_t left = cols - j;
        float32x4_t sum = vdupq_n_f32(0);
        for (int64_t i = 0; i < count; i++)
            sum = vfmaq_f32(sum, vld1q_dup_f32(v + i * v_step), sn_load_first_neon(matrix + i * step + j, left));
        sn_store_first_neon(out + j, sum, left);
    }
}
