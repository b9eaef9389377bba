/* The thread pool: every index is visited once, in the promised chunks, whoever calls and however many threads there are. */
#include "check.h"

#include <stdatomic.h>

#include "pool/pool.h"

enum { CALLERS = 16 };

typedef struct {
    int64_t count, grain;
    _Atomic int64_t calls;
    _Atomic int64_t wrong; /* chunks that are not [k grain, min((k+1) grain, count)) */
    unsigned char *visits;  /* [count], not atomic: a race here is a failure of the pool */
} tally;

static void visit(void *context, int64_t begin, int64_t end) {
    tally *t = context;
    atomic_fetch_add(&t->calls, 1);
    const int64_t expected = begin + t->grain < t->count ? begin + t->grain : t->count;
    if (begin % t->grain || end != expected) atomic_fetch_add(&t->wrong, 1);
    for (int64_t i = begin; i < end; i++) t->visits[i]++;
}

/* 0 when every index was visited once, in the right chunks. */
static int run_tally(int64_t count, int64_t grain) {
    unsigned char small[512];
    tally t = {.count = count, .grain = grain < 1 ? 1 : grain > count ? count : grain};
    t.visits = count <= (int64_t)sizeof small ? small : malloc((size_t)count);
    memset(t.visits, 0, (size_t)count);
    sn_parallel_for(count, grain, visit, &t);
    int bad = t.wrong != 0 || t.calls != (count + t.grain - 1) / t.grain;
    for (int64_t i = 0; i < count; i++) bad |= t.visits[i] != 1;
    if (t.visits != small) free(t.visits);
    return bad;
}

static void test_every_index_once(void) {
    static const int64_t counts[] = {1, 2, 3, 7, 64, 100, 101, 1000, 65537};
    static const int64_t grains[] = {-5, 0, 1, 2, 3, 7, 64, 1000, INT64_C(1) << 60};
    for (int32_t threads = 1; threads <= 8; threads++) {
        CHECK(sn_set_threads(threads) == SN_OK && sn_threads() == threads, "set_threads(%d)", threads);
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t g = 0; g < sizeof grains / sizeof *grains; g++)
                CHECK(run_tally(counts[c], grains[g]) == 0, "threads %d, count %lld, grain %lld", threads, (long long)counts[c], (long long)grains[g]);
    }
}

static void never(void *context, int64_t begin, int64_t end) {
    (void)begin, (void)end;
    *(int *)context = 1;
}

static void test_nothing_to_do(void) {
    int called = 0;
    sn_parallel_for(0, 1, never, &called);
    sn_parallel_for(-3, 1, never, &called);
    CHECK(!called, "a body was called for an empty range");
}

static void test_thread_limits(void) {
    CHECK(sn_set_threads(5) == SN_OK, "set_threads(5)");
    static const int32_t bad[] = {0, -1, 257, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(sn_set_threads(bad[i]) == SN_ERR_VALUE, "set_threads(%d) was taken", bad[i]);
        CHECK(sn_threads() == 5, "a refused set_threads(%d) changed the count", bad[i]);
    }
    CHECK(sn_set_threads(256) == SN_OK && run_tally(1000, 1) == 0, "256 threads");
    CHECK(sn_cpus() >= 1, "cpus %d", sn_cpus());
}

/* Jobs so small that workers arrive late, when the next job has begun. */
static void test_stress_tiny_jobs(void) {
    int bad = 0;
    for (int i = 0; i < 30000; i++) {
        if (i % 1000 == 0) sn_set_threads(1 + i / 1000 % 8);
        bad += run_tally(2 + i % 7, 1 + i % 3);
    }
    CHECK(bad == 0, "%d of 30000 tiny jobs went wrong", bad);
}

/* Pauses longer than the workers poll, so that each job has to wake sleepers. */
static void test_sleeping_workers(void) {
    sn_set_threads(4);
    int bad = 0;
    for (int i = 0; i < 100; i++) {
        system_sleep(i % 2 ? 2000 : 60);
        bad += run_tally(64, 1);
    }
    CHECK(bad == 0, "%d jobs after a pause went wrong", bad);
}

typedef struct {
    int64_t inner;
    _Atomic int64_t bad;
} nest;

static void nested_body(void *context, int64_t begin, int64_t end) {
    nest *n = context;
    for (int64_t i = begin; i < end; i++)
        if (run_tally(n->inner + i, 3)) atomic_fetch_add(&n->bad, 1);
}

static void test_nested(void) {
    for (int32_t threads = 1; threads <= 8; threads++) {
        sn_set_threads(threads);
        nest n = {.inner = 100};
        for (int i = 0; i < 50; i++) sn_parallel_for(40, 1 + i % 5, nested_body, &n);
        CHECK(n.bad == 0, "%lld nested jobs went wrong with %d threads", (long long)n.bad, threads);
    }
}

static atomic_int calling, callers_bad;

static void caller(void *argument) {
    const int id = (int)(intptr_t)argument;
    atomic_fetch_add(&calling, 1);
    while (atomic_load(&calling) < CALLERS) system_sleep(10);
    int bad = 0;
    for (int i = 0; i < 600; i++) {
        bad += run_tally(1 + (i * 37 + id * 101) % 3000, 1 + (i + id) % 97);
        if (i % 50 == id) sn_set_threads(1 + (i + id) % 8);
        nest n = {.inner = 10};
        if (i % 20 == 0) sn_parallel_for(16, 1, nested_body, &n);
        bad += (int)n.bad;
    }
    atomic_fetch_add(&callers_bad, bad);
}

static void test_many_callers(void) {
    system_thread threads[CALLERS];
    for (intptr_t i = 0; i < CALLERS; i++) CHECK(system_start(&threads[i], caller, (void *)i) == 0, "a thread");
    for (int i = 0; i < CALLERS; i++) system_join(&threads[i]);
    CHECK(callers_bad == 0, "%d jobs of %d simultaneous callers went wrong", (int)callers_bad, CALLERS);
}

static void add_up(void *context, int64_t begin, int64_t end) {
    double *partial = context, sum = 0;
    for (int64_t i = begin; i < end; i++) sum += 1.0 / (double)(i + 1);
    partial[begin / 1000] = sum;
}

/* Chunks do not depend on the number of threads, so sums by chunk have the same bits. */
static void test_fixed_chunks(void) {
    double *first = check_alloc(100 * 8), *again = check_alloc(100 * 8);
    sn_set_threads(1);
    sn_parallel_for(99999, 1000, add_up, first);
    for (int32_t threads = 2; threads <= 8; threads++) {
        sn_set_threads(threads);
        sn_parallel_for(99999, 1000, add_up, again);
        CHECK(memcmp(first, again, 800) == 0, "partial sums differ with %d threads", threads);
    }
    check_free_all();
}

static volatile float tiny = 1e-38f;

static void count_denormals(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
        system_sleep(50); /* so that workers get their share */
        if (tiny * 0.01f != 0) atomic_fetch_add((_Atomic int64_t *)context, 1);
    }
}

/* Workers treat subnormal numbers as the caller does: the result must not depend on who runs a chunk. */
static void test_denormals_follow_the_caller(void) {
    sn_set_threads(4);
    const uint32_t before = sn_denormals();
    _Atomic int64_t kept = 0, flushed = 0;
    sn_parallel_for(200, 1, count_denormals, &kept);
    const uint32_t saved = sn_flush_denormals();
    sn_parallel_for(200, 1, count_denormals, &flushed);
    sn_restore_denormals(saved);
    CHECK(kept == 200, "%lld of 200 kept outside sn_run", (long long)kept);
#if defined(__x86_64__)
    CHECK(flushed == 0, "%lld of 200 not flushed", (long long)flushed);
#endif
    CHECK((sn_denormals() & 0xffc0) == (before & 0xffc0), "the caller's state changed");
}

int main(void) {
    RUN(test_nothing_to_do);
    RUN(test_every_index_once);
    RUN(test_thread_limits);
    RUN(test_stress_tiny_jobs);
    RUN(test_sleeping_workers);
    RUN(test_nested);
    RUN(test_many_callers);
    RUN(test_fixed_chunks);
    RUN(test_denormals_follow_the_caller);
    return check_summary();
}
