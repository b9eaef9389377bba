#include "conv2d/conv2d_tiled.h"

#include "core/vector_neon.h"

enum { LANES = 4, CHAINS = 4 };

static SN_INLINE float32x4_t tree(const float32x4_t s[CHAINS]) { return vaddq_f32(vaddq_f32(s[0], s[1]), vaddq_f32(s[2], s[3])); }

void sn_f32_conv2d_bias__neon(const float *dy, int64_t step, int64_t pixels, int64_t width, float *sum) {
    const int64_t part[2] = {width, width - LANES};
    float32x4_t s[2][CHAINS];
#pragma GCC unroll 4
    for (int c = 0; c < CHAINS; c++) s[0][c] = s[1][c] = vdupq_n_f32(0);
    int64_t p = 0;
    for (; p + CHAINS <= pixels; p += CHAINS)
#pragma GCC unroll 4
        for (int c = 0; c < CHAINS; c++, dy += step) {
            s[0][c] = vaddq_f32(s[0][c], sn_load_first_neon(dy, part[0]));
            s[1][c] = vaddq_f32(s[1][c], sn_load_first_neon(dy + LANES, part[1]));
        }
    for (; p < pixels; p++, dy += step) {
        s[0][0] = vaddq_f32(s[0][0], sn_load_first_neon(dy, part[0]));
        s[1][0] = vaddq_f32(s[1][0], sn_load_first_neon(dy + LANES, part[1]));
    }
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
        float *to = sum + v * LANES;
        sn_store_first_neon(to, vaddq_f32(sn_load_first_neon(to, part[v]), tree(s[v])), part[v]);
    }
}
