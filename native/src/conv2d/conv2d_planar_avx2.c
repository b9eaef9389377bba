/* Planes, AVX2: see conv2d_planar.inc. */
#include "core/lanes_avx2.h"

#include "conv2d/conv2d_planar.h"
#include "core/check.h"
#include "core/compiler.h"

enum { COLUMNS = 4, ROWS = 4 };
static const int64_t vectors_most[6] = {6, 6, 4, 3};

/* The halves of a and b in turn, to their places. */
static SN_INLINE lanes in_order(lanes v) { return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), 0xd8)); }
static SN_INLINE lanes even(lanes a, lanes b) { return in_order(_mm256_shuffle_ps(a, b, 0x88)); }
static SN_INLINE lanes odd(lanes a, lanes b) { return in_order(_mm256_shuffle_ps(a, b, 0xdd)); }
static SN_INLINE lanes maximum(lanes a, lanes b) {
    return _mm256_blendv_ps(a, b, _mm256_and_ps(_mm256_cmp_ps(a, a, _CMP_ORD_Q), _mm256_cmp_ps(b, a, _CMP_NLE_UQ)));
}

#define PLANAR sn_f32_planar__avx2
#define PLANAR_POOL sn_f32_planar_pool__avx2
#include "conv2d/conv2d_planar.inc"
