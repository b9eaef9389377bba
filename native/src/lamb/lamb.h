/* Kernels of lamb. */
#ifndef SN_LAMB_LAMB_H
#define SN_LAMB_LAMB_H

#include <stdint.h>

typedef struct {
    double beta1, beta2, eps, weight_decay;
    double rate;    /* 1 / (1 - beta1^t) */
    double scale;   /* 1 / sqrt(1 - beta2^t) */
} sn_lamb_step;

/* Updates both moments of n parameters and returns the sums of the squares of param and of its move. */
typedef void sn_lamb_moments_kernel(const sn_lamb_step *s, const void *param, const void *grad, void *m, void *v, int64_t n, double sums[2]);
/* param -= lr * its move */
typedef void sn_lamb_move_kernel(const sn_lamb_step *s, void *param, const void *m, const void *v, double lr, int64_t n);

sn_lamb_moments_kernel sn_f32_lamb_moments__generic, sn_f64_lamb_moments__generic, sn_f32_lamb_moments__avx2, sn_f32_lamb_moments__avx512;
sn_lamb_moments_kernel sn_f32_lamb_moments__generic, sn_f64_lamb_moments__generic, sn_f32_lamb_moments__avx2, sn_f32_lamb_moments__neon;
sn_lamb_move_kernel sn_f32_lamb_move__generic, sn_f64_lamb_move__generic, sn_f32_lamb_move__avx2, sn_f32_lamb_move__avx512;
sn_lamb_move_kernel sn_f32_lamb_move__generic, sn_f64_lamb_move__generic, sn_f32_lamb_move__avx2, sn_f32_lamb_move__neon;

#endif
