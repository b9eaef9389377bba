/* What the tests ask of the operating system: pages that cannot be touched, threads, pauses. */
#ifndef SN_TESTS_SYSTEM_H
#define SN_TESTS_SYSTEM_H

#include <stddef.h>

size_t system_page(void);
/* `bytes` of memory and `guard` bytes behind it that nobody may touch, both whole pages; NULL when there is none. With
 * SINEW_TEST_EMULATED in the environment the memory around it can be read, not written: qemu's masked loads read all lanes,
 * wherever those that are masked off lie. */
unsigned char *system_map(size_t bytes, size_t guard);
/* bytes: those of both together. */
void system_unmap(unsigned char *map, size_t bytes);

void system_sleep(int microseconds);

typedef struct {
    void *handle;
    void (*body)(void *argument);
    void *argument;
} system_thread;
/* Starts a thread that is joined later; *thread must stay where it is until then. Not 0 when the system refuses. */
int system_start(system_thread *thread, void (*body)(void *argument), void *argument);
void system_join(system_thread *thread);

#endif
