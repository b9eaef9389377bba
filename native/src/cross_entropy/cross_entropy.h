/* Kernels of cross_entropy. */
#ifndef SN_CROSS_ENTROPY_CROSS_ENTROPY_H
#define SN_CROSS_ENTROPY_CROSS_ENTROPY_H

#include <stdint.h>

#include "sinew.h"

/* Every label is in [0, classes) or ignore_index. forward: the sum of the losses of the rows, each also written to loss
 * unless that is NULL; probs. backward: dlogits, where the loss of row r has the gradient dloss[r], or `scale` where
 * dloss is NULL. */
typedef struct {
    int64_t rows, classes;
    const void *logits;
    const int32_t *labels;
    const void *weights;
    int64_t ignore_index;
    double smoothing;
    void *loss;
    void *probs;
    const void *dloss;
    double scale;
    double weight_total; /* of all classes */
    void *dlogits;
} sn_cross_entropy_block;

typedef double sn_cross_entropy_forward_kernel(const sn_cross_entropy_block *t);
typedef void sn_cross_entropy_backward_kernel(const sn_cross_entropy_block *t);

sn_cross_entropy_forward_kernel sn_f32_cross_entropy_forward__generic;
sn_cross_entropy_forward_kernel sn_f64_cross_entropy_forward__generic;
sn_cross_entropy_forward_kernel sn_f32_cross_entropy_forward__avx2;
sn_cross_entropy_forward_kernel sn_f32_cross_entropy_forward__avx512;
sn_cross_entropy_backward_kernel sn_f32_cross_entropy_backward__generic;
sn_cross_entropy_backward_kernel sn_f64_cross_entropy_backward__generic;
sn_cross_entropy_backward_kernel sn_f32_cross_entropy_backward__avx2;
sn_cross_entropy_backward_kernel sn_f32_cross_entropy_backward__avx512;

#endif
