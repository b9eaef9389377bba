/* Kernels of max and average pooling. Forward kernels make rows [begin, end) of the n * oh rows of y (and index),
 * backward kernels rows [begin, end) of the n * h rows of dx: each element of an output is written by one call, its
 * terms added in the row-major order of the windows. */
#ifndef SN_POOL2D_POOL2D_H
#define SN_POOL2D_POOL2D_H

#include "core/check.h"
#include "sinew.h"

typedef void (*sn_pool2d_kernel)(const sn_pool2d_args *a, int64_t begin, int64_t end);

typedef struct {
    sn_pool2d_kernel max_forward, max_backward, avg_forward, avg_backward;
} sn_pool2d_kernels;

extern const sn_pool2d_kernels sn_f32_pool2d__generic;
extern const sn_pool2d_kernels sn_f64_pool2d__generic;
extern const sn_pool2d_kernels sn_f32_pool2d__avx2;
extern const sn_pool2d_kernels sn_f32_pool2d__avx512;

typedef struct {
    int64_t first, count, step;
} sn_pool2d_range;

/* The positions of one axis of the image that window `out` covers: first, first + step, ... */
static inline sn_pool2d_range sn_pool2d_taps(int64_t out, int64_t size, int64_t kernel, int64_t stride, int64_t pad,
                                             int64_t dilation) {
    const int64_t start = out * stride - pad, skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
    const int64_t first = start + skipped * dilation;
    const int64_t inside = first < size ? (size - 1 - first) / dilation + 1 : 0;
    return (sn_pool2d_range){first, sn_max(0, sn_min(kernel - skipped, inside)), dilation};
}

/* The windows of one axis whose extent holds position `in`; with dilation some of them may step over it. */
static inline sn_pool2d_range sn_pool2d_windows(int64_t in, int64_t out_size, int64_t extent, int64_t stride, int64_t pad) {
    const int64_t low = in + pad - (extent - 1);
    const int64_t first = low <= 0 ? 0 : (low + stride - 1) / stride;
    return (sn_pool2d_range){first, sn_max(0, sn_min(out_size - 1, (in + pad) / stride) - first + 1), 1};
}

/* The part of an average's divisor that comes from one axis. */
static inline int64_t sn_pool2d_divisor(int64_t out, int64_t size, int64_t kernel, int64_t stride, int64_t pad,
                                        int64_t include_pad) {
    const int64_t border = include_pad ? pad : 0, start = out * stride - pad;
    return sn_min(start + kernel, size + border) - sn_max(start, -border);
}

#endif
