/* Numbers and arrays from the bytes of an input. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "system.h"

int fuzz_byte(fuzz *f) { return f->next < f->end ? *f->next++ : 0; }

int64_t fuzz_int(fuzz *f, int64_t low, int64_t high) {
    const uint64_t range = (uint64_t)(high - low) + 1;
    uint64_t v = (uint64_t)fuzz_byte(f);
    if (range > 256) v = v << 8 | (uint64_t)fuzz_byte(f);
    return low + (int64_t)(v % range);
}

int fuzz_rarely(fuzz *f, int times) { return fuzz_int(f, 0, times - 1) == times - 1; }

int64_t fuzz_senseless(fuzz *f) {
    static const int64_t sizes[] = {-1, INT64_MAX, INT64_MIN, INT64_C(1) << 31, INT64_C(1) << 47, INT64_C(1) << 62, -7, INT64_MAX / 2};
    return sizes[fuzz_int(f, 0, 7)];
}

int64_t fuzz_size(fuzz *f) {
    const int b = fuzz_byte(f);
    if (b < 180) return b % 9;
    if (b < 225) return b - 180;
    return b < 253 ? fuzz_int(f, 0, 300) : fuzz_senseless(f);
}

int64_t fuzz_small(fuzz *f) {
    const int b = fuzz_byte(f);
    return b < 240 ? 1 + b % 5 : b < 253 ? b - 240 : fuzz_senseless(f);
}

double fuzz_real(fuzz *f) {
    static const double reals[] = {0, 1, -1, 2, 1e-8, 1e30, -0.0, 1e-310, 1e300, -1e300};
    const int b = fuzz_byte(f);
    if (b < 200) return b / 199.0;
    if (b < 240) return reals[b % 10];
    return b < 246 ? (double)INFINITY : b < 252 ? -(double)INFINITY : (double)NAN;
}

int32_t fuzz_dtype(fuzz *f) {
    const int b = fuzz_byte(f);
    return b < 160 ? SN_F32 : b < 240 ? SN_F64 : b < 250 ? SN_I32 : b - 251;
}

static uint64_t next_random(fuzz *f) {
    uint64_t z = (f->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    return z ^ (z >> 29);
}

/* AddressSanitizer watches both ends of what malloc gives, but not for OpenBLAS; without it a page follows that nobody may touch,
 * and canaries stand around. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define WATCHED 0
#endif
enum { CANARY = 0xa5, ALIGNMENT = 64 };

#if WATCHED
static unsigned char *reserve(size_t bytes, int64_t *mapped) {
    void *memory = NULL;
    *mapped = 0;
    return posix_memalign(&memory, ALIGNMENT, bytes) ? NULL : memory;
}
#else
static unsigned char *reserve(size_t bytes, int64_t *mapped) {
    const size_t page = system_page(), whole = (bytes + page) / page * page;
    unsigned char *memory = system_map(whole, page);
    *mapped = (int64_t)whole;
    if (memory) memset(memory, CANARY, whole);
    return memory;
}
#endif

/* Of exactly so many bytes, `before` bytes behind a multiple of 64 or `behind` bytes in front of the page. */
static void *exact(fuzz *f, int64_t bytes, int64_t before, int64_t behind) {
    int64_t mapped = 0;
    unsigned char *memory = NULL;
    if (f->count < FUZZ_MOST_BLOCKS) memory = reserve((size_t)(bytes + (WATCHED ? before : behind)), &mapped);
    if (!memory) {
        f->too_big = 1;
        return NULL;
    }
    const int64_t begin = WATCHED ? before : mapped - behind - bytes;
    f->blocks[f->count].memory = memory;
    f->blocks[f->count].mapped = mapped;
    f->blocks[f->count].begin = begin;
    f->blocks[f->count++].bytes = bytes;
    return memory + begin;
}

void fuzz_release(fuzz *f) {
    for (int i = 0; i < f->count; i++) {
        unsigned char *memory = f->blocks[i].memory;
        const int64_t mapped = f->blocks[i].mapped, begin = f->blocks[i].begin, end = begin + f->blocks[i].bytes;
        for (int64_t c = 0; c < mapped; c++) FUZZ_CHECK((c >= begin && c < end) || memory[c] == CANARY);
        if (mapped) system_unmap(memory, (size_t)mapped + system_page());
        else free(memory);
    }
}

void *fuzz_array(fuzz *f, int32_t dtype, int64_t count) {
    const int64_t size = dtype == SN_F64 ? 8 : 4;
    const int b = fuzz_byte(f);
    if (b == 255) return NULL;
    if (count < 0) count = 0;
    if (count > FUZZ_MOST_ELEMENTS) {
        f->too_big = 1;
        return NULL;
    }
    void *array = exact(f, count * size, b % 4 * size, 0);
    if (!array) return NULL;
    for (int64_t i = 0; i < count; i++) {
        static const float special[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 1e-40f, 3e38f, -1e30f};
        const uint64_t r = next_random(f);
        const double v = b >= 200 && r % 16 == 0 ? (double)special[r >> 8 & 7] : (double)(r >> 11) * 0x1p-52 - 1;
        if (dtype == SN_F64) ((double *)array)[i] = v;
        else if (dtype == SN_F32) ((float *)array)[i] = (float)v;
        else ((int32_t *)array)[i] = (int32_t)(r >> 32) >> r % 32;
    }
    return array;
}

void *fuzz_optional(fuzz *f, int32_t dtype, int64_t count) { return fuzz_byte(f) % 2 ? fuzz_array(f, dtype, count) : NULL; }

int32_t *fuzz_indices(fuzz *f, int64_t count, int64_t limit) {
    const int wild = fuzz_rarely(f, 16);
    int32_t *indices = fuzz_array(f, SN_I32, count);
    if (!indices || wild) return indices;
    for (int64_t i = 0; i < count; i++) indices[i] = limit < 1 ? 0 : (int32_t)(next_random(f) % (uint64_t)sn_min(limit, INT32_MAX));
    return indices;
}

double *fuzz_double_cell(fuzz *f) {
    double *cell = fuzz_array(f, SN_F64, 1);
    if (cell) *cell = fuzz_real(f);
    return cell;
}

int64_t *fuzz_int_cell(fuzz *f) {
    int64_t *cell = fuzz_array(f, SN_F64, 1);
    if (cell) *cell = fuzz_rarely(f, 16) ? fuzz_senseless(f) : fuzz_int(f, 0, 3);
    return cell;
}

void *fuzz_block(fuzz *f, int64_t bytes) {
    if (bytes > FUZZ_MOST_ELEMENTS * INT64_C(64)) f->too_big = 1;
    if (bytes <= 0 || f->too_big) return NULL;
    const int64_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return exact(f, bytes, 0, rounded - bytes);
}

void fuzz_work(fuzz *f, int64_t work) {
    if (work > FUZZ_MOST_WORK) f->too_big = 1;
}

int64_t fuzz_workspace_bytes(fuzz *f, const void *args) {
    const int64_t bytes = sn_workspace_bytes(f->code, args);
    return bytes <= 0 ? 0 : fuzz_rarely(f, 32) ? bytes - 1 : bytes;
}
