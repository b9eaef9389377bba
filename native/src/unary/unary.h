/* Kernels of unary. */
#ifndef SN_UNARY_UNARY_H
#define SN_UNARY_UNARY_H

#include <stdint.h>

#include "sinew.h"

enum { SN_UNARY_KINDS = SN_SIGN + 1 };

/* forward: y[n] from x[n]. backward: dx[n] from dy[n] and x[n] or y[n], whichever the kind needs; of ReLU, leaky ReLU
 * and ELU x when it is given. */
typedef struct {
    int32_t kind;
    double alpha, beta;
    int64_t n;
    const void *x;
    void *y;
    const void *dy;
    void *dx;
} sn_unary_span;

typedef void sn_unary_kernel(const sn_unary_span *t);

sn_unary_kernel sn_f32_unary_forward__generic;
sn_unary_kernel sn_f32_unary_backward__generic;
sn_unary_kernel sn_f64_unary_forward__generic;
sn_unary_kernel sn_f64_unary_backward__generic;
sn_unary_kernel sn_f32_unary_forward__avx2;
sn_unary_kernel sn_f32_unary_backward__avx2;
sn_unary_kernel sn_f32_unary_forward__avx512;
sn_unary_kernel sn_f32_unary_backward__avx512;

#endif
