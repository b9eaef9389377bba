#include "softmax/softmax.h"

#include <math.h>

#define T float
#define EXP expf
#define FORWARD sn_f32_softmax_forward__generic
#define BACKWARD sn_f32_softmax_backward__generic
#include "softmax_generic.inc"

#undef T
#undef EXP
#undef FORWARD
#undef BACKWARD

#define T double
#define EXP exp
#define FORWARD sn_f64_softmax_forward__generic
#define BACKWARD sn_f64_softmax_backward__generic
#include "softmax_generic.inc"
