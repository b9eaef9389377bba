/* permute, AVX2: 8 x 8 tiles are transposed in registers; the generic kernel does the edges. */
#include <immintrin.h>

#include "core/compiler.h"
#include "permute/permute.h"

/* Column k of the tile becomes y[k]. */
static SN_INLINE void transpose_registers(const float *x, int64_t x_stride, __m256 y[8]) {
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
        y[k] = _mm256_permute2f128_ps(a[k], a[k + 4], 0x20);
        y[k + 4] = _mm256_permute2f128_ps(a[k], a[k + 4], 0x31);
    }
}

static SN_INLINE void transpose_tile(const float *x, int64_t x_stride, float *y, int64_t y_stride) {
    __m256 r[8];
    transpose_registers(x, x_stride, r);
    for (int k = 0; k < 8; k++) _mm256_storeu_ps(y + k * y_stride, r[k]);
}

/* Large arrays, rows and cols multiples of 16: lines of y are made as a whole, in the order of x if that is dense; what comes
 * next of x is asked for. */
static void transpose_past(const float *x, int64_t x_stride, float *y, int64_t y_stride, int64_t rows, int64_t cols) {
    const int dense = x_stride < 2 * rows;
    const int64_t across = rows / 8, along = cols / 16, ahead = dense ? 16 * x_stride : SN_PERMUTE_STRIP;
    for (int64_t t = 0; t < across * along; t++) {
        const int64_t i = (dense ? t % across : t / along) * 8, j = (dense ? t / across : t % along) * 16;
        const float *from = x + i + j * x_stride;
        float *to = y + i * y_stride + j;
        __m256 low[8], high[8];
        if (i % 16 == 0) for (int64_t k = 0; k < 16; k++) SN_PREFETCH(from + k * x_stride + ahead);
        transpose_registers(from, x_stride, low);
        transpose_registers(from + 8 * x_stride, x_stride, high);
        for (int k = 0; k < 8; k++) {
            _mm256_stream_ps(to + k * y_stride, low[k]);
            _mm256_stream_ps(to + k * y_stride + 8, high[k]);
        }
    }
}

void sn_x32_permute_transpose__avx2(const void *x_, int64_t x_stride, void *y_, int64_t y_stride, int64_t rows, int64_t cols, int past) {
    const float *x = x_;
    float *y = y_;
    if (past && rows % 16 == 0 && cols % 16 == 0) {
        transpose_past(x, x_stride, y, y_stride, rows, cols);
        return;
    }
    const int64_t whole_rows = rows / 8 * 8, whole_cols = cols / 8 * 8;
    for (int64_t i = 0; i < whole_rows; i += 16) /* 16 rows: the whole cache lines of x are used while they are near */
        for (int64_t j = 0; j < whole_cols; j += 8)
            for (int64_t k = i; k < i + 16 && k < whole_rows; k += 8) transpose_tile(x + k + j * x_stride, x_stride, y + k * y_stride + j, y_stride);
    if (whole_cols < cols)
        sn_x32_permute_transpose__generic(x + whole_cols * x_stride, x_stride, y + whole_cols, y_stride, whole_rows, cols - whole_cols, 0);
    if (whole_rows < rows)
        sn_x32_permute_transpose__generic(x + whole_rows, x_stride, y + whole_rows * y_stride, y_stride, rows - whole_rows, cols, 0);
}
