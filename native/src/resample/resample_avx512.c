/* resample: the generic loops, compiled for AVX-512. */
#include <string.h>

#include "resample/resample.h"

#define T float
#define RESAMPLE sn_f32_resample__avx512
#include "resample_generic.inc"
