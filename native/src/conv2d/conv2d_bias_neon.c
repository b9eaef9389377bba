#include "core/lanes_neon.h"

#define BIAS sn_f32_conv2d_bias__neon
#include "conv2d/conv2d_bias.inc"
