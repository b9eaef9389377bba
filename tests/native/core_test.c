/* ISA selection, sn_run, status texts, memory. */
#include "check.h"

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

static void test_library(void) {
    CHECK(sn_abi_version() == SN_ABI_VERSION, "abi version");
    for (sn_status s = -3; s < 12; s++) CHECK(sn_status_text(s) && *sn_status_text(s), "text of status %d", s);
    for (sn_status s = SN_OK; s < SN_ERR_CODE; s++)
        for (sn_status t = s + 1; t <= SN_ERR_CODE; t++) CHECK(strcmp(sn_status_text(s), sn_status_text(t)), "statuses %d and %d read alike", s, t);
    CHECK(strcmp(sn_status_text(-1), sn_status_text(99)) == 0, "unknown statuses");
    CHECK(*sn_cpu_name() && *sn_cpu_features(), "cpu description");
    CHECK(strlen(sn_cpu_name()) <= 48, "cpu name");
    CHECK(sn_openblas_config() && sn_openblas_core(), "openblas description");
}

static void test_memory(void) {
    const int64_t page = sn_page_bytes();
    CHECK(page >= 4096 && (page & (page - 1)) == 0 && page == (int64_t)system_page(), "pages of %lld bytes", (long long)page);
    CHECK(sn_cache_bytes(0) == 0 && sn_cache_bytes(4) == 0 && sn_cache_bytes(-1) == 0 && sn_cache_bytes(INT32_MAX) == 0, "no such level");
    for (int32_t level = 1; level <= 3; level++) {
        const int64_t bytes = sn_cache_bytes(level);
        CHECK(bytes == 0 || (bytes >= 4096 && bytes <= INT64_C(1) << 40), "cache %d: %lld bytes", level, (long long)bytes);
        CHECK(sn_cache_bytes(level) == bytes, "cache %d has another size now", level);
        printf("cache %d: %lld bytes\n", level, (long long)bytes);
    }
}

static void test_alloc(void) {
    for (int64_t bytes = 0; bytes < 300; bytes++) {
        unsigned char *p = sn_alloc(bytes);
        CHECK(p && (uintptr_t)p % 64 == 0, "%lld bytes", (long long)bytes);
        memset(p, 1, (size_t)bytes);
        sn_free(p);
    }
    sn_free(NULL);
    CHECK(!sn_alloc(-1), "negative size");
    CHECK(!sn_alloc(INT64_MIN), "most negative size");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(!sn_alloc(INT64_MAX), "huge size");
#endif
}

static void test_mul(void) {
    CHECK(sn_mul(3, 4) == 12 && sn_mul(0, 5) == 0 && sn_mul(5, 0) == 0, "products");
    CHECK(sn_mul(-1, 4) < 0 && sn_mul(4, -1) < 0 && sn_mul(INT64_MIN, 0) < 0, "negative factors");
    CHECK(sn_mul(SN_MAX_ELEMENTS, 1) == SN_MAX_ELEMENTS && sn_mul(SN_MAX_ELEMENTS, 2) < 0, "the limit");
    CHECK(sn_mul(INT64_MAX, INT64_MAX) < 0 && sn_mul(sn_mul(INT64_MAX, 3), 0) < 0, "overflow");
    CHECK(sn_mul(SN_MAX_ELEMENTS + 1, 0) < 0 && sn_mul(0, INT64_MAX) < 0, "a factor that is too large beside 0");
}

static void test_isa(void) {
    const int32_t best = sn_isa_detected();
    CHECK(best >= 0 && best < SN_ISA_COUNT && sn_isa_available(best), "detected %d", best);
    CHECK(sn_isa_available(SN_ISA_GENERIC) && !sn_isa_available(-1) && !sn_isa_available(SN_ISA_COUNT), "available");
    CHECK(!sn_isa_available(SN_ISA_NEON) || !sn_isa_available(SN_ISA_AVX2), "kernels of two kinds of CPU");
    CHECK(strcmp(sn_isa_name(0), "generic") == 0 && strcmp(sn_isa_name(1), "avx2") == 0 && strcmp(sn_isa_name(2), "avx512") == 0, "names");
    CHECK(strcmp(sn_isa_name(3), "neon") == 0, "name of NEON");
    CHECK(strcmp(sn_isa_name(-1), "unknown") == 0 && strcmp(sn_isa_name(4), "unknown") == 0, "unknown names");
    const int32_t before = sn_isa_active();
    CHECK(before <= best, "active %d, detected %d", before, best);
    CHECK(sn_set_max_isa(-1) == SN_ERR_VALUE && sn_set_max_isa(SN_ISA_COUNT) == SN_ERR_VALUE, "bad caps");
    CHECK(sn_isa_active() == before, "a refused cap changed the ISA");
    for (int32_t cap = 0; cap < SN_ISA_COUNT; cap++) {
        CHECK(sn_set_max_isa(cap) == SN_OK, "cap %d", cap);
        int32_t expected = cap;
        while (!sn_isa_available(expected)) expected--;
        CHECK(sn_isa_active() == expected && sn_isa_current() == expected, "active under cap %d", cap);
    }
    const int32_t outer = sn_isa_override(SN_ISA_GENERIC);
    CHECK(outer == -1 && sn_isa_current() == SN_ISA_GENERIC, "override");
    CHECK(sn_isa_override(outer) == SN_ISA_GENERIC && sn_isa_current() == best, "override undone");
    sn_set_max_isa(before);
}

static volatile float tiny = 1e-38f;

static void test_run(void) {
    float *x = check_floats(8), *y = check_alloc(32);
    sn_fill_args good = {.dtype = SN_F32, .count = 8, .value = 3, .y = x};
    sn_fill_args bad = {.dtype = 77, .count = 8, .value = 4, .y = y};
    sn_fill_args late = {.dtype = SN_F32, .count = 8, .value = 5, .y = x};
    sn_call calls[] = {{.code = SN_OP_FILL, .args = &good}, {.code = SN_OP_FILL, .args = &bad}, {.code = SN_OP_FILL, .args = &late}};
    int64_t failed = 99;
    CHECK(sn_run(calls, 1, -1, &failed) == SN_OK && failed == -1, "one call");
    CHECK(sn_run(calls, 3, -1, &failed) == SN_ERR_DTYPE && failed == 1 && calls[1].status == SN_ERR_DTYPE, "the second call fails");
    CHECK(x[0] == 3, "a call after the failed one ran");
    CHECK(sn_run(calls, 3, -1, NULL) == SN_ERR_DTYPE, "failed may be NULL");
    CHECK(sn_run(NULL, 0, -1, &failed) == SN_OK, "an empty list");
    CHECK(sn_run(NULL, 1, -1, &failed) == SN_ERR_NULL, "no list");
    CHECK(sn_run(calls, -1, -1, &failed) == SN_ERR_SIZE, "negative count");
    CHECK(sn_run(calls, 1, -2, &failed) == SN_ERR_VALUE && sn_run(calls, 1, SN_ISA_COUNT, &failed) == SN_ERR_VALUE, "bad isa");
    for (int32_t isa = 0; isa < SN_ISA_COUNT; isa++)
        if (!sn_isa_available(isa)) CHECK(sn_run(calls, 1, isa, &failed) == SN_ERR_VALUE, "an ISA the CPU lacks");
    sn_call unknown = {.code = 12345, .args = &good}, none = {.code = SN_OP_FILL, .args = NULL};
    CHECK(sn_run(&unknown, 1, -1, &failed) == SN_ERR_CODE && failed == 0 && unknown.status == SN_ERR_CODE, "unknown code");
    CHECK(sn_run(&none, 1, -1, &failed) == SN_ERR_NULL && failed == 0, "no args");
    CHECK(sn_isa_current() == sn_isa_active(), "an override was left behind");
    CHECK(sn_workspace_bytes(SN_OP_GEMM, NULL) == -SN_ERR_NULL, "workspace of nothing");
    CHECK(sn_workspace_bytes(SN_OP_FILL, &good) == 0, "workspace of fill");
    check_free_all();
}

static void test_denormals(void) {
    float *x = check_alloc(4), *y = check_alloc(4);
    const int64_t one = 1;
    *x = tiny * 0.01f;
    CHECK(*x != 0, "the test's own thread flushes");
    sn_binary_args a = {.dtype = SN_F32, .kind = SN_MUL, .dims = 1, .shape = {one}, .stride_a = {1}, .stride_b = {1}, .a = x, .b = x, .y = y};
    float *big = check_alloc(4);
    *big = 0x1p100f;
    a.b = big;
    const uint32_t before = sn_denormals();
    FOR_EACH_ISA(isa) {
        CHECK_RUN(SN_OP_BINARY, a, isa);
#if defined(__x86_64__)
        CHECK(*y == 0, "a subnormal survived inside sn_run on %s: %g", sn_isa_name(isa), *y);
#endif
    }
    CHECK((sn_denormals() & 0xffc0) == (before & 0xffc0), "sn_run left the floating-point state changed");
    CHECK(sn_binary(&a) == SN_OK && *y == *x * *big && *y != 0, "a direct call flushed");
    check_free_all();
}

static void describe(void *seen) {
    sn_isa_active();
    *(size_t *)seen = strlen(sn_cpu_name()) * 1000 + strlen(sn_cpu_features());
}

static void test_first_use_from_many_threads(void) {
    system_thread threads[8];
    size_t seen[8];
    for (int i = 0; i < 8; i++) CHECK(system_start(&threads[i], describe, &seen[i]) == 0, "a thread");
    for (int i = 0; i < 8; i++) system_join(&threads[i]);
    for (int i = 1; i < 8; i++) CHECK(seen[i] == seen[0], "thread %d saw another description", i);
}

int main(void) {
    RUN(test_first_use_from_many_threads);
    RUN(test_library);
    RUN(test_memory);
    RUN(test_alloc);
    RUN(test_mul);
    RUN(test_isa);
    RUN(test_run);
    RUN(test_denormals);
    return check_summary();
}
