#include "sgd/sgd.h"

#define T float
#define SGD sn_f32_sgd__generic
#include "sgd_generic.inc"
#undef T
#undef SGD

#define T double
#define SGD sn_f64_sgd__generic
#include "sgd_generic.inc"
