#include "mse/mse.h"

#define T float
#define FORWARD sn_f32_mse_forward__generic
#define BACKWARD sn_f32_mse_backward__generic
#include "mse_generic.inc"

#undef T
#undef FORWARD
#undef BACKWARD

#define T double
#define FORWARD sn_f64_mse_forward__generic
#define BACKWARD sn_f64_mse_backward__generic
#include "mse_generic.inc"
