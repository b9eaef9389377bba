/* The operating system. Only platform_posix.c and platform_windows.c include its headers; sn_cpus() and sn_page_bytes() are there too. */
#ifndef SN_CORE_PLATFORM_H
#define SN_CORE_PLATFORM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Of a clock that only goes forward. */
int64_t sn_nanoseconds(void);

/* 64-byte aligned, or NULL. */
void *sn_aligned_alloc(size_t bytes);
void sn_aligned_free(void *memory);

/* What sn_cache_bytes() is made of: asks the system each time. Level 1 to 3. */
int64_t sn_system_cache(int32_t level);

/* Starts a thread that nobody waits for; 0 when the system refuses. */
int sn_thread_start(void (*body)(void));
void sn_thread_yield(void);

/* The one lock, and the one condition that its holder may wait for: where the pool's workers sleep. */
void sn_sleep_lock(void);
void sn_sleep_unlock(void);
void sn_sleep_wait(void); /* may return without a wake */
void sn_sleep_wake_all(void);

/* Runs the function once in the life of the process, however many threads come; all return after it has run.
 * *state is 0 at first. */
static inline void sn_once(atomic_int *state, void (*run)(void)) {
    enum { FRESH = 0, RUNNING = 1, DONE = 2 };
    if (atomic_load_explicit(state, memory_order_acquire) == DONE) return;
    int expected = FRESH;
    if (atomic_compare_exchange_strong(state, &expected, RUNNING)) {
        run();
        atomic_store_explicit(state, DONE, memory_order_release);
        return;
    }
    while (atomic_load_explicit(state, memory_order_acquire) != DONE) sn_thread_yield();
}

#endif
