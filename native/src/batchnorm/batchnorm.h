/* Kernels of batchnorm, and how an array of [rows][c] is cut up for them. */
#ifndef SN_BATCHNORM_BATCHNORM_H
#define SN_BATCHNORM_BATCHNORM_H

#include "sinew.h"

/* A matrix of which the columns are summed up or scaled: row r starts at element r * stride. past: results go to memory
 * past the caches, each row of them at a multiple of 64 bytes. */
typedef struct {
    int64_t rows, width, stride;
    int past;
} sn_batchnorm_tile;

/* For one dtype and ISA. x, y, dy, dx are matrices laid out as the tile says, everything else is [width]. */
typedef struct {
    /* sum += the column sums of x */
    void (*sums)(const sn_batchnorm_tile *t, const void *x, void *sum);
    /* first += the column sums of x - shift, second += those of (x - shift)^2 */
    void (*moments)(const sn_batchnorm_tile *t, const void *x, const void *shift, void *first, void *second);
    /* y = scale (x - mean) + shift + residual (NULL: 0), after that ReLU; y == x, y == residual allowed */
    void (*apply)(const sn_batchnorm_tile *t, const void *x, const void *residual, void *y, const void *mean, const void *scale, const void *shift, int relu);
    /* g = dy, or with relu 0 where apply, of which mean, scale and shift are, made 0; first += the column sums of g,
     * second += those of g (x - mean) */
    void (*gradient_sums)(const sn_batchnorm_tile *t, const void *x, const void *dy, const void *mean, const void *scale, const void *shift,
                          void *first, void *second, int relu);
    /* dx = scale (g - offset - slope (x - mean)); dx == dy allowed. coefficients: mean, scale, shift, offset, slope, each
     * [SN_BATCHNORM_WIDTH] */
    void (*gradient_apply)(const sn_batchnorm_tile *t, const void *x, const void *dy, void *dx, const void *coefficients, int relu);
} sn_batchnorm_kernels;

extern const sn_batchnorm_kernels sn_f32_batchnorm__generic;
extern const sn_batchnorm_kernels sn_f64_batchnorm__generic;
extern const sn_batchnorm_kernels sn_f32_batchnorm__avx2;
extern const sn_batchnorm_kernels sn_f32_batchnorm__avx512;
extern const sn_batchnorm_kernels sn_f32_batchnorm__neon;

/* [rows][c] is cut into blocks of block_rows x SN_BATCHNORM_WIDTH, the units of parallel work. Block rows times c is so
 * small that a block is read from cache when it is read twice, and that sums of floats over it are good. When c is
 * small, `repeat` rows are taken as one, so that vectors are full whatever c is. */
enum { SN_BATCHNORM_WIDTH = 1024, SN_BATCHNORM_BLOCK = 16384, SN_BATCHNORM_MIN_ROWS = 64, SN_BATCHNORM_NARROW = 64 };

typedef struct {
    const sn_batchnorm_args *a;
    const sn_batchnorm_kernels *kernels;
    int64_t block_rows, row_blocks, column_blocks, repeat;
    int past;        /* results go past the caches */
    double *partial; /* [row_blocks][2][c] */
    double *total;   /* [2][c], backward: sums of g and of g (x - mean) */
} sn_batchnorm_job;

sn_batchnorm_job sn_batchnorm_plan(const sn_batchnorm_args *a);

/* The passes over all units. */
void sn_f32_batchnorm_statistics(sn_batchnorm_job *job);
void sn_f64_batchnorm_statistics(sn_batchnorm_job *job);
/* With the statistics saved, or the running ones. */
void sn_f32_batchnorm_normalise(sn_batchnorm_job *job, int running);
void sn_f64_batchnorm_normalise(sn_batchnorm_job *job, int running);
void sn_f32_batchnorm_gradient(sn_batchnorm_job *job);
void sn_f64_batchnorm_gradient(sn_batchnorm_job *job);

#endif
