/* Kernels of mse. */
#ifndef SN_MSE_MSE_H
#define SN_MSE_MSE_H

#include "sinew.h"

/* Returns the sum of (x - target)^2 over [count], or writes the squares to loss if it is not NULL and returns 0. */
typedef double sn_mse_forward_kernel(const void *x, const void *target, void *loss, int64_t count);

/* dx = scale (x - target) dloss; dloss NULL: 1. */
typedef void sn_mse_backward_kernel(const void *x, const void *target, const void *dloss, double scale, void *dx, int64_t count);

sn_mse_forward_kernel sn_f32_mse_forward__generic;
sn_mse_forward_kernel sn_f64_mse_forward__generic;
sn_mse_forward_kernel sn_f32_mse_forward__avx2;
sn_mse_forward_kernel sn_f32_mse_forward__avx512;
sn_mse_forward_kernel sn_f32_mse_forward__neon;
sn_mse_backward_kernel sn_f32_mse_backward__generic;
sn_mse_backward_kernel sn_f64_mse_backward__generic;
sn_mse_backward_kernel sn_f32_mse_backward__avx2;
sn_mse_backward_kernel sn_f32_mse_backward__avx512;
sn_mse_backward_kernel sn_f32_mse_backward__neon;

#endif
