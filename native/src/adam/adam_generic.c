#include "adam/adam.h"

#include <math.h>

#define T float
#define SQRT sqrtf
#define ADAM sn_f32_adam__generic
#include "adam_generic.inc"
#undef T
#undef SQRT
#undef ADAM

#define T double
#define SQRT sqrt
#define ADAM sn_f64_adam__generic
#include "adam_generic.inc"
