/* bce, generic kernels: see bce_generic.inc. */
#include <math.h>

#include "bce/bce.h"

#define T float
#define FORWARD sn_f32_bce_forward__generic
#define BACKWARD sn_f32_bce_backward__generic
#define EXP expf
#define LOG1P log1pf
#define FABS fabsf
#include "bce_generic.inc"
#undef T
#undef FORWARD
#undef BACKWARD
#undef EXP
#undef LOG1P
#undef FABS

#define T double
#define FORWARD sn_f64_bce_forward__generic
#define BACKWARD sn_f64_bce_backward__generic
#define EXP exp
#define LOG1P log1p
#define FABS fabs
#include "bce_generic.inc"
