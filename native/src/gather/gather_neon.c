/* gather, NEON. The ends of the next rows are asked for while one is copied: hardware foresees no rows that only the data know. */
#include <string.h>

#include "core/vector_neon.h"
#include "gather/gather.h"

enum { AHEAD = 4 }; /* rows */

void sn_gather_rows__neon(const void *x_, const int32_t *index, void *y_, int64_t rows, int64_t words) {
    const int32_t *x = x_;
    int32_t *y = y_;
    for (int64_t r = 0; r < rows; r++, y += words) {
        if (r + AHEAD < rows) {
            const int32_t *next = x + index[r + AHEAD] * words;
            SN_PREFETCH(next);
            SN_PREFETCH(next + words - 1);
        }
        memcpy(y, x + index[r] * words, (size_t)words * 4);
    }
}

static inline void add_row(const sn_gather_range *range, int64_t i, const float *dy, float *dx) {
    const int64_t j = range->index[i], n = range->inner;
    if (j < range->first || j >= range->last || j == range->skip) return;
    dx += (j - range->first) * n, dy += i * n;
    int64_t k = 0;
    for (; k + 4 <= n; k += 4) vst1q_f32(dx + k, vaddq_f32(vld1q_f32(dx + k), vld1q_f32(dy + k)));
    if (k < n) sn_store_first_neon(dx + k, vaddq_f32(sn_load_first_neon(dx + k, n - k), sn_load_first_neon(dy + k, n - k)), n - k);
}

/* Looks at four indices at a time, of which mostly none is in the range. */
void sn_f32_gather_add__neon(const sn_gather_range *range, const void *dy, void *dx) {
    const int32x4_t below = vdupq_n_s32((int32_t)(range->first - 1)), most = vdupq_n_s32((int32_t)(range->last - 1));
    int64_t i = 0;
    for (; i + 4 <= range->count; i += 4) {
        const int32x4_t j = vld1q_s32(range->index + i);
        if (vmaxvq_u32(vandq_u32(vcgtq_s32(j, below), vcleq_s32(j, most))) == 0) continue;
        for (int k = 0; k < 4; k++) add_row(range, i + k, dy, dx);
    }
    for (; i < range->count; i++) add_row(range, i, dy, dx);
}
