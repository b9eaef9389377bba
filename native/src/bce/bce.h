/* Kernels of bce. */
#ifndef SN_BCE_BCE_H
#define SN_BCE_BCE_H

#include <stdint.h>

#include "sinew.h"

/* A part of one row: weight and loss are NULL, or n elements like x; pos_weight likewise, of the same columns.
 * forward: the sum of the losses, each also written to loss unless that is NULL. backward: dx, where the loss of
 * element i has the gradient dloss[i], or `scale` where dloss is NULL. */
typedef struct {
    int64_t n;
    const void *x, *target, *weight, *pos_weight;
    void *loss;
    const void *dloss;
    double scale;
    void *dx;
} sn_bce_span;

typedef double sn_bce_forward_kernel(const sn_bce_span *t);
typedef void sn_bce_backward_kernel(const sn_bce_span *t);

sn_bce_forward_kernel sn_f32_bce_forward__generic;
sn_bce_forward_kernel sn_f64_bce_forward__generic;
sn_bce_forward_kernel sn_f32_bce_forward__avx2;
sn_bce_forward_kernel sn_f32_bce_forward__avx512;
sn_bce_backward_kernel sn_f32_bce_backward__generic;
sn_bce_backward_kernel sn_f64_bce_backward__generic;
sn_bce_backward_kernel sn_f32_bce_backward__avx2;
sn_bce_backward_kernel sn_f32_bce_backward__avx512;

#endif
