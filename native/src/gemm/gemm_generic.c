#include "core/check.h"
#include "gemm/gemm.h"

#define T float
#define GEMM sn_f32_gemm__generic
#define ACTIVATE f32_activate
#define COPY_B f32_copy_b
#define ROW_TIMES_BLOCK f32_row_times_block
#define COLS f32_cols
#define DEPTH f32_depth
#include "gemm/gemm_generic.inc"
#undef T
#undef GEMM
#undef ACTIVATE
#undef COPY_B
#undef ROW_TIMES_BLOCK
#undef COLS
#undef DEPTH

#define T double
#define GEMM sn_f64_gemm__generic
#define ACTIVATE f64_activate
#define COPY_B f64_copy_b
#define ROW_TIMES_BLOCK f64_row_times_block
#define COLS f64_cols
#define DEPTH f64_depth
#include "gemm/gemm_generic.inc"
