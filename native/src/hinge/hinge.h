/* Kernels of hinge. */
#ifndef SN_HINGE_HINGE_H
#define SN_HINGE_HINGE_H

#include "sinew.h"

/* One row. z[j] = margin + (x[j] - x[t]) for j != t. */
typedef struct {
    int64_t classes, t;
    double margin;
    int32_t p;
} sn_hinge_row;

/* The sum over j != t of max(0, z[j])^p. */
typedef double sn_hinge_forward_kernel(const sn_hinge_row *row, const void *x);

/* dx[j] = scale times the derivative of that sum by x[j]. */
typedef void sn_hinge_backward_kernel(const sn_hinge_row *row, const void *x, double scale, void *dx);

sn_hinge_forward_kernel sn_f32_hinge_forward__generic;
sn_hinge_forward_kernel sn_f64_hinge_forward__generic;
sn_hinge_forward_kernel sn_f32_hinge_forward__avx2;
sn_hinge_forward_kernel sn_f32_hinge_forward__avx512;
sn_hinge_forward_kernel sn_f32_hinge_forward__neon;
sn_hinge_backward_kernel sn_f32_hinge_backward__generic;
sn_hinge_backward_kernel sn_f64_hinge_backward__generic;
sn_hinge_backward_kernel sn_f32_hinge_backward__avx2;
sn_hinge_backward_kernel sn_f32_hinge_backward__avx512;
sn_hinge_backward_kernel sn_f32_hinge_backward__neon;

#endif
