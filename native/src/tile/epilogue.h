/* The activation fused into gemm and conv2d. */
#ifndef SN_TILE_EPILOGUE_H
#define SN_TILE_EPILOGUE_H

#include "sinew.h"

/* SN_OK when act is one marked E in sinew.h and its parameter is a number. */
sn_status sn_epilogue_check(int32_t act, double act_alpha);

/* Identity, ReLU and leaky ReLU: those that a kernel applies to its accumulators, as x > 0 ? x : slope x or, for
 * NaN's sake, x < 0 ? slope x : x. The others need a pass over the finished tile. */
static inline int sn_epilogue_in_register(int32_t act) {
    return act == SN_IDENTITY || act == SN_RELU || act == SN_LEAKY_RELU;
}

/* y = act(y) over rows of cols elements that lie stride apart, on isa's kernels; for the acts not done in registers.
 * May be called inside a parallel region, where isa is not inherited from the caller's thread. */
void sn_epilogue_rows(int32_t dtype, int32_t isa, int32_t act, double act_alpha, void *y, int64_t rows, int64_t cols,
                      int64_t stride);

#endif
