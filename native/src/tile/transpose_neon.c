#include "tile/tile.h"

#include "core/vector_neon.h"

enum { SIDE = 4 };

/* rows and cols up to 4. */
static void transpose_part(const float *in, int64_t from_step, int64_t rows, int64_t cols, float *out, int64_t to_step) {
    float32x4_t r[SIDE];
    for (int i = 0; i < SIDE; i++) r[i] = i < rows ? sn_load_first_neon(in + i * from_step, cols) : vdupq_n_f32(0);
    sn_transpose_neon(r);
    for (int i = 0; i < cols; i++) sn_store_first_neon(out + i * to_step, r[i], rows);
}

void sn_f32_transpose__neon(const float *from, int64_t from_step, int64_t rows, int64_t cols, float *to, int64_t to_step) {
    for (int64_t c = 0; c < cols; c += SIDE)
        for (int64_t r = 0; r < rows; r += SIDE) {
            const int64_t high = rows - r < SIDE ? rows - r : SIDE, wide = cols - c < SIDE ? cols - c : SIDE;
            const float *in = from + r * from_step + c;
            float *out = to + c * to_step + r;
            if (high < SIDE || wide < SIDE) {
                transpose_part(in, from_step, high, wide, out, to_step);
                continue;
            }
            float32x4_t block[SIDE];
            for (int i = 0; i < SIDE; i++) block[i] = vld1q_f32(in + i * from_step);
            sn_transpose_neon(block);
            for (int i = 0; i < SIDE; i++) vst1q_f32(out + i * to_step, block[i]);
        }
}
