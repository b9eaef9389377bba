/* What stands before a packed operand: which operation, ISA and sizes it was packed for, and how long it is. Packed memory that a caller
 * hands in is read only when this fits. */
#ifndef SN_CORE_PACKED_H
#define SN_CORE_PACKED_H

#include <stddef.h>

#include "core/check.h"
#include "sinew.h"

enum { SN_PACKED_HEADER = 64 };

typedef struct {
    uint64_t mark, sizes;
    int32_t code, isa;
    int64_t bytes; /* what sn_packed_bytes() says: not worked out again in every call */
} sn_packed_header;

#define SN_PACKED_MARK UINT64_C(0x6b63617077656e69)

/* Header and operand, in whole cache lines. */
static inline int64_t sn_packed_size(int64_t bytes) { return SN_PACKED_HEADER + (bytes + 63) / 64 * 64; }

/* A digest of sizes, in the manner of FNV-1a: words instead of bytes, as it is computed in every call. */
static inline uint64_t sn_sizes_digest(const int64_t *sizes, int count) {
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < count; i++) digest = ((digest ^ (uint64_t)sizes[i]) * UINT64_C(0x100000001b3)) ^ digest >> 32;
    return digest;
}

static inline void *sn_packed_begin(void *packed, int64_t bytes, int32_t code, int32_t isa, uint64_t sizes) {
    *(sn_packed_header *)packed = (sn_packed_header){SN_PACKED_MARK, sizes, code, isa, bytes};
    return (char *)packed + SN_PACKED_HEADER;
}

/* SN_OK and where the operand begins, NULL without one. */
static inline sn_status sn_packed_open(void *packed, int64_t given, int32_t code, int32_t isa, uint64_t sizes, void **begin) {
    *begin = NULL;
    if (!packed) return given == 0 ? SN_OK : SN_ERR_NULL;
    if ((uintptr_t)packed % _Alignof(sn_packed_header) != 0) return SN_ERR_VALUE;
    if (given < SN_PACKED_HEADER) return SN_ERR_MEMORY;
    const sn_packed_header *h = packed;
    if (h->mark != SN_PACKED_MARK || h->code != code || h->isa != isa || h->sizes != sizes) return SN_ERR_VALUE;
    if (given < h->bytes) return SN_ERR_MEMORY;
    *begin = (char *)packed + SN_PACKED_HEADER;
    return SN_OK;
}

#endif
