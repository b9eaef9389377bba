/* batchnorm, AVX-512: see batchnorm_vector.inc. */
#include <immintrin.h>
#include <stddef.h>

#include "core/compiler.h"
#include "batchnorm/batchnorm.h"

#define INLINE SN_INLINE

enum { LANES = 16 };
typedef __m512 vfloat;
typedef __mmask16 vmask;

static INLINE vmask first_lanes(int64_t n) { return (vmask)((1u << n) - 1); }
static INLINE vfloat load_all(const float *p) { return _mm512_loadu_ps(p); }
static INLINE vfloat load_some(const float *p, vmask m) { return _mm512_maskz_loadu_ps(m, p); }
static INLINE void store_all(float *p, vfloat v) { _mm512_storeu_ps(p, v); }
static INLINE void store_past(float *p, vfloat v) { _mm512_stream_ps(p, v); }
static INLINE void store_some(float *p, vfloat v, vmask m) { _mm512_mask_storeu_ps(p, m, v); }
static INLINE vfloat add(vfloat a, vfloat b) { return _mm512_add_ps(a, b); }
static INLINE vfloat subtract(vfloat a, vfloat b) { return _mm512_sub_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm512_mul_ps(a, b); }
/* a b + c */
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm512_fmadd_ps(a, b, c); }
/* c - a b */
static INLINE vfloat minus_product(vfloat a, vfloat b, vfloat c) { return _mm512_fnmadd_ps(a, b, c); }
/* The instruction returns the second operand if one is NaN. */
static INLINE vfloat not_below_zero(vfloat v) { return _mm512_max_ps(_mm512_setzero_ps(), v); }
/* g, or 0 where y <= 0 */
static INLINE vfloat where_above_zero(vfloat y, vfloat g) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_NLE_UQ), g);
}

#include "batchnorm/batchnorm_vector.inc"

const sn_batchnorm_kernels sn_f32_batchnorm__avx512 = {sums, moments, apply, gradient_sums, gradient_apply};
