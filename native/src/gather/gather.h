/* Kernels of gather. Rows are copied as words of 32 bits, whatever their type. */
#ifndef SN_GATHER_GATHER_H
#define SN_GATHER_GATHER_H

#include "sinew.h"

/* y[r] = x[index[r]] for [rows] rows of `words` words each. */
typedef void sn_gather_rows_kernel(const void *x, const int32_t *index, void *y, int64_t rows, int64_t words);

/* y[i] = x[index[i] * stride + i * step], [count] elements; no offset exceeds INT32_MAX. */
typedef void sn_gather_take_kernel(const void *x, const int32_t *index, void *y, int64_t count, int64_t stride, int64_t step);

/* A range of the rows of dx, which begins with row `first`: dx[index[i] - first] += dy[i] in the order of i for the
 * indices in [first, last) that are not skip. Rows of [inner]; [count] indices. -1 <= skip, last <= INT32_MAX + 1. */
typedef struct {
    const int32_t *index;
    int64_t count, first, last, skip, inner;
} sn_gather_range;
typedef void sn_gather_add_kernel(const sn_gather_range *range, const void *dy, void *dx);

/* dx[index[k] * stride + k] += dy[k] for [columns] k whose index is not skip. */
typedef void sn_gather_add_columns_kernel(const int32_t *index, int64_t skip, const void *dy, void *dx, int64_t columns, int64_t stride);

sn_gather_rows_kernel sn_gather_rows__generic;
sn_gather_rows_kernel sn_gather_rows__avx2;
sn_gather_rows_kernel sn_gather_rows__avx512;
sn_gather_rows_kernel sn_gather_rows__neon;
sn_gather_take_kernel sn_b32_gather_take__generic;
sn_gather_take_kernel sn_b64_gather_take__generic;
sn_gather_take_kernel sn_b32_gather_take__avx2;
sn_gather_take_kernel sn_b64_gather_take__avx2;
sn_gather_take_kernel sn_b32_gather_take__avx512;
sn_gather_take_kernel sn_b64_gather_take__avx512;
sn_gather_add_kernel sn_f32_gather_add__generic;
sn_gather_add_kernel sn_f64_gather_add__generic;
sn_gather_add_kernel sn_f32_gather_add__avx2;
sn_gather_add_kernel sn_f32_gather_add__avx512;
sn_gather_add_kernel sn_f32_gather_add__neon;
sn_gather_add_columns_kernel sn_f32_gather_add_columns__generic;
sn_gather_add_columns_kernel sn_f64_gather_add_columns__generic;

#endif
