/* batchnorm, AVX2: see batchnorm_vector.inc. */
#include <immintrin.h>
#include <stddef.h>

#include "core/compiler.h"
#include "batchnorm/batchnorm.h"

#define INLINE SN_INLINE

enum { LANES = 8 };
typedef __m256 vfloat;
typedef __m256i vmask;

static INLINE vmask first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static INLINE vfloat load_all(const float *p) { return _mm256_loadu_ps(p); }
static INLINE vfloat load_some(const float *p, vmask m) { return _mm256_maskload_ps(p, m); }
static INLINE void store_all(float *p, vfloat v) { _mm256_storeu_ps(p, v); }
static INLINE void store_past(float *p, vfloat v) { _mm256_stream_ps(p, v); }
static INLINE void store_some(float *p, vfloat v, vmask m) { _mm256_maskstore_ps(p, m, v); }
static INLINE vfloat add(vfloat a, vfloat b) { return _mm256_add_ps(a, b); }
static INLINE vfloat subtract(vfloat a, vfloat b) { return _mm256_sub_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm256_mul_ps(a, b); }
/* a b + c */
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm256_fmadd_ps(a, b, c); }
/* c - a b */
static INLINE vfloat minus_product(vfloat a, vfloat b, vfloat c) { return _mm256_fnmadd_ps(a, b, c); }
/* The instruction returns the second operand if one is NaN. */
static INLINE vfloat not_below_zero(vfloat v) { return _mm256_max_ps(_mm256_setzero_ps(), v); }
/* g, or 0 where y <= 0 */
static INLINE vfloat where_above_zero(vfloat y, vfloat g) {
    return _mm256_and_ps(_mm256_cmp_ps(y, _mm256_setzero_ps(), _CMP_NLE_UQ), g);
}

#include "batchnorm/batchnorm_vector.inc"

const sn_batchnorm_kernels sn_f32_batchnorm__avx2 = {sums, moments, apply, gradient_sums, gradient_apply};
