/* unary, generic kernels: see unary_generic.inc. */
#include <math.h>

#include "unary/unary.h"

#define T float
#define FORWARD sn_f32_unary_forward__generic
#define BACKWARD sn_f32_unary_backward__generic
#define EXP expf
#define EXPM1 expm1f
#define LOG logf
#define TANH tanhf
#define ERFC erfcf
#define SQRT sqrtf
#define FABS fabsf
#define PHI phi_f32
#define LOGISTIC logistic_f32
#define GELU_ARGUMENT gelu_argument_f32
#define GELU_DERIVATIVE gelu_derivative_f32
#define GELU_TANH_DERIVATIVE gelu_tanh_derivative_f32
#include "unary_generic.inc"
#undef T
#undef FORWARD
#undef BACKWARD
#undef EXP
#undef EXPM1
#undef LOG
#undef TANH
#undef ERFC
#undef SQRT
#undef FABS
#undef PHI
#undef LOGISTIC
#undef GELU_ARGUMENT
#undef GELU_DERIVATIVE
#undef GELU_TANH_DERIVATIVE

#define T double
#define FORWARD sn_f64_unary_forward__generic
#define BACKWARD sn_f64_unary_backward__generic
#define EXP exp
#define EXPM1 expm1
#define LOG log
#define TANH tanh
#define ERFC erfc
#define SQRT sqrt
#define FABS fabs
#define PHI phi_f64
#define LOGISTIC logistic_f64
#define GELU_ARGUMENT gelu_argument_f64
#define GELU_DERIVATIVE gelu_derivative_f64
#define GELU_TANH_DERIVATIVE gelu_tanh_derivative_f64
#include "unary_generic.inc"
