#include "core/lanes_avx512.h"

#define PIXEL sn_f32_depthwise_pixel__avx512
#define ROW sn_f32_depthwise_row__avx512
#include "conv2d/conv2d_depthwise.inc"
