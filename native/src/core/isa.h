/* Which instruction set's kernels run. A kernel table has one entry per SN_ISA_..., and is read as
 * table[sn_isa_current()]. */
#ifndef SN_CORE_ISA_H
#define SN_CORE_ISA_H

#include "sinew.h"

#if defined(__x86_64__) || defined(_M_X64)
#define SN_X86 1
#else
#define SN_X86 0
#endif
#if defined(__aarch64__) || defined(_M_ARM64)
#define SN_ARM64 1
#else
#define SN_ARM64 0
#endif

/* The entries of a kernel table; those of another kind of CPU are the generic one. */
#if SN_X86
#define SN_ISA_TABLE(generic, avx2, avx512, neon) {generic, avx2, avx512, generic}
#elif SN_ARM64
#define SN_ISA_TABLE(generic, avx2, avx512, neon) {generic, generic, generic, neon}
#else
#define SN_ISA_TABLE(generic, avx2, avx512, neon) {generic, generic, generic, generic}
#endif

/* The ISA of the operation being run on this thread: sn_run's argument if it gave one, else sn_isa_active().
 * To be read in the function that checks the arguments, not inside a parallel region. */
int32_t sn_isa_current(void);
/* Sets this thread's override (-1: none) and returns the one before. */
int32_t sn_isa_override(int32_t isa);

#endif
