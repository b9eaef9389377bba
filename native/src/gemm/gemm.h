/* A gemm kernel computes the part [row_begin, row_end) x [col_begin, col_end) of c with bias, and with the activations
 * that are done in registers (tile/epilogue.h). */
#ifndef SN_GEMM_GEMM_H
#define SN_GEMM_GEMM_H

#include "sinew.h"

typedef struct {
    int64_t row_begin, row_end, col_begin, col_end;
} sn_gemm_part;

typedef void (*sn_gemm_kernel)(const sn_gemm_args *a, sn_gemm_part part);

void sn_f32_gemm__generic(const sn_gemm_args *a, sn_gemm_part part);
void sn_f64_gemm__generic(const sn_gemm_args *a, sn_gemm_part part);
void sn_f32_gemm__openblas(const sn_gemm_args *a, sn_gemm_part part);
void sn_f64_gemm__openblas(const sn_gemm_args *a, sn_gemm_part part);

/* The whole product on register tiles, an ISA that has them, f32. b is packed first (floats: 0 where it is read in place)
 * into workspace, unless packed holds it already. */
int64_t sn_gemm_tiled_floats(const sn_gemm_args *a);
int64_t sn_gemm_packed_floats(const sn_gemm_args *a);
void sn_gemm_tiled_pack(const sn_gemm_args *a, int32_t isa, float *packed);
void sn_gemm_tiled(const sn_gemm_args *a, int32_t isa, const float *packed, float *workspace);

/* Whether OpenBLAS can be given these sizes (its integers may have 32 bits) and factors (it skips the product when
 * alpha is 0, and with it the NaNs in a and b). */
int sn_openblas_takes(const sn_gemm_args *a);

#endif
