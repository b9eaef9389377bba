/* permute, AVX2: 8 x 8 tiles are transposed in registers; the generic kernel does the edges. */
#include <immintrin.h>

#include "permute/permute.h"

static inline void transpose_tile(const float *x, int64_t x_stride, float *y, int64_t y_stride) {
    __m256 a[8], b[8];
    for (int j = 0; j < 8; j++) a[j] = _mm256_loadu_ps(x + j * x_stride);
    for (int j = 0; j < 8; j += 2) {
        b[j] = _mm256_unpacklo_ps(a[j], a[j + 1]);
        b[j + 1] = _mm256_unpackhi_ps(a[j], a[j + 1]);
    }
    for (int j = 0; j < 8; j += 4) { /* 4 x 4 within each half: a[j + k] holds rows k and k + 4 */
        a[j] = _mm256_shuffle_ps(b[j], b[j + 2], 0x44);
        a[j + 1] = _mm256_shuffle_ps(b[j], b[j + 2], 0xee);
        a[j + 2] = _mm256_shuffle_ps(b[j + 1], b[j + 3], 0x44);
        a[j + 3] = _mm256_shuffle_ps(b[j + 1], b[j + 3], 0xee);
    }
    for (int k = 0; k < 4; k++) {
        _mm256_storeu_ps(y + k * y_stride, _mm256_permute2f128_ps(a[k], a[k + 4], 0x20));
        _mm256_storeu_ps(y + (k + 4) * y_stride, _mm256_permute2f128_ps(a[k], a[k + 4], 0x31));
    }
}

void sn_x32_permute_transpose__avx2(const void *x_, int64_t x_stride, void *y_, int64_t y_stride, int64_t rows, int64_t cols) {
    const float *x = x_;
    float *y = y_;
    const int64_t whole_rows = rows / 8 * 8, whole_cols = cols / 8 * 8;
    for (int64_t i = 0; i < whole_rows; i += 16) /* 16 rows: the whole cache lines of x are used while they are near */
        for (int64_t j = 0; j < whole_cols; j += 8)
            for (int64_t k = i; k < i + 16 && k < whole_rows; k += 8) transpose_tile(x + k + j * x_stride, x_stride, y + k * y_stride + j, y_stride);
    if (whole_cols < cols)
        sn_x32_permute_transpose__generic(x + whole_cols * x_stride, x_stride, y + whole_cols, y_stride, whole_rows, cols - whole_cols);
    if (whole_rows < rows)
        sn_x32_permute_transpose__generic(x + whole_rows, x_stride, y + whole_rows * y_stride, y_stride, rows - whole_rows, cols);
}
