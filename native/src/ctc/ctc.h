/* Kernels of ctc: one step of the recursions over the places of a labelling, labels with blanks around them. */
#ifndef SN_CTC_CTC_H
#define SN_CTC_CTC_H

#include "sinew.h"

/* Of every place the class and whether the step from two places before leads to it (-1, else 0). Kernels may read
 * SN_CTC_BACK entries behind the last place: blanks and zeros. */
typedef struct {
    const int32_t *classes, *skips;
} sn_ctc_labels;

/* A row has one double for every place. Kernels read SN_CTC_FRONT doubles before it and read and write SN_CTC_BACK behind
 * the places that they are asked for: what is written there means nothing. */
enum { SN_CTC_FRONT = 2, SN_CTC_BACK = 18 };

/* alpha[s] = log_probs[class of s] + log(exp(before[s]) + exp(before[s - 1]) + exp(before[s - 2]) if skips[s]) for the
 * places from begin to end - 1 (equation 6). */
typedef void sn_ctc_forward_kernel(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *before,
    double *alpha);

/* With beta[s] = log(exp(after[s]) + exp(after[s + 1]) + exp(after[s + 2]) if skips[s + 2]) (equation 10):
 * posterior[s] = exp(alpha[s] + beta[s] + loss), now[s] = beta[s] + log_probs[class of s]. */
typedef void sn_ctc_backward_kernel(const sn_ctc_labels *labels, const void *log_probs, int64_t begin, int64_t end, const double *alpha,
    double loss, const double *after, double *now, double *posterior);

sn_ctc_forward_kernel sn_f32_ctc_forward__generic;
sn_ctc_forward_kernel sn_f64_ctc_forward__generic;
sn_ctc_forward_kernel sn_f32_ctc_forward__avx2;
sn_ctc_forward_kernel sn_f32_ctc_forward__avx512;
sn_ctc_forward_kernel sn_f32_ctc_forward__neon;
sn_ctc_backward_kernel sn_f32_ctc_backward__generic;
sn_ctc_backward_kernel sn_f64_ctc_backward__generic;
sn_ctc_backward_kernel sn_f32_ctc_backward__avx2;
sn_ctc_backward_kernel sn_f32_ctc_backward__avx512;
sn_ctc_backward_kernel sn_f32_ctc_backward__neon;

#endif
