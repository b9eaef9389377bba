#include "core/compiler.h"
#include "conv2d/conv2d_tiled.h"

#include <immintrin.h>

enum { LANES = 16, CHAINS = 4 };

static SN_INLINE __m512 tree(const __m512 s[CHAINS]) { return _mm512_add_ps(_mm512_add_ps(s[0], s[1]), _mm512_add_ps(s[2], s[3])); }

/* A pixel; returns where the next one is copied to. */
static SN_INLINE float *add(__m512 s[2][CHAINS], const int c, const float *dy, const __mmask16 mask[2], float *copy) {
    const __m512 v0 = _mm512_maskz_loadu_ps(mask[0], dy), v1 = _mm512_maskz_loadu_ps(mask[1], dy + LANES);
    s[0][c] = _mm512_add_ps(s[0][c], v0);
    s[1][c] = _mm512_add_ps(s[1][c], v1);
    if (!copy) return copy;
    _mm512_storeu_ps(copy, v0);
    _mm512_storeu_ps(copy + LANES, v1);
    return copy + 2 * LANES;
}

void sn_f32_conv2d_bias__avx512(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum, float *copy) {
    const uint32_t bits = width >= 32 ? 0xffffffffu : (1u << width) - 1;
    const __mmask16 mask[2] = {(__mmask16)bits, (__mmask16)(bits >> 16)};
    __m512 s[2][CHAINS];
#pragma GCC unroll 4
    for (int c = 0; c < CHAINS; c++) s[0][c] = s[1][c] = _mm512_setzero_ps();
    int64_t p = 0;
    for (; p + CHAINS <= pixels; p += CHAINS)
#pragma GCC unroll 4
        for (int c = 0; c < CHAINS; c++, dy += step) copy = add(s, c, dy, mask, copy);
    for (; p < pixels; p++, dy += step) copy = add(s, 0, dy, mask, copy);
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
        float *to = sum + v * LANES;
        _mm512_mask_storeu_ps(to, mask[v], _mm512_add_ps(_mm512_maskz_loadu_ps(mask[v], to), tree(s[v])));
    }
}
