/* binary, NEON: see binary_neon.inc. The maximum and minimum instructions give NaN when either is. pow and the rare strides run the generic kernel. */
#include "binary/binary.h"
#include "core/vector_neon.h"

#define KERNEL sn_f32_binary_add__neon
#define KIND SN_ADD
#define EXPRESSION vaddq_f32(x, y)
#include "binary_neon.inc"

#define KERNEL sn_f32_binary_sub__neon
#define KIND SN_SUB
#define EXPRESSION vsubq_f32(x, y)
#include "binary_neon.inc"

#define KERNEL sn_f32_binary_mul__neon
#define KIND SN_MUL
#define EXPRESSION vmulq_f32(x, y)
#include "binary_neon.inc"

#define KERNEL sn_f32_binary_div__neon
#define KIND SN_DIV
#define EXPRESSION vdivq_f32(x, y)
#include "binary_neon.inc"

#define KERNEL sn_f32_binary_maximum__neon
#define KIND SN_MAXIMUM
#define EXPRESSION vmaxq_f32(x, y)
#include "binary_neon.inc"

#define KERNEL sn_f32_binary_minimum__neon
#define KIND SN_MINIMUM
#define EXPRESSION vminq_f32(x, y)
#include "binary_neon.inc"

#define KERNEL sn_f32_binary_equal__neon
#define KIND SN_EQUAL
#define EXPRESSION sn_where_neon(vceqq_f32(x, y), vdupq_n_f32(1))
#include "binary_neon.inc"

#define KERNEL sn_f32_binary_greater__neon
#define KIND SN_GREATER
#define EXPRESSION sn_where_neon(vcgtq_f32(x, y), vdupq_n_f32(1))
#include "binary_neon.inc"

sn_binary_kernel *const sn_f32_binary__neon[SN_BINARY_KINDS] = {
    [SN_ADD] = sn_f32_binary_add__neon,
    [SN_SUB] = sn_f32_binary_sub__neon,
    [SN_MUL] = sn_f32_binary_mul__neon,
    [SN_DIV] = sn_f32_binary_div__neon,
    [SN_MAXIMUM] = sn_f32_binary_maximum__neon,
    [SN_MINIMUM] = sn_f32_binary_minimum__neon,
    [SN_POW] = sn_f32_binary_pow__generic,
    [SN_EQUAL] = sn_f32_binary_equal__neon,
    [SN_GREATER] = sn_f32_binary_greater__neon,
};
