/* cast, generic kernels: y[n] = (type of y) x[n]. */
#include "cast/cast.h"

#define CAST(name, from, to, convert)                                \
    void name(const void *x_, void *y_, int64_t n, int past) {       \
        (void)past;                                                  \
        const from *x = x_;                                          \
        to *y = y_;                                                  \
        for (int64_t i = 0; i < n; i++) y[i] = convert(x[i]);        \
    }

CAST(sn_f32_cast_f64__generic, float, double, (double))
CAST(sn_f32_cast_i32__generic, float, int32_t, sn_to_i32)
CAST(sn_f64_cast_f32__generic, double, float, (float))
CAST(sn_f64_cast_i32__generic, double, int32_t, sn_to_i32)
CAST(sn_i32_cast_f32__generic, int32_t, float, (float))
CAST(sn_i32_cast_f64__generic, int32_t, double, (double))
