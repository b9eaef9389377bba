/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): a bijection of 128-bit counters under a 64-bit key, here as the stream
 * of words that random and dropout read: word i is word i % 4 of counter block i / 4. */
#ifndef SN_RANDOM_PHILOX_H
#define SN_RANDOM_PHILOX_H

#include <stdint.h>

#define SN_PHILOX_M0 UINT32_C(0xd2511f53)
#define SN_PHILOX_M1 UINT32_C(0xcd9e8d57)
#define SN_PHILOX_W0 UINT32_C(0x9e3779b9)
#define SN_PHILOX_W1 UINT32_C(0xbb67ae85)

/* Words come in groups of this many; work is chunked in multiples of it, so that a vector of counters never carries
 * from its low word within a group. */
enum { SN_PHILOX_GROUP = 64 };

typedef struct {
    uint32_t key[2];   /* the seed */
    uint32_t step[2];  /* counter words 2 and 3 */
} sn_philox;

static inline sn_philox sn_philox_of(int64_t seed, int64_t step) {
    const uint64_t k = (uint64_t)seed, s = (uint64_t)step;
    return (sn_philox){{(uint32_t)k, (uint32_t)(k >> 32)}, {(uint32_t)s, (uint32_t)(s >> 32)}};
}

/* The four words of one counter. */
static inline void sn_philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) {
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)SN_PHILOX_M0 * c0, p1 = (uint64_t)SN_PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += SN_PHILOX_W0;
        k1 += SN_PHILOX_W1;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* Words [group * 64, group * 64 + 64) of the stream. */
static inline void sn_philox_group(const sn_philox *p, int64_t group, uint32_t out[SN_PHILOX_GROUP]) {
    for (int i = 0; i < SN_PHILOX_GROUP / 4; i++) {
        const uint64_t block = (uint64_t)group * (SN_PHILOX_GROUP / 4) + (uint64_t)i;
        const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), p->step[0], p->step[1]};
        sn_philox_block(p->key, counter, out + 4 * i);
    }
}

#endif
