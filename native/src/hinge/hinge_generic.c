#include "hinge/hinge.h"

#define T float
#define FORWARD sn_f32_hinge_forward__generic
#define BACKWARD sn_f32_hinge_backward__generic
#include "hinge_generic.inc"

#undef T
#undef FORWARD
#undef BACKWARD

#define T double
#define FORWARD sn_f64_hinge_forward__generic
#define BACKWARD sn_f64_hinge_backward__generic
#include "hinge_generic.inc"
