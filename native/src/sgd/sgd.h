/* Kernels of sgd. */
#ifndef SN_SGD_SGD_H
#define SN_SGD_SGD_H

#include <stddef.h>
#include <stdint.h>

/* The momentum rule of a step. */
enum { SN_SGD_PLAIN = 0, SN_SGD_FIRST = 1, SN_SGD_MOMENTUM = 2, SN_SGD_NESTEROV_FIRST = 3, SN_SGD_NESTEROV = 4 };

typedef struct {
    double lr, weight_decay, momentum, dampening;
    int32_t rule;
} sn_sgd_step;

/* One step over n parameters; m is not touched by SN_SGD_PLAIN and not read by the FIRST rules. */
typedef void sn_sgd_kernel(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n);

void sn_f32_sgd__generic(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n);
void sn_f64_sgd__generic(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n);
void sn_f32_sgd__avx2(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n);
void sn_f32_sgd__avx512(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n);
void sn_f32_sgd__neon(const sn_sgd_step *s, void *param, const void *grad, void *m, int64_t n);

#endif
