#include "dropout/dropout.h"

#define T float
#define DROPOUT sn_f32_dropout__generic
#include "dropout_generic.inc"
#undef T
#undef DROPOUT

#define T double
#define DROPOUT sn_f64_dropout__generic
#include "dropout_generic.inc"
