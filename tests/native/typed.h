/* Tests that run on both f32 and f64: inputs are doubles that are exact in float, arrays are made of them in either
 * dtype, and results are compared with long double references in units of the dtype's rounding error. */
#ifndef SN_TESTS_TYPED_H
#define SN_TESTS_TYPED_H

#include "check.h"

/* f64 runs the generic kernels whatever the ISA: once is enough. */
#define FOR_EACH_TYPE_AND_ISA(dtype, isa)        \
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++) \
        FOR_EACH_ISA(isa) if (dtype == SN_F32 || isa == 0)

static inline int64_t typed_size(int32_t dtype) { return dtype == SN_F64 ? 8 : 4; }
static inline double typed_eps(int32_t dtype) { return dtype == SN_F64 ? 0x1p-53 : 0x1p-24; }

/* count random values in [low, high), exact in float */
static inline double *typed_random(int64_t count, double low, double high) {
    double *x = check_alloc(count * 8);
    for (int64_t i = 0; i < count; i++) x[i] = (float)(low + (high - low) * (0.5 * check_uniform() + 0.5));
    return x;
}

/* A guarded copy of x in dtype; of NULL: an array to be written. */
static inline void *typed_array(int32_t dtype, const double *x, int64_t count) {
    void *y = check_alloc(count * typed_size(dtype));
    for (int64_t i = 0; x && i < count; i++) {
        if (dtype == SN_F64) ((double *)y)[i] = x[i];
        else ((float *)y)[i] = (float)x[i];
    }
    return y;
}

static inline double typed_get(int32_t dtype, const void *x, int64_t i) {
    return dtype == SN_F64 ? ((const double *)x)[i] : ((const float *)x)[i];
}

/* Largest |actual - expected| / (eps (relative |expected| + absolute)); NaN must meet NaN. *at: where. */
static inline double typed_distance(int32_t dtype, const void *actual, const long double *expected, int64_t count,
                                    double relative, double absolute, int64_t *at) {
    double worst = 0;
    *at = -1;
    for (int64_t i = 0; i < count; i++) {
        const double a = typed_get(dtype, actual, i);
        const double rounded = dtype == SN_F64 ? (double)expected[i] : (double)(float)expected[i];
        if ((isnan(a) && isnan(rounded)) || a == rounded) continue;
        const long double tolerance = (long double)typed_eps(dtype) * (relative * fabsl(expected[i]) + absolute);
        const double d = (double)(fabsl(a - expected[i]) / tolerance);
        if (!(d <= worst)) worst = d, *at = i;
        if (isnan(d)) return d;
    }
    return worst;
}
#define TYPED_CLOSE(dtype, actual, expected, count, relative, absolute, ...)                                          \
    do {                                                                                                              \
        int64_t typed_at;                                                                                             \
        const double typed_d = typed_distance(dtype, actual, expected, count, relative, absolute, &typed_at);         \
        char typed_text[400];                                                                                         \
        snprintf(typed_text, sizeof typed_text, __VA_ARGS__);                                                         \
        CHECK(typed_d <= 1, "%s, %s: %g times the tolerance away: element %lld is %.9g, not %.9Lg", typed_text,       \
              (dtype) == SN_F64 ? "f64" : "f32", typed_d, (long long)typed_at,                                        \
              typed_at < 0 ? 0 : typed_get(dtype, actual, typed_at), typed_at < 0 ? 0 : (expected)[typed_at]);        \
    } while (0)

#endif
