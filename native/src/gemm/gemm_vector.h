/* Products with a vector, f32: m or n is 1. They wait for memory, so every element of the matrix is read once, in order. */
#ifndef SN_GEMM_GEMM_VECTOR_H
#define SN_GEMM_GEMM_VECTOR_H

#include "sinew.h"

/* out[r] = sum over i < count of matrix[r * step + i] * v[i], r < rows */
void sn_f32_vector_rows__avx2(const float *matrix, int64_t step, int64_t rows, int64_t count, const float *v, float *out);
void sn_f32_vector_rows__avx512(const float *matrix, int64_t step, int64_t rows, int64_t count, const float *v, float *out);
void sn_f32_vector_rows__neon(const float *matrix, int64_t step, int64_t rows, int64_t count, const float *v, float *out);
/* out[j] = sum over i < count of matrix[i * step + j] * v[i * v_step], j < cols */
void sn_f32_vector_columns__avx2(const float *matrix, int64_t step, int64_t cols, int64_t count, const float *v, int64_t v_step, float *out);
void sn_f32_vector_columns__avx512(const float *matrix, int64_t step, int64_t cols, int64_t count, const float *v, int64_t v_step, float *out);
void sn_f32_vector_columns__neon(const float *matrix, int64_t step, int64_t cols, int64_t count, const float *v, int64_t v_step, float *out);

/* Whether the product is one of these on this ISA; the product. */
int sn_gemm_vector_takes(const sn_gemm_args *a, int32_t isa);
void sn_gemm_vector(const sn_gemm_args *a, int32_t isa);

#endif
