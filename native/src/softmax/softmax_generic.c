/* softmax, generic kernels: see softmax_generic.inc. */
#include <math.h>

#include "softmax/softmax.h"

#define T float
#define FORWARD sn_f32_softmax_forward__generic
#define BACKWARD sn_f32_softmax_backward__generic
#define EXP expf
#include "softmax_generic.inc"
#undef T
#undef FORWARD
#undef BACKWARD
#undef EXP

#define T double
#define FORWARD sn_f64_softmax_forward__generic
#define BACKWARD sn_f64_softmax_backward__generic
#define EXP exp
#include "softmax_generic.inc"
