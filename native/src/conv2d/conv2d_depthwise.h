/* conv2d with one channel and one result a group, f32: vectors run over the channels. The weight gradient skips padding, where the
 * other kernels multiply it as zeros: an infinite dy at the border is the only difference. */
#ifndef SN_CONV2D_DEPTHWISE_H
#define SN_CONV2D_DEPTHWISE_H

#include "sinew.h"

/* One pixel: y[i] = act(residual[i] + bias[i] + sum over t < count of x[source[t] + i] * weight[tap[t] * channels + i]); a negative
 * source is a pixel of zeros. act is one done in registers. */
typedef struct {
    int64_t channels, count;
    const float *x;
    const int64_t *source, *tap;
    const float *weight;
    const float *bias;     /* NULL: 0 */
    const float *residual; /* of this pixel; NULL: 0 */
    int32_t act;
    float slope;
} sn_depthwise;
void sn_f32_depthwise_pixel__avx2(const sn_depthwise *d, float *y);
void sn_f32_depthwise_pixel__avx512(const sn_depthwise *d, float *y);
void sn_f32_depthwise_pixel__neon(const sn_depthwise *d, float *y);

/* A row of pixels: sum[i] += sum over p < count of x[p * x_step + i] * dy[p * channels + i]; of dy alone where x is NULL. */
void sn_f32_depthwise_row__avx2(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum);
void sn_f32_depthwise_row__avx512(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum);
void sn_f32_depthwise_row__neon(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum);

int sn_depthwise_takes(const sn_conv2d_args *a);
/* Workspace of a pass in floats, and the passes; isa is one with vectors. */
int64_t sn_depthwise_floats(const sn_conv2d_args *a);
int64_t sn_depthwise_weight_floats(const sn_conv2d_args *a);
void sn_depthwise_forward(const sn_conv2d_args *a, int32_t isa, float *workspace);
void sn_depthwise_backward_input(const sn_conv2d_args *a, int32_t isa, float *workspace);
void sn_depthwise_backward_weight(const sn_conv2d_args *a, int32_t isa, float *workspace);

#endif
