/* What kernels are written in once for all widths, here for one float at a time. lanes_avx2.h and lanes_avx512.h say the same for more. */
#ifndef SN_CORE_LANES_F32_H
#define SN_CORE_LANES_F32_H

#include <math.h>
#include <stdint.h>

typedef float element;
typedef float lanes;
enum { WIDTH = 1 };

static inline lanes load(const element *p) { return *p; }
static inline void store(element *p, lanes x) { *p = x; }
static inline lanes all(double x) { return (float)x; }
static inline lanes add(lanes a, lanes b) { return a + b; }
static inline lanes sub(lanes a, lanes b) { return a - b; }
static inline lanes mul(lanes a, lanes b) { return a * b; }
static inline lanes quotient(lanes a, lanes b) { return a / b; }
/* a b + c */
static inline lanes mul_add(lanes a, lanes b, lanes c) { return a * b + c; }
static inline lanes root(lanes x) { return sqrtf(x); }
static inline lanes magnitude(lanes x) { return fabsf(x); }
/* b where it is NaN or a <= b. */
static inline lanes larger(lanes a, lanes b) { return a > b ? a : b; }
static inline lanes smaller(lanes a, lanes b) { return a < b ? a : b; }
/* x > 0 ? yes : no */
static inline lanes where_positive(lanes x, lanes yes, lanes no) { return x > 0 ? yes : no; }

/* A sum in double precision. */
typedef double total;
static inline total total_zero(void) { return 0; }
static inline total total_add_square(total t, lanes x) { return t + (double)x * (double)x; }
static inline double total_value(total t) { return t; }

#endif
