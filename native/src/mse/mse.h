/* Kernels of mse. */
#ifndef SN_MSE_MSE_H
#define SN_MSE_MSE_H

#include <stdint.h>

#include "sinew.h"

/* forward: the sum of (x - target)^2 over n elements, each also written to loss unless that is NULL.
 * backward: dx = 2 (x - target) g, g being dloss[i], or `scale` where dloss is NULL. */
typedef struct {
    int64_t n;
    const void *x, *target;
    void *loss;
    const void *dloss;
    double scale;
    void *dx;
} sn_mse_span;

typedef double sn_mse_forward_kernel(const sn_mse_span *t);
typedef void sn_mse_backward_kernel(const sn_mse_span *t);

sn_mse_forward_kernel sn_f32_mse_forward__generic;
sn_mse_forward_kernel sn_f64_mse_forward__generic;
sn_mse_forward_kernel sn_f32_mse_forward__avx2;
sn_mse_forward_kernel sn_f32_mse_forward__avx512;
sn_mse_backward_kernel sn_f32_mse_backward__generic;
sn_mse_backward_kernel sn_f64_mse_backward__generic;
sn_mse_backward_kernel sn_f32_mse_backward__avx2;
sn_mse_backward_kernel sn_f32_mse_backward__avx512;

#endif
