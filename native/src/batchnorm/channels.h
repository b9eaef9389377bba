/* What batchnorm computes once a channel, for channels [begin, end): from the sums over the rows to the factors of the
 * kernels. Arrays that are arguments are indexed by the channel. */
#ifndef SN_BATCHNORM_CHANNELS_H
#define SN_BATCHNORM_CHANNELS_H

#include "sinew.h"

typedef struct {
    /* m2: sum of squared deviations. Writes save_mean, save_invstd, the running values, scale and shift. */
    void (*train)(const sn_batchnorm_args *a, const double *mean, const double *m2, void *scale, void *shift, int64_t begin, int64_t end);
    /* scale and shift start with channel `begin`. */
    void (*infer)(const sn_batchnorm_args *a, void *scale, void *shift, int64_t begin, int64_t end);
    /* Writes dgamma and dbeta where wanted, and factors[3][c]: scale, slope and shift. */
    void (*backward)(const sn_batchnorm_args *a, const double *dy_sum, const double *dyx_sum, void *factors, int64_t begin, int64_t end);
} sn_batchnorm_channels;

extern const sn_batchnorm_channels sn_f32_batchnorm_channels;
extern const sn_batchnorm_channels sn_f64_batchnorm_channels;

#endif
