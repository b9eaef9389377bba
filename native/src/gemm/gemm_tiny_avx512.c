/* Tiny products, AVX-512: see gemm_tiny.inc. */
#include <immintrin.h>

#include "core/compiler.h"
#include "gemm/gemm_tiny.h"
#include "unary/vector_math_avx512.h"

#define INLINE SN_INLINE

enum { LANES = 16 };
typedef __m512 vfloat;
typedef __mmask16 vmask;

static INLINE vmask first_lanes(int64_t n) { return (vmask)((1u << n) - 1); }
static INLINE vfloat set(float v) { return _mm512_set1_ps(v); }
static INLINE vfloat load_some(const float *p, vmask m) { return _mm512_maskz_loadu_ps(m, p); }
static INLINE void store_some(float *p, vfloat v, vmask m, int64_t n) {
    (void)n;
    _mm512_mask_storeu_ps(p, m, v);
}
static INLINE vfloat add(vfloat a, vfloat b) { return _mm512_add_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm512_mul_ps(a, b); }
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm512_fmadd_ps(a, b, c); }
static INLINE vfloat relu(vfloat v) { return _mm512_max_ps(_mm512_setzero_ps(), v); } /* v when it is NaN */
static INLINE vfloat where_positive(vfloat v, vfloat yes, vfloat no) {
    return _mm512_mask_mov_ps(no, _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_GT_OQ), yes);
}
static INLINE vfloat sigmoid(vfloat v) { return sn_sigmoid_avx512(v); }
static INLINE vfloat hyperbolic_tangent(vfloat v) { return sn_tanh_avx512(v); }
static INLINE vfloat expm1_of(vfloat v) { return sn_expm1_avx512(v); }

#define GEMM_TINY sn_f32_gemm_tiny__avx512
#include "gemm/gemm_tiny.inc"
