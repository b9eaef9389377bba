/* random, NEON: the same bits as the generic kernel. */
#include "core/vector_neon.h"
#include "random/philox_neon.h"
#include "random/random.h"

void sn_f32_random_uniform__neon(const sn_random_source *s, void *y_, int64_t begin, int64_t end) {
    float *y = y_;
    const float32x4_t a = vdupq_n_f32((float)s->a), width = vdupq_n_f32((float)(s->b - s->a)), unit = vdupq_n_f32(0x1p-24f);
    for (int64_t i = begin; i < end; i += 32) {
        uint32x4_t words[8];
        sn_philox_words__neon(&s->stream, i / 16, 2, words);
        for (int64_t k = 0; k < 8 && i + 4 * k < end; k++) {
            const float32x4_t u = vmulq_f32(vcvtq_f32_u32(vshrq_n_u32(words[k], 8)), unit);
            sn_store_first_neon(y + i + 4 * k, vaddq_f32(a, vmulq_f32(width, u)), end - i - 4 * k);
        }
    }
}
