/* conv2d with few output columns, f32: vectors run over neighbouring pixels of one channel, where the register tile's
 * over a few columns would be mostly empty. The input is copied to planes, a channel each, with its padding; the rows
 * of a plane lie one behind the other, so that a vector does not care where a row ends. Results for the pixels between
 * two rows are formed too and dropped. */
#ifndef SN_CONV2D_PLANAR_H
#define SN_CONV2D_PLANAR_H

#include "conv2d/conv2d_tiled.h"

/* y[col][p] = act(bias[col] + y[col][p] if add + sum over i, ty, tx of x[i][p + ty * pitch + tx] * weight[i][ty][tx][col])
 * for p < pixels, in whole vectors: x is readable and y writable up to the next multiple of a vector's length. */
typedef struct {
    const float *x;
    int64_t x_plane, channels, kh, kw, pitch;
    const float *weight;
    int64_t columns;
    float *y;
    int64_t y_plane, pixels;
    int add;
    const float *bias; /* [columns] or NULL */
    int32_t act;       /* one of those done in registers */
    float slope;
} sn_planar;
void sn_f32_planar__avx2(const sn_planar *p);
void sn_f32_planar__avx512(const sn_planar *p);

/* Whether a correlation is one for planes; its packed weights need no more memory than tiles'. */
int sn_planar_takes(const sn_correlation *k, int64_t lanes);
void sn_planar_pack(const sn_correlation *k, float *packed);
void sn_planar_correlate(const sn_correlation *k, int32_t isa, const float *packed);

#endif
