/* Kernels of softmax. */
#ifndef SN_SOFTMAX_SOFTMAX_H
#define SN_SOFTMAX_SOFTMAX_H

#include <stdint.h>

#include "sinew.h"

/* forward: y[rows][cols] from x. backward: dx from y and dy. In place allowed. */
typedef struct {
    int32_t log;
    int64_t rows, cols;
    const void *x;
    void *y;
    const void *dy;
    void *dx;
} sn_softmax_block;

typedef void sn_softmax_kernel(const sn_softmax_block *t);

sn_softmax_kernel sn_f32_softmax_forward__generic;
sn_softmax_kernel sn_f32_softmax_backward__generic;
sn_softmax_kernel sn_f64_softmax_forward__generic;
sn_softmax_kernel sn_f64_softmax_backward__generic;
sn_softmax_kernel sn_f32_softmax_forward__avx2;
sn_softmax_kernel sn_f32_softmax_backward__avx2;
sn_softmax_kernel sn_f32_softmax_forward__avx512;
sn_softmax_kernel sn_f32_softmax_backward__avx512;

#endif
