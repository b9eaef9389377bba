/* The one thread pool. */
#ifndef SN_POOL_POOL_H
#define SN_POOL_POOL_H

#include <stdint.h>

typedef void (*sn_body)(void *context, int64_t begin, int64_t end);

/* Calls body for the chunks [0, grain), [grain, 2 grain), ... of [0, count), each once, on any thread, in any order, and
 * returns when all are done. The chunks depend on count and grain alone, never on the number of threads: a body that
 * computes its chunk in a fixed order therefore gives the same bits with any number of threads.
 * Choose a grain worth some microseconds: 1 chunk runs on the caller with no synchronisation at all. A body may not
 * assume more than 64 KiB of stack. A parallel_for inside a body runs on its own thread. The body sees the caller's
 * rounding mode and treatment of subnormal numbers on whichever thread it runs. What bodies stored past the caches
 * (core/stream.h) is ordered before whatever the caller stores next. */
void sn_parallel_for(int64_t count, int64_t grain, sn_body body, void *context);

/* Of this thread: 1 and above for the pool's own, 0 for all others. A thread keeps its number. */
int32_t sn_thread_number(void);

/* This thread's floating-point state. */
uint32_t sn_denormals(void);
/* Makes subnormal numbers zero on this thread and returns the state to restore. */
uint32_t sn_flush_denormals(void);
void sn_restore_denormals(uint32_t state);

#endif
