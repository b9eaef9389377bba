/* Four Philox counters a vector; to be included by NEON files only. */
#ifndef SN_RANDOM_PHILOX_NEON_H
#define SN_RANDOM_PHILOX_NEON_H

#include <arm_neon.h>

#include "core/compiler.h"
#include "random/philox.h"

/* The upper halves of the products of all lanes with m. */
static inline uint32x4_t sn_high_product_neon(uint32x4_t x, uint32x2_t m) {
    const uint64x2_t low = vmull_u32(vget_low_u32(x), m), high = vmull_u32(vget_high_u32(x), m);
    return vuzp2q_u32(vreinterpretq_u32_u64(low), vreinterpretq_u32_u64(high));
}

/* Words [16 * first, 16 * (first + blocks)) of the stream, blocks up to 4: side by side they hide the latency of the rounds. */
static SN_INLINE void sn_philox_words__neon(const sn_philox *p, int64_t first, const int blocks, uint32x4_t *out) {
    static const uint32_t lane[4] = {0, 1, 2, 3};
    const uint32x2_t m0 = vdup_n_u32(SN_PHILOX_M0), m1 = vdup_n_u32(SN_PHILOX_M1);
    uint32x4_t c0[4], c1[4], c2[4], c3[4];
    for (int b = 0; b < blocks; b++) {
        const uint64_t counter = 4 * (uint64_t)(first + b);
        c0[b] = vaddq_u32(vdupq_n_u32((uint32_t)counter), vld1q_u32(lane)), c1[b] = vdupq_n_u32((uint32_t)(counter >> 32));
        c2[b] = vdupq_n_u32(p->step[0]), c3[b] = vdupq_n_u32(p->step[1]);
    }
    uint32_t k0 = p->key[0], k1 = p->key[1];
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        const uint32x4_t key0 = vdupq_n_u32(k0), key1 = vdupq_n_u32(k1);
        for (int b = 0; b < blocks; b++) {
            const uint32x4_t high0 = sn_high_product_neon(c0[b], m0), high1 = sn_high_product_neon(c2[b], m1);
            const uint32x4_t low0 = vmulq_n_u32(c0[b], SN_PHILOX_M0), low1 = vmulq_n_u32(c2[b], SN_PHILOX_M1);
            c0[b] = veorq_u32(veorq_u32(high1, c1[b]), key0);
            c1[b] = low1;
            c2[b] = veorq_u32(veorq_u32(high0, c3[b]), key1);
            c3[b] = low0;
        }
        k0 += SN_PHILOX_W0;
        k1 += SN_PHILOX_W1;
    }
    for (int b = 0; b < blocks; b++) { /* the words of a counter side by side */
        const uint32x4_t even_low = vzip1q_u32(c0[b], c2[b]), even_high = vzip2q_u32(c0[b], c2[b]);
        const uint32x4_t odd_low = vzip1q_u32(c1[b], c3[b]), odd_high = vzip2q_u32(c1[b], c3[b]);
        out[4 * b] = vzip1q_u32(even_low, odd_low), out[4 * b + 1] = vzip2q_u32(even_low, odd_low);
        out[4 * b + 2] = vzip1q_u32(even_high, odd_high), out[4 * b + 3] = vzip2q_u32(even_high, odd_high);
    }
}

#endif
