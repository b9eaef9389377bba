/* binary, AVX-512: see binary_avx512.inc. The maximum and minimum instructions return y when either is NaN, so x is put
 * back where it is NaN. pow and the rare strides run the generic kernel. */
#include <immintrin.h>

#include "binary/binary.h"

#define KERNEL sn_f32_binary_add__avx512
#define KIND SN_ADD
#define EXPRESSION _mm512_add_ps(x, y)
#include "binary_avx512.inc"

#define KERNEL sn_f32_binary_sub__avx512
#define KIND SN_SUB
#define EXPRESSION _mm512_sub_ps(x, y)
#include "binary_avx512.inc"

#define KERNEL sn_f32_binary_mul__avx512
#define KIND SN_MUL
#define EXPRESSION _mm512_mul_ps(x, y)
#include "binary_avx512.inc"

#define KERNEL sn_f32_binary_div__avx512
#define KIND SN_DIV
#define EXPRESSION _mm512_div_ps(x, y)
#include "binary_avx512.inc"

#define KERNEL sn_f32_binary_maximum__avx512
#define KIND SN_MAXIMUM
#define EXPRESSION _mm512_mask_mov_ps(_mm512_max_ps(x, y), _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), x)
#include "binary_avx512.inc"

#define KERNEL sn_f32_binary_minimum__avx512
#define KIND SN_MINIMUM
#define EXPRESSION _mm512_mask_mov_ps(_mm512_min_ps(x, y), _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), x)
#include "binary_avx512.inc"

#define KERNEL sn_f32_binary_equal__avx512
#define KIND SN_EQUAL
#define EXPRESSION _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, y, _CMP_EQ_OQ), _mm512_set1_ps(1))
#include "binary_avx512.inc"

#define KERNEL sn_f32_binary_greater__avx512
#define KIND SN_GREATER
#define EXPRESSION _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, y, _CMP_GT_OQ), _mm512_set1_ps(1))
#include "binary_avx512.inc"

sn_binary_kernel *const sn_f32_binary__avx512[SN_BINARY_KINDS] = {
    [SN_ADD] = sn_f32_binary_add__avx512,
    [SN_SUB] = sn_f32_binary_sub__avx512,
    [SN_MUL] = sn_f32_binary_mul__avx512,
    [SN_DIV] = sn_f32_binary_div__avx512,
    [SN_MAXIMUM] = sn_f32_binary_maximum__avx512,
    [SN_MINIMUM] = sn_f32_binary_minimum__avx512,
    [SN_POW] = sn_f32_binary_pow__generic,
    [SN_EQUAL] = sn_f32_binary_equal__avx512,
    [SN_GREATER] = sn_f32_binary_greater__avx512,
};
