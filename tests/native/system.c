#include "system.h"

#include <stdlib.h>

#if defined(_WIN32)

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

size_t system_page(void) {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

unsigned char *system_map(size_t bytes, size_t guard) {
    DWORD before;
    unsigned char *map = VirtualAlloc(NULL, bytes + guard, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (map && !VirtualProtect(map + bytes, guard, PAGE_NOACCESS, &before)) return NULL;
    return map;
}

void system_unmap(unsigned char *map, size_t bytes) {
    (void)bytes;
    VirtualFree(map, 0, MEM_RELEASE);
}

void system_sleep(int microseconds) { Sleep((DWORD)(microseconds + 999) / 1000); }

static DWORD WINAPI run(void *thread) {
    const system_thread *t = thread;
    t->body(t->argument);
    return 0;
}

int system_start(system_thread *thread, void (*body)(void *argument), void *argument) {
    *thread = (system_thread){NULL, body, argument};
    thread->handle = CreateThread(NULL, 0, run, thread, 0, NULL);
    return !thread->handle;
}

void system_join(system_thread *thread) {
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
}

#else

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

size_t system_page(void) { return (size_t)sysconf(_SC_PAGESIZE); }

/* Readable bytes before and behind a map where the processor is emulated; else none. */
static size_t margin(void) {
    enum { MARGIN = 1 << 18 };
    static int known = -1;
    if (known < 0) known = getenv("SINEW_TEST_EMULATED") != NULL;
    return known ? MARGIN : 0;
}

unsigned char *system_map(size_t bytes, size_t guard) {
    const size_t around = margin();
    unsigned char *map = mmap(NULL, around + bytes + guard + around, around ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + around, bytes, PROT_READ | PROT_WRITE)) return NULL;
    return map + around;
}

void system_unmap(unsigned char *map, size_t bytes) { munmap(map - margin(), margin() + bytes + margin()); }

void system_sleep(int microseconds) { usleep((useconds_t)microseconds); }

static void *run(void *thread) {
    const system_thread *t = thread;
    t->body(t->argument);
    return NULL;
}

int system_start(system_thread *thread, void (*body)(void *argument), void *argument) {
    pthread_t *handle = malloc(sizeof *handle);
    if (!handle) return 1;
    *thread = (system_thread){handle, body, argument};
    return pthread_create(handle, NULL, run, thread);
}

void system_join(system_thread *thread) {
    pthread_join(*(pthread_t *)thread->handle, NULL);
    free(thread->handle);
}

#endif
