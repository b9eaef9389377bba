/* pool2d, AVX-512: see pool2d_vector.inc and pool2d_vector_backward.inc. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/stream.h"
#include "pool2d/pool2d.h"

#define INLINE SN_INLINE

enum { LANES = 16 };
typedef __m512 vfloat;
typedef __m512i vint;
typedef __mmask16 vmask, vtest;

static INLINE vmask first_lanes(int64_t n) { return n >= 16 ? 0xffff : n <= 0 ? 0 : (vmask)((1u << n) - 1); }
static INLINE vfloat load_all(const float *p) { return _mm512_loadu_ps(p); }
static INLINE vfloat load_some(const float *p, vmask m) { return _mm512_maskz_loadu_ps(m, p); }
static INLINE vint load_ints(const int32_t *p) { return _mm512_loadu_si512(p); }
static INLINE void store_all(float *p, vfloat v) { _mm512_storeu_ps(p, v); }
static INLINE void store_past(float *p, vfloat v) { _mm512_stream_ps(p, v); }
static INLINE void store_some(float *p, vfloat v, vmask m) { _mm512_mask_storeu_ps(p, m, v); }
static INLINE vfloat zero_floats(void) { return _mm512_setzero_ps(); }
static INLINE vfloat set_float(float v) { return _mm512_set1_ps(v); }
static INLINE vint set_int(int32_t v) { return _mm512_set1_epi32(v); }
static INLINE vfloat add(vfloat a, vfloat b) { return _mm512_add_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm512_mul_ps(a, b); }
static INLINE vint add_ints(vint a, vint b) { return _mm512_add_epi32(a, b); }
static INLINE vfloat as_floats(vint v) { return _mm512_castsi512_ps(v); }
static INLINE vint as_ints(vfloat v) { return _mm512_castps_si512(v); }
static INLINE vtest is_number(vfloat v) { return _mm512_cmp_ps_mask(v, v, _CMP_ORD_Q); }
static INLINE vtest both(vtest a, vtest b) { return a & b; }
/* a > b, or either is a NaN */
static INLINE vtest exceeds(vfloat a, vfloat b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ); }
static INLINE vfloat choose(vtest t, vfloat yes, vfloat no) { return _mm512_mask_blend_ps(t, no, yes); }
static INLINE vint choose_int(vtest t, vint yes, vint no) { return _mm512_mask_blend_epi32(t, no, yes); }
/* sum + v where a == b, else sum */
static INLINE vfloat add_where_equal(vint a, vint b, vfloat sum, vfloat v) {
    return _mm512_mask_add_ps(sum, _mm512_cmpeq_epi32_mask(a, b), sum, v);
}
/* Lane i is element source[i] of low and high in a row. */
static INLINE vfloat pick(vfloat low, vfloat high, vint source) { return _mm512_permutex2var_ps(low, source, high); }
static INLINE vfloat pick_one(vfloat v, vint source) { return _mm512_permutexvar_ps(source, v); }

#define MAX_FORWARD sn_f32_maxpool2d_forward__avx512
#define MAX_BACKWARD sn_f32_maxpool2d_backward__avx512
#define AVG_FORWARD sn_f32_avgpool2d_forward__avx512
#define AVG_BACKWARD sn_f32_avgpool2d_backward__avx512
#include "pool2d/pool2d_vector.inc"
#include "pool2d/pool2d_vector_backward.inc"
