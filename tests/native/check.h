/* The C tests' tools: guarded buffers, seeded random data, comparison with double references, the loop over ISAs.
 * A test program is a list of functions; main calls each by RUN(name), which also seeds its data from
 * its name, and returns check_summary().
 * Usage:
 *   CHECK(condition, "format", ...);                      one expectation
 *   float *x = check_floats(count);                       guarded, random in [-1, 1)
 *   FOR_EACH_ISA(isa) { ... sn_run(&call, 1, isa, NULL) } the ISAs this CPU has; the others are reported as skipped
 *   check_free_all();                                     at the end of each test: verifies canaries, frees
 */
#ifndef SN_TESTS_CHECK_H
#define SN_TESTS_CHECK_H

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sinew.h"
#include "system.h"

static int check_passed, check_failed, check_shown;
static const char *check_test = "";

static inline void check_report(int ok, const char *file, int line, const char *format, ...) {
    if (ok) {
        check_passed++;
        return;
    }
    check_failed++;
    if (check_shown++ > 40) return;
    va_list list;
    va_start(list, format);
    printf("FAILED %s (%s:%d): ", check_test, file, line);
    vprintf(format, list);
    printf("\n");
    va_end(list);
}
#define CHECK(ok, ...) check_report((ok) ? 1 : 0, __FILE__, __LINE__, __VA_ARGS__)

static inline int check_summary(void) {
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed || !check_passed;
}

/* ---- seeded random numbers (splitmix64) ---- */
static uint64_t check_state;
static inline uint64_t check_next(void) {
    uint64_t z = (check_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
/* The state comes from the test's name (FNV-1a): its data stays when other tests come, go or change. */
static inline void check_begin(const char *test) {
    check_test = test;
    check_state = 0xcbf29ce484222325u;
    while (*test) check_state = (check_state ^ (unsigned char)*test++) * 0x100000001b3u;
}
#define RUN(test) (check_begin(#test), test())

/* in [-1, 1) */
static inline double check_uniform(void) { return (double)(check_next() >> 11) * 0x1p-52 - 1; }
/* in [low, high] */
static inline int64_t check_int(int64_t low, int64_t high) { return low + (int64_t)(check_next() % (uint64_t)(high - low + 1)); }

/* ---- guarded buffers: the last byte touches an unreadable page, 64 canary bytes stand before the first ---- */
enum { CHECK_BUFFERS = 4096, CHECK_CANARY = 64 };
static struct { unsigned char *map, *data; size_t map_bytes; } check_buffers[CHECK_BUFFERS];
static int check_buffer_count;

static inline void *check_alloc(int64_t bytes) {
    const size_t page = system_page();
    const size_t body = ((size_t)bytes + CHECK_CANARY + page - 1) / page * page;
    unsigned char *map = check_buffer_count < CHECK_BUFFERS ? system_map(body, page) : NULL;
    if (!map) {
        printf("out of test buffers\n");
        exit(2);
    }
    unsigned char *data = map + body - bytes;
    memset(map, 0xa5, body);
    memset(data, 0xcb, (size_t)bytes); /* a quiet wrong value, so that an unwritten output is seen */
    check_buffers[check_buffer_count].map = map;
    check_buffers[check_buffer_count].data = data;
    check_buffers[check_buffer_count++].map_bytes = body + page;
    return data;
}

static inline void check_free_all(void) {
    for (int i = 0; i < check_buffer_count; i++) {
        const unsigned char *p = check_buffers[i].map;
        int intact = 1;
        while (p < check_buffers[i].data) intact &= *p++ == 0xa5;
        CHECK(intact, "something wrote before a buffer");
        system_unmap(check_buffers[i].map, check_buffers[i].map_bytes);
    }
    check_buffer_count = 0;
}

static inline float *check_floats(int64_t count) {
    float *x = check_alloc(count * 4);
    for (int64_t i = 0; i < count; i++) x[i] = (float)check_uniform();
    return x;
}
static inline double *check_doubles(int64_t count) {
    double *x = check_alloc(count * 8);
    for (int64_t i = 0; i < count; i++) x[i] = check_uniform();
    return x;
}
/* A double copy of float data, for references. */
static inline double *check_widen(const float *x, int64_t count) {
    double *y = check_alloc(count * 8);
    for (int64_t i = 0; i < count; i++) y[i] = x[i];
    return y;
}

/* Largest |actual - expected| / (atol + rtol |expected|); NaN must meet NaN. At most 1 is a pass. */
static inline double check_distance(const float *actual, const double *expected, int64_t count, double rtol, double atol) {
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        if (isnan(actual[i]) && isnan(expected[i])) continue;
        if ((double)actual[i] == expected[i]) continue; /* infinities too */
        const double d = fabs(actual[i] - expected[i]) / (atol + rtol * fabs(expected[i]));
        if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
    }
    return worst;
}
#define CHECK_CLOSE(actual, expected, count, rtol, atol, ...)                                              \
    do {                                                                                                   \
        const double check_d = check_distance(actual, expected, count, rtol, atol);                        \
        char check_text[400];                                                                              \
        snprintf(check_text, sizeof check_text, __VA_ARGS__);                                              \
        CHECK(check_d <= 1, "%s: %g times the tolerance away from the reference", check_text, check_d);    \
    } while (0)

/* ---- ISAs ---- */
static inline int check_isa(int isa) {
    static int told;
    if (sn_isa_available(isa)) return 1;
    const int here = (isa == SN_ISA_NEON) == (sn_isa_detected() == SN_ISA_NEON); /* not one of another kind of CPU */
    if (here && !(told & (1 << isa))) printf("skipped: %s (this CPU lacks it)\n", sn_isa_name(isa));
    told |= 1 << isa;
    return 0;
}
#define FOR_EACH_ISA(isa) \
    for (int isa = 0; isa < SN_ISA_COUNT; isa++) \
        if (check_isa(isa))

/* Runs one operation on one ISA's kernels, with a workspace if it asks for one. */
#define CHECK_RUN(code_, args_, isa_)                                                     \
    do {                                                                                  \
        sn_call check_call = {.code = (code_), .args = &(args_)};                         \
        const sn_status check_s = sn_run(&check_call, 1, (isa_), NULL);                   \
        CHECK(check_s == SN_OK, "%s on %s: %s", #code_, sn_isa_name(isa_), sn_status_text(check_s)); \
    } while (0)

#endif
