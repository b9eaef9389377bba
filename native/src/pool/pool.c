#include "pool/pool.h"

#include <stdatomic.h>

#include "core/isa.h"
#include "core/platform.h"
#include "core/stream.h"
#include "sinew.h"

#if SN_X86
#include <immintrin.h>
#endif

enum { MAX_THREADS = 256 };
/* How long an idle worker polls for the next job before it sleeps: longer than the serial gaps of a training step,
 * short enough not to burn a core between steps of something else. */
#define SPIN_NANOSECONDS 60000

typedef struct {
    sn_body body;
    void *context;
    int64_t count, grain;
    int32_t shares;
    uint32_t denormals; /* the caller's floating-point state, which the workers take on */
} job;

/* Chunks of a job, a run of neighbours for each thread: a thread has the share of its number, in every job, so that
 * operations over the same samples find in a core's own caches what that core wrote before. Who has finished its share
 * goes on with the others'. */
typedef struct {
    _Alignas(64) _Atomic int64_t next;
    int64_t end;
} share;

/* state = generation << 32 | workers asked for << 16 | places left in the job. A worker takes a place by a
 * compare-and-swap on the whole word, so it can never join a job that has ended, and reads `current` and `shares` only
 * once it holds a place. The caller ends the job by clearing the places when no chunk is left, and waits only for the
 * workers that took one: until those have finished nothing of the job changes. */
#define PLACES_MASK UINT64_C(0xffff)
#define GENERATION(state) ((state) >> 32)
#define ASKED_FOR(state) ((int32_t)((state) >> 16 & 0xffff))

static struct {
    atomic_flag busy;
    _Alignas(64) _Atomic uint64_t state;
    job current;
    share shares[MAX_THREADS];
    _Alignas(64) _Atomic int64_t finished;
    _Alignas(64) atomic_int sleepers;
    atomic_int numbered; /* workers that have taken their number */
    int32_t workers;     /* started so far; guarded by busy */
} pool = {.busy = ATOMIC_FLAG_INIT};

static atomic_int wanted_threads = 0;
static _Thread_local int inside = 0;
static _Thread_local int32_t own_number = 0;

static inline void relax(void) {
#if SN_X86
    _mm_pause();
#elif SN_ARM64
    __asm__ volatile("isb"); /* a pause of some ten cycles; yield is none on most cores */
#endif
}

static void run_shares(const job *j, int32_t first) {
    for (int32_t i = 0; i < j->shares; i++) {
        share *s = &pool.shares[(first + i) % j->shares];
        for (;;) {
            const int64_t chunk = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
            if (chunk >= s->end) break;
            const int64_t begin = chunk * j->grain, end = begin + j->grain < j->count ? begin + j->grain : j->count;
            j->body(j->context, begin, end);
        }
    }
    sn_stream_end();
}

static void wait_for_generation(uint64_t seen) {
    const int64_t start = sn_nanoseconds();
    do {
        for (int i = 0; i < 64; i++) {
            if (GENERATION(atomic_load_explicit(&pool.state, memory_order_acquire)) != seen) return;
            relax();
        }
    } while (sn_nanoseconds() - start < SPIN_NANOSECONDS);
    sn_sleep_lock();
    atomic_fetch_add(&pool.sleepers, 1);
    while (GENERATION(atomic_load(&pool.state)) == seen) sn_sleep_wait();
    atomic_fetch_sub(&pool.sleepers, 1);
    sn_sleep_unlock();
}

static void worker(void) {
    inside = 1;
    const int32_t number = own_number = atomic_fetch_add(&pool.numbered, 1) + 1;
    uint64_t seen = 0;
    for (;;) {
        wait_for_generation(seen);
        uint64_t state = atomic_load_explicit(&pool.state, memory_order_acquire);
        seen = GENERATION(state);
        while (GENERATION(state) == seen && number <= ASKED_FOR(state) && (state & PLACES_MASK) > 0) {
            if (atomic_compare_exchange_weak_explicit(&pool.state, &state, state - 1, memory_order_acq_rel, memory_order_acquire)) {
                const job j = pool.current;
                sn_restore_denormals(j.denormals);
                run_shares(&j, number);
                atomic_fetch_add_explicit(&pool.finished, 1, memory_order_release);
                break;
            }
        }
    }
}

/* Starts workers until there are `count`; fewer when the system refuses, and the caller does the work alone. */
static void start_workers(int32_t count) {
    while (pool.workers < count && sn_thread_start(worker)) pool.workers++;
}

static void serial(int64_t count, int64_t grain, sn_body body, void *context) {
    for (int64_t begin = 0; begin < count; begin += grain)
        body(context, begin, begin + grain < count ? begin + grain : count);
    sn_stream_end();
}

void sn_parallel_for(int64_t count, int64_t grain, sn_body body, void *context) {
    if (count <= 0) return;
    if (grain < 1) grain = 1;
    if (grain > count) grain = count;
    const int64_t chunks = (count + grain - 1) / grain;
    const int32_t threads = sn_threads();
    if (chunks == 1 || threads == 1 || inside || atomic_flag_test_and_set_explicit(&pool.busy, memory_order_acquire)) {
        serial(count, grain, body, context);
        return;
    }
    const int32_t helpers = (int32_t)(chunks < threads ? chunks : threads) - 1;
    start_workers(helpers);
    pool.current = (job){body, context, count, grain, helpers + 1, sn_denormals()};
    for (int32_t i = 0; i <= helpers; i++) {
        atomic_store_explicit(&pool.shares[i].next, chunks * i / (helpers + 1), memory_order_relaxed);
        pool.shares[i].end = chunks * (i + 1) / (helpers + 1);
    }
    atomic_store_explicit(&pool.finished, 0, memory_order_relaxed);
    const uint64_t generation = GENERATION(atomic_load_explicit(&pool.state, memory_order_relaxed)) + 1;
    atomic_store(&pool.state, generation << 32 | (uint64_t)helpers << 16 | (uint64_t)helpers);
    if (atomic_load(&pool.sleepers) > 0) {
        sn_sleep_lock();
        sn_sleep_wake_all();
        sn_sleep_unlock();
    }
    inside = 1;
    run_shares(&pool.current, 0);
    inside = 0;
    const uint64_t last = atomic_fetch_and_explicit(&pool.state, ~PLACES_MASK, memory_order_acq_rel);
    const int64_t joined = helpers - (int64_t)(last & PLACES_MASK);
    for (int spins = 0; atomic_load_explicit(&pool.finished, memory_order_acquire) < joined; spins++) {
        if (spins < 20000) relax();
        else sn_thread_yield();
    }
    atomic_flag_clear_explicit(&pool.busy, memory_order_release);
}

int32_t sn_thread_number(void) { return own_number; }

int32_t sn_threads(void) {
    int32_t threads = atomic_load_explicit(&wanted_threads, memory_order_relaxed);
    if (threads == 0) {
        threads = sn_cpus();
        if (threads > MAX_THREADS) threads = MAX_THREADS;
        int expected = 0;
        if (!atomic_compare_exchange_strong(&wanted_threads, &expected, threads)) threads = expected;
    }
    return threads;
}

sn_status sn_set_threads(int32_t threads) {
    if (threads < 1 || threads > MAX_THREADS) return SN_ERR_VALUE;
    atomic_store(&wanted_threads, threads);
    return SN_OK;
}

/* The state of SSE, and above it that of x87 where the mathematical functions of the C library compute with it: MinGW's do,
 * and the threads of Windows differ in its precision. */
#if SN_X86
#if defined(__MINGW32__)
static uint32_t x87_state(void) {
    uint16_t control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    return (uint32_t)control << 16;
}
static void x87_restore(uint32_t state) {
    const uint16_t control = (uint16_t)(state >> 16);
    __asm__ volatile("fldcw %0" : : "m"(control));
}
#else
static inline uint32_t x87_state(void) { return 0; }
static inline void x87_restore(uint32_t state) { (void)state; }
#endif

#define FLUSH_TO_ZERO 0x8040u  /* and denormals are zero */
#define X87_EXTENDED (0x300u << 16)
uint32_t sn_denormals(void) { return (_mm_getcsr() & 0xffff) | x87_state(); }
uint32_t sn_flush_denormals(void) {
    const uint32_t state = sn_denormals();
    sn_restore_denormals(state | FLUSH_TO_ZERO | X87_EXTENDED);
    return state;
}
void sn_restore_denormals(uint32_t state) {
    _mm_setcsr(state & 0xffff);
    x87_restore(state);
}
#elif SN_ARM64
static uint64_t control(void) {
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    return fpcr;
}
static void set_control(uint64_t fpcr) { __asm__ volatile("msr fpcr, %0" : : "r"(fpcr)); }

uint32_t sn_denormals(void) { return (uint32_t)control(); }
uint32_t sn_flush_denormals(void) {
    const uint64_t state = control();
    set_control(state | 1u << 24); /* FZ: flush to zero, denormals are zero */
    return (uint32_t)state;
}
void sn_restore_denormals(uint32_t state) { set_control(state); }
#else
uint32_t sn_denormals(void) { return 0; }
uint32_t sn_flush_denormals(void) { return 0; }
void sn_restore_denormals(uint32_t state) { (void)state; }
#endif
