/* What it costs to share work out: an empty parallel region of as many chunks as threads while the helpers still poll, and
 * after a pause that sent them to sleep; and from which amount of work on two threads are faster than one.
 * dispatch_bench [threads] */
#include <stdio.h>
#include <stdlib.h>

#include "peak.h"
#include "system.h"

static void nothing(void *context, int64_t begin, int64_t end) { (void)context, (void)begin, (void)end; }

/* Multiply-adds one after the other: `loops` of them a chunk. */
static void chain(void *context, int64_t begin, int64_t end) {
    const int64_t loops = *(const int64_t *)context;
    for (int64_t i = begin; i < end; i++) {
        volatile double kept;
        double x = (double)i;
        for (int64_t l = 0; l < loops; l++) x = x * 0.5 + 1;
        kept = x;
        (void)kept;
    }
}

static void pause_for(double seconds) {
    if (seconds > 0) system_sleep((int)(seconds * 1e6));
}

/* The median of the time of a region, `gap` seconds after the one before. */
static int ascending(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

static double median(int64_t count, sn_body body, void *context, double gap) {
    enum { RUNS = 301 };
    double t[RUNS];
    for (int r = 0; r < RUNS; r++) {
        pause_for(gap);
        const double start = bench_seconds();
        sn_parallel_for(count, 1, body, context);
        t[r] = bench_seconds() - start;
    }
    qsort(t, RUNS, sizeof *t, ascending);
    return t[RUNS / 2];
}

int main(int count, char **arguments) {
    const int32_t threads = count > 1 ? atoi(arguments[1]) : 2;
    sn_set_threads(1);
    printf("1 thread, 2 chunks: %.3f us\n", 1e6 * median(2, nothing, NULL, 0));
    sn_set_threads(threads);
    median(threads, nothing, NULL, 0);
    printf("%d threads, helpers polling: %.3f us for %d chunks, %.3f us for 64\n", threads, 1e6 * median(threads, nothing, NULL, 0), threads, 1e6 * median(64, nothing, NULL, 0));
    printf("after a pause of 20 us: %.3f, 200 us: %.3f, 2 ms: %.3f us\n", 1e6 * median(threads, nothing, NULL, 20e-6), 1e6 * median(threads, nothing, NULL, 200e-6),
           1e6 * median(threads, nothing, NULL, 2e-3));
    for (int64_t loops = 64; loops <= 65536; loops *= 4) {
        double t[3];
        sn_set_threads(1);
        t[0] = median(8, chain, &loops, 0);
        sn_set_threads(threads);
        t[1] = median(8, chain, &loops, 0);
        t[2] = median(8, chain, &loops, 1e-3);
        printf("8 chunks of %6lld loops: 1 thread %8.2f us, %d threads %8.2f us, helpers asleep %8.2f us\n", (long long)loops, 1e6 * t[0], threads, 1e6 * t[1], 1e6 * t[2]);
    }
    return 0;
}
