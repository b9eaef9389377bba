/* Tiny products, AVX2: see gemm_tiny.inc. */
#include <immintrin.h>

#include "core/compiler.h"
#include "gemm/gemm_tiny.h"
#include "unary/vector_math_avx2.h"

#define INLINE SN_INLINE

enum { LANES = 8 };
typedef __m256 vfloat;
typedef __m256i vmask;

static INLINE vmask first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static INLINE vfloat set(float v) { return _mm256_set1_ps(v); }
static INLINE vfloat load_some(const float *p, vmask m) { return _mm256_maskload_ps(p, m); }
/* Masked stores are slow on some CPUs. */
static INLINE void store_some(float *p, vfloat v, vmask m, int64_t n) {
    (void)m;
    if (n == LANES) {
        _mm256_storeu_ps(p, v);
        return;
    }
    __m128 low = _mm256_castps256_ps128(v);
    if (n & 4) {
        _mm_storeu_ps(p, low);
        low = _mm256_extractf128_ps(v, 1);
        p += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)p, low);
        low = _mm_movehl_ps(low, low);
        p += 2;
    }
    if (n & 1) _mm_store_ss(p, low);
}
static INLINE vfloat add(vfloat a, vfloat b) { return _mm256_add_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm256_mul_ps(a, b); }
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm256_fmadd_ps(a, b, c); }
static INLINE vfloat relu(vfloat v) { return _mm256_max_ps(_mm256_setzero_ps(), v); } /* v when it is NaN */
static INLINE vfloat where_positive(vfloat v, vfloat yes, vfloat no) {
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ));
}
static INLINE vfloat sigmoid(vfloat v) { return sn_sigmoid_avx2(v); }
static INLINE vfloat hyperbolic_tangent(vfloat v) { return sn_tanh_avx2(v); }
static INLINE vfloat expm1_of(vfloat v) { return sn_expm1_avx2(v); }

#define GEMM_TINY sn_f32_gemm_tiny__avx2
#include "gemm/gemm_tiny.inc"
