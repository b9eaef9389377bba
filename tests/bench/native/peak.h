/* The bench programs' clock and yardsticks, measured in the same run on the threads in use: the multiply-adds per second
 * that registers alone can do, and the bytes per second of a copy. */
#ifndef SN_BENCH_PEAK_H
#define SN_BENCH_PEAK_H

#include <stdint.h>
#include <string.h>

#include "core/platform.h"
#include "pool/pool.h"
#include "sinew.h"

static inline double bench_seconds(void) { return 1e-9 * (double)sn_nanoseconds(); }

/* FLOP/s of multiply-adds in registers, all threads together: the best of a fifth of a second, since at first a thread of
 * OpenBLAS polls for work that never comes. */
static inline double bench_peak(int32_t isa) {
    const double start = bench_seconds();
    double best = 0;
    while (bench_seconds() - start < 0.2) {
        const double rate = sn_measure_flops(isa);
        if (rate > best) best = rate;
    }
    return best;
}

enum { BENCH_COPY_CHUNK = 65536 };

static void bench_copy_body(void *arrays, int64_t begin, int64_t end) {
    char *const *p = arrays;
    memcpy(p[1] + begin, p[0] + begin, (size_t)(end - begin));
}

/* Bytes/s, read and written ones together, of a copy that moves `bytes` of them, by plain stores, in chunks as the
 * operations have. Best of several. */
static inline double bench_copy(int64_t bytes) {
    const int64_t half = bytes / 2 + 64;
    char *arrays[2] = {sn_alloc(half), sn_alloc(half)};
    double best = 0, total = 0;
    if (arrays[0] && arrays[1]) {
        memset(arrays[0], 1, (size_t)half);
        memset(arrays[1], 2, (size_t)half);
        for (int r = 0; r < 5 || (total < 0.01 && r < 2000); r++) {
            const double start = bench_seconds();
            sn_parallel_for(half, BENCH_COPY_CHUNK, bench_copy_body, arrays);
            const double seconds = bench_seconds() - start, rate = 2.0 * (double)half / seconds;
            total += seconds;
            if (rate > best) best = rate;
        }
    }
    sn_free(arrays[0]);
    sn_free(arrays[1]);
    return best;
}

#endif
