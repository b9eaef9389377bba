/* lamb, NEON; the generic kernels do the tail. */
#include "core/lanes_neon.h"
#include "lamb/lamb.h"

#include "lamb/lamb_sweep.inc"

void sn_f32_lamb_moments__neon(const sn_lamb_step *s, const void *param, const void *grad, void *m_, void *v_, int64_t n, double sums[2]) {
    const float *p = param, *g = grad;
    float *m = m_, *v = v_;
    const int64_t i = moments(s, p, g, m, v, n, sums);
    double rest[2] = {0, 0};
    if (i < n) sn_f32_lamb_moments__generic(s, p + i, g + i, m + i, v + i, n - i, rest);
    sums[0] += rest[0];
    sums[1] += rest[1];
}

void sn_f32_lamb_move__neon(const sn_lamb_step *s, void *param, const void *m_, const void *v_, double lr, int64_t n) {
    float *p = param;
    const float *m = m_, *v = v_;
    const int64_t i = move(s, p, m, v, lr, n);
    if (i < n) sn_f32_lamb_move__generic(s, p + i, m + i, v + i, lr, n - i);
}
