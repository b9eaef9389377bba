#include "core/lanes_avx2.h"

#define PIXEL sn_f32_depthwise_pixel__avx2
#define ROW sn_f32_depthwise_row__avx2
#include "conv2d/conv2d_depthwise.inc"
