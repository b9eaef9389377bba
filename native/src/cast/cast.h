/* Conversions between element types, and the kernels of cast. */
#ifndef SN_CAST_CAST_H
#define SN_CAST_CAST_H

#include <stdint.h>
#include <string.h>

#include "sinew.h"

/* Toward zero, saturating; NaN gives 0. */
static inline int32_t sn_to_i32(double x) {
    return x >= 2147483647.0 ? INT32_MAX : x <= -2147483648.0 ? INT32_MIN : x != x ? 0 : (int32_t)x;
}

/* The 8 bytes made of one (f64) or two (f32, i32) elements of that value: what fill and pad store. */
static inline void sn_element_pattern(uint64_t *pattern, int32_t dtype, double value) {
    const float f = (float)value;
    const int32_t i = sn_to_i32(value);
    if (dtype == SN_F64) {
        memcpy(pattern, &value, 8);
        return;
    }
    uint32_t word;
    memcpy(&word, dtype == SN_F32 ? (const void *)&f : (const void *)&i, 4);
    *pattern = (uint64_t)word << 32 | word;
}

/* past: y may be stored past the caches, and begins where a cache line does. */
typedef void sn_cast_kernel(const void *x, void *y, int64_t n, int past);

sn_cast_kernel sn_f32_cast_f64__generic;
sn_cast_kernel sn_f32_cast_i32__generic;
sn_cast_kernel sn_f64_cast_f32__generic;
sn_cast_kernel sn_f64_cast_i32__generic;
sn_cast_kernel sn_i32_cast_f32__generic;
sn_cast_kernel sn_i32_cast_f64__generic;
sn_cast_kernel sn_f32_cast_i32__avx2;
sn_cast_kernel sn_f32_cast_i32__avx512;
sn_cast_kernel sn_f32_cast_i32__neon;
sn_cast_kernel sn_f32_cast_f64__avx2;
sn_cast_kernel sn_f32_cast_f64__avx512;
sn_cast_kernel sn_f32_cast_f64__neon;
sn_cast_kernel sn_f64_cast_f32__avx2;
sn_cast_kernel sn_f64_cast_f32__avx512;
sn_cast_kernel sn_f64_cast_f32__neon;

#endif
