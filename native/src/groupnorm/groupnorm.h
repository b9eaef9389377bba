/* Kernels of groupnorm, and how its work is cut up. */
#ifndef SN_GROUPNORM_GROUPNORM_H
#define SN_GROUPNORM_GROUPNORM_H

#include "batchnorm/batchnorm.h"

/* With rows == 1 a group's values follow each other in memory: x is [n * groups][c / groups], of which these take the rows
 * [begin, end). The kernels of batchnorm, which add up columns, serve the others. */
typedef void sn_groupnorm_forward_rows(const sn_groupnorm_args *a, int64_t begin, int64_t end);
/* sums, [2][c] of the dtype: += dy and += dy xhat; few enough rows that sums in that type are good. */
typedef void sn_groupnorm_backward_rows(const sn_groupnorm_args *a, int64_t begin, int64_t end, void *sums);

sn_groupnorm_forward_rows sn_f32_groupnorm_forward_rows__generic;
sn_groupnorm_forward_rows sn_f64_groupnorm_forward_rows__generic;
sn_groupnorm_forward_rows sn_f32_groupnorm_forward_rows__avx2;
sn_groupnorm_forward_rows sn_f32_groupnorm_forward_rows__avx512;
sn_groupnorm_forward_rows sn_f32_groupnorm_forward_rows__neon;
sn_groupnorm_backward_rows sn_f32_groupnorm_backward_rows__generic;
sn_groupnorm_backward_rows sn_f64_groupnorm_backward_rows__generic;
sn_groupnorm_backward_rows sn_f32_groupnorm_backward_rows__avx2;
sn_groupnorm_backward_rows sn_f32_groupnorm_backward_rows__avx512;
sn_groupnorm_backward_rows sn_f32_groupnorm_backward_rows__neon;

/* Channels taken at a time, and the rows over which sums of floats are good. */
enum { SN_GROUPNORM_WIDTH = 512, SN_GROUPNORM_BLOCK = 16384, SN_GROUPNORM_MIN_ROWS = 64 };

/* Groups [group, group + groups) of one sample: as many as fit into SN_GROUPNORM_WIDTH channels, at least one. */
typedef struct {
    const sn_groupnorm_args *a;
    const sn_batchnorm_kernels *kernels;
    int64_t sample, group, groups;
} sn_groupnorm_part;

void sn_f32_groupnorm_forward_columns(const sn_groupnorm_part *p);
void sn_f64_groupnorm_forward_columns(const sn_groupnorm_part *p);
/* sums, [2][c]: += the column sums of dy and of dy xhat */
void sn_f32_groupnorm_backward_columns(const sn_groupnorm_part *p, double *sums);
void sn_f64_groupnorm_backward_columns(const sn_groupnorm_part *p, double *sums);

#endif
