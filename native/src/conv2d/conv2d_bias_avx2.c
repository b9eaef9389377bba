#include "core/lanes_avx2.h"

#define BIAS sn_f32_conv2d_bias__avx2
#include "conv2d/conv2d_bias.inc"
