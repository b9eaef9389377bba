#include "core/isa.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if SN_X86
#include <cpuid.h>
#elif SN_ARM64 && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

static _Thread_local int32_t override_isa = -1;
static atomic_int active_isa = -1;
static atomic_int detected_isa = -1;

#if SN_X86
static uint64_t xgetbv0(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

static int32_t detect(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return SN_ISA_GENERIC;
    const unsigned osxsave = 1u << 27, avx = 1u << 28, fma = 1u << 12;
    if ((c & (osxsave | avx | fma)) != (osxsave | avx | fma)) return SN_ISA_GENERIC;
    const uint64_t xcr0 = xgetbv0();
    if ((xcr0 & 0x6) != 0x6) return SN_ISA_GENERIC; /* the system does not save the YMM registers */
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return SN_ISA_GENERIC;
    const unsigned avx2 = 1u << 5;
    if (!(b & avx2)) return SN_ISA_GENERIC;
    const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
    const unsigned avx512 = f | dq | bw | vl;
    if ((b & avx512) != avx512) return SN_ISA_AVX2;
    if ((xcr0 & 0xe6) != 0xe6) return SN_ISA_AVX2; /* the system does not save the ZMM and mask registers */
    return SN_ISA_AVX512;
}
#elif SN_ARM64
static int32_t detect(void) { return SN_ISA_NEON; } /* part of the base architecture */
#else
static int32_t detect(void) { return SN_ISA_GENERIC; }
#endif

int32_t sn_isa_detected(void) {
    int32_t isa = atomic_load_explicit(&detected_isa, memory_order_relaxed);
    if (isa < 0) {
        isa = detect();
        atomic_store_explicit(&detected_isa, isa, memory_order_relaxed);
    }
    return isa;
}

int32_t sn_isa_available(int32_t isa) {
    const int32_t detected = sn_isa_detected();
    if (isa == SN_ISA_GENERIC) return 1;
    return detected == SN_ISA_NEON ? isa == SN_ISA_NEON : isa > SN_ISA_GENERIC && isa <= detected;
}

static int32_t capped(int32_t cap) {
    while (!sn_isa_available(cap)) cap--;
    return cap;
}

int32_t sn_isa_active(void) {
    int32_t isa = atomic_load_explicit(&active_isa, memory_order_relaxed);
    if (isa < 0) {
        int32_t cap = SN_ISA_COUNT - 1;
        const char *text = getenv("SINEW_MAX_ISA");
        for (int32_t i = 0; text && i < SN_ISA_COUNT; i++)
            if (strcmp(text, sn_isa_name(i)) == 0) cap = i;
        isa = capped(cap);
        int unset = -1; /* a sn_set_max_isa() in between must win */
        if (!atomic_compare_exchange_strong(&active_isa, &unset, isa)) isa = unset;
    }
    return isa;
}

sn_status sn_set_max_isa(int32_t isa) {
    if (isa < 0 || isa >= SN_ISA_COUNT) return SN_ERR_VALUE;
    atomic_store_explicit(&active_isa, capped(isa), memory_order_relaxed);
    return SN_OK;
}

const char *sn_isa_name(int32_t isa) {
    switch (isa) {
    case SN_ISA_GENERIC: return "generic";
    case SN_ISA_AVX2: return "avx2";
    case SN_ISA_AVX512: return "avx512";
    case SN_ISA_NEON: return "neon";
    default: return "unknown";
    }
}

int32_t sn_isa_current(void) { return override_isa >= 0 ? override_isa : sn_isa_active(); }

int32_t sn_isa_override(int32_t isa) {
    const int32_t before = override_isa;
    override_isa = isa;
    return before;
}

#if SN_X86
static char cpu_name[49] = "x86-64 CPU";
static char cpu_features[256] = "sse2";
static pthread_once_t described = PTHREAD_ONCE_INIT;

static void describe(void) {
    unsigned a, b, c, d, b7 = 0, c7 = 0, d7 = 0, a71 = 0;
    if (__get_cpuid_max(0x80000000u, NULL) >= 0x80000004u) {
        unsigned r[12] = {0};
        for (unsigned i = 0; i < 3; i++) __get_cpuid(0x80000002u + i, &r[4 * i], &r[4 * i + 1], &r[4 * i + 2], &r[4 * i + 3]);
        memcpy(cpu_name, r, 48);
    }
    char *list = cpu_features;
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        if (c & (1u << 20)) strcat(list, " sse4.2");
        if (c & (1u << 28)) strcat(list, " avx");
        if (c & (1u << 12)) strcat(list, " fma");
    }
    if (__get_cpuid_count(7, 0, &a, &b7, &c7, &d7)) {
        if (b7 & (1u << 5)) strcat(list, " avx2");
        if (b7 & (1u << 16)) strcat(list, " avx512f");
        if (b7 & (1u << 17)) strcat(list, " avx512dq");
        if (b7 & (1u << 30)) strcat(list, " avx512bw");
        if (b7 & (1u << 31)) strcat(list, " avx512vl");
        if (c7 & (1u << 11)) strcat(list, " avx512_vnni");
        if (__get_cpuid_count(7, 1, &a71, &b, &c, &d)) {
            if (a71 & (1u << 4)) strcat(list, " avx_vnni");
            if (a71 & (1u << 5)) strcat(list, " avx512_bf16");
        }
    }
}

const char *sn_cpu_name(void) {
    pthread_once(&described, describe);
    return cpu_name;
}

const char *sn_cpu_features(void) {
    pthread_once(&described, describe);
    return cpu_features;
}
#elif SN_ARM64
const char *sn_cpu_name(void) { return "arm64 CPU"; }
#if defined(__linux__)
static char cpu_features[64] = "neon";
static pthread_once_t described = PTHREAD_ONCE_INIT;

static void describe(void) {
    const unsigned long has = getauxval(AT_HWCAP);
    if (has & HWCAP_ASIMDHP) strcat(cpu_features, " fp16");
    if (has & HWCAP_ASIMDDP) strcat(cpu_features, " dotprod");
    if (has & HWCAP_SVE) strcat(cpu_features, " sve");
}

const char *sn_cpu_features(void) {
    pthread_once(&described, describe);
    return cpu_features;
}
#else
const char *sn_cpu_features(void) { return "neon"; }
#endif
#else
const char *sn_cpu_name(void) { return "generic CPU"; }
const char *sn_cpu_features(void) { return "generic"; }
#endif
