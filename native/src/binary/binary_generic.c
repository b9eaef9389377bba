/* binary, generic kernels: see binary_generic.inc. */
#include "binary/binary.h"

#include <math.h>

#define T float
#define POW powf
#define KERNEL sn_f32_binary_add__generic
#define EXPRESSION x + y
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_sub__generic
#define EXPRESSION x - y
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_mul__generic
#define EXPRESSION x * y
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_div__generic
#define EXPRESSION x / y
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_maximum__generic
#define EXPRESSION x > y || x != x ? x : y
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_minimum__generic
#define EXPRESSION x < y || x != x ? x : y
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_pow__generic
#define EXPRESSION POW(x, y)
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_equal__generic
#define EXPRESSION x == y
#include "binary_generic.inc"
#define KERNEL sn_f32_binary_greater__generic
#define EXPRESSION x > y
#include "binary_generic.inc"
#undef T
#undef POW

#define T double
#define POW pow
#define KERNEL sn_f64_binary_add__generic
#define EXPRESSION x + y
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_sub__generic
#define EXPRESSION x - y
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_mul__generic
#define EXPRESSION x * y
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_div__generic
#define EXPRESSION x / y
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_maximum__generic
#define EXPRESSION x > y || x != x ? x : y
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_minimum__generic
#define EXPRESSION x < y || x != x ? x : y
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_pow__generic
#define EXPRESSION POW(x, y)
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_equal__generic
#define EXPRESSION x == y
#include "binary_generic.inc"
#define KERNEL sn_f64_binary_greater__generic
#define EXPRESSION x > y
#include "binary_generic.inc"
#undef T
#undef POW

sn_binary_kernel *const sn_f32_binary__generic[SN_BINARY_KINDS] = {
    [SN_ADD] = sn_f32_binary_add__generic,
    [SN_SUB] = sn_f32_binary_sub__generic,
    [SN_MUL] = sn_f32_binary_mul__generic,
    [SN_DIV] = sn_f32_binary_div__generic,
    [SN_MAXIMUM] = sn_f32_binary_maximum__generic,
    [SN_MINIMUM] = sn_f32_binary_minimum__generic,
    [SN_POW] = sn_f32_binary_pow__generic,
    [SN_EQUAL] = sn_f32_binary_equal__generic,
    [SN_GREATER] = sn_f32_binary_greater__generic,
};

sn_binary_kernel *const sn_f64_binary__generic[SN_BINARY_KINDS] = {
    [SN_ADD] = sn_f64_binary_add__generic,
    [SN_SUB] = sn_f64_binary_sub__generic,
    [SN_MUL] = sn_f64_binary_mul__generic,
    [SN_DIV] = sn_f64_binary_div__generic,
    [SN_MAXIMUM] = sn_f64_binary_maximum__generic,
    [SN_MINIMUM] = sn_f64_binary_minimum__generic,
    [SN_POW] = sn_f64_binary_pow__generic,
    [SN_EQUAL] = sn_f64_binary_equal__generic,
    [SN_GREATER] = sn_f64_binary_greater__generic,
};
