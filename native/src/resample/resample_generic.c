#include <string.h>

#include "resample/resample.h"

#define T float
#define RESAMPLE sn_f32_resample__generic
#define many many_f32
#define one_row one_row_f32
#define narrow narrow_f32
#define BLOCK BLOCK_F32
#include "resample_generic.inc"
#undef T
#undef RESAMPLE
#undef many
#undef one_row
#undef narrow
#undef BLOCK

#define T double
#define RESAMPLE sn_f64_resample__generic
#include "resample_generic.inc"
