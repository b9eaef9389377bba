#include "core/isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/platform.h"

#if SN_X86 && defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#elif SN_X86
#include <cpuid.h>
#elif SN_ARM64 && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

static _Thread_local int32_t override_isa = -1;
static atomic_int active_isa = -1;
static atomic_int detected_isa = -1;

#if SN_X86
typedef struct {
    uint32_t a, b, c, d;
} registers;

#if defined(_MSC_VER) && !defined(__clang__)
static uint64_t xgetbv0(void) { return _xgetbv(0); }
static registers cpuid_raw(uint32_t leaf, uint32_t sub) {
    int r[4];
    __cpuidex(r, (int)leaf, (int)sub);
    return (registers){(uint32_t)r[0], (uint32_t)r[1], (uint32_t)r[2], (uint32_t)r[3]};
}
#else
static uint64_t xgetbv0(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}
static registers cpuid_raw(uint32_t leaf, uint32_t sub) {
    registers r;
    __cpuid_count(leaf, sub, r.a, r.b, r.c, r.d);
    return r;
}
#endif

/* All 0 where the CPU has no such leaf. */
static registers cpuid(uint32_t leaf, uint32_t sub) {
    return leaf <= cpuid_raw(leaf & 0x80000000u, 0).a ? cpuid_raw(leaf, sub) : (registers){0, 0, 0, 0};
}

static int32_t detect(void) {
    const uint32_t osxsave = 1u << 27, avx = 1u << 28, fma = 1u << 12;
    if ((cpuid(1, 0).c & (osxsave | avx | fma)) != (osxsave | avx | fma)) return SN_ISA_GENERIC;
    const uint64_t xcr0 = xgetbv0();
    if ((xcr0 & 0x6) != 0x6) return SN_ISA_GENERIC; /* the system does not save the YMM registers */
    const uint32_t b = cpuid(7, 0).b, avx2 = 1u << 5;
    if (!(b & avx2)) return SN_ISA_GENERIC;
    const uint32_t f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
    const uint32_t avx512 = f | dq | bw | vl;
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
static atomic_int described;

typedef struct {
    uint32_t flags;
    int bit;
    const char *name;
} feature;

static void describe(void) {
    if (cpuid(0x80000002u, 0).a) {
        for (uint32_t i = 0; i < 3; i++) {
            const registers part = cpuid(0x80000002u + i, 0);
            memcpy(cpu_name + 16 * i, &part, 16);
        }
    }
    const uint32_t c1 = cpuid(1, 0).c, a71 = cpuid(7, 1).a;
    const registers r7 = cpuid(7, 0);
    const feature features[] = {
        {c1, 20, " sse4.2"},      {c1, 28, " avx"},         {c1, 12, " fma"},          {r7.b, 5, " avx2"},
        {r7.b, 16, " avx512f"},   {r7.b, 17, " avx512dq"},  {r7.b, 30, " avx512bw"},   {r7.b, 31, " avx512vl"},
        {r7.c, 11, " avx512_vnni"}, {a71, 4, " avx_vnni"},  {a71, 5, " avx512_bf16"},
    };
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        if (features[i].flags >> features[i].bit & 1) strcat(cpu_features, features[i].name);
}

const char *sn_cpu_name(void) {
    sn_once(&described, describe);
    return cpu_name;
}

const char *sn_cpu_features(void) {
    sn_once(&described, describe);
    return cpu_features;
}
#elif SN_ARM64
const char *sn_cpu_name(void) { return "arm64 CPU"; }
#if defined(__linux__)
static char cpu_features[64] = "neon";
static atomic_int described;

static void describe(void) {
    const unsigned long has = getauxval(AT_HWCAP);
    if (has & HWCAP_ASIMDHP) strcat(cpu_features, " fp16");
    if (has & HWCAP_ASIMDDP) strcat(cpu_features, " dotprod");
    if (has & HWCAP_SVE) strcat(cpu_features, " sve");
}

const char *sn_cpu_features(void) {
    sn_once(&described, describe);
    return cpu_features;
}
#else
const char *sn_cpu_features(void) { return "neon"; }
#endif
#else
const char *sn_cpu_name(void) { return "generic CPU"; }
const char *sn_cpu_features(void) { return "generic"; }
#endif
