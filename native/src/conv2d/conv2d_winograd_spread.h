/* The input gradient of 5x5 kernels to few channels by minimal filtering, f32: the adjoint of what forward does with tiles of
 * 2x2 (conv2d_winograd.h). With t a tile of dy, g a kernel and . elementwise,
 *     dx window += B [sum over output channels of (G g G') . (A t A')] B',
 * 36 products for 4 pixels of 25 products each; what tiles add to dx is added up where their windows of 6x6 overlap. Four
 * images are made at once: a vector has four channels of each. The error is bounded like forward's; an infinity or NaN becomes
 * NaN in all of the window. */
#ifndef SN_CONV2D_WINOGRAD_SPREAD_H
#define SN_CONV2D_WINOGRAD_SPREAD_H

#include "sinew.h"

/* Whether an input gradient is taken with vectors of this length: those of AVX-512 alone. The floats of its workspace. */
int sn_winograd_spread_takes(const sn_conv2d_args *a, int64_t lanes);
int64_t sn_winograd_spread_floats(const sn_conv2d_args *a);
void sn_winograd_spread_backward_input(const sn_conv2d_args *a, int32_t isa, float *workspace);

/* ---- the kernel ---- */

enum {
    SPREAD_LANES = 16,
    SPREAD_IMAGES = 4,
    SPREAD_TILES = 8, /* that are multiplied at once */
    SPREAD_PAD = 16   /* floats between points, lest they share a set of the first cache */
};

/* dx of four images from dy. vectors: 1 for up to 4 channels, 2 for up to 8. sums, of zeros, is working memory for so many vectors
 * for each pixel of the windows of all tiles, [2 high + 4][2 wide + 4]; w for 36 points of w_point floats. */
typedef struct {
    const sn_conv2d_args *a;
    const float *dy[SPREAD_IMAGES];
    float *dx[SPREAD_IMAGES]; /* NULL where there is no such image (and dy is the first's) */
    int64_t vectors;
    const float *u;           /* [point] of u_point: [output channel][channel, 4 or 8] */
    int64_t u_point, w_point;
    float *sums, *w;
} sn_winograd_spread;
void sn_f32_winograd_spread__avx512(const sn_winograd_spread *s);

#endif
