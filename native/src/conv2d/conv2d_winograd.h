/* conv2d by minimal filtering (Winograd 1980; Lavin and Gray 2015), f32, kernels of 3x3 and 5x5 at stride and dilation 1.
 *
 * y is cut into tiles of 4x4; a tile needs a window of 6x6 of x. With d a window, g a kernel, and . elementwise,
 *     y tile = A' [sum over channels of (G g G') . (B' d B)] A,
 * 36 products for 16 outputs of 9 products each. The 36 points of all tiles and channels make 36 matrix products. The
 * weight gradient is the same algorithm with the tile of dy as the kernel and 3x3 (5x5) outputs, summed over tiles.
 *
 * Forward has a second size, for few tiles whose weights come from memory: tiles of 2x2, windows of 4x4, the points 0, +-1
 * and infinity; 16 products for 4 outputs, and transformed weights that are 16/9 of the weights, not 4 times as many.
 *
 * 5x5 kernels share the windows of 6x6 and their points, with tiles of 2x2: 36 products for 4 outputs of 25 products each.
 *
 * The points of windows of 6x6 are 0, +-1/sqrt(2), +-sqrt(2) and infinity rather than the usual 0, +-1, +-2: the two squares
 * multiply to 1, which balances the matrices and halves the error. Four are irrational; that costs no more than another
 * rounding.
 *
 * Error. A' B' G enlarge a term of the sum at most 24.9-fold in each dimension, and a path through the transforms has some
 * 30 roundings, so that |error| <= 620 (30 + channels / 8) u sum over channels of max|d| max|g|, over the 6x6 window and the
 * 3x3 kernel; for 5x5 kernels it is 37.3-fold, and 1390. That is the worst case; rounding errors are random, and on random
 * data the error is one to two times that of the direct sum (tests/bench/NOTES.md), thanks to sums in two levels (SUM_STEPS).
 * But it follows the largest values of a window where the direct sum's follows the terms of the element: sparse data err six
 * times as much. An infinity or NaN becomes NaN in up to the whole tile.
 */
#ifndef SN_CONV2D_WINOGRAD_H
#define SN_CONV2D_WINOGRAD_H

#include <stdatomic.h>

#include "sinew.h"

enum { SN_WINOGRAD_FORWARD, SN_WINOGRAD_INPUT, SN_WINOGRAD_WEIGHT };
enum { WINOGRAD_POINTS = 36, WINOGRAD_SLOTS = 16 };

/* Whether a pass runs here: a function of the sizes. */
int sn_winograd_takes(const sn_conv2d_args *a, int pass);
/* Whether forward pools what it makes: in windows as large as its tiles. */
int sn_winograd_pools(const sn_conv2d_args *a);
/* Workspace in floats: whatever the ISA; forward without the transformed weights when packed_bytes > 0. */
int64_t sn_winograd_floats(const sn_conv2d_args *a, int pass);
/* Forward's transformed weights: floats, whatever the ISA, and the transform. */
int64_t sn_winograd_packed_floats(const sn_conv2d_args *a);
void sn_winograd_pack(const sn_conv2d_args *a, int32_t isa, float *packed);
/* The passes; isa is one with vectors, packed may be NULL. */
void sn_winograd_forward(const sn_conv2d_args *a, int32_t isa, const float *packed, float *workspace);
void sn_winograd_backward_input(const sn_conv2d_args *a, int32_t isa, float *workspace);
void sn_winograd_backward_weight(const sn_conv2d_args *a, int32_t isa, float *workspace);
/* The weight gradient's workspace with vectors of this length. */
int64_t sn_winograd_weight_floats(const sn_conv2d_args *a, int64_t lanes);

/* ---- kernels: vectors run over channels ---- */

/* Tiles over the images [..][h][w][c]: tile t is image t / (high * wide), row t / wide % high, column t % wide, and its
 * window begins at pixel (tile row - pad_h, tile column - pad_w). Pixels outside the image are 0, or not written. */
typedef struct {
    int64_t h, w, c, high, wide, pad_h, pad_w;
    int64_t tile, window; /* their sizes: 4 and 6, 2 and 4, or 2 and 6 */
} sn_winograd_grid;

/* v[p * point + (t - first) * tile + i] = point p of the window of tile t, i < channels; then zeros to a full
 * vector; to the half of one (tile) if there are no more channels. t runs over [first, first + count). */
typedef void (*sn_winograd_input_kernel)(const sn_winograd_grid *grid, const float *x, int64_t first, int64_t count, int64_t channels,
                                         float *v, int64_t point, int64_t tile);
/* The same of the tiles of dy as kernels, for windows of 6x6; sum[i] += dy over the tiles where sum is not NULL. */
typedef void (*sn_winograd_gradient_kernel)(const sn_winograd_grid *grid, const float *dy, int64_t first, int64_t count, int64_t channels,
                                            float *v, int64_t point, int64_t tile, float *sum);

typedef struct {
    float *y;
    const float *residual, *bias; /* NULL: 0 */
    int32_t act;                  /* one done in registers */
    float slope;
    int past_caches;              /* y is stored past the caches: pixels are whole lines, channels a multiple of 16 */
} sn_winograd_epilogue;
/* Points m to tiles of y. */
typedef void (*sn_winograd_output_kernel)(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t tile, int64_t first,
                                          int64_t count, int64_t channels, const sn_winograd_epilogue *e);
/* Kernels w[tap * step + i] to the points of the grid's windows u[p * point + i], i < width, a number of whole vectors. */
typedef void (*sn_winograd_weight_kernel)(const sn_winograd_grid *grid, const float *w, int64_t step, int64_t width, float *u, int64_t point);
/* Points m[p * point + row * width + i] to gradients of kernels out[(row * taps + tap) * step + i], i < channels; 9 or 25 taps. */
typedef void (*sn_winograd_inverse_kernel)(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t rows, int64_t width, int64_t channels, float *out, int64_t step);

/* At each of the points p, m[p][r][j] = (add ? m[p][r][j] : 0) + sum over i < length of v(p, r, i) * u[p][i][j], r < rows,
 * j < width; rows of m and u are width long, one or two whole vectors. by_tile: rows are tiles and channels are summed,
 * v(p, r, i) = v[p * v_point + r * v_tile + i]; else channels and tiles, v[p * v_point + i * v_tile + r].
 * Sums of SUM_STEPS are formed from 0 and only then added to m: the errors of the sums are what A' enlarges most. */
typedef struct {
    const float *v, *u;
    float *m;
    int64_t v_point, u_point, m_point, v_tile;
    int64_t points, rows, length, width;
    int by_tile, add;
} sn_winograd_product;
enum { SUM_STEPS = 8, SUM_TILES = 16 };
typedef void (*sn_winograd_product_kernel)(const sn_winograd_product *g);

/* The products and the tiles that they make, in one: tiles [first, first + product->rows) by one vector of columns, channels of
 * them; v_tile is a vector, or half of one; m is not used. */
typedef void (*sn_winograd_together_kernel)(const sn_winograd_grid *grid, const sn_winograd_product *g, int64_t first, int64_t channels,
                                            const sn_winograd_epilogue *e);

/* The weight gradient's products, of one vector of output channels and tiles of dy that are transformed here: product->u is not
 * used, length is the number of tiles, at most SUM_TILES. sum += dy over the tiles. */
typedef void (*sn_winograd_weight_together_kernel)(const sn_winograd_grid *grid, const float *dy, const sn_winograd_product *g, int64_t first, float *sum);

typedef struct {
    sn_winograd_product_kernel product;
    sn_winograd_together_kernel together; /* or NULL */
    sn_winograd_weight_together_kernel weight_together; /* or NULL */
    sn_winograd_input_kernel input;
    sn_winograd_gradient_kernel gradient;
    sn_winograd_output_kernel output;
    sn_winograd_weight_kernel weight;
    sn_winograd_inverse_kernel inverse;
} sn_winograd_kernels;
sn_winograd_kernels sn_winograd_kernels_of(int32_t isa);

void sn_f32_winograd_input__avx2(const sn_winograd_grid *grid, const float *x, int64_t first, int64_t count, int64_t channels, float *v, int64_t point, int64_t tile);
void sn_f32_winograd_input__avx512(const sn_winograd_grid *grid, const float *x, int64_t first, int64_t count, int64_t channels, float *v, int64_t point, int64_t tile);
void sn_f32_winograd_input__neon(const sn_winograd_grid *grid, const float *x, int64_t first, int64_t count, int64_t channels, float *v, int64_t point, int64_t tile);
void sn_f32_winograd_gradient__avx2(const sn_winograd_grid *grid, const float *dy, int64_t first, int64_t count, int64_t channels, float *v, int64_t point, int64_t tile, float *sum);
void sn_f32_winograd_gradient__avx512(const sn_winograd_grid *grid, const float *dy, int64_t first, int64_t count, int64_t channels, float *v, int64_t point, int64_t tile, float *sum);
void sn_f32_winograd_gradient__neon(const sn_winograd_grid *grid, const float *dy, int64_t first, int64_t count, int64_t channels, float *v, int64_t point, int64_t tile, float *sum);
void sn_f32_winograd_output__avx2(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t tile, int64_t first, int64_t count, int64_t channels, const sn_winograd_epilogue *e);
void sn_f32_winograd_output__avx512(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t tile, int64_t first, int64_t count, int64_t channels, const sn_winograd_epilogue *e);
void sn_f32_winograd_output__neon(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t tile, int64_t first, int64_t count, int64_t channels, const sn_winograd_epilogue *e);
void sn_f32_winograd_weight__avx2(const sn_winograd_grid *grid, const float *w, int64_t step, int64_t width, float *u, int64_t point);
void sn_f32_winograd_weight__avx512(const sn_winograd_grid *grid, const float *w, int64_t step, int64_t width, float *u, int64_t point);
void sn_f32_winograd_weight__neon(const sn_winograd_grid *grid, const float *w, int64_t step, int64_t width, float *u, int64_t point);
void sn_f32_winograd_product__avx2(const sn_winograd_product *g);
void sn_f32_winograd_product__avx512(const sn_winograd_product *g);
void sn_f32_winograd_product__neon(const sn_winograd_product *g);
void sn_f32_winograd_together__avx512(const sn_winograd_grid *grid, const sn_winograd_product *g, int64_t first, int64_t channels, const sn_winograd_epilogue *e);
void sn_f32_winograd_weight_together__avx512(const sn_winograd_grid *grid, const float *dy, const sn_winograd_product *g, int64_t first, float *sum);
void sn_f32_winograd_inverse__avx2(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t rows, int64_t width, int64_t channels, float *out, int64_t step);
void sn_f32_winograd_inverse__avx512(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t rows, int64_t width, int64_t channels, float *out, int64_t step);
void sn_f32_winograd_inverse__neon(const sn_winograd_grid *grid, const float *m, int64_t point, int64_t rows, int64_t width, int64_t channels, float *out, int64_t step);

/* ---- scratch of units in flight ---- */

/* Claims a free one of `count` slots of scratch, waiting for it if there are more threads, and gives it back. Which one
 * a unit gets is by chance, and nothing may depend on it; a thread tries its own first: it is the warmest, and as long as
 * there are slots enough no two threads write to one line. */
typedef struct {
    int64_t count;
    struct {
        _Alignas(64) atomic_int taken;
        int64_t holds; /* the owner's: what is in it, 0 at first */
    } slot[WINOGRAD_SLOTS];
} sn_winograd_slots;
int64_t sn_winograd_claim(sn_winograd_slots *s);
/* The distance of what follows this many floats, of a slot or of what all threads read: so far that no core asks ahead for
 * the lines that another writes. */
static inline int64_t sn_winograd_slot(int64_t floats) {
    enum { APART = 8192 };
    return (floats + 2 * APART - 1) / APART * APART;
}
void sn_winograd_release(sn_winograd_slots *s, int64_t slot);

#endif
