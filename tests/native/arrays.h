/* More test tools: arrays whose dtype is a variable, equal bits for any number of threads, calls that must fail. */
#ifndef SN_TESTS_ARRAYS_H
#define SN_TESTS_ARRAYS_H

#include "check.h"

static inline int64_t bytes_of(int32_t dtype, int64_t count) { return count * (dtype == SN_F64 ? 8 : 4); }
static inline void *array_new(int32_t dtype, int64_t count) { return check_alloc(bytes_of(dtype, count)); }
/* Random in [-1, 1). */
static inline void *array_random(int32_t dtype, int64_t count) {
    return dtype == SN_F64 ? (void *)check_doubles(count) : (void *)check_floats(count);
}
static inline double array_get(int32_t dtype, const void *array, int64_t i) {
    return dtype == SN_F64 ? ((const double *)array)[i] : ((const float *)array)[i];
}
static inline void array_set(int32_t dtype, void *array, int64_t i, double value) {
    if (dtype == SN_F64) ((double *)array)[i] = value;
    else ((float *)array)[i] = (float)value;
}
static inline const char *dtype_name(int32_t dtype) { return dtype == SN_F64 ? "f64" : "f32"; }
/* Half the distance of 1 to the next number. */
static inline double unit_of(int32_t dtype) { return dtype == SN_F64 ? 0x1p-53 : 0x1p-24; }

/* As check_distance: at most 1 is a pass. */
static inline double array_distance(int32_t dtype, const void *actual, const double *expected, int64_t count, double rtol, double atol) {
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        const double value = array_get(dtype, actual, i);
        if ((isnan(value) && isnan(expected[i])) || value == expected[i]) continue;
        const double d = fabs(value - expected[i]) / (atol + rtol * fabs(expected[i]));
        if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
    }
    return worst;
}
#define CHECK_ARRAY(dtype, actual, expected, count, rtol, atol, isa, ...)                                          \
    do {                                                                                                           \
        const double check_d = array_distance(dtype, actual, expected, count, rtol, atol);                         \
        char check_text[300];                                                                                      \
        snprintf(check_text, sizeof check_text, __VA_ARGS__);                                                      \
        CHECK(check_d <= 1, "%s %s, %s: %g times the tolerance", dtype_name(dtype), sn_isa_name(isa), check_text, check_d); \
    } while (0)

/* Runs the operation with 2 and 3 threads and compares the bits with those of 1 thread, which stay in the array. */
static inline void check_threads(int32_t code, void *args, int isa, void *output, int64_t bytes, const char *what) {
    sn_call call = {.code = code, .args = args};
    void *first = malloc((size_t)bytes);
    for (int threads = 3; threads >= 1; threads--) {
        memset(output, 0xcb, (size_t)bytes);
        sn_set_threads(threads);
        CHECK(sn_run(&call, 1, isa, NULL) == SN_OK, "%s with %d threads: %s", what, threads, sn_status_text(call.status));
        if (threads == 3) memcpy(first, output, (size_t)bytes);
        else CHECK(!memcmp(first, output, (size_t)bytes), "%s on %s: other bits with %d threads", what, sn_isa_name(isa), threads);
    }
    sn_set_threads(2);
    free(first);
}

/* The operation must return this status and leave the output alone. */
#define CHECK_ERROR(operation, args, expected_status, output, output_bytes)                                       \
    do {                                                                                                          \
        memset(output, 0xcb, (size_t)(output_bytes));                                                             \
        const sn_status check_s = operation(&(args));                                                             \
        CHECK(check_s == (expected_status), #operation ": status %d, not " #expected_status, check_s);            \
        int check_same = 1;                                                                                       \
        for (int64_t check_i = 0; check_i < (int64_t)(output_bytes); check_i++)                                   \
            check_same &= ((unsigned char *)(output))[check_i] == 0xcb;                                           \
        CHECK(check_same, #operation ": wrote though it failed");                                                 \
    } while (0)

#endif
