#include "core/lanes_avx512.h"

#define BIAS sn_f32_conv2d_bias__avx512
#include "conv2d/conv2d_bias.inc"
