#include "core/compiler.h"
#include "core/lanes_avx2.h"

enum { ROWS = 4, VECTORS = 8 };

/* What the numbers of each of `rows` vectors add up to. */
static SN_INLINE void sums_of(const lanes x[ROWS], const int rows, float *out) {
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
        __m128 s = _mm_add_ps(_mm256_castps256_ps128(x[r]), _mm256_extractf128_ps(x[r], 1));
        s = _mm_add_ps(s, _mm_movehl_ps(s, s));
        out[r] = _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
    }
}

#define VECTOR_ROWS sn_f32_vector_rows__avx2
#define VECTOR_COLUMNS sn_f32_vector_columns__avx2
#include "gemm/gemm_vector.inc"
