/* permute, AVX-512: 16 x 16 tiles are transposed in registers: whole cache lines are read and written. */
#include <immintrin.h>

#include "core/check.h"
#include "core/compiler.h"
#include "permute/permute.h"

static SN_INLINE void transpose_tile(const float *x, int64_t x_stride, float *y, int64_t y_stride, int64_t rows, int64_t cols, int past) {
    const __mmask16 row_mask = rows < 16 ? (__mmask16)((1u << rows) - 1) : (__mmask16)0xffff;
    const __mmask16 col_mask = cols < 16 ? (__mmask16)((1u << cols) - 1) : (__mmask16)0xffff;
    __m512 a[16], b[16];
    for (int j = 0; j < 16; j++) a[j] = j < cols ? _mm512_maskz_loadu_ps(row_mask, x + j * x_stride) : _mm512_setzero_ps();
    for (int j = 0; j < 16; j += 2) { /* pairs of 32-bit elements */
        b[j] = _mm512_unpacklo_ps(a[j], a[j + 1]);
        b[j + 1] = _mm512_unpackhi_ps(a[j], a[j + 1]);
    }
    for (int j = 0; j < 16; j += 4) { /* 4 x 4 within each quarter: a[j + k] holds rows k, k + 4, k + 8, k + 12 */
        a[j] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(b[j]), _mm512_castps_pd(b[j + 2])));
        a[j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(b[j]), _mm512_castps_pd(b[j + 2])));
        a[j + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(b[j + 1]), _mm512_castps_pd(b[j + 3])));
        a[j + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(b[j + 1]), _mm512_castps_pd(b[j + 3])));
    }
    for (int k = 0; k < 4; k++) { /* the quarters */
        const __m512 even_low = _mm512_shuffle_f32x4(a[k], a[k + 4], 0x88), odd_low = _mm512_shuffle_f32x4(a[k], a[k + 4], 0xdd);
        const __m512 even_high = _mm512_shuffle_f32x4(a[k + 8], a[k + 12], 0x88), odd_high = _mm512_shuffle_f32x4(a[k + 8], a[k + 12], 0xdd);
        b[k] = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
        b[k + 8] = _mm512_shuffle_f32x4(even_low, even_high, 0xdd);
        b[k + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        b[k + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xdd);
    }
    for (int i = 0; i < 16; i++)
        if (past) _mm512_stream_ps(y + i * y_stride, b[i]);
        else if (i < rows) _mm512_mask_storeu_ps(y + i * y_stride, col_mask, b[i]);
}

/* Large arrays: the tiles in the order of x if that is dense, what comes next of x asked for. */
static void transpose_past(const float *x, int64_t x_stride, float *y, int64_t y_stride, int64_t rows, int64_t cols) {
    const int dense = x_stride < 2 * rows;
    const int64_t across = sn_ceil_div(rows, 16), along = sn_ceil_div(cols, 16), ahead = dense ? 16 * x_stride : SN_PERMUTE_STRIP;
    for (int64_t t = 0; t < across * along; t++) {
        const int64_t i = (dense ? t % across : t / along) * 16, j = (dense ? t / across : t % along) * 16;
        const int64_t high = sn_min(rows - i, 16), wide = sn_min(cols - j, 16);
        const float *from = x + i + j * x_stride;
        float *to = y + i * y_stride + j;
        for (int64_t k = 0; k < wide; k++) SN_PREFETCH(from + k * x_stride + ahead);
        if (high == 16 && wide == 16) transpose_tile(from, x_stride, to, y_stride, 16, 16, 1);
        else transpose_tile(from, x_stride, to, y_stride, high, wide, 0);
    }
}

void sn_x32_permute_transpose__avx512(const void *x_, int64_t x_stride, void *y_, int64_t y_stride, int64_t rows, int64_t cols, int past) {
    const float *x = x_;
    float *y = y_;
    if (rows < 16 || cols < 16) { /* masks all the way are slower than scalars out of cache */
        sn_x32_permute_transpose__generic(x, x_stride, y, y_stride, rows, cols, 0);
        return;
    }
    if (past) {
        transpose_past(x, x_stride, y, y_stride, rows, cols);
        return;
    }
    for (int64_t i = 0; i < rows; i += 16)
        for (int64_t j = 0; j < cols; j += 16) {
            const int64_t tile_rows = rows - i < 16 ? rows - i : 16, tile_cols = cols - j < 16 ? cols - j : 16;
            if (tile_rows == 16 && tile_cols == 16) transpose_tile(x + i + j * x_stride, x_stride, y + i * y_stride + j, y_stride, 16, 16, 0);
            else transpose_tile(x + i + j * x_stride, x_stride, y + i * y_stride + j, y_stride, tile_rows, tile_cols, 0);
        }
}
