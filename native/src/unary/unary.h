/* Kernels of unary. */
#ifndef SN_UNARY_UNARY_H
#define SN_UNARY_UNARY_H

#include "sinew.h"

/* Elements [begin, end) of the arrays of *a, which has been checked. */
typedef void sn_unary_kernel(const sn_unary_args *a, int64_t begin, int64_t end);

sn_unary_kernel sn_f32_unary_forward__generic;
sn_unary_kernel sn_f64_unary_forward__generic;
sn_unary_kernel sn_f32_unary_backward__generic;
sn_unary_kernel sn_f64_unary_backward__generic;
sn_unary_kernel sn_f32_unary_forward__avx2;
sn_unary_kernel sn_f32_unary_backward__avx2;
sn_unary_kernel sn_f32_unary_forward__avx512;
sn_unary_kernel sn_f32_unary_forward__neon;
sn_unary_kernel sn_f32_unary_backward__avx512;
sn_unary_kernel sn_f32_unary_backward__neon;

#endif
