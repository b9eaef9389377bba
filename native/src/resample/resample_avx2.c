/* resample: the generic loops, compiled for AVX2. */
#include <string.h>

#include "resample/resample.h"

#define T float
#define RESAMPLE sn_f32_resample__avx2
#include "resample_generic.inc"
