/* Kernels of pool2d and the geometry they share. */
#ifndef SN_POOL2D_POOL2D_H
#define SN_POOL2D_POOL2D_H

#include "core/check.h"
#include "sinew.h"

/* Forward: the output rows [begin, end) of n * oh. Backward: the input rows [begin, end) of n * h; each gathers from the
 * windows that cover it, in row-major order of the windows. *a has been checked. */
typedef void sn_pool2d_kernel(const sn_pool2d_args *a, int64_t begin, int64_t end);

sn_pool2d_kernel sn_f32_maxpool2d_forward__generic;
sn_pool2d_kernel sn_f64_maxpool2d_forward__generic;
sn_pool2d_kernel sn_f32_maxpool2d_backward__generic;
sn_pool2d_kernel sn_f64_maxpool2d_backward__generic;
sn_pool2d_kernel sn_f32_avgpool2d_forward__generic;
sn_pool2d_kernel sn_f64_avgpool2d_forward__generic;
sn_pool2d_kernel sn_f32_avgpool2d_backward__generic;
sn_pool2d_kernel sn_f64_avgpool2d_backward__generic;
sn_pool2d_kernel sn_f32_maxpool2d_forward__avx2;
sn_pool2d_kernel sn_f32_maxpool2d_forward__avx512;
sn_pool2d_kernel sn_f32_maxpool2d_forward__neon;
sn_pool2d_kernel sn_f32_maxpool2d_backward__avx2;
sn_pool2d_kernel sn_f32_maxpool2d_backward__avx512;
sn_pool2d_kernel sn_f32_maxpool2d_backward__neon;
sn_pool2d_kernel sn_f32_avgpool2d_forward__avx2;
sn_pool2d_kernel sn_f32_avgpool2d_forward__avx512;
sn_pool2d_kernel sn_f32_avgpool2d_forward__neon;
sn_pool2d_kernel sn_f32_avgpool2d_backward__avx2;
sn_pool2d_kernel sn_f32_avgpool2d_backward__avx512;
sn_pool2d_kernel sn_f32_avgpool2d_backward__neon;

/* All output rows on this thread, unchecked: f32, on isa, whose kernels are not plain C. */
void sn_pool2d_rows(const sn_pool2d_args *a, int max, int32_t isa);

typedef struct {
    int64_t begin, end;
} sn_pool2d_span;

/* The taps k of a window whose position first + k * dilation is in [0, size); empty if there is none. */
static inline sn_pool2d_span sn_pool2d_taps(int64_t first, int64_t size, int64_t kernel, int64_t dilation) {
    const int64_t begin = first >= 0 ? 0 : dilation == 1 ? -first : sn_ceil_div(-first, dilation);
    const int64_t end = sn_min(kernel, dilation == 1 ? size - first : sn_ceil_div(size - first, dilation));
    return (sn_pool2d_span){begin, sn_max(begin, end)};
}

/* The windows o in [0, outputs) that reach from o * stride - pad over `extent` positions past position i. */
static inline sn_pool2d_span sn_pool2d_windows(int64_t i, int64_t outputs, int64_t extent, int64_t stride, int64_t pad) {
    const int64_t past = i + pad - extent;
    const int64_t begin = past < 0 ? 0 : past / stride + 1;
    return (sn_pool2d_span){begin, sn_min(outputs, (i + pad) / stride + 1)};
}

/* What the average over the window of output (oy, ox) is divided by. */
static inline double sn_avgpool2d_divisor(const sn_pool2d_args *a, int64_t oy, int64_t ox) {
    const int64_t y = oy * a->stride_h - a->pad_h, x = ox * a->stride_w - a->pad_w;
    if (a->count_include_pad)
        return (double)((sn_min(y + a->kh, a->h + a->pad_h) - y) * (sn_min(x + a->kw, a->w + a->pad_w) - x));
    return (double)((sn_min(y + a->kh, a->h) - sn_max(y, 0)) * (sn_min(x + a->kw, a->w) - sn_max(x, 0)));
}

#endif
