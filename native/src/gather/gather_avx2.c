/* gather, AVX2. The ends of the next rows are asked for while one is copied: hardware foresees no rows that only the data know. */
#include <immintrin.h>
#include <string.h>

#include "core/compiler.h"
#include "gather/gather.h"

enum { AHEAD = 4, LONG = 512 }; /* rows; words from which on memcpy is as fast */

static inline __m256i first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(n < 8 ? n : 8)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline void prefetch(const int32_t *row, int64_t words) {
    _mm_prefetch((const char *)row, _MM_HINT_T0);
    _mm_prefetch((const char *)(row + words - 1), _MM_HINT_T0);
}

void sn_gather_rows__avx2(const void *x_, const int32_t *index, void *y_, int64_t rows, int64_t words) {
    const int32_t *x = x_;
    int32_t *y = y_;
    const __m256i tail = first_lanes(words % 8);
    for (int64_t r = 0; r < rows; r++, y += words) {
        const int32_t *row = x + index[r] * words;
        if (r + AHEAD < rows) prefetch(x + index[r + AHEAD] * words, words);
        if (words >= LONG) {
            memcpy(y, row, (size_t)words * 4);
            continue;
        }
        int64_t w = 0;
        for (; w + 8 <= words; w += 8) _mm256_storeu_si256((__m256i *)(y + w), _mm256_loadu_si256((const __m256i *)(row + w)));
        if (w < words) _mm256_maskstore_epi32(y + w, tail, _mm256_maskload_epi32(row + w, tail));
    }
}

void sn_b32_gather_take__avx2(const void *x_, const int32_t *index, void *y_, int64_t count, int64_t stride, int64_t step) {
    const int32_t *x = x_;
    int32_t *y = y_;
    const __m256i strides = _mm256_set1_epi32((int32_t)stride), steps = _mm256_set1_epi32((int32_t)step);
    const __m256i lanes = _mm256_mullo_epi32(steps, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i from = _mm256_mullo_epi32(strides, _mm256_loadu_si256((const __m256i *)(index + i)));
        _mm256_storeu_si256((__m256i *)(y + i), _mm256_i32gather_epi32(x + i * step, _mm256_add_epi32(from, lanes), 4));
    }
    for (; i < count; i++) y[i] = x[index[i] * stride + i * step];
}

void sn_b64_gather_take__avx2(const void *x_, const int32_t *index, void *y_, int64_t count, int64_t stride, int64_t step) {
    const long long *x = x_;
    long long *y = y_;
    const __m128i strides = _mm_set1_epi32((int32_t)stride), lanes = _mm_mullo_epi32(_mm_set1_epi32((int32_t)step), _mm_setr_epi32(0, 1, 2, 3));
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const __m128i from = _mm_mullo_epi32(strides, _mm_loadu_si128((const __m128i *)(index + i)));
        _mm256_storeu_si256((__m256i *)(y + i), _mm256_i32gather_epi64(x + i * step, _mm_add_epi32(from, lanes), 8));
    }
    for (; i < count; i++) y[i] = x[index[i] * stride + i * step];
}

static inline void add_row(float *dx, const float *dy, int64_t n, __m256i tail) {
    int64_t k = 0;
    for (; k + 8 <= n; k += 8) _mm256_storeu_ps(dx + k, _mm256_add_ps(_mm256_loadu_ps(dx + k), _mm256_loadu_ps(dy + k)));
    if (k < n) _mm256_maskstore_ps(dx + k, tail, _mm256_add_ps(_mm256_maskload_ps(dx + k, tail), _mm256_maskload_ps(dy + k, tail)));
}

/* Looks at eight indices at a time. */
void sn_f32_gather_add__avx2(const sn_gather_range *range, const void *dy_, void *dx_) {
    const float *dy = dy_;
    float *dx = dx_;
    const int64_t inner = range->inner;
    const __m256i tail = first_lanes(inner % 8), below = _mm256_set1_epi32((int32_t)(range->first - 1)),
        most = _mm256_set1_epi32((int32_t)(range->last - 1)), skip = _mm256_set1_epi32((int32_t)range->skip);
    for (int64_t i = 0; i < range->count; i += 8) {
        const __m256i valid = first_lanes(range->count - i), j = _mm256_maskload_epi32(range->index + i, valid);
        const __m256i not = _mm256_or_si256(_mm256_cmpgt_epi32(j, most), _mm256_cmpeq_epi32(j, skip));
        const __m256i wanted = _mm256_and_si256(valid, _mm256_andnot_si256(not, _mm256_cmpgt_epi32(j, below)));
        for (int bits = _mm256_movemask_ps(_mm256_castsi256_ps(wanted)); bits; bits &= bits - 1) {
            const int64_t at = i + sn_trailing_zeros((unsigned)bits);
            add_row(dx + (range->index[at] - range->first) * inner, dy + at * inner, inner, tail);
        }
    }
}
