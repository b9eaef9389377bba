/* dropout, NEON. */
#include "core/vector_neon.h"
#include "dropout/dropout.h"
#include "random/philox_neon.h"

void sn_f32_dropout__neon(const sn_dropout_mask *d, const void *x_, void *y_, int64_t begin, int64_t end) {
    const float *x = x_;
    float *y = y_;
    const float32x4_t scale = vdupq_n_f32((float)d->scale);
    const uint32x4_t any = vdupq_n_u32(d->threshold > UINT32_MAX ? 0 : UINT32_MAX); /* a threshold of 2^32 is no 32-bit word */
    const uint32x4_t threshold = vdupq_n_u32((uint32_t)d->threshold);
    for (int64_t i = begin; i < end; i += 32) {
        uint32x4_t words[8];
        sn_philox_words__neon(&d->stream, i / 16, 2, words);
        for (int64_t k = 0; k < 8 && i + 4 * k < end; k++) {
            const int64_t at = i + 4 * k;
            const uint32x4_t kept = vandq_u32(any, vcgeq_u32(words[k], threshold));
            sn_store_first_neon(y + at, sn_where_neon(kept, vmulq_f32(sn_load_first_neon(x + at, end - at), scale)), end - at);
        }
    }
}
