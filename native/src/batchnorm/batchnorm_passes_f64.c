#define T double
#define SQRT sqrt
#define STATISTICS sn_f64_batchnorm_statistics
#define NORMALISE sn_f64_batchnorm_normalise
#define GRADIENT sn_f64_batchnorm_gradient
#include "batchnorm_passes.inc"
