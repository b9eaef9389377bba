#include "core/compiler.h"
#include "tile/tile.h"

#include <immintrin.h>

enum { SIDE = 16 };

/* Sixteen rows in r become sixteen columns. */
static SN_INLINE void transpose_registers(__m512 r[SIDE]) {
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

/* Pairs, then fours: r[i], r[i + 1], r[i + 2], r[i + 3] become, in each quarter, columns of 4. */
static SN_INLINE void transpose_fours(__m512 r[8]) {
    __m512 s[8];
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
        s[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(s[i]), _mm512_castps_pd(s[i + 2])));
        r[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(s[i]), _mm512_castps_pd(s[i + 2])));
        r[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(s[i + 1]), _mm512_castps_pd(s[i + 3])));
        r[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(s[i + 1]), _mm512_castps_pd(s[i + 3])));
    }
}

static SN_INLINE __m256 row_of_8(const float *in, int64_t step, int64_t row, int64_t rows, __mmask8 mask) {
    return _mm256_maskz_loadu_ps(row < rows ? mask : 0, in + row * step);
}

/* 16 rows, up to 8 columns: two rows share a register. */
static SN_NOINLINE void from_narrow(const float *in, int64_t step, int64_t rows, int64_t cols, float *out, int64_t to_step) {
    const __mmask8 read = (__mmask8)((1u << cols) - 1);
    const __mmask16 write = (__mmask16)((1u << rows) - 1);
    __m512 r[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        const int row = i < 4 ? i : i + 4;
        r[i] = _mm512_insertf32x8(_mm512_castps256_ps512(row_of_8(in, step, row, rows, read)), row_of_8(in, step, row + 4, rows, read), 1);
    }
    transpose_fours(r);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        if (i < cols) _mm512_mask_storeu_ps(out + i * to_step, write, _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88));
        if (i + 4 < cols) _mm512_mask_storeu_ps(out + (i + 4) * to_step, write, _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd));
    }
}

/* Up to 8 rows, 16 columns. Not by masked extraction to memory, which faults beyond the mask. */
static SN_NOINLINE void to_narrow(const float *in, int64_t step, int64_t rows, int64_t cols, float *out, int64_t to_step) {
    const __mmask16 read = (__mmask16)((1u << cols) - 1);
    const __mmask8 write = (__mmask8)((1u << rows) - 1);
    const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 0, 0, 0, 0, 0, 0, 0, 0);
    __m512 r[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) r[i] = i < rows ? _mm512_maskz_loadu_ps(read, in + i * step) : _mm512_setzero_ps();
    transpose_fours(r);
#pragma GCC unroll 4
    for (int quarter = 0; quarter < 4; quarter++) {
        const __m512i index = _mm512_add_epi32(first, _mm512_set1_epi32(4 * quarter));
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            if (4 * quarter + i >= cols) return;
            _mm256_mask_storeu_ps(out, write, _mm512_castps512_ps256(_mm512_permutex2var_ps(r[i], index, r[i + 4])));
            out += to_step;
        }
    }
}

void sn_f32_transpose__avx512(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step) {
    for (int64_t c = 0; c < cols; c += SIDE)
        for (int64_t r = 0; r < rows; r += SIDE) {
            const int64_t high = rows - r < SIDE ? rows - r : SIDE, wide = cols - c < SIDE ? cols - c : SIDE;
            const __mmask16 read = (__mmask16)((1u << wide) - 1), write = (__mmask16)((1u << high) - 1);
            const float *in = from + r * from_step + c;
            float *out = to + c * to_step + r;
            if (wide <= 8) {
                from_narrow(in, from_step, high, wide, out, to_step);
                continue;
            }
            if (high <= 8) {
                to_narrow(in, from_step, high, wide, out, to_step);
                continue;
            }
            __m512 block[SIDE];
#pragma GCC unroll 16
            for (int i = 0; i < SIDE; i++) block[i] = i < high ? _mm512_maskz_loadu_ps(read, in + i * from_step) : _mm512_setzero_ps();
            transpose_registers(block);
#pragma GCC unroll 16
            for (int i = 0; i < SIDE; i++)
                if (i < wide) _mm512_mask_storeu_ps(out + i * to_step, write, block[i]);
        }
}
