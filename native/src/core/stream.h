/* Stores past the caches, for results that no cache would hold until they are read. */
#ifndef SN_CORE_STREAM_H
#define SN_CORE_STREAM_H

#include <stdint.h>

/* Whether a result of so many bytes from `to` on is better stored past the caches: when the third cache would not hold it
 * until it is read. Stores into the caches first read the lines that they fill, so that a copy moves half as much again. */
int sn_past_caches(const void *to, int64_t bytes);

/* So many times the usual grain is a chunk then: between two chunks a thread waits for what it stored. */
enum { SN_PAST_GRAINS = 8 };

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>

#define SN_STREAMS 1

/* to and from lie at multiples of 64 bytes, floats is a multiple of 16. */
static inline void sn_stream(float *to, const float *from, int64_t floats) {
    for (int64_t i = 0; i < floats; i += 4) _mm_stream_ps(to + i, _mm_load_ps(from + i));
}

/* Before other threads may read what was stored: they learn of that by plain stores, which may be seen earlier. Each thread
 * does this when it is done with its share of a sn_parallel_for(), so whatever streams must run in one. */
static inline void sn_stream_end(void) { _mm_sfence(); }
#else
#define SN_STREAMS 0

static inline void sn_stream(float *to, const float *from, int64_t floats) { (void)to, (void)from, (void)floats; }
static inline void sn_stream_end(void) {}
#endif

#endif
