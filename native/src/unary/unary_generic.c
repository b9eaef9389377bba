#include "unary/unary.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define SQRT_HALF 0.70710678118654752440
#define SQRT_2_OVER_PI 0.79788456080286535588
#define INV_SQRT_2PI 0.39894228040143267794

/* The two GELUs are computed in double for both types: their tails multiply an argument's rounding error by x^2. */

static inline double gelu(double x) { return x * (0.5 * erfc(-x * SQRT_HALF)); }

static inline double gelu_derivative(double x) {
    return 0.5 * erfc(-x * SQRT_HALF) + x * (INV_SQRT_2PI * exp(-0.5 * x * x));
}

/* The exponential is of a number <= 0, so nothing overflows and small results keep their relative accuracy. */
static inline double sigmoid_f64(double x) {
    const double e = exp(-fabs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}
static inline float sigmoid_f32(float x) {
    const float e = expf(-fabsf(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

/* (1 + tanh(u / 2)) / 2 = sigmoid(u) with u = 2 sqrt(2/pi) (x + 0.044715 x^3). Its argument is clamped where the
 * sigmoid has long been 0 or 1, so that the cube does not become infinite. */
static inline double clamp_gelu_tanh(double x) { return x > 100 ? 100 : x < -100 ? -100 : x; }

static inline double gelu_tanh(double x) {
    const double c = clamp_gelu_tanh(x);
    return x * sigmoid_f64(2 * SQRT_2_OVER_PI * c * (1 + 0.044715 * c * c));
}

static inline double gelu_tanh_derivative(double x) {
    const double c = clamp_gelu_tanh(x);
    const double u = 2 * SQRT_2_OVER_PI * c * (1 + 0.044715 * c * c);
    const double slope = 2 * SQRT_2_OVER_PI * (1 + 3 * 0.044715 * c * c);
    return sigmoid_f64(u) + x * (slope * sigmoid_f64(u) * sigmoid_f64(-u));
}

/* tanh(log(1 + e)) = n / (n + 2), n = e (e + 2); e = exp(x) is clamped where that has long been 1. */
static inline double mish(double x) {
    const double e = exp(x > 40 ? 40 : x), n = e * (e + 2);
    return x * (n / (n + 2));
}

static inline double mish_derivative(double x) {
    const double c = x > 40 ? 40 : x < -800 ? -800 : x, e = exp(c), n = e * (e + 2), d = n + 2;
    return n / d + c * (4 * e * (1 + e) / (d * d));
}

/* s(x) (1 + x s(-x)); x clamped, so that it is the limit at the infinities. */
static inline double silu_derivative(double x) {
    const double c = x > 800 ? 800 : x < -800 ? -800 : x;
    return sigmoid_f64(c) * (1 + c * sigmoid_f64(-c));
}

static inline double softplus(double x) { return (x < 0 ? 0 : x) + log1p(exp(-fabs(x))); }

#define T float
#define LARGEST FLT_MAX
#define EXP expf
#define EXPM1 expm1f
#define LOG logf
#define TANH tanhf
#define SQRT sqrtf
#define ABS fabsf
#define SIGMOID sigmoid_f32
#define FORWARD sn_f32_unary_forward__generic
#define BACKWARD sn_f32_unary_backward__generic
#include "unary_generic.inc"

#undef T
#undef LARGEST
#undef EXP
#undef EXPM1
#undef LOG
#undef TANH
#undef SQRT
#undef ABS
#undef SIGMOID
#undef FORWARD
#undef BACKWARD

#define T double
#define LARGEST DBL_MAX
#define EXP exp
#define EXPM1 expm1
#define LOG log
#define TANH tanh
#define SQRT sqrt
#define ABS fabs
#define SIGMOID sigmoid_f64
#define FORWARD sn_f64_unary_forward__generic
#define BACKWARD sn_f64_unary_backward__generic
#include "unary_generic.inc"
