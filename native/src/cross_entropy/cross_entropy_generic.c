#include "cross_entropy/cross_entropy.h"

#include <math.h>
#include <string.h>

#include "core/check.h"

#define T float
#define SMOOTHED smoothed_f32
#define PLAIN_BACKWARD plain_backward_f32
#define FORWARD sn_f32_cross_entropy_forward__generic
#define BACKWARD sn_f32_cross_entropy_backward__generic
#include "cross_entropy_generic.inc"

#undef T
#undef SMOOTHED
#undef PLAIN_BACKWARD
#undef FORWARD
#undef BACKWARD

#define T double
#define SMOOTHED smoothed_f64
#define PLAIN_BACKWARD plain_backward_f64
#define FORWARD sn_f64_cross_entropy_forward__generic
#define BACKWARD sn_f64_cross_entropy_backward__generic
#include "cross_entropy_generic.inc"
