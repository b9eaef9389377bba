#include "core/compiler.h"
#include "core/lanes_avx512.h"

enum { ROWS = 4, VECTORS = 8 };

static SN_INLINE __m128 sums_of_four(lanes a, lanes b, lanes c, lanes d) {
    const lanes ab = add(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)), cd = add(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    const lanes abcd = add(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xee));
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(abcd), _mm512_castps512_ps256(_mm512_shuffle_f32x4(abcd, abcd, 0xee)));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}
/* What the numbers of each of `rows` vectors add up to. */
static SN_INLINE void sums_of(const lanes x[ROWS], const int rows, float *out) {
    if (rows == ROWS) _mm_storeu_ps(out, sums_of_four(x[0], x[1], x[2], x[3]));
    else out[0] = _mm512_reduce_add_ps(x[0]);
}

#define VECTOR_ROWS sn_f32_vector_rows__avx512
#define VECTOR_COLUMNS sn_f32_vector_columns__avx512
#include "gemm/gemm_vector.inc"
