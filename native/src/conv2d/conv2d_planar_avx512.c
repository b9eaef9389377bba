/* Planes, AVX-512: see conv2d_planar.inc. */
#include "core/lanes_avx512.h"

#include "conv2d/conv2d_planar.h"
#include "core/check.h"
#include "core/compiler.h"

enum { COLUMNS = 6, ROWS = 12 };
static const int64_t vectors_most[6] = {8, 8, 8, 6, 4, 4};

static SN_INLINE lanes even(lanes a, lanes b) {
    return _mm512_permutex2var_ps(a, _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), b);
}
static SN_INLINE lanes odd(lanes a, lanes b) {
    return _mm512_permutex2var_ps(a, _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), b);
}
static SN_INLINE lanes maximum(lanes a, lanes b) {
    return _mm512_mask_mov_ps(a, _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(a, a, _CMP_ORD_Q), b, a, _CMP_NLE_UQ), b);
}

#define PLANAR sn_f32_planar__avx512
#define PLANAR_POOL sn_f32_planar_pool__avx512
#include "conv2d/conv2d_planar.inc"
