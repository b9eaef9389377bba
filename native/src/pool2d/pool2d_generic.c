/* Pooling, generic kernels: see pool2d_generic.inc. */
#include <math.h>
#include <string.h>

#include "pool2d/pool2d.h"

enum { BLOCK = 64 };

#define T float
#define MAX_FORWARD sn_f32_maxpool2d_forward__generic
#define MAX_BACKWARD sn_f32_maxpool2d_backward__generic
#define AVG_FORWARD sn_f32_avgpool2d_forward__generic
#define AVG_BACKWARD sn_f32_avgpool2d_backward__generic
#include "pool2d/pool2d_generic.inc"
#undef T
#undef MAX_FORWARD
#undef MAX_BACKWARD
#undef AVG_FORWARD
#undef AVG_BACKWARD

#define T double
#define MAX_FORWARD sn_f64_maxpool2d_forward__generic
#define MAX_BACKWARD sn_f64_maxpool2d_backward__generic
#define AVG_FORWARD sn_f64_avgpool2d_forward__generic
#define AVG_BACKWARD sn_f64_avgpool2d_backward__generic
#include "pool2d/pool2d_generic.inc"

const sn_pool2d_kernels sn_f32_pool2d__generic = {
    .max_forward = sn_f32_maxpool2d_forward__generic,
    .max_backward = sn_f32_maxpool2d_backward__generic,
    .avg_forward = sn_f32_avgpool2d_forward__generic,
    .avg_backward = sn_f32_avgpool2d_backward__generic,
};
const sn_pool2d_kernels sn_f64_pool2d__generic = {
    .max_forward = sn_f64_maxpool2d_forward__generic,
    .max_backward = sn_f64_maxpool2d_backward__generic,
    .avg_forward = sn_f64_avgpool2d_forward__generic,
    .avg_backward = sn_f64_avgpool2d_backward__generic,
};
