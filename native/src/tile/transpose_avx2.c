#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

enum { SIDE = 8 };

/* The first lanes, of a row that ends there. */
static SN_INLINE void store_part(float *to, __m256 row, int64_t lanes) {
    __m128 part = _mm256_castps256_ps128(row);
    if (lanes & 4) {
        _mm_storeu_ps(to, part);
        part = _mm256_extractf128_ps(row, 1);
        to += 4;
    }
    if (lanes & 2) {
        _mm_storel_pi((__m64 *)(void *)to, part);
        part = _mm_movehl_ps(part, part);
        to += 2;
    }
    if (lanes & 1) _mm_store_ss(to, part);
}

/* rows and cols up to 8; whole is a constant at each call. */
static SN_INLINE void transpose_block(const float *in, int64_t from_step, int64_t rows, int64_t cols, float *out, int64_t to_step,
                                                                  const int whole) {
    const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)cols), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    __m256 r[SIDE], s[SIDE];
#pragma GCC unroll 8
    for (int i = 0; i < SIDE; i++)
        r[i] = whole ? _mm256_loadu_ps(in + i * from_step) : i < rows ? _mm256_maskload_ps(in + i * from_step, mask) : _mm256_setzero_ps();
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
#pragma GCC unroll 8
    for (int i = 0; i < SIDE; i++) {
        const __m256 row = i < 4 ? _mm256_permute2f128_ps(r[i], r[i + 4], 0x20) : _mm256_permute2f128_ps(r[i - 4], r[i], 0x31);
        if (whole) _mm256_storeu_ps(out + i * to_step, row);
        else if (i < cols) {
            if (rows == SIDE) _mm256_storeu_ps(out + i * to_step, row);
            else store_part(out + i * to_step, row, rows);
        }
    }
}

void sn_f32_transpose__avx2(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step) {
    for (int64_t c = 0; c < cols; c += SIDE)
        for (int64_t r = 0; r < rows; r += SIDE) {
            const int64_t high = rows - r < SIDE ? rows - r : SIDE, wide = cols - c < SIDE ? cols - c : SIDE;
            const float *in = from + r * from_step + c;
            float *out = to + c * to_step + r;
            if (high == SIDE && wide == SIDE) transpose_block(in, from_step, SIDE, SIDE, out, to_step, 1);
            else transpose_block(in, from_step, high, wide, out, to_step, 0);
        }
}
