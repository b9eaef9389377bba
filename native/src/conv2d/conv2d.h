/* The three passes of conv2d on generic C (any type and parameters) and on register tiles (f32). */
#ifndef SN_CONV2D_CONV2D_H
#define SN_CONV2D_CONV2D_H

#include <stddef.h>

#include "core/check.h"
#include "sinew.h"

/* ---- generic: a kernel works on the units [begin, end) ---- */

/* weight[oc][icg][kh][kw] to packed[g][kh][kw][icg][ocg] (forward); units: oc. */
void sn_f32_conv2d_pack_forward__generic(const sn_conv2d_args *a, float *packed, int64_t begin, int64_t end);
void sn_f64_conv2d_pack_forward__generic(const sn_conv2d_args *a, double *packed, int64_t begin, int64_t end);
/* units: n * oh rows of y */
void sn_f32_conv2d_forward__generic(const sn_conv2d_args *a, const float *packed, int64_t begin, int64_t end);
void sn_f64_conv2d_forward__generic(const sn_conv2d_args *a, const double *packed, int64_t begin, int64_t end);
/* weight[oc][icg][kh][kw] to packed[g][kh][kw][ocg][icg] (backward input); units: oc. */
void sn_f32_conv2d_pack_backward__generic(const sn_conv2d_args *a, float *packed, int64_t begin, int64_t end);
void sn_f64_conv2d_pack_backward__generic(const sn_conv2d_args *a, double *packed, int64_t begin, int64_t end);
/* units: n * h rows of dx */
void sn_f32_conv2d_backward_input__generic(const sn_conv2d_args *a, const float *packed, int64_t begin, int64_t end);
void sn_f64_conv2d_backward_input__generic(const sn_conv2d_args *a, const double *packed, int64_t begin, int64_t end);
/* units: c * kh * kw rows of ocg weights; sums is scratch, [c * kh * kw][2 * ocg] */
void sn_f32_conv2d_backward_weight__generic(const sn_conv2d_args *a, float *sums, int64_t begin, int64_t end);
void sn_f64_conv2d_backward_weight__generic(const sn_conv2d_args *a, double *sums, int64_t begin, int64_t end);
/* units: oc */
void sn_f32_conv2d_backward_bias__generic(const sn_conv2d_args *a, int64_t begin, int64_t end);
void sn_f64_conv2d_backward_bias__generic(const sn_conv2d_args *a, int64_t begin, int64_t end);

static inline int64_t sn_conv2d_weights(const sn_conv2d_args *a) { return a->oc * (a->c / a->groups) * a->kh * a->kw; }

#endif
