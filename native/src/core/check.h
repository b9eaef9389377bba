/* Argument checks shared by the operations. */
#ifndef SN_CORE_CHECK_H
#define SN_CORE_CHECK_H

#include <stddef.h>

#include "sinew.h"

#define SN_REQUIRE(condition, status) \
    do {                              \
        if (!(condition)) return (status); \
    } while (0)

/* No array may have more elements than this, so that byte offsets never overflow int64_t. */
#define SN_MAX_ELEMENTS (INT64_C(1) << 48)

/* a * b, or -1 when a factor is negative, or it or the product exceeds SN_MAX_ELEMENTS: a factor that passed may be multiplied
 * by the size of an element even where the other is 0. Chains: a negative factor stays. */
static inline int64_t sn_mul(int64_t a, int64_t b) {
    if (((uint64_t)a | (uint64_t)b) >> 31 == 0) return a * b <= SN_MAX_ELEMENTS ? a * b : -1; /* nearly all */
    if (a < 0 || b < 0 || a > SN_MAX_ELEMENTS || b > SN_MAX_ELEMENTS) return -1;
    if ((double)a * (double)b > (double)SN_MAX_ELEMENTS) return -1; /* exact up to 2^53 */
    return a * b;
}

static inline int sn_is_float(int32_t dtype) { return dtype == SN_F32 || dtype == SN_F64; }

/* Bytes of an element, 0 for an unknown dtype. */
static inline int64_t sn_size_of(int32_t dtype) {
    return dtype == SN_F64 ? 8 : dtype == SN_F32 || dtype == SN_I32 ? 4 : 0;
}

static inline int64_t sn_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t sn_max(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t sn_ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
/* The largest share when count is cut into shares of at most `most`, as few and as even as can be. */
static inline int64_t sn_even_share(int64_t count, int64_t most) { return sn_ceil_div(count, sn_ceil_div(count, most)); }

#endif
