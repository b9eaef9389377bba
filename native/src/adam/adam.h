/* Kernels of adam. */
#ifndef SN_ADAM_ADAM_H
#define SN_ADAM_ADAM_H

#include <stdint.h>

typedef struct {
    double keep;            /* param is multiplied by it first: 1 - lr * weight_decay if decoupled, else 1 */
    double weight_decay;    /* added to the gradient; 0 if decoupled */
    double beta1, beta2, eps;
    double rate;            /* lr / (1 - beta1^step) */
    double scale;           /* 1 / sqrt(1 - beta2^step) */
} sn_adam_step;

/* One step over n parameters. */
typedef void sn_adam_kernel(const sn_adam_step *s, void *param, const void *grad, void *m, void *v, int64_t n);

void sn_f32_adam__generic(const sn_adam_step *s, void *param, const void *grad, void *m, void *v, int64_t n);
void sn_f64_adam__generic(const sn_adam_step *s, void *param, const void *grad, void *m, void *v, int64_t n);
void sn_f32_adam__avx2(const sn_adam_step *s, void *param, const void *grad, void *m, void *v, int64_t n);
void sn_f32_adam__avx512(const sn_adam_step *s, void *param, const void *grad, void *m, void *v, int64_t n);
void sn_f32_adam__neon(const sn_adam_step *s, void *param, const void *grad, void *m, void *v, int64_t n);

#endif
