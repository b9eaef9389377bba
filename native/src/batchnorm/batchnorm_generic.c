/* batchnorm, generic kernels: see batchnorm_generic.inc. */
#include <stddef.h>

#include "batchnorm/batchnorm.h"

#define T float
#define STATS sn_f32_batchnorm_stats__generic
#define APPLY sn_f32_batchnorm_apply__generic
#define SUMS sn_f32_batchnorm_sums__generic
#define BACKWARD sn_f32_batchnorm_backward__generic
#include "batchnorm/batchnorm_generic.inc"
#undef T
#undef STATS
#undef APPLY
#undef SUMS
#undef BACKWARD

#define T double
#define STATS sn_f64_batchnorm_stats__generic
#define APPLY sn_f64_batchnorm_apply__generic
#define SUMS sn_f64_batchnorm_sums__generic
#define BACKWARD sn_f64_batchnorm_backward__generic
#include "batchnorm/batchnorm_generic.inc"

const sn_batchnorm_kernels sn_f32_batchnorm__generic = {
    .stats = sn_f32_batchnorm_stats__generic,
    .apply = sn_f32_batchnorm_apply__generic,
    .sums = sn_f32_batchnorm_sums__generic,
    .backward = sn_f32_batchnorm_backward__generic,
};
const sn_batchnorm_kernels sn_f64_batchnorm__generic = {
    .stats = sn_f64_batchnorm_stats__generic,
    .apply = sn_f64_batchnorm_apply__generic,
    .sums = sn_f64_batchnorm_sums__generic,
    .backward = sn_f64_batchnorm_backward__generic,
};
