/* Kernels of unary. */
#ifndef SN_UNARY_UNARY_H
#define SN_UNARY_UNARY_H

#include "core/stream.h"
#include "sinew.h"

/* Elements [begin, end) of the arrays of *a, which has been checked. */
typedef void sn_unary_kernel(const sn_unary_args *a, int64_t begin, int64_t end);

sn_unary_kernel sn_f32_unary_forward__generic;
sn_unary_kernel sn_f64_unary_forward__generic;
sn_unary_kernel sn_f32_unary_backward__generic;
sn_unary_kernel sn_f64_unary_backward__generic;
sn_unary_kernel sn_f32_unary_forward__avx2;
sn_unary_kernel sn_f32_unary_backward__avx2;
sn_unary_kernel sn_f32_unary_forward__avx512;
sn_unary_kernel sn_f32_unary_forward__neon;
sn_unary_kernel sn_f32_unary_backward__avx512;
sn_unary_kernel sn_f32_unary_backward__neon;

/* Whether the result goes past the caches: not where it takes the place of `from`, of which the lines are there. */
static inline int sn_unary_past(const float *to, const float *from, int64_t count) {
    return count >= 1 << 20 && to != from && sn_past_caches(to, count * (int64_t)sizeof *to);
}

#endif
