/* f32 products so small that every preparation would cost more than they do: one pass, the epilogue in registers. */
#ifndef SN_GEMM_GEMM_TINY_H
#define SN_GEMM_GEMM_TINY_H

#include "sinew.h"

/* The most multiplications, and with k == 0 the most rows and columns. */
enum { SN_GEMM_TINY = 512 };

/* All of c. *a has been checked. */
typedef void sn_gemm_tiny_kernel(const sn_gemm_args *a);
sn_gemm_tiny_kernel sn_f32_gemm_tiny__avx2;
sn_gemm_tiny_kernel sn_f32_gemm_tiny__avx512;
sn_gemm_tiny_kernel sn_f32_gemm_tiny__neon;

#endif
