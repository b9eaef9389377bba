#include "core/lanes_neon.h"

#define PIXEL sn_f32_depthwise_pixel__neon
#define ROW sn_f32_depthwise_row__neon
#include "conv2d/conv2d_depthwise.inc"
