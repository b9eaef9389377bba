/* Kernels of bce. */
#ifndef SN_BCE_BCE_H
#define SN_BCE_BCE_H

#include "sinew.h"

/* A run of elements; all arrays are [count]. */
typedef struct {
    const void *x, *target;
    const void *weight;     /* or NULL: 1 */
    const void *pos_weight; /* of each element; or NULL: 1 */
    const void *dloss;      /* backward; or NULL: 1 */
    void *out;              /* the losses, or NULL: only their sum; backward: dx */
    int64_t count;
    double scale;           /* backward: a factor of dx */
} sn_bce_block;

/* Returns the sum of the losses when out is NULL, else 0. */
typedef double sn_bce_forward_kernel(const sn_bce_block *b);
typedef void sn_bce_backward_kernel(const sn_bce_block *b);

sn_bce_forward_kernel sn_f32_bce_forward__generic;
sn_bce_forward_kernel sn_f64_bce_forward__generic;
sn_bce_forward_kernel sn_f32_bce_forward__avx2;
sn_bce_forward_kernel sn_f32_bce_forward__avx512;
sn_bce_forward_kernel sn_f32_bce_forward__neon;
sn_bce_backward_kernel sn_f32_bce_backward__generic;
sn_bce_backward_kernel sn_f64_bce_backward__generic;
sn_bce_backward_kernel sn_f32_bce_backward__avx2;
sn_bce_backward_kernel sn_f32_bce_backward__avx512;
sn_bce_backward_kernel sn_f32_bce_backward__neon;

#endif
