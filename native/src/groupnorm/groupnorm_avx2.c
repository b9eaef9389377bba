/* groupnorm of contiguous groups, AVX2: see groupnorm_vector.inc. */
#include <immintrin.h>
#include <math.h>
#include <stddef.h>

#include "core/compiler.h"
#include "groupnorm/groupnorm.h"

#define INLINE SN_INLINE

enum { LANES = 8 };
typedef __m256 vfloat;
typedef __m256i vmask;

static INLINE vfloat all(float x) { return _mm256_set1_ps(x); }
static INLINE vfloat load_all(const float *p) { return _mm256_loadu_ps(p); }
static INLINE void store_all(float *p, vfloat v) { _mm256_storeu_ps(p, v); }
static INLINE vfloat add(vfloat a, vfloat b) { return _mm256_add_ps(a, b); }
static INLINE vfloat subtract(vfloat a, vfloat b) { return _mm256_sub_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm256_mul_ps(a, b); }
/* a b + c */
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm256_fmadd_ps(a, b, c); }
/* c - a b */
static INLINE vfloat minus_product(vfloat a, vfloat b, vfloat c) { return _mm256_fnmadd_ps(a, b, c); }
static INLINE vmask first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static INLINE vfloat load_some(const float *p, vmask m) { return _mm256_maskload_ps(p, m); }
static INLINE void store_some(float *p, vfloat v, vmask m) { _mm256_maskstore_ps(p, m, v); }
/* v in the lanes of the mask, else 0 */
static INLINE vfloat only(vfloat v, vmask m) { return _mm256_and_ps(v, _mm256_castsi256_ps(m)); }
static INLINE float sum_lanes(vfloat v) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#define FORWARD sn_f32_groupnorm_forward_rows__avx2
#define BACKWARD sn_f32_groupnorm_backward_rows__avx2
#include "groupnorm/groupnorm_vector.inc"
