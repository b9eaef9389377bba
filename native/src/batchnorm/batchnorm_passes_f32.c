#define T float
#define SQRT sqrtf
#define STATISTICS sn_f32_batchnorm_statistics
#define NORMALISE sn_f32_batchnorm_normalise
#define GRADIENT sn_f32_batchnorm_gradient
#include "batchnorm_passes.inc"
