#include "conv2d/conv2d.h"

enum { BLOCK = 64 };

#define T float
#define PACK_FORWARD sn_f32_conv2d_pack_forward__generic
#define FORWARD sn_f32_conv2d_forward__generic
#define PACK_BACKWARD sn_f32_conv2d_pack_backward__generic
#define BACKWARD_INPUT sn_f32_conv2d_backward_input__generic
#define BACKWARD_WEIGHT sn_f32_conv2d_backward_weight__generic
#define BACKWARD_BIAS sn_f32_conv2d_backward_bias__generic
#define FORWARD_PIXEL f32_forward_pixel
#define BACKWARD_INPUT_PIXEL f32_backward_input_pixel
#define WEIGHT_ROW f32_weight_row
#include "conv2d/conv2d_generic.inc"
#undef T
#undef PACK_FORWARD
#undef FORWARD
#undef PACK_BACKWARD
#undef BACKWARD_INPUT
#undef BACKWARD_WEIGHT
#undef BACKWARD_BIAS
#undef FORWARD_PIXEL
#undef BACKWARD_INPUT_PIXEL
#undef WEIGHT_ROW

#define T double
#define PACK_FORWARD sn_f64_conv2d_pack_forward__generic
#define FORWARD sn_f64_conv2d_forward__generic
#define PACK_BACKWARD sn_f64_conv2d_pack_backward__generic
#define BACKWARD_INPUT sn_f64_conv2d_backward_input__generic
#define BACKWARD_WEIGHT sn_f64_conv2d_backward_weight__generic
#define BACKWARD_BIAS sn_f64_conv2d_backward_bias__generic
#define FORWARD_PIXEL f64_forward_pixel
#define BACKWARD_INPUT_PIXEL f64_backward_input_pixel
#define WEIGHT_ROW f64_weight_row
#include "conv2d/conv2d_generic.inc"
