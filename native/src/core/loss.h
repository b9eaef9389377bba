/* What the losses share: the reduction of one loss a unit (a row or an element) to the result, in a fixed order. */
#ifndef SN_CORE_LOSS_H
#define SN_CORE_LOSS_H

#include "core/check.h"

/* Chunks of a loss at most: their sums lie on the stack of the function that started them. */
enum { SN_LOSS_CHUNKS = 512 };

/* Units of a chunk: `grain`, or more so that there are at most SN_LOSS_CHUNKS. The chunk of unit i is i / result. */
static inline int64_t sn_loss_grain(int64_t units, int64_t grain) {
    return sn_max(grain, sn_ceil_div(units, SN_LOSS_CHUNKS));
}

/* The sum of the chunks' sums, in order. */
static inline double sn_loss_total(const double *sums, int64_t units, int64_t grain) {
    double total = 0;
    for (int64_t i = 0; i < sn_ceil_div(units, grain); i++) total += sums[i];
    return total;
}

static inline int sn_is_reduction(int32_t reduction) { return reduction >= SN_REDUCTION_NONE && reduction <= SN_REDUCTION_SUM; }

static inline double sn_read(const void *cell, int32_t dtype) {
    return dtype == SN_F64 ? *(const double *)cell : *(const float *)cell;
}

static inline void sn_write(void *cell, int32_t dtype, double value) {
    if (dtype == SN_F64) *(double *)cell = value;
    else *(float *)cell = (float)value;
}

#endif
