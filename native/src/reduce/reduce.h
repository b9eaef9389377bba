/* Kernels of reduce. All results are in double: an f32 sum is taken in f32 over blocks and in double over the blocks.
 * Within a block the order is the same on every ISA, so that all give the same bits (but for which NaN a NaN is). */
#ifndef SN_REDUCE_REDUCE_H
#define SN_REDUCE_REDUCE_H

#include <stdint.h>

/* Elements of a block of the row kernels, added in LANES parallel sums which are then halved again and again; rows of a
 * block of the column kernels; columns they are called with at most. */
enum { SN_REDUCE_BLOCK = 1024, SN_REDUCE_LANES = 64, SN_REDUCE_ROWS = 16, SN_REDUCE_COLS = 1024 };

/* Rows that a vector kernel adds in one pass over many columns: rows a page apart share a set of the cache, and more of
 * them at a time would push each other out. */
enum { SN_REDUCE_PASS = 4 };

/* Elements ahead of what the vector kernels of sums read that they ask for: the ends of blocks keep the CPU from it. */
enum { SN_REDUCE_AHEAD = 2048 };

typedef struct {
    /* Over x[n]. */
    double (*row_sum)(const void *x, int64_t n);
    double (*row_max)(const void *x, int64_t n);
    /* acc[cols] += or = max with the columns of x[rows][cols] with the row stride given in elements. */
    void (*column_sum)(double *acc, const void *x, int64_t rows, int64_t stride, int64_t cols);
    void (*column_max)(double *acc, const void *x, int64_t rows, int64_t stride, int64_t cols);
} sn_reduce_kernels;

extern const sn_reduce_kernels sn_f32_reduce__generic;
extern const sn_reduce_kernels sn_f64_reduce__generic;
extern const sn_reduce_kernels sn_f32_reduce__avx2;
extern const sn_reduce_kernels sn_f32_reduce__avx512;
extern const sn_reduce_kernels sn_f32_reduce__neon;

/* The position of the maximum; `first` is the position of x[0] or of the first row. */
typedef struct {
    void (*row)(double *best, int32_t *index, const void *x, int64_t n, int64_t first);
    void (*column)(double *best, int32_t *index, const void *x, int64_t rows, int64_t stride, int64_t cols, int64_t first);
} sn_argmax_kernels;

extern const sn_argmax_kernels sn_f32_argmax__generic;
extern const sn_argmax_kernels sn_f64_argmax__generic;

#endif
