/* cross_entropy, generic kernels: see cross_entropy_generic.inc. */
#include <math.h>

#include "cross_entropy/cross_entropy.h"

#define T float
#define FORWARD sn_f32_cross_entropy_forward__generic
#define BACKWARD sn_f32_cross_entropy_backward__generic
#define EXP expf
#include "cross_entropy_generic.inc"
#undef T
#undef FORWARD
#undef BACKWARD
#undef EXP

#define T double
#define FORWARD sn_f64_cross_entropy_forward__generic
#define BACKWARD sn_f64_cross_entropy_backward__generic
#define EXP exp
#include "cross_entropy_generic.inc"
