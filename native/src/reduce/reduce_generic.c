/* reduce, generic kernels: see reduce_generic.inc. */
#include "reduce/reduce.h"

#include <math.h>

#define T float
#define ROW_SUM sn_f32_reduce_row_sum__generic
#define ROW_MAX sn_f32_reduce_row_max__generic
#define COLUMN_SUM sn_f32_reduce_column_sum__generic
#define COLUMN_MAX sn_f32_reduce_column_max__generic
#define ROW_ARGMAX sn_f32_reduce_row_argmax__generic
#define COLUMN_ARGMAX sn_f32_reduce_column_argmax__generic
#include "reduce_generic.inc"
#undef T
#undef ROW_SUM
#undef ROW_MAX
#undef COLUMN_SUM
#undef COLUMN_MAX
#undef ROW_ARGMAX
#undef COLUMN_ARGMAX

#define T double
#define ROW_SUM sn_f64_reduce_row_sum__generic
#define ROW_MAX sn_f64_reduce_row_max__generic
#define COLUMN_SUM sn_f64_reduce_column_sum__generic
#define COLUMN_MAX sn_f64_reduce_column_max__generic
#define ROW_ARGMAX sn_f64_reduce_row_argmax__generic
#define COLUMN_ARGMAX sn_f64_reduce_column_argmax__generic
#include "reduce_generic.inc"

const sn_reduce_kernels sn_f32_reduce__generic = {
    .row_sum = sn_f32_reduce_row_sum__generic,
    .row_max = sn_f32_reduce_row_max__generic,
    .column_sum = sn_f32_reduce_column_sum__generic,
    .column_max = sn_f32_reduce_column_max__generic,
};
const sn_reduce_kernels sn_f64_reduce__generic = {
    .row_sum = sn_f64_reduce_row_sum__generic,
    .row_max = sn_f64_reduce_row_max__generic,
    .column_sum = sn_f64_reduce_column_sum__generic,
    .column_max = sn_f64_reduce_column_max__generic,
};
const sn_argmax_kernels sn_f32_argmax__generic = {sn_f32_reduce_row_argmax__generic, sn_f32_reduce_column_argmax__generic};
const sn_argmax_kernels sn_f64_argmax__generic = {sn_f64_reduce_row_argmax__generic, sn_f64_reduce_column_argmax__generic};
