/* What compilers call by different names. */
#ifndef SN_CORE_COMPILER_H
#define SN_CORE_COMPILER_H

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#define SN_INLINE __forceinline
#define SN_NOINLINE __declspec(noinline)
#if defined(_M_ARM64)
#define SN_PREFETCH(p) __prefetch(p)
#else
#define SN_PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#endif
#define SN_PREFETCH_WRITE(p) SN_PREFETCH(p)
static inline int sn_trailing_zeros(unsigned bits) { /* not of 0 */
    unsigned long index;
    _BitScanForward(&index, bits);
    return (int)index;
}
#else
#define SN_INLINE inline __attribute__((always_inline))
#define SN_NOINLINE __attribute__((noinline))
#define SN_PREFETCH(p) __builtin_prefetch(p)
#define SN_PREFETCH_WRITE(p) __builtin_prefetch(p, 1) /* of what will be written, where the CPU knows the difference */
/* The compiler forgets what it knows of integer x. */
#define SN_OPAQUE(x) __asm__("" : "+r"(x))
#if defined(__x86_64__)
/* What was loaded to vector x and is used some times is not loaded again for each use. */
#define SN_IN_REGISTER(x) __asm__("" : "+v"(x))
/* sum += a * b, vectors of floats, with the sum in one register: where a compiler may choose which operand is overwritten, it
 * moves sums about and, out of registers, to memory. otherwise: the new sum, for compilers that cannot be told. */
#define SN_ADD_PRODUCT(sum, a, b, otherwise) __asm__("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b))
#endif
static inline int sn_trailing_zeros(unsigned bits) { return __builtin_ctz(bits); } /* not of 0 */
#endif

#ifndef SN_OPAQUE
#define SN_OPAQUE(x) ((void)0)
#endif
#ifndef SN_IN_REGISTER
#define SN_IN_REGISTER(x) ((void)0)
#endif
#ifndef SN_ADD_PRODUCT
#define SN_ADD_PRODUCT(sum, a, b, otherwise) ((sum) = (otherwise))
#endif

#endif
