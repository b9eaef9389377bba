/* Sums over a whole array, such as losses: the chunks of a parallel_for each add up their part, in double, and the parts
 * are added in their order. There are at most SN_PARTS of them, so that they fit on the stack. */
#ifndef SN_CORE_PARTIAL_SUM_H
#define SN_CORE_PARTIAL_SUM_H

#include "core/check.h"

enum { SN_PARTS = 64 };

/* The grain that makes at most SN_PARTS chunks of [0, count), `grain` if that is enough. Chunk i starts at i * grain. */
static inline int64_t sn_part_grain(int64_t count, int64_t grain) { return sn_max(grain, sn_ceil_div(count, SN_PARTS)); }

static inline double sn_part_total(const double *parts, int64_t count, int64_t grain) {
    if (count <= grain) return count > 0 ? parts[0] : 0;
    double total = 0;
    for (int64_t i = 0; i < sn_ceil_div(count, grain); i++) total += parts[i];
    return total;
}

/* SN_REDUCTION_... as an argument. */
static inline int sn_is_reduction(int32_t reduction) { return reduction >= 0 && reduction <= 2; }

static inline void sn_store_scalar(int32_t dtype, void *cell, double value) {
    if (dtype == SN_F64) *(double *)cell = value;
    else *(float *)cell = (float)value;
}

static inline double sn_load_scalar(int32_t dtype, const void *cell) {
    return dtype == SN_F64 ? *(const double *)cell : *(const float *)cell;
}

#endif
