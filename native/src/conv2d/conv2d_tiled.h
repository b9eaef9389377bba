/* conv2d on register tiles (tile/tile.h), f32. Forward and both gradients are correlations of an image with windows;
 * this file describes one, the plan cuts it into pieces that fit the caches. */
#ifndef SN_CONV2D_TILED_H
#define SN_CONV2D_TILED_H

#include "sinew.h"
#include "tile/tile.h"

enum {
    PATCH = 12288,      /* floats of input on the stack of a unit */
    PIXELS_MOST = 256,  /* of a unit */
    RUNS_MOST = 128
};

/* y[oy][ox][col] = sum over ty, tx, i of x[oy*sh - ph + ty*dh][ox*sw - pw + tx*dw][i] * weight(col, i, ty, tx), by group.
 * The padding may be negative, kh or kw may be 0 (y = 0). */
typedef struct {
    const float *x;
    int64_t n, h, w, c;               /* x is [n][h][w][c] */
    int64_t groups, ic, oc;           /* ic, oc: of a group */
    int64_t kh, kw, dh, dw, sh, sw, ph, pw;
    int64_t oh, ow;
    const float *residual;            /* like y, or NULL */
    float *y;                         /* group g's columns begin at y + g * oc */
    int64_t y_image, y_row, y_pixel;  /* strides */
    /* weight(col, i, ty, tx) = weight[g*group_step + col*col_step + i*ic_step + tap + ty*ty_step + tx*tx_step] */
    const float *weight;
    int64_t group_step, col_step, ic_step, tap, ty_step, tx_step;
    const float *bias;                /* [groups * oc] or NULL */
    int32_t act;
    double act_alpha;
    int64_t pool, pool_h, pool_w;     /* SN_POOL_NONE: windows of 1 x 1. y's strides are those of the pooled result */
} sn_correlation;

/* How a correlation is cut. Depends on the sizes and the vector length only. */
typedef struct {
    int64_t lanes;                    /* floats of a vector; a panel of columns has 2 */
    int64_t panels, columns;          /* columns: oc rounded up to vectors */
    int direct;                       /* windows never leave x, which is read in place; else a patch is copied */
    int64_t block, blocks;            /* input channels are summed in blocks */
    int64_t tn, th, tw;               /* images, rows and columns of output in a unit; tn > 1 only for whole images */
    int64_t tiles_n, tiles_h, tiles_w;
    int64_t patch_h, patch_w;
    int64_t parts;                    /* the panels are shared out among so many units */
} sn_conv_plan;

/* 0 when the shape is not one for tiles: windows reach further than a patch, or too many runs. */
int sn_conv_plan_make(const sn_correlation *k, int64_t lanes, sn_conv_plan *plan);
/* The same for the weight gradient, whose tiles sum over the pixels of a unit: as many as can be. */
int sn_conv_weight_plan_make(const sn_correlation *k, int64_t lanes, sn_conv_plan *plan);

/* Units of so much work, in multiply-adds, in a chunk: enough to be worth one, but at least two chunks where halves are worth it. */
enum { SN_CONV_CHUNK = 1 << 18, SN_CONV_CHUNK_LEAST = 3 << 14 };
static inline int64_t sn_conv_grain(int64_t units, double work) {
    const int64_t enough = (int64_t)(SN_CONV_CHUNK / work) + 1, least = (int64_t)(SN_CONV_CHUNK_LEAST / work) + 1, half = units / 2;
    return half < least ? least : half < enough ? half : enough;
}

/* Images and pixels of one unit, and where its input lies. */
typedef struct {
    int64_t image, oy, ox;            /* first */
    int64_t images, rows, cols;
} sn_conv_unit;
sn_conv_unit sn_conv_unit_at(const sn_correlation *k, const sn_conv_plan *p, int64_t index);
/* What a unit and those beside it in its rows have of x and of y, from where on, as far as it is one piece; else nothing. */
typedef struct {
    int64_t x, x_floats, y, y_floats;
} sn_conv_reach;
sn_conv_reach sn_conv_unit_reach(const sn_correlation *k, const sn_conv_plan *p, int64_t index);
/* Copies block channels from channel on into patch[image][patch_h][patch_w][block]. */
void sn_conv_fill_patch(const sn_correlation *k, const sn_conv_plan *p, const sn_conv_unit *u, int64_t channel, int64_t block, float *patch);

/* The input of a unit, in the patch or in place: strides in floats, and where the unit's first window begins. */
typedef struct {
    const float *x;
    int64_t image, row, pixel;
} sn_conv_input;
sn_conv_input sn_conv_input_of(const sn_correlation *k, const sn_conv_plan *p, const sn_conv_unit *u, int64_t channel, int64_t block, float *patch);

/* Floats of the packed weights; packing them; the run with them. */
int64_t sn_conv_packed_floats(const sn_correlation *k, const sn_conv_plan *p);
void sn_conv_pack(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, float *packed);
/* Brings units of a pooled result in line with its windows; 0 when that cannot be done. The order of all sums stays. */
int sn_conv_plan_pool(const sn_correlation *k, sn_conv_plan *p);
void sn_conv_correlate(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, const float *packed);

/* Backward input: all phases. Floats of its workspace, -1 when the shape is not one for tiles. */
int64_t sn_conv_input_floats(const sn_conv2d_args *a, int64_t lanes);
void sn_conv_input_gradient(const sn_conv2d_args *a, int32_t isa, float *workspace);

/* The weight gradient: k describes forward (its y, weight and bias are not used).
 * dweight[o][i][ky][kx], dbias[o] may be NULL. 0 when the shape is not one for tiles. */
int64_t sn_conv_weight_floats(const sn_correlation *k, const sn_conv_plan *p);
void sn_conv_weight(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, const float *dy, float *dweight, float *dbias,
                    float *workspace);

/* The same with x and dy in each other's place, for few output channels: floats, -1 when it is not better off so; 0 when a result is
 * no number, and the other ways are to be taken. */
int64_t sn_exchanged_weight_floats(const sn_correlation *k, int64_t lanes);
int sn_exchanged_weight(const sn_correlation *k, int32_t isa, const float *dy, float *dweight, float *dbias, float *workspace);

/* The same for few channels on both sides; -1 when it is not better off here. */
int64_t sn_window_weight_floats(const sn_correlation *k, const sn_conv_plan *p);
void sn_window_weight(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, const float *dy, float *dweight, float *dbias, float *workspace);

/* sum[i] += sum over p < pixels of dy[p * step + i], i < width, at most two vectors: part of the above. The pixels are also
 * copied, two vectors each, the missing columns 0, when copy is not NULL. */
typedef void (*sn_conv_bias_kernel)(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum, float *copy);
sn_conv_bias_kernel sn_conv_bias_of(int32_t isa);
void sn_f32_conv2d_bias__avx2(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum, float *copy);
void sn_f32_conv2d_bias__avx512(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum, float *copy);
void sn_f32_conv2d_bias__neon(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum, float *copy);

/* forward and each phase of backward input as correlations; phase = py * stride_w + px. */
sn_correlation sn_conv_forward(const sn_conv2d_args *a);
sn_correlation sn_conv_backward_input(const sn_conv2d_args *a, int64_t phase);

#endif
