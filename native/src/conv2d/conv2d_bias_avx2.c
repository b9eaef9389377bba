#include "core/compiler.h"
#include "conv2d/conv2d_tiled.h"

#include <immintrin.h>

enum { LANES = 8, CHAINS = 4 };

static SN_INLINE __m256 tree(const __m256 s[CHAINS]) { return _mm256_add_ps(_mm256_add_ps(s[0], s[1]), _mm256_add_ps(s[2], s[3])); }

/* A pixel; returns where the next one is copied to. */
static SN_INLINE float *add(__m256 s[2][CHAINS], const int c, const float *dy, const __m256i mask[2], float *copy) {
    const __m256 v0 = _mm256_maskload_ps(dy, mask[0]), v1 = _mm256_maskload_ps(dy + LANES, mask[1]);
    s[0][c] = _mm256_add_ps(s[0][c], v0);
    s[1][c] = _mm256_add_ps(s[1][c], v1);
    if (!copy) return copy;
    _mm256_storeu_ps(copy, v0);
    _mm256_storeu_ps(copy + LANES, v1);
    return copy + 2 * LANES;
}

void sn_f32_conv2d_bias__avx2(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum, float *copy) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i mask[2] = {_mm256_cmpgt_epi32(_mm256_set1_epi32((int)width), lane), _mm256_cmpgt_epi32(_mm256_set1_epi32((int)width - LANES), lane)};
    __m256 s[2][CHAINS];
#pragma GCC unroll 4
    for (int c = 0; c < CHAINS; c++) s[0][c] = s[1][c] = _mm256_setzero_ps();
    int64_t p = 0;
    for (; p + CHAINS <= pixels; p += CHAINS)
#pragma GCC unroll 4
        for (int c = 0; c < CHAINS; c++, dy += step) copy = add(s, c, dy, mask, copy);
    for (; p < pixels; p++, dy += step) copy = add(s, 0, dy, mask, copy);
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
        float *to = sum + v * LANES;
        _mm256_maskstore_ps(to, mask[v], _mm256_add_ps(_mm256_maskload_ps(to, mask[v]), tree(s[v])));
    }
}
