/* Pixels of 1, 2, 3 or 6 channels to planes and back, 8 pixels at a time: four in each half of a vector, so that no number
 * changes halves. */
#include "conv2d/conv2d_planar.h"
#include "core/compiler.h"

#include <immintrin.h>

enum { LANES = 8, HALF = 4, CHANNELS = 6 };

static SN_INLINE __m256 load_halves(const float *low, const float *high) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
}

/* Of each half numbers 0 and 3 of a, 1 of b and 2 of c. */
static SN_INLINE __m256 mix(__m256 a, __m256 b, __m256 c) { return _mm256_blend_ps(_mm256_blend_ps(a, b, 0x22), c, 0x44); }

/* Of each half one pair of a and one of b; `pairs` says which, as for _mm256_shuffle_pd. */
#define PAIRS(a, b, pairs) _mm256_castpd_ps(_mm256_shuffle_pd(_mm256_castps_pd(a), _mm256_castps_pd(b), pairs))

/* Three in turn, four of each: no two of one lie on the same lane of x, nor of y. */
static SN_INLINE void split_3(const __m256 x[3], __m256 y[3]) {
    y[0] = _mm256_permute_ps(mix(x[0], x[2], x[1]), 0x6c);
    y[1] = _mm256_permute_ps(mix(x[1], x[0], x[2]), 0xb1);
    y[2] = _mm256_permute_ps(mix(x[2], x[1], x[0]), 0xc6);
}

static SN_INLINE void join_3(const __m256 x[3], __m256 y[3]) {
    const __m256 a = _mm256_permute_ps(x[0], 0x6c), b = _mm256_permute_ps(x[1], 0xb1), c = _mm256_permute_ps(x[2], 0xc6);
    y[0] = mix(a, b, c);
    y[1] = mix(b, c, a);
    y[2] = mix(c, a, b);
}

static SN_INLINE void split_2(__m256 low, __m256 high, __m256 y[2]) {
    y[0] = _mm256_shuffle_ps(low, high, 0x88);
    y[1] = _mm256_shuffle_ps(low, high, 0xdd);
}

/* Three pairs in turn, two of each, in x[0] to x[2] and once more in x[3] to x[5]. */
static SN_INLINE void split_6(const __m256 x[6], __m256 y[6]) {
    split_2(PAIRS(x[0], x[1], 10), PAIRS(x[3], x[4], 10), y);
    split_2(PAIRS(x[0], x[2], 5), PAIRS(x[3], x[5], 5), y + 2);
    split_2(PAIRS(x[1], x[2], 10), PAIRS(x[4], x[5], 10), y + 4);
}

static SN_INLINE void join_6(const __m256 x[6], __m256 y[6]) {
    for (int i = 0; i < 2; i++, y += 3) {
        const __m256 a = i ? _mm256_unpackhi_ps(x[0], x[1]) : _mm256_unpacklo_ps(x[0], x[1]);
        const __m256 b = i ? _mm256_unpackhi_ps(x[2], x[3]) : _mm256_unpacklo_ps(x[2], x[3]);
        const __m256 c = i ? _mm256_unpackhi_ps(x[4], x[5]) : _mm256_unpacklo_ps(x[4], x[5]);
        y[0] = PAIRS(a, b, 0);
        y[1] = PAIRS(c, a, 10);
        y[2] = PAIRS(b, c, 15);
    }
}

/* channels is a constant at each call. */
static SN_INLINE void split(const float *from, float *to, int64_t plane, const int channels) {
    __m256 x[CHANNELS], y[CHANNELS];
    if (channels == 1) {
        _mm256_storeu_ps(to, _mm256_loadu_ps(from));
        return;
    }
#pragma GCC unroll 6
    for (int i = 0; i < channels; i++) x[i] = load_halves(from + i * HALF, from + (channels + i) * HALF);
    if (channels == 2) split_2(x[0], x[1], y);
    if (channels == 3) split_3(x, y);
    if (channels == 6) split_6(x, y);
#pragma GCC unroll 6
    for (int i = 0; i < channels; i++) _mm256_storeu_ps(to + i * plane, y[i]);
}

static SN_INLINE void join(const float *from, int64_t plane, float *to, const int channels) {
    __m256 x[CHANNELS], y[CHANNELS];
#pragma GCC unroll 6
    for (int i = 0; i < channels; i++) x[i] = _mm256_loadu_ps(from + i * plane);
    if (channels == 1) {
        _mm256_storeu_ps(to, x[0]);
        return;
    }
    if (channels == 2) y[0] = _mm256_unpacklo_ps(x[0], x[1]), y[1] = _mm256_unpackhi_ps(x[0], x[1]);
    if (channels == 3) join_3(x, y);
    if (channels == 6) join_6(x, y);
#pragma GCC unroll 6
    for (int i = 0; i < channels; i++) { /* the first halves of all, then the second ones */
        const int a = 2 * i, b = a + 1;
        const __m256 pair = b < channels ? _mm256_permute2f128_ps(y[a], y[b], 0x20)
            : a < channels ? _mm256_permute2f128_ps(y[a], y[b - channels], 0x30) : _mm256_permute2f128_ps(y[a - channels], y[b - channels], 0x31);
        _mm256_storeu_ps(to + i * LANES, pair);
    }
}

/* The last pixels of a row are moved together with some before them once more. */
static SN_INLINE int move(const sn_planar_image *m, const int channels, const int joining) {
    if (m->cols < LANES) return 0;
    for (int64_t r = 0; r < m->rows; r++) {
        float *pixels = m->pixels + r * m->row_step, *planes = m->planes + r * m->pitch;
        for (int64_t c = 0; c < m->cols; c += LANES) {
            const int64_t at = c + LANES <= m->cols ? c : m->cols - LANES;
            if (joining) join(planes + at, m->plane, pixels + at * channels, channels);
            else split(pixels + at * channels, planes + at, m->plane, channels);
        }
    }
    return 1;
}

int sn_f32_planar_split__avx2(const sn_planar_image *m) {
    switch (m->channels) {
    case 1: return move(m, 1, 0);
    case 2: return move(m, 2, 0);
    case 3: return move(m, 3, 0);
    case 6: return move(m, 6, 0);
    default: return 0;
    }
}

int sn_f32_planar_join__avx2(const sn_planar_image *m) {
    switch (m->channels) {
    case 1: return move(m, 1, 1);
    case 2: return move(m, 2, 1);
    case 3: return move(m, 3, 1);
    case 6: return move(m, 6, 1);
    default: return 0;
    }
}
