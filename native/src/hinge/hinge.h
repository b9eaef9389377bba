/* Kernels of hinge. */
#ifndef SN_HINGE_HINGE_H
#define SN_HINGE_HINGE_H

#include <stdint.h>

#include "sinew.h"

/* Every label is in [0, classes). forward: the sum of the losses of the rows, each also written to loss unless that is
 * NULL. backward: dx, where the loss of row r has the gradient dloss[r], or `scale` where dloss is NULL. */
typedef struct {
    int64_t rows, classes;
    int32_t p;
    double margin, divisor;
    const void *x;
    const int32_t *labels;
    const void *weights;
    void *loss;
    const void *dloss;
    double scale;
    void *dx;
} sn_hinge_block;

typedef double sn_hinge_forward_kernel(const sn_hinge_block *t);
typedef void sn_hinge_backward_kernel(const sn_hinge_block *t);

sn_hinge_forward_kernel sn_f32_hinge_forward__generic;
sn_hinge_forward_kernel sn_f64_hinge_forward__generic;
sn_hinge_forward_kernel sn_f32_hinge_forward__avx2;
sn_hinge_forward_kernel sn_f32_hinge_forward__avx512;
sn_hinge_backward_kernel sn_f32_hinge_backward__generic;
sn_hinge_backward_kernel sn_f64_hinge_backward__generic;
sn_hinge_backward_kernel sn_f32_hinge_backward__avx2;
sn_hinge_backward_kernel sn_f32_hinge_backward__avx512;

#endif
