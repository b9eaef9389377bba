#include "bce/bce.h"

#include <math.h>

#define T float
#define EXP expf
#define LOG1P log1pf
#define ABS fabsf
#define LOSS bce_loss_f32
#define FORWARD sn_f32_bce_forward__generic
#define BACKWARD sn_f32_bce_backward__generic
#include "bce_generic.inc"

#undef T
#undef EXP
#undef LOG1P
#undef ABS
#undef LOSS
#undef FORWARD
#undef BACKWARD

#define T double
#define EXP exp
#define LOG1P log1p
#define ABS fabs
#define LOSS bce_loss_f64
#define FORWARD sn_f64_bce_forward__generic
#define BACKWARD sn_f64_bce_backward__generic
#include "bce_generic.inc"
