/* The one register tile behind conv2d's three passes and gemm, f32:
 *
 *   y[row][j] = act(bias[j] + beta * base[row][j] + sum over runs u and i < length of
 *       x[row_x[row] + run_x[u] + i * x_step] * v[run_v[u] + i * v_step + j]),   j < width
 *
 * where row_x, row_y and the runs say, as offsets in elements, what the rows and the summation are:
 *   convolution      rows are pixels, a run is the part of a window that lies contiguous in x, v the packed weights
 *   weight gradient  rows are (tap, channel) pairs, a run is a row of pixels, v is dy
 *   gemm             rows are rows of a, there is one run, v is b
 * One element of x is broadcast and multiplies up to SN_TILE_WIDTH columns held in vectors of v; some 12 rows (AVX-512;
 * AVX2: 6, NEON: 8) are accumulated at once in registers. The sum is formed from 0 and only then added to y, so that
 * blocks of a long sum err less than one long chain. Offsets need not be in order, rows may be any number. */
#ifndef SN_TILE_TILE_H
#define SN_TILE_TILE_H

#include <stdint.h>

#include "core/isa.h"

typedef struct {
    const float *x;
    const int64_t *row_x; /* [rows] */
    int64_t rows;
    const int64_t *run_x; /* [runs] */
    const int64_t *run_v; /* [runs] */
    int64_t runs, length;
    int64_t x_step, v_step;
    const float *v;
    int64_t width;        /* 1 to the ISA's tile width */
    float *y;
    const int64_t *row_y; /* [rows] */
    const float *base;    /* with the rows of y; y itself or another array */
    float beta;           /* 0: base is not read */
    int32_t act;          /* one of those done in registers (tile/epilogue.h) */
    float slope;
    const float *bias;    /* [width] or NULL */
    int past_caches;      /* y is stored past the caches: its rows lie at multiples of 64 bytes, width is one of 16 */
    int y_far;            /* y is in no near cache, is not stored past them, and base is not read */
    float *sum_v;         /* [width], to which v[run_v[u] + i * v_step + j] are added, or NULL; AVX-512 only */
    const float *next;    /* next_floats that will be read after this, to be had in the second cache by then, or NULL; */
    int64_t next_floats;  /* a wish, of which a short tile fulfils a part */
    int64_t next_stride;  /* between runs of 32 of them; 0: they are one run */
    int64_t next_lines;   /* 0, or the longer lines that begin at those runs, of which each tile's rows have the next 32 floats */
} sn_tile;

typedef void (*sn_tile_kernel)(const sn_tile *t);

/* Columns of a tile: two vectors. */
enum { SN_TILE_WIDTH_AVX2 = 16, SN_TILE_WIDTH_AVX512 = 32, SN_TILE_WIDTH_NEON = 8, SN_TILE_WIDTH_MAX = 32 };

/* Floats of the shortest and the longest vectors of this kind of CPU: memory is made for both, whatever the ISA. */
#if SN_X86
enum { SN_TILE_LANES_SHORT = SN_TILE_WIDTH_AVX2 / 2, SN_TILE_LANES_LONG = SN_TILE_WIDTH_AVX512 / 2 };
#else
enum { SN_TILE_LANES_SHORT = SN_TILE_WIDTH_NEON / 2, SN_TILE_LANES_LONG = SN_TILE_WIDTH_NEON / 2 };
#endif

void sn_f32_tile__avx2(const sn_tile *t);
void sn_f32_tile__avx512(const sn_tile *t);
void sn_f32_tile__neon(const sn_tile *t);

/* to[c * to_step + r] = from[r * from_step + c], r < rows, c < cols: packs what the tile reads along columns. */
typedef void (*sn_transpose_kernel)(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step);
void sn_f32_transpose__avx2(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step);
void sn_f32_transpose__avx512(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step);
void sn_f32_transpose__neon(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step);

/* What an ISA has for tiles; on generic, where products run on plain C, the kernels are NULL. */
typedef struct {
    sn_tile_kernel tile;
    sn_transpose_kernel transpose;
    int64_t lanes; /* floats of a vector: half the columns of a tile */
} sn_tiles;
sn_tiles sn_tiles_of(int32_t isa);

#endif
