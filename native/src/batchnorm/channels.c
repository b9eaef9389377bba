/* batchnorm, the work a channel: see channels.h. */
#include "batchnorm/channels.h"

#include <math.h>

#define T float
#define SQRT sqrtf
#define TRAIN f32_train
#define INFER f32_infer
#define BACKWARD f32_backward
#include "batchnorm/channels.inc"
#undef T
#undef SQRT
#undef TRAIN
#undef INFER
#undef BACKWARD

#define T double
#define SQRT sqrt
#define TRAIN f64_train
#define INFER f64_infer
#define BACKWARD f64_backward
#include "batchnorm/channels.inc"

const sn_batchnorm_channels sn_f32_batchnorm_channels = {.train = f32_train, .infer = f32_infer, .backward = f32_backward};
const sn_batchnorm_channels sn_f64_batchnorm_channels = {.train = f64_train, .infer = f64_infer, .backward = f64_backward};
