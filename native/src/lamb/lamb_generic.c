/* lamb, float, one element at a time. */
#include "core/lanes_f32.h"
#include "lamb/lamb.h"

#include "lamb/lamb_sweep.inc"

void sn_f32_lamb_moments__generic(const sn_lamb_step *s, const void *param, const void *grad, void *m, void *v, int64_t n, double sums[2]) {
    moments(s, param, grad, m, v, n, sums);
}

void sn_f32_lamb_move__generic(const sn_lamb_step *s, void *param, const void *m, const void *v, double lr, int64_t n) {
    move(s, param, m, v, lr, n);
}
