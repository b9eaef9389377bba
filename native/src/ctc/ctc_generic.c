/* ctc in plain C, exponentials and logarithms in double. */
#include <math.h>

#include "ctc/ctc.h"

static double log_add(double a, double b) {
    if (a == -INFINITY) return b;
    if (b == -INFINITY) return a;
    const double m = a > b ? a : b;
    return m + log(exp(a - m) + exp(b - m));
}

#define T float
#define FORWARD sn_f32_ctc_forward__generic
#define BACKWARD sn_f32_ctc_backward__generic
#include "ctc_generic.inc"

#undef T
#undef FORWARD
#undef BACKWARD

#define T double
#define FORWARD sn_f64_ctc_forward__generic
#define BACKWARD sn_f64_ctc_backward__generic
#include "ctc_generic.inc"
