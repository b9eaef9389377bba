/* Kernels of softmax; those of the forward pass serve cross_entropy too. */
#ifndef SN_SOFTMAX_SOFTMAX_H
#define SN_SOFTMAX_SOFTMAX_H

#include "sinew.h"

/* y[rows][cols] = softmax of the rows of x, or its logarithm. maxima and log_sums, both [rows] or both NULL, receive
 * the largest element of a row and the logarithm of the sum of exp(x - maximum). x == y is allowed. past: y may be stored past
 * the caches, not with x == y. */
typedef void sn_softmax_kernel(const void *x, void *y, int64_t rows, int64_t cols, int log, int past, void *maxima, void *log_sums);

/* Longest row whose exponentials are kept in the first cache until the row is stored past the caches. */
enum { SN_SOFTMAX_MADE = 4096 };

sn_softmax_kernel sn_f32_softmax_forward__generic;
sn_softmax_kernel sn_f64_softmax_forward__generic;
sn_softmax_kernel sn_f32_softmax_forward__avx2;
sn_softmax_kernel sn_f32_softmax_forward__avx512;
sn_softmax_kernel sn_f32_softmax_forward__neon;

/* dx[rows][cols] from y and dy; dx == dy and dx == y are allowed. */
typedef void sn_softmax_backward_kernel(const void *y, const void *dy, void *dx, int64_t rows, int64_t cols, int log);

sn_softmax_backward_kernel sn_f32_softmax_backward__generic;
sn_softmax_backward_kernel sn_f64_softmax_backward__generic;
sn_softmax_backward_kernel sn_f32_softmax_backward__avx2;
sn_softmax_backward_kernel sn_f32_softmax_backward__avx512;
sn_softmax_backward_kernel sn_f32_softmax_backward__neon;

/* The kernel of the current ISA. */
sn_softmax_kernel *sn_softmax_forward_kernel(int32_t dtype);

/* Rows worth some microseconds. */
static inline int64_t sn_softmax_grain(int64_t cols) { return cols >= 8192 ? 1 : 8192 / (cols < 8 ? 8 : cols); }

#endif
