#include "conv2d/conv2d_tiled.h"

#include "core/vector_neon.h"

enum { LANES = 4, CHAINS = 4 };

static SN_INLINE float32x4_t tree(const float32x4_t s[CHAINS]) { return vaddq_f32(vaddq_f32(s[0], s[1]), vaddq_f32(s[2], s[3])); }

/* A pixel; returns where the next one is copied to. */
static SN_INLINE float *add(float32x4_t s[2][CHAINS], const int c, const float *dy, const int64_t part[2], float *copy) {
    const float32x4_t v0 = sn_load_first_neon(dy, part[0]), v1 = sn_load_first_neon(dy + LANES, part[1]);
    s[0][c] = vaddq_f32(s[0][c], v0);
    s[1][c] = vaddq_f32(s[1][c], v1);
    if (!copy) return copy;
    vst1q_f32(copy, v0);
    vst1q_f32(copy + LANES, v1);
    return copy + 2 * LANES;
}

void sn_f32_conv2d_bias__neon(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum, float *copy) {
    const int64_t part[2] = {width, width - LANES};
    float32x4_t s[2][CHAINS];
#pragma GCC unroll 4
    for (int c = 0; c < CHAINS; c++) s[0][c] = s[1][c] = vdupq_n_f32(0);
    int64_t p = 0;
    for (; p + CHAINS <= pixels; p += CHAINS)
#pragma GCC unroll 4
        for (int c = 0; c < CHAINS; c++, dy += step) copy = add(s, c, dy, part, copy);
    for (; p < pixels; p++, dy += step) copy = add(s, 0, dy, part, copy);
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
        float *to = sum + v * LANES;
        sn_store_first_neon(to, vaddq_f32(sn_load_first_neon(to, part[v]), tree(s[v])), part[v]);
    }
}
