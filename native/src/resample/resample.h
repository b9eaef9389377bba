/* Kernels of resample. */
#ifndef SN_RESAMPLE_RESAMPLE_H
#define SN_RESAMPLE_RESAMPLE_H

#include "core/check.h"
#include "sinew.h"

/* The columns [from, to) of the rows [begin, end) of y, seen as [outer * outputs][inner]. *a has been checked. */
typedef void sn_resample_kernel(const sn_resample_args *a, int64_t begin, int64_t end, int64_t from, int64_t to);

sn_resample_kernel sn_f32_resample__generic;
sn_resample_kernel sn_f64_resample__generic;
sn_resample_kernel sn_f32_resample__avx2;
sn_resample_kernel sn_f32_resample__avx512;

#endif
