/* pool2d, AVX2: see pool2d_vector.inc and pool2d_vector_backward.inc. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "core/compiler.h"
#include "core/stream.h"
#include "pool2d/pool2d.h"

#define INLINE SN_INLINE

enum { LANES = 8 };
typedef __m256 vfloat, vtest;
typedef __m256i vint, vmask;

static INLINE vmask first_lanes(int64_t n) {
    const int32_t count = n > 8 ? 8 : (int32_t)n;
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static INLINE vfloat load_all(const float *p) { return _mm256_loadu_ps(p); }
static INLINE vfloat load_some(const float *p, vmask m) { return _mm256_maskload_ps(p, m); }
static INLINE vint load_ints(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static INLINE void store_all(float *p, vfloat v) { _mm256_storeu_ps(p, v); }
static INLINE void store_past(float *p, vfloat v) { _mm256_stream_ps(p, v); }
static INLINE void store_some(float *p, vfloat v, vmask m) { _mm256_maskstore_ps(p, m, v); }
static INLINE vfloat zero_floats(void) { return _mm256_setzero_ps(); }
static INLINE vfloat set_float(float v) { return _mm256_set1_ps(v); }
static INLINE vint set_int(int32_t v) { return _mm256_set1_epi32(v); }
static INLINE vfloat add(vfloat a, vfloat b) { return _mm256_add_ps(a, b); }
static INLINE vfloat multiply(vfloat a, vfloat b) { return _mm256_mul_ps(a, b); }
static INLINE vint add_ints(vint a, vint b) { return _mm256_add_epi32(a, b); }
static INLINE vfloat as_floats(vint v) { return _mm256_castsi256_ps(v); }
static INLINE vint as_ints(vfloat v) { return _mm256_castps_si256(v); }
static INLINE vtest is_number(vfloat v) { return _mm256_cmp_ps(v, v, _CMP_ORD_Q); }
static INLINE vtest both(vtest a, vtest b) { return _mm256_and_ps(a, b); }
/* a > b, or either is a NaN */
static INLINE vtest exceeds(vfloat a, vfloat b) { return _mm256_cmp_ps(a, b, _CMP_NLE_UQ); }
static INLINE vfloat choose(vtest t, vfloat yes, vfloat no) { return _mm256_blendv_ps(no, yes, t); }
static INLINE vint choose_int(vtest t, vint yes, vint no) { return as_ints(choose(t, as_floats(yes), as_floats(no))); }
/* sum + v where a == b, else sum */
static INLINE vfloat add_where_equal(vint a, vint b, vfloat sum, vfloat v) {
    return _mm256_add_ps(sum, _mm256_and_ps(as_floats(_mm256_cmpeq_epi32(a, b)), v));
}
/* Lane i is element source[i] of low and high in a row. */
static INLINE vfloat pick(vfloat low, vfloat high, vint source) {
    const vtest above = as_floats(_mm256_cmpgt_epi32(source, _mm256_set1_epi32(7)));
    return choose(above, _mm256_permutevar8x32_ps(high, source), _mm256_permutevar8x32_ps(low, source));
}
static INLINE vfloat pick_one(vfloat v, vint source) { return _mm256_permutevar8x32_ps(v, source); }

#define MAX_FORWARD sn_f32_maxpool2d_forward__avx2
#define MAX_BACKWARD sn_f32_maxpool2d_backward__avx2
#define AVG_FORWARD sn_f32_avgpool2d_forward__avx2
#define AVG_BACKWARD sn_f32_avgpool2d_backward__avx2
#include "pool2d/pool2d_vector.inc"
#include "pool2d/pool2d_vector_backward.inc"
