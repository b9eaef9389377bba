/* Kernels of random. */
#ifndef SN_RANDOM_RANDOM_H
#define SN_RANDOM_RANDOM_H

#include "random/philox.h"

typedef struct {
    sn_philox stream;
    double a, b;
} sn_random_source;

/* y[begin..end) of the whole array y; begin is a multiple of SN_PHILOX_GROUP. */
typedef void sn_random_kernel(const sn_random_source *s, void *y, int64_t begin, int64_t end);

void sn_f32_random_uniform__generic(const sn_random_source *s, void *y, int64_t begin, int64_t end);
void sn_f64_random_uniform__generic(const sn_random_source *s, void *y, int64_t begin, int64_t end);
void sn_f32_random_normal__generic(const sn_random_source *s, void *y, int64_t begin, int64_t end);
void sn_f64_random_normal__generic(const sn_random_source *s, void *y, int64_t begin, int64_t end);
void sn_f32_random_uniform__avx2(const sn_random_source *s, void *y, int64_t begin, int64_t end);
void sn_f32_random_uniform__avx512(const sn_random_source *s, void *y, int64_t begin, int64_t end);
void sn_f32_random_uniform__neon(const sn_random_source *s, void *y, int64_t begin, int64_t end);

#endif
