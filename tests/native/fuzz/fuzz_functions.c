/* Calls of the functions that are no operations, with any codes and sizes. */
#include <string.h>

#include "fuzz.h"

/* Any number: those that mean something more often than others. */
static int32_t any_code(fuzz *f) {
    const int b = fuzz_byte(f);
    if (b < 200) return b - 2;
    const uint32_t high = (uint32_t)fuzz_byte(f) << 24;
    return (int32_t)(high | (uint32_t)fuzz_byte(f));
}

static int is_status(int64_t result) { return result <= -SN_ERR_NULL && result >= -SN_ERR_CODE; }

/* Sizes and parameters everywhere, pointers as well: neither function may follow one. */
static void any_args(fuzz *f, fuzz_args *args) {
    int64_t words[sizeof *args / sizeof(int64_t)];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const int64_t pair = (int64_t)((uint64_t)fuzz_byte(f) % 12 << 32) | (fuzz_byte(f) % 4);
        words[i] = fuzz_rarely(f, 4) ? pair : fuzz_size(f);
    }
    memcpy(args, words, sizeof words);
}

static void workspace_bytes(fuzz *f, fuzz_args *args) {
    const int32_t code = any_code(f);
    any_args(f, args);
    const int64_t bytes = sn_workspace_bytes(code, fuzz_rarely(f, 16) ? NULL : args);
    FUZZ_CHECK(bytes >= 0 || is_status(bytes));
    FUZZ_CHECK(sn_workspace_bytes(code, NULL) == -SN_ERR_NULL);
}

static void packed_bytes(fuzz *f, fuzz_args *args) {
    const int32_t code = fuzz_rarely(f, 4) ? any_code(f) : fuzz_int(f, 0, 1) ? SN_OP_GEMM_PACK : SN_OP_CONV2D_PACK;
    any_args(f, args);
    const int64_t bytes = sn_packed_bytes(code, args);
    FUZZ_CHECK(bytes > 0 || is_status(bytes));
    FUZZ_CHECK(sn_packed_bytes(code, NULL) == -SN_ERR_NULL);
}

static void alloc(fuzz *f, fuzz_args *args) {
    (void)args;
    const int64_t bytes = fuzz_rarely(f, 4) ? fuzz_int(f, INT16_MIN, INT16_MAX) : fuzz_size(f);
    if (bytes > INT32_MAX) return; /* sanitizers end the program where malloc would give NULL */
    unsigned char *memory = sn_alloc(bytes);
    FUZZ_CHECK(bytes >= 0 || !memory);
    FUZZ_CHECK((uintptr_t)memory % 64 == 0);
    if (memory) memset(memory, 1, (size_t)bytes);
    sn_free(memory);
}

static void threads(fuzz *f, fuzz_args *args) {
    (void)args;
    const int32_t before = sn_threads(), wanted = any_code(f);
    const sn_status status = sn_set_threads(wanted);
    FUZZ_CHECK((status == SN_OK) == (wanted >= 1 && wanted <= 256));
    FUZZ_CHECK(sn_threads() == (status == SN_OK ? wanted : before));
    FUZZ_CHECK(sn_set_threads(before) == SN_OK && sn_cpus() >= 1);
}

static void isas(fuzz *f, fuzz_args *args) {
    (void)args;
    const int32_t isa = any_code(f), before = sn_isa_active();
    FUZZ_CHECK(sn_isa_name(isa) && *sn_isa_name(isa));
    const int32_t available = sn_isa_available(isa);
    FUZZ_CHECK(available == 0 || (isa >= 0 && isa < SN_ISA_COUNT));
    FUZZ_CHECK((sn_set_max_isa(isa) == SN_OK) == (isa >= 0 && isa < SN_ISA_COUNT));
    FUZZ_CHECK(!available || sn_isa_active() == isa);
    FUZZ_CHECK(sn_set_max_isa(before) == SN_OK && sn_isa_active() == before);
}

static void cache_bytes(fuzz *f, fuzz_args *args) {
    (void)args;
    const int32_t level = any_code(f);
    const int64_t bytes = sn_cache_bytes(level);
    FUZZ_CHECK(bytes >= 0 && (bytes == 0 || (level >= 1 && level <= 3)));
}

static void status_text(fuzz *f, fuzz_args *args) {
    (void)args;
    const char *text = sn_status_text(any_code(f));
    FUZZ_CHECK(text && *text);
}

static void measure_copy(fuzz *f, fuzz_args *args) {
    (void)args;
    const int32_t isa = any_code(f);
    const int64_t bytes = fuzz_size(f), held = bytes < 1 || bytes > FUZZ_MOST_ELEMENTS ? 1 : bytes;
    unsigned char *to = fuzz_array(f, SN_F32, (held + 3) / 4), *from = fuzz_array(f, SN_F32, (held + 3) / 4);
    if (bytes > FUZZ_MOST_ELEMENTS || f->too_big) return;
    const double speed = sn_measure_copy(to, from, bytes, isa);
    FUZZ_CHECK(speed > 0 || is_status((int64_t)speed));
    FUZZ_CHECK(speed < 0 || !memcmp(to, from, (size_t)bytes));
}

static void measure_flops(fuzz *f, fuzz_args *args) {
    (void)args;
    const double speed = sn_measure_flops(any_code(f));
    FUZZ_CHECK(speed > 0 || is_status((int64_t)speed));
}

/* A list that is none, codes that nothing has. */
static void run(fuzz *f, fuzz_args *args) {
    int64_t failed = -2;
    sn_call call = {.code = fuzz_rarely(f, 2) ? any_code(f) : 0, .args = fuzz_rarely(f, 2) ? args : NULL};
    const int64_t count = fuzz_int(f, -1, 1);
    const int32_t isa = any_code(f);
    memset(args, 0, sizeof *args);
    const sn_status status = sn_run(fuzz_rarely(f, 4) ? NULL : &call, count, isa, fuzz_rarely(f, 4) ? NULL : &failed);
    FUZZ_CHECK(status >= SN_OK && status <= SN_ERR_CODE && failed < 1);
    FUZZ_CHECK(count >= 0 || status != SN_OK);
}

const fuzz_target fuzz_functions[] = {
    {"sn_workspace_bytes", FUZZ_FUNCTIONS, workspace_bytes},
    {"sn_packed_bytes", FUZZ_FUNCTIONS + 1, packed_bytes},
    {"sn_alloc", FUZZ_FUNCTIONS + 2, alloc},
    {"sn_set_threads", FUZZ_FUNCTIONS + 3, threads},
    {"sn_set_max_isa", FUZZ_FUNCTIONS + 4, isas},
    {"sn_status_text", FUZZ_FUNCTIONS + 5, status_text},
    {"sn_measure_copy", FUZZ_FUNCTIONS + 6, measure_copy},
    {"sn_measure_flops", FUZZ_FUNCTIONS + 7, measure_flops},
    {"sn_run", FUZZ_FUNCTIONS + 8, run},
    {"sn_cache_bytes", FUZZ_FUNCTIONS + 9, cache_bytes},
    {0},
};
