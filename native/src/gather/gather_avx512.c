/* gather, AVX-512. The ends of the next rows are asked for while one is copied: hardware foresees no rows that only the data know. */
#include <immintrin.h>
#include <string.h>

#include "core/compiler.h"
#include "gather/gather.h"

enum { AHEAD = 4, LONG = 512 }; /* rows; words from which on memcpy is as fast */

static inline __mmask16 first_lanes(int64_t n) { return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1); }

static inline void prefetch(const int32_t *row, int64_t words) {
    _mm_prefetch((const char *)row, _MM_HINT_T0);
    _mm_prefetch((const char *)(row + words - 1), _MM_HINT_T0);
}

void sn_gather_rows__avx512(const void *x_, const int32_t *index, void *y_, int64_t rows, int64_t words) {
    const int32_t *x = x_;
    int32_t *y = y_;
    const __mmask16 tail = first_lanes(words % 16);
    for (int64_t r = 0; r < rows; r++, y += words) {
        const int32_t *row = x + index[r] * words;
        if (r + AHEAD < rows) prefetch(x + index[r + AHEAD] * words, words);
        if (words >= LONG) {
            memcpy(y, row, (size_t)words * 4);
            continue;
        }
        int64_t w = 0;
        for (; w + 16 <= words; w += 16) _mm512_storeu_si512(y + w, _mm512_loadu_si512(row + w));
        if (w < words) _mm512_mask_storeu_epi32(y + w, tail, _mm512_maskz_loadu_epi32(tail, row + w));
    }
}

void sn_b32_gather_take__avx512(const void *x_, const int32_t *index, void *y_, int64_t count, int64_t stride, int64_t step) {
    const int32_t *x = x_;
    int32_t *y = y_;
    const __m512i strides = _mm512_set1_epi32((int32_t)stride);
    const __m512i lanes = _mm512_mullo_epi32(_mm512_set1_epi32((int32_t)step),
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m512i from = _mm512_mullo_epi32(strides, _mm512_loadu_si512(index + i));
        _mm512_storeu_si512(y + i, _mm512_i32gather_epi32(_mm512_add_epi32(from, lanes), x + i * step, 4));
    }
    for (; i < count; i++) y[i] = x[index[i] * stride + i * step];
}

void sn_b64_gather_take__avx512(const void *x_, const int32_t *index, void *y_, int64_t count, int64_t stride, int64_t step) {
    const int64_t *x = x_;
    int64_t *y = y_;
    const __m256i strides = _mm256_set1_epi32((int32_t)stride);
    const __m256i lanes = _mm256_mullo_epi32(_mm256_set1_epi32((int32_t)step), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i from = _mm256_mullo_epi32(strides, _mm256_loadu_si256((const __m256i *)(index + i)));
        _mm512_storeu_si512(y + i, _mm512_i32gather_epi64(_mm256_add_epi32(from, lanes), x + i * step, 8));
    }
    for (; i < count; i++) y[i] = x[index[i] * stride + i * step];
}

static inline void add_row(float *dx, const float *dy, int64_t n, __mmask16 tail) {
    int64_t k = 0;
    for (; k + 16 <= n; k += 16) _mm512_storeu_ps(dx + k, _mm512_add_ps(_mm512_loadu_ps(dx + k), _mm512_loadu_ps(dy + k)));
    if (k < n) _mm512_mask_storeu_ps(dx + k, tail, _mm512_add_ps(_mm512_maskz_loadu_ps(tail, dx + k), _mm512_maskz_loadu_ps(tail, dy + k)));
}

/* Looks at sixteen indices at a time. */
void sn_f32_gather_add__avx512(const sn_gather_range *range, const void *dy_, void *dx_) {
    const float *dy = dy_;
    float *dx = dx_;
    const int64_t inner = range->inner;
    const __mmask16 tail = first_lanes(inner % 16);
    const __m512i first = _mm512_set1_epi32((int32_t)range->first), most = _mm512_set1_epi32((int32_t)(range->last - 1)),
        skip = _mm512_set1_epi32((int32_t)range->skip);
    for (int64_t i = 0; i < range->count; i += 16) {
        const __mmask16 valid = first_lanes(range->count - i);
        const __m512i j = _mm512_maskz_loadu_epi32(valid, range->index + i);
        __mmask16 wanted = _mm512_mask_cmpge_epi32_mask(valid, j, first);
        wanted = _mm512_mask_cmple_epi32_mask(wanted, j, most);
        for (unsigned bits = _mm512_mask_cmpneq_epi32_mask(wanted, j, skip); bits; bits &= bits - 1) {
            const int64_t at = i + sn_trailing_zeros(bits);
            add_row(dx + (range->index[at] - range->first) * inner, dy + at * inner, inner, tail);
        }
    }
}
