/* Kernels of adaptive. */
#ifndef SN_ADAPTIVE_ADAPTIVE_H
#define SN_ADAPTIVE_ADAPTIVE_H

#include <stdint.h>

/* The numbers of one step, made from the arguments and the number of the step; each rule uses some. */
typedef struct {
    int32_t rule;           /* SN_ADAPTIVE_... */
    int32_t plain;          /* radam: the variance is not trusted yet; rprop: the first step */
    double keep;            /* param is multiplied by it first: 1 - lr * weight_decay if decoupled, else 1 */
    double weight_decay;    /* added to the gradient; 0 if decoupled */
    double beta1, beta2, eps;
    double rate;            /* by which the rule's direction is multiplied */
    double rate2;           /* nadam: that of the gradient itself; rprop: the largest step size */
    double scale;           /* of the root of the variance */
} sn_adaptive_step;

/* The states of a rule: state[k] is NULL where the rule has fewer. */
typedef struct {
    void *param;
    const void *grad;
    void *state[3];
} sn_adaptive_arrays;

/* One step over n parameters. */
typedef void sn_adaptive_kernel(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n);

void sn_f32_adaptive__generic(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n);
void sn_f64_adaptive__generic(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n);
void sn_f32_adaptive__avx2(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n);
void sn_f32_adaptive__avx512(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n);
void sn_f32_adaptive__neon(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n);

/* The arrays from element i on. */
static inline sn_adaptive_arrays sn_adaptive_from(const sn_adaptive_arrays *a, int64_t i, int64_t size) {
    sn_adaptive_arrays b = {(char *)a->param + i * size, (const char *)a->grad + i * size, {0}};
    for (int k = 0; k < 3; k++) b.state[k] = a->state[k] ? (char *)a->state[k] + i * size : 0;
    return b;
}

#endif
