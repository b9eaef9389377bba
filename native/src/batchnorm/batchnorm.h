/* Kernels of batchnorm, over a block of `lines` lines of `cols` columns, each column with its own parameters.
 *
 * The array [rows][c] is seen as lines of `group` rows each, as many as fill the vector registers well, so that the
 * kernels are as fast for 1 or 6 channels as for 64: column i of a line belongs to channel i % c. */
#ifndef SN_BATCHNORM_BATCHNORM_H
#define SN_BATCHNORM_BATCHNORM_H

#include <stdint.h>

/* A line has at least WIDE columns if the rows are many; a block has at most COLS. */
enum { SN_BATCHNORM_WIDE = 64, SN_BATCHNORM_COLS = 512 };

typedef struct {
    int64_t lines, stride, cols; /* elements from a line to the next */
    const void *x;
    const void *dy;              /* backward only */
    const void *y;               /* backward: not NULL where a ReLU came after: dy counts as 0 where y <= 0 */
    void *out;                   /* y of apply, dx of backward */
    const void *mean;            /* this and the following: [cols] */
    const void *scale;
    const void *slope;           /* backward only */
    const void *shift;
    int32_t relu;                /* apply only */
} sn_batchnorm_block;

typedef struct {
    /* mean[cols], and m2[cols]: the sum of squared deviations from it. Any size of mean / deviation is safe. */
    void (*stats)(const sn_batchnorm_block *b, double *mean, double *m2);
    /* out = (x - mean) * scale + shift, then ReLU */
    void (*apply)(const sn_batchnorm_block *b);
    /* Sums over the lines of dy and of dy * (x - mean). */
    void (*sums)(const sn_batchnorm_block *b, double *dy_sum, double *dyx_sum);
    /* out = dy * scale + (x - mean) * slope + shift; out may be dy */
    void (*backward)(const sn_batchnorm_block *b);
} sn_batchnorm_kernels;

extern const sn_batchnorm_kernels sn_f32_batchnorm__generic;
extern const sn_batchnorm_kernels sn_f64_batchnorm__generic;
extern const sn_batchnorm_kernels sn_f32_batchnorm__avx2;
extern const sn_batchnorm_kernels sn_f32_batchnorm__avx512;

#endif
