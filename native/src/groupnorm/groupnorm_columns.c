#include "groupnorm/groupnorm.h"

#include <math.h>
#include <string.h>

#include "core/check.h"

#define T float
#define CLEAR clear_f32
#define AFFINE affine_f32
#define FORWARD sn_f32_groupnorm_forward_columns
#define BACKWARD sn_f32_groupnorm_backward_columns
#include "groupnorm_columns.inc"

#undef T
#undef CLEAR
#undef AFFINE
#undef FORWARD
#undef BACKWARD

#define T double
#define CLEAR clear_f64
#define AFFINE affine_f64
#define FORWARD sn_f64_groupnorm_forward_columns
#define BACKWARD sn_f64_groupnorm_backward_columns
#include "groupnorm_columns.inc"
