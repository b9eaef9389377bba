#include "tile/epilogue.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"

sn_status sn_epilogue_check(int32_t act, double act_alpha) {
    switch (act) {
    case SN_IDENTITY:
    case SN_RELU:
    case SN_SIGMOID:
    case SN_TANH: return SN_OK;
    case SN_LEAKY_RELU:
    case SN_ELU: return isnan(act_alpha) ? SN_ERR_VALUE : SN_OK;
    default: return SN_ERR_CODE;
    }
}

void sn_epilogue_rows(int32_t dtype, int32_t isa, int32_t act, double act_alpha, void *y, int64_t rows, int64_t cols,
                      int64_t stride) {
    if (cols == stride) {
        cols *= rows;
        rows = 1;
    }
    const int32_t before = sn_isa_override(isa);
    for (int64_t r = 0; r < rows; r++) {
        char *row = (char *)y + r * stride * sn_size_of(dtype);
        const sn_unary_args unary = {.dtype = dtype, .kind = act, .alpha = act_alpha, .count = cols, .x = row, .y = row};
        sn_unary_forward(&unary);
    }
    sn_isa_override(before);
}
