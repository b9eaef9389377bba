/* Kernels of permute. */
#ifndef SN_PERMUTE_PERMUTE_H
#define SN_PERMUTE_PERMUTE_H

#include <stdint.h>

/* Rows of a transpose that a kernel is called with at most: 4 cache lines of x. */
enum { SN_PERMUTE_STRIP = 64 };

/* y[i * y_stride + j] = x[i + j * x_stride] for i < rows, j < cols. past: y, of which each row begins at a multiple of 64
 * bytes, may be stored past the caches. */
typedef void sn_transpose_kernel(const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t cols, int past);
/* y[i] = x[i * stride] for i < n. */
typedef void sn_gather_kernel(const void *x, int64_t stride, void *y, int64_t n);

void sn_x32_permute_transpose__generic(const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t cols, int past);
void sn_x64_permute_transpose__generic(const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t cols, int past);
void sn_x32_permute_transpose__avx2(const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t cols, int past);
void sn_x32_permute_transpose__avx512(const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t cols, int past);
void sn_x32_permute_transpose__neon(const void *x, int64_t x_stride, void *y, int64_t y_stride, int64_t rows, int64_t cols, int past);

void sn_x32_permute_gather__generic(const void *x, int64_t stride, void *y, int64_t n);
void sn_x64_permute_gather__generic(const void *x, int64_t stride, void *y, int64_t n);

#endif
