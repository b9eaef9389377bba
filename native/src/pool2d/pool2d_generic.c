#include "pool2d/pool2d.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 64 };

#define T float
#define MAX_FORWARD sn_f32_maxpool2d_forward__generic
#define MAX_BACKWARD sn_f32_maxpool2d_backward__generic
#define AVG_FORWARD sn_f32_avgpool2d_forward__generic
#define AVG_BACKWARD sn_f32_avgpool2d_backward__generic
#include "pool2d_generic.inc"

#undef T
#undef MAX_FORWARD
#undef MAX_BACKWARD
#undef AVG_FORWARD
#undef AVG_BACKWARD

#define T double
#define MAX_FORWARD sn_f64_maxpool2d_forward__generic
#define MAX_BACKWARD sn_f64_maxpool2d_backward__generic
#define AVG_FORWARD sn_f64_avgpool2d_forward__generic
#define AVG_BACKWARD sn_f64_avgpool2d_backward__generic
#include "pool2d_generic.inc"
