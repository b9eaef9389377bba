/* Linux, macOS and other POSIX systems: see platform.h. */
#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity, madvise */
#endif
#if defined(__APPLE__)
#define _DARWIN_C_SOURCE /* sysctlbyname, _SC_NPROCESSORS_ONLN */
#endif
#include "core/platform.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "sinew.h"

int64_t sn_nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Large blocks are whole large pages: with small ones a pass over some megabytes waits for the table of pages. */
void *sn_aligned_alloc(size_t bytes) {
    enum { ALIGNMENT = 64, PAGE = 1 << 21, LARGE = PAGE / 2 };
    void *memory = NULL;
#if defined(__linux__)
    if (bytes >= LARGE && bytes < SIZE_MAX - PAGE) {
        bytes = (bytes + PAGE - 1) / PAGE * PAGE;
        if (posix_memalign(&memory, PAGE, bytes)) return NULL;
        madvise(memory, bytes, MADV_HUGEPAGE); /* a wish: nothing is lost where it is refused */
        return memory;
    }
#endif
    return posix_memalign(&memory, ALIGNMENT, bytes) ? NULL : memory;
}

void sn_aligned_free(void *memory) { free(memory); }

/* ---- threads ---- */

typedef union {
    void (*body)(void);
    void *pointer;
} start;

static void *run(void *argument) {
    const start s = {.pointer = argument};
    s.body();
    return NULL;
}

int sn_thread_start(void (*body)(void)) {
    const start s = {.body = body};
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes)) return 0;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    const int failed = pthread_create(&thread, &attributes, run, s.pointer);
    pthread_attr_destroy(&attributes);
    return !failed;
}

void sn_thread_yield(void) { sched_yield(); }

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;

void sn_sleep_lock(void) { pthread_mutex_lock(&mutex); }
void sn_sleep_unlock(void) { pthread_mutex_unlock(&mutex); }
void sn_sleep_wait(void) { pthread_cond_wait(&wake, &mutex); }
void sn_sleep_wake_all(void) { pthread_cond_broadcast(&wake); }

/* ---- CPUs ---- */

#if defined(__linux__)
static int32_t affinity(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (int32_t)CPU_COUNT(&set) : 0;
}

/* Quota of a control group in CPUs, rounded up; 0 when there is none. Version 2 says "quota period" in one file,
 * version 1 has a file for each, -1 meaning no limit. */
static int32_t quota(void) {
    long long time = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (file) {
        const int fields = fscanf(file, "%lld %lld", &time, &period);
        fclose(file);
        if (fields != 2) return 0;
    } else {
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "r");
        if (!file) return 0;
        if (fscanf(file, "%lld", &time) != 1) time = 0;
        fclose(file);
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "r");
        if (!file) return 0;
        if (fscanf(file, "%lld", &period) != 1) period = 0;
        fclose(file);
    }
    if (time <= 0 || period <= 0) return 0;
    return (int32_t)((time + period - 1) / period);
}
#else
static int32_t affinity(void) { return 0; }
static int32_t quota(void) { return 0; }
#endif

int32_t sn_cpus(void) {
    int32_t cpus = affinity();
    if (cpus < 1) cpus = (int32_t)sysconf(_SC_NPROCESSORS_ONLN);
    const int32_t limit = quota();
    if (limit > 0 && limit < cpus) cpus = limit;
    return cpus < 1 ? 1 : cpus;
}

/* ---- memory ---- */

int64_t sn_page_bytes(void) {
    const long bytes = sysconf(_SC_PAGESIZE);
    return bytes < 1 ? 4096 : bytes;
}

#if defined(__linux__)
/* The number in a file about the first CPU's caches, with its unit; -1 when there is none. */
static int64_t cache_file(int index, const char *name) {
    char path[96], unit = 0;
    long long value = 0;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, name);
    FILE *file = fopen(path, "r");
    if (!file) return -1;
    const int fields = fscanf(file, "%lld%c", &value, &unit);
    fclose(file);
    return fields < 1 ? -1 : value * (unit == 'K' ? 1024 : unit == 'M' ? 1024 * 1024 : 1);
}

/* Not an instruction cache. */
static int cache_of_data(int index) {
    char path[96], type[16] = "";
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/type", index);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    const int fields = fscanf(file, "%15s", type);
    fclose(file);
    return fields == 1 && type[0] != 'I';
}

int64_t sn_system_cache(int32_t level) {
    for (int index = 0; index < 16; index++) {
        const int64_t here = cache_file(index, "level");
        if (here < 0) break;
        const int64_t bytes = here == level && cache_of_data(index) ? cache_file(index, "size") : 0;
        if (bytes > 0) return bytes;
    }
#if defined(_SC_LEVEL1_DCACHE_SIZE)
    const long bytes = sysconf(level == 1 ? _SC_LEVEL1_DCACHE_SIZE : level == 2 ? _SC_LEVEL2_CACHE_SIZE : _SC_LEVEL3_CACHE_SIZE);
    return bytes < 1 ? 0 : bytes;
#else
    return 0;
#endif
}
#elif defined(__APPLE__)
int64_t sn_system_cache(int32_t level) {
    static const char *const names[] = {"l1dcachesize", "l2cachesize", "l3cachesize"};
    static const char *const places[] = {"hw.perflevel0.", "hw."}; /* the fast cores, where there are two kinds */
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char name[64];
        int64_t bytes = 0; /* a number of 4 bytes leaves the upper ones 0 */
        size_t size = sizeof bytes;
        snprintf(name, sizeof name, "%s%s", places[i], names[level - 1]);
        if (sysctlbyname(name, &bytes, &size, NULL, 0) == 0 && bytes > 0) return bytes;
    }
    return 0;
}
#else
int64_t sn_system_cache(int32_t level) {
    (void)level;
    return 0;
}
#endif
