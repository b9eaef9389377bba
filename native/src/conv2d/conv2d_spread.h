/* The input gradient for few input channels, f32: a pixel of dy spreads over its window in dx, and kw pixels of few
 * channels lie side by side there, so that vectors over (kx, channel) or (ky, kx, channel) are full where vectors over
 * channels would be mostly empty. The register tile sums over the output channels, then the windows are added up where
 * they overlap. Strides make no difference. */
#ifndef SN_CONV2D_SPREAD_H
#define SN_CONV2D_SPREAD_H

#include "sinew.h"

/* Whether an input gradient is taken, and the floats of its packed weights, for vectors of this length. */
int sn_spread_takes(const sn_conv2d_args *a, int64_t lanes);
int64_t sn_spread_floats(const sn_conv2d_args *a, int64_t lanes);
void sn_spread_backward_input(const sn_conv2d_args *a, int32_t isa, float *packed);

/* to[j] += row[skip + j], j < count, where row[i] is the sum over the pixels p of made[p * made_step + i - p * step], if
 * that lies in [0, width). row is working memory for (pixels - 1) * step + width floats and, without looking at what is
 * there, up to the next whole vectors. */
typedef struct {
    const float *made;
    int64_t made_step, pixels, width, step;
    float *row;
    int64_t skip, count;
    float *to;
} sn_spread;
void sn_f32_spread__avx2(const sn_spread *s);
void sn_f32_spread__avx512(const sn_spread *s);
void sn_f32_spread__neon(const sn_spread *s);

#endif
