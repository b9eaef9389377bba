/* Windows 8 and later: see platform.h. */
#define WIN32_LEAN_AND_MEAN
#define _WIN32_WINNT 0x0602
#include "core/platform.h"

#include <malloc.h>
#include <process.h>
#include <stdlib.h>
#include <windows.h>

#include "sinew.h"

int64_t sn_nanoseconds(void) {
    LARGE_INTEGER ticks, rate;
    QueryPerformanceFrequency(&rate);
    QueryPerformanceCounter(&ticks);
    const int64_t second = 1000000000;
    return ticks.QuadPart / rate.QuadPart * second + ticks.QuadPart % rate.QuadPart * second / rate.QuadPart;
}

void *sn_aligned_alloc(size_t bytes) { return _aligned_malloc(bytes, 64); }
void sn_aligned_free(void *memory) { _aligned_free(memory); }

/* ---- threads ---- */

typedef union {
    void (*body)(void);
    void *pointer;
} start;

static unsigned __stdcall run(void *argument) {
    const start s = {.pointer = argument};
    s.body();
    return 0;
}

int sn_thread_start(void (*body)(void)) {
    const start s = {.body = body};
    const uintptr_t thread = _beginthreadex(NULL, 0, run, s.pointer, 0, NULL);
    if (!thread) return 0;
    CloseHandle((HANDLE)thread);
    return 1;
}

void sn_thread_yield(void) { SwitchToThread(); }

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE wake = CONDITION_VARIABLE_INIT;

void sn_sleep_lock(void) { AcquireSRWLockExclusive(&lock); }
void sn_sleep_unlock(void) { ReleaseSRWLockExclusive(&lock); }
void sn_sleep_wait(void) { SleepConditionVariableSRW(&wake, &lock, INFINITE, 0); }
void sn_sleep_wake_all(void) { WakeAllConditionVariable(&wake); }

/* ---- CPUs ---- */

/* The process's affinity mask speaks of one processor group, and is 0 when the process has threads in several. A mask that
 * holds nothing back leaves all groups to the process. */
static int32_t affinity(void) {
    DWORD_PTR process = 0, system = 0;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &process, &system) || process == system)
        return (int32_t)GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    int32_t cpus = 0;
    for (; process; process &= process - 1) cpus++;
    return cpus;
}

/* The hard limit of the job the process is in (containers have one) in CPUs, rounded up; 0 when there is none. */
static int32_t quota(void) {
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate = {0};
    const DWORD hard = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    if (!QueryInformationJobObject(NULL, JobObjectCpuRateControlInformation, &rate, sizeof rate, NULL)) return 0;
    if ((rate.ControlFlags & hard) != hard) return 0;
    const int64_t whole = 10000; /* the rate counts in hundredths of a percent of all CPUs */
    return (int32_t)(((int64_t)rate.CpuRate * GetActiveProcessorCount(ALL_PROCESSOR_GROUPS) + whole - 1) / whole);
}

int32_t sn_cpus(void) {
    int32_t cpus = affinity();
    const int32_t limit = quota();
    if (limit > 0 && limit < cpus) cpus = limit;
    return cpus < 1 ? 1 : cpus;
}

/* ---- memory ---- */

int64_t sn_page_bytes(void) {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

int64_t sn_system_cache(int32_t level) {
    DWORD size = 0;
    GetLogicalProcessorInformationEx(RelationCache, NULL, &size);
    unsigned char *list = size ? malloc(size) : NULL;
    int64_t bytes = 0;
    if (list && GetLogicalProcessorInformationEx(RelationCache, (SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *)list, &size)) {
        for (DWORD at = 0; at < size && !bytes;) {
            const SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *entry = (const SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *)(list + at);
            const CACHE_RELATIONSHIP *cache = &entry->Cache;
            if (cache->Level == level && (cache->Type == CacheUnified || cache->Type == CacheData)) bytes = cache->CacheSize;
            at += entry->Size;
        }
    }
    free(list);
    return bytes;
}
