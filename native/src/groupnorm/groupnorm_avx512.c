/* groupnorm of contiguous groups, AVX-512: see groupnorm_vector.inc. */
#include <immintrin.h>
#include <math.h>
#include <stddef.h>

#include "core/compiler.h"
#include "groupnorm/groupnorm.h"

#define INLINE SN_INLINE

enum { LANES = 16 };
typedef __m512 vfloat;
typedef __mmask16 vmask;

static INLINE vfloat all(float x) { return _mm512_set1_ps(x); }
static INLINE vfloat load_all(const float *p) { return _mm512_loadu_ps(p); }
static INLINE void store_all(float *p, vfloat v) { _mm512_storeu_ps(p, v); }
static INLINE vfloat add(vfloat a, vfloat b) { return _mm512_add_ps(a, b); }
static INLINE vfloat subtract(vfloat a, vfloat b) { return _mm512_sub_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm512_mul_ps(a, b); }
/* a b + c */
static INLINE vfloat multiply_add(vfloat a, vfloat b, vfloat c) { return _mm512_fmadd_ps(a, b, c); }
/* c - a b */
static INLINE vfloat minus_product(vfloat a, vfloat b, vfloat c) { return _mm512_fnmadd_ps(a, b, c); }
static INLINE vmask first_lanes(int64_t n) { return (vmask)((1u << n) - 1); }
static INLINE vfloat load_some(const float *p, vmask m) { return _mm512_maskz_loadu_ps(m, p); }
static INLINE void store_some(float *p, vfloat v, vmask m) { _mm512_mask_storeu_ps(p, m, v); }
/* v in the lanes of the mask, else 0 */
static INLINE vfloat only(vfloat v, vmask m) { return _mm512_maskz_mov_ps(m, v); }
static INLINE float sum_lanes(vfloat v) { return _mm512_reduce_add_ps(v); }

#define FORWARD sn_f32_groupnorm_forward_rows__avx512
#define BACKWARD sn_f32_groupnorm_backward_rows__avx512
#include "groupnorm/groupnorm_vector.inc"
