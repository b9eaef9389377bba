#include "batchnorm/batchnorm.h"

#include <stddef.h>
#include <string.h>

#define T float
#define SUMS sums_f32
#define MOMENTS moments_f32
#define APPLY apply_f32
#define MASK mask_f32
#define GRADIENT_SUMS gradient_sums_f32
#define GRADIENT_APPLY gradient_apply_f32
#define KERNELS sn_f32_batchnorm__generic
#include "batchnorm_generic.inc"

#undef T
#undef SUMS
#undef MOMENTS
#undef APPLY
#undef MASK
#undef GRADIENT_SUMS
#undef GRADIENT_APPLY
#undef KERNELS

#define T double
#define SUMS sums_f64
#define MOMENTS moments_f64
#define APPLY apply_f64
#define MASK mask_f64
#define GRADIENT_SUMS gradient_sums_f64
#define GRADIENT_APPLY gradient_apply_f64
#define KERNELS sn_f64_batchnorm__generic
#include "batchnorm_generic.inc"
