#include "tile/tile.h"

#include <immintrin.h>

enum { SIDE = 16 };

/* Sixteen rows in r become sixteen columns. */
static inline __attribute__((always_inline)) void transpose_registers(__m512 r[SIDE]) {
    __m512 s[SIDE];
#pragma GCC unroll 8
    for (int i = 0; i < SIDE; i += 2) { /* pairs of elements */
        s[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < SIDE; i += 4) { /* fours */
        r[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(s[i]), _mm512_castps_pd(s[i + 2])));
        r[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(s[i]), _mm512_castps_pd(s[i + 2])));
        r[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(s[i + 1]), _mm512_castps_pd(s[i + 3])));
        r[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(s[i + 1]), _mm512_castps_pd(s[i + 3])));
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) { /* quarters of 4 x 4 */
        s[i] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88);
        s[i + 4] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
        s[i + 8] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
        s[i + 12] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_f32x4(s[i], s[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(s[i], s[i + 8], 0xdd);
        r[i + 4] = _mm512_shuffle_f32x4(s[i + 4], s[i + 12], 0x88);
        r[i + 12] = _mm512_shuffle_f32x4(s[i + 4], s[i + 12], 0xdd);
    }
}

void sn_f32_transpose__avx512(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step) {
    for (int64_t c = 0; c < cols; c += SIDE)
        for (int64_t r = 0; r < rows; r += SIDE) {
            const int64_t high = rows - r < SIDE ? rows - r : SIDE, wide = cols - c < SIDE ? cols - c : SIDE;
            const __mmask16 read = (__mmask16)((1u << wide) - 1), write = (__mmask16)((1u << high) - 1);
            const float *in = from + r * from_step + c;
            float *out = to + c * to_step + r;
            __m512 block[SIDE];
#pragma GCC unroll 16
            for (int i = 0; i < SIDE; i++) block[i] = i < high ? _mm512_maskz_loadu_ps(read, in + i * from_step) : _mm512_setzero_ps();
            transpose_registers(block);
#pragma GCC unroll 16
            for (int i = 0; i < SIDE; i++)
                if (i < wide) _mm512_mask_storeu_ps(out + i * to_step, write, block[i]);
        }
}
