/* Fuzzing by libFuzzer: the input becomes a list of calls of any operations, of any sizes, with arrays of the lengths that
 * sinew.h asks for. Whatever the sizes and parameters, nothing may be touched beyond them, and no rule of C broken.
 *   cmake --preset sanitize && cmake --build --preset fuzz
 *   build/sanitize/ops_fuzz -max_len=400 -len_control=0 -max_total_time=600 FOLDER
 * keeps in FOLDER the inputs that reached something new. The preset linux-x86_64-clang builds it too, for the kernels as they
 * ship. An input that found a mistake goes into found/, and is tried by every ctest from then on. */
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

static int64_t senseless(fuzz *f) {
    static const int64_t sizes[] = {-1, INT64_MAX, INT64_MIN, INT64_C(1) << 31, INT64_C(1) << 47, INT64_C(1) << 62, -7, INT64_MAX / 2};
    return sizes[fuzz_int(f, 0, 7)];
}

int64_t fuzz_size(fuzz *f) {
    const int b = fuzz_byte(f);
    if (b < 180) return b % 9;
    if (b < 225) return b - 180;
    return b < 253 ? fuzz_int(f, 0, 300) : senseless(f);
}

int64_t fuzz_small(fuzz *f) {
    const int b = fuzz_byte(f);
    return b < 240 ? 1 + b % 5 : b < 253 ? b - 240 : senseless(f);
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

/* Exactly so many bytes. AddressSanitizer watches both ends of what malloc gives, but not for OpenBLAS; without it a page
 * follows that nobody may touch, and canaries stand before. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define WATCHED 0
#endif
enum { CANARY = 0xa5 };

static void *exact(fuzz *f, int64_t bytes, int64_t shift) {
    const int64_t page = (int64_t)system_page(), mapped = (bytes + shift + page - 1) / page * page;
    unsigned char *block = NULL;
    if (f->count < FUZZ_MOST_BLOCKS) block = WATCHED ? malloc((size_t)(bytes + shift)) : system_map((size_t)mapped, (size_t)page);
    if (!block) {
        f->too_big = 1;
        return NULL;
    }
    f->blocks[f->count].memory = block;
    f->blocks[f->count].canaries = WATCHED ? 0 : mapped - bytes;
    f->blocks[f->count++].mapped = WATCHED ? 0 : mapped + page;
    if (WATCHED) return block + shift;
    memset(block, CANARY, (size_t)(mapped - bytes));
    return block + mapped - bytes;
}

static void release(fuzz *f) {
    for (int i = 0; i < f->count; i++) {
        unsigned char *block = f->blocks[i].memory;
        for (int64_t c = 0; c < f->blocks[i].canaries; c++)
            if (block[c] != CANARY) abort();
        if (f->blocks[i].mapped) system_unmap(block, (size_t)f->blocks[i].mapped);
        else free(block);
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
    void *array = exact(f, count * size, b % 4 * size);
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
    if (cell) *cell = fuzz_rarely(f, 16) ? senseless(f) : fuzz_int(f, 0, 3);
    return cell;
}

void *fuzz_block(fuzz *f, int64_t bytes) {
    if (bytes > FUZZ_MOST_ELEMENTS * INT64_C(64) || f->count == FUZZ_MOST_BLOCKS) {
        f->too_big = 1;
        return NULL;
    }
    if (bytes <= 0) return NULL;
    const int64_t rounded = (bytes + 63) / 64 * 64;
    unsigned char *block = aligned_alloc(64, (size_t)rounded);
    if (!block) f->too_big = 1;
    else f->blocks[f->count++].memory = block;
    return block;
}

void fuzz_work(fuzz *f, int64_t work) {
    if (work > FUZZ_MOST_WORK) f->too_big = 1;
}

int64_t fuzz_workspace_bytes(fuzz *f, int32_t code, const void *args) {
    const int64_t bytes = sn_workspace_bytes(code, args);
    return bytes <= 0 ? 0 : fuzz_rarely(f, 32) ? bytes - 1 : bytes;
}

static int32_t build(fuzz *f, fuzz_args *args) {
    int which = fuzz_byte(f) % (fuzz_products_count + fuzz_losses_count + fuzz_movers_count + fuzz_sweeps_count);
    if (which < fuzz_products_count) return fuzz_products[which](f, args);
    which -= fuzz_products_count;
    if (which < fuzz_losses_count) return fuzz_losses[which](f, args);
    which -= fuzz_losses_count;
    if (which < fuzz_movers_count) return fuzz_movers[which](f, args);
    return fuzz_sweeps[which - fuzz_movers_count](f, args);
}

/* Writes what pack makes of b or of weight, for the product that follows. */
static void pack(fuzz *f, int32_t code, fuzz_args *args, int32_t isa) {
    const int gemm = code == SN_OP_GEMM || code == SN_OP_GEMM_PACK;
    const int32_t pack_code = gemm ? SN_OP_GEMM_PACK : SN_OP_CONV2D_PACK;
    const int64_t bytes = sn_packed_bytes(pack_code, args);
    if (bytes <= 0) return;
    void *block = fuzz_block(f, bytes);
    if (!block) return;
    if (gemm) args->gemm.packed = block, args->gemm.packed_bytes = bytes;
    else args->conv2d.packed = block, args->conv2d.packed_bytes = bytes;
    sn_call call = {.code = pack_code, .args = args};
    if (sn_run(&call, 1, isa, NULL) == SN_OK) return;
    if (gemm) args->gemm.packed = NULL, args->gemm.packed_bytes = 0;
    else args->conv2d.packed = NULL, args->conv2d.packed_bytes = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { MOST_CALLS = 3 };
    fuzz_args args[MOST_CALLS];
    sn_call calls[MOST_CALLS];
    fuzz f = {.next = data, .end = data + size, .random = size};
    memset(args, 0, sizeof args);
    sn_set_threads((int32_t)fuzz_int(&f, 1, 3));
    const int32_t isa = (int32_t)fuzz_int(&f, -1, SN_ISA_COUNT - 1);
    const int64_t count = fuzz_int(&f, 1, MOST_CALLS);
    for (int64_t i = 0; i < count; i++) {
        calls[i] = (sn_call){.args = &args[i]};
        calls[i].code = build(&f, &args[i]);
        const int packs = calls[i].code <= SN_OP_GEMM_PACK || calls[i].code == SN_OP_CONV2D_FORWARD || calls[i].code == SN_OP_CONV2D_PACK;
        if (packs && !f.too_big && fuzz_byte(&f) % 2) pack(&f, calls[i].code, &args[i], isa);
    }
    if (!f.too_big) {
        int64_t failed = -2;
        const sn_status status = sn_run(calls, count, isa, &failed);
        const int refused = status == SN_ERR_VALUE && !(isa < 0 || sn_isa_available(isa));
        if (status < SN_OK || status > SN_ERR_CODE || (failed < 0 && status != SN_OK && !refused) || failed >= count) abort();
    }
    release(&f);
    return 0;
}
