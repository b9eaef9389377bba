/* Kernels of cross_entropy. */
#ifndef SN_CROSS_ENTROPY_CROSS_ENTROPY_H
#define SN_CROSS_ENTROPY_CROSS_ENTROPY_H

#include "softmax/softmax.h"

typedef struct {
    const sn_cross_entropy_args *a;
    sn_softmax_kernel *softmax;
    double weight_total; /* sum over the classes */
    double divisor;      /* sum of w[t] over the rows for the mean, else 1 */
    int64_t grain;
    int past;            /* probs goes past the caches */
    double *parts;       /* the chunks' sums of the loss; NULL for SN_REDUCTION_NONE */
} sn_cross_entropy_job;

/* Rows [begin, end); the labels have been checked. */
void sn_f32_cross_entropy_forward__generic(const sn_cross_entropy_job *job, int64_t begin, int64_t end);
void sn_f64_cross_entropy_forward__generic(const sn_cross_entropy_job *job, int64_t begin, int64_t end);
void sn_f32_cross_entropy_backward__generic(const sn_cross_entropy_job *job, int64_t begin, int64_t end);
void sn_f64_cross_entropy_backward__generic(const sn_cross_entropy_job *job, int64_t begin, int64_t end);

#endif
