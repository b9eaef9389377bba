#include "tile/tile.h"

#include <immintrin.h>

enum { SIDE = 8 };

static inline __attribute__((always_inline)) void transpose_block(const float *in, int64_t from_step, float *out, int64_t to_step) {
    __m256 r[SIDE], s[SIDE];
#pragma GCC unroll 8
    for (int i = 0; i < SIDE; i++) r[i] = _mm256_loadu_ps(in + i * from_step);
#pragma GCC unroll 4
    for (int i = 0; i < SIDE; i += 2) { /* pairs of elements */
        s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < SIDE; i += 4) { /* fours */
        r[i] = _mm256_shuffle_ps(s[i], s[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(s[i], s[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0xee);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        _mm256_storeu_ps(out + i * to_step, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        _mm256_storeu_ps(out + (i + 4) * to_step, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
}

void sn_f32_transpose__avx2(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step) {
    for (int64_t c = 0; c < cols; c += SIDE)
        for (int64_t r = 0; r < rows; r += SIDE) {
            if (rows - r >= SIDE && cols - c >= SIDE) {
                transpose_block(from + r * from_step + c, from_step, to + c * to_step + r, to_step);
                continue;
            }
            for (int64_t i = r; i < rows && i < r + SIDE; i++)
                for (int64_t j = c; j < cols && j < c + SIDE; j++) to[j * to_step + i] = from[i * from_step + j];
        }
}
