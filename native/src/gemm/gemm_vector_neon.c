#include "core/compiler.h"
#include "core/lanes_neon.h"

enum { ROWS = 4, VECTORS = 16 };

/* What the numbers of each of `rows` vectors add up to. */
static SN_INLINE void sums_of(const lanes x[ROWS], const int rows, float *out) {
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) out[r] = vaddvq_f32(x[r]);
}

#define VECTOR_ROWS sn_f32_vector_rows__neon
#define VECTOR_COLUMNS sn_f32_vector_columns__neon
#include "gemm/gemm_vector.inc"
