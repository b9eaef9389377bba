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
void sn_f32_planar__neon(const sn_planar *p);

/* y[col][image][row][j] = the maximum, or scale times the sum, over the window of h x w at (row * h, j * w) of
 * x[col][image][pitch of a row]. Two whole vectors from where a row's last windows begin may be read, one written. */
typedef struct {
    const float *x;
    int64_t x_plane, pitch, image_rows;
    int64_t columns, images, rows, cols; /* rows and cols of y */
    int64_t h, w;
    int max;
    float scale;
    float *y;
    int64_t y_plane;
} sn_planar_pool;
void sn_f32_planar_pool__avx2(const sn_planar_pool *p);
void sn_f32_planar_pool__avx512(const sn_planar_pool *p);
void sn_f32_planar_pool__neon(const sn_planar_pool *p);

/* Pixels of `channels` numbers, pixel_step apart, and planes of a channel each. */
typedef struct {
    float *pixels, *planes;
    int64_t rows, cols, channels;
    int64_t row_step, pixel_step; /* of pixels */
    int64_t pitch, plane;         /* of planes: from row to row, from channel to channel */
} sn_planar_image;
void sn_planar_split(const sn_planar_image *m, int32_t isa); /* to planes */
void sn_planar_join(const sn_planar_image *m, int32_t isa);  /* to pixels; whole vectors of planes may be read */
/* For pixels without gaps; 0 for numbers of channels, or of pixels in a row, that are no better off here than by the transpose. */
int sn_f32_planar_split__avx2(const sn_planar_image *m);
int sn_f32_planar_join__avx2(const sn_planar_image *m);
int sn_f32_planar_split__avx512(const sn_planar_image *m);
int sn_f32_planar_join__avx512(const sn_planar_image *m);

/* sum[col][tap][lane] += the sum over the pixels p that fall on the lane of x[p + offset[tap]] * dy[col][p], where the
 * mask, if any, is not 0: dy is 0 between two rows, but x may be an infinity there. Whole vectors are read. */
enum { SN_PLANAR_LANES = 16 };
typedef struct {
    const float *x;
    const int64_t *offset;
    int64_t taps;
    const float *dy;
    int64_t dy_plane, columns;
    const int32_t *mask; /* [pixels], 0 or -1, or NULL */
    int64_t pixels;
    float *sum;
    int64_t sum_step;    /* from column to column */
} sn_planar_weight;
void sn_f32_planar_weight__avx2(const sn_planar_weight *p);
void sn_f32_planar_weight__avx512(const sn_planar_weight *p);
void sn_f32_planar_weight__neon(const sn_planar_weight *p);

/* The weight gradient; k describes forward. Floats of workspace, -1 when the shape is not one for planes. */
int64_t sn_planar_weight_floats(const sn_correlation *k, int64_t lanes);
void sn_planar_weight_gradient(const sn_correlation *k, int32_t isa, const float *dy, float *dweight, float *dbias, float *workspace);

/* ---- units: shared by the passes ---- */

/* Floats of the input planes and of the result planes of a unit; pixels of a plane of results; what vectors may read beyond the last plane. */
enum { SN_PLANAR_INPUT = 7168, SN_PLANAR_RESULTS = 6144, SN_PLANAR_PIXELS = 1024, SN_PLANAR_SLACK = 32 };

/* How a correlation is cut: units of images, rows and columns of output, blocks of channels. */
typedef struct {
    int64_t block, tn, th, tw, tiles_n, tiles_h, tiles_w;
    int64_t pitch;      /* of a row: zeros at the end of one are those at the beginning of the next */
    int64_t image_rows; /* likewise of images */
    int64_t plane, y_plane;
} sn_planar_plan;
int sn_planar_plan_make(const sn_correlation *k, sn_planar_plan *p);

/* Whether a correlation is one for planes, with its pooling if any, and how it is cut; its packed weights are as many as the weights. */
int sn_planar_takes(const sn_correlation *k, int64_t lanes, sn_planar_plan *p);
void sn_planar_pack(const sn_correlation *k, float *packed);
void sn_planar_correlate(const sn_correlation *k, const sn_planar_plan *p, int32_t isa, const float *packed);

sn_conv_unit sn_planar_unit_at(const sn_correlation *k, const sn_planar_plan *p, int64_t index);
/* The plane pixels of a unit up to its last one. */
static inline int64_t sn_planar_pixels(const sn_planar_plan *p, const sn_conv_unit *u) {
    return ((u->images - 1) * p->image_rows + u->rows - 1) * p->pitch + u->cols;
}
/* What lies inside the image of block channels from channel on; the zeros around it must be there already. */
void sn_planar_fill(const sn_correlation *k, const sn_planar_plan *p, int32_t isa, const sn_conv_unit *u, int64_t channel, int64_t block, float *planes);
/* An array like y to planes of results. */
void sn_planar_fill_results(const sn_correlation *k, const sn_planar_plan *p, int32_t isa, const sn_conv_unit *u, const float *y, float *results);

#endif
