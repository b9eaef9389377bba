#include <math.h>
#include <stddef.h>

#include "groupnorm/groupnorm.h"

#define T float
#define FORWARD sn_f32_groupnorm_forward_rows__generic
#define BACKWARD sn_f32_groupnorm_backward_rows__generic
#include "groupnorm_generic.inc"

#undef T
#undef FORWARD
#undef BACKWARD

#define T double
#define FORWARD sn_f64_groupnorm_forward_rows__generic
#define BACKWARD sn_f64_groupnorm_backward_rows__generic
#include "groupnorm_generic.inc"
