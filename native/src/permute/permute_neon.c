/* permute, NEON: 4 x 4 tiles are transposed in registers; the generic kernel does the edges. */
#include "core/vector_neon.h"
#include "permute/permute.h"

static inline void transpose_tile(const float *x, int64_t x_stride, float *y, int64_t y_stride) {
    float32x4_t a[4];
    for (int j = 0; j < 4; j++) a[j] = vld1q_f32(x + j * x_stride);
    sn_transpose_neon(a);
    for (int k = 0; k < 4; k++) vst1q_f32(y + k * y_stride, a[k]);
}

void sn_x32_permute_transpose__neon(const void *x_, int64_t x_stride, void *y_, int64_t y_stride, int64_t rows, int64_t cols, int past) {
    (void)past; /* no such stores */
    const float *x = x_;
    float *y = y_;
    const int64_t whole_rows = rows / 4 * 4, whole_cols = cols / 4 * 4;
    for (int64_t i = 0; i < whole_rows; i += 16) /* 16 rows: the whole cache lines of x are used while they are near */
        for (int64_t j = 0; j < whole_cols; j += 4)
            for (int64_t k = i; k < i + 16 && k < whole_rows; k += 4) transpose_tile(x + k + j * x_stride, x_stride, y + k * y_stride + j, y_stride);
    if (whole_cols < cols)
        sn_x32_permute_transpose__generic(x + whole_cols * x_stride, x_stride, y + whole_cols, y_stride, whole_rows, cols - whole_cols, 0);
    if (whole_rows < rows)
        sn_x32_permute_transpose__generic(x + whole_rows, x_stride, y + whole_rows * y_stride, y_stride, rows - whole_rows, cols, 0);
}
