/* Kernels of binary. */
#ifndef SN_BINARY_BINARY_H
#define SN_BINARY_BINARY_H

#include <stdint.h>

#include "sinew.h"

enum { SN_BINARY_KINDS = SN_GREATER + 1 };

/* y[rows][cols] dense from a and b with the strides (in elements) of rows and columns. */
typedef struct {
    int64_t rows, cols;
    int64_t a_row, a_col, b_row, b_col;
    const void *a, *b;
    void *y;
    int past; /* y, of which each row begins at a multiple of 64 bytes, goes past the caches */
} sn_binary_block;

typedef void sn_binary_kernel(const sn_binary_block *t);

void sn_f32_binary_add__generic(const sn_binary_block *t);
void sn_f32_binary_sub__generic(const sn_binary_block *t);
void sn_f32_binary_mul__generic(const sn_binary_block *t);
void sn_f32_binary_div__generic(const sn_binary_block *t);
void sn_f32_binary_maximum__generic(const sn_binary_block *t);
void sn_f32_binary_minimum__generic(const sn_binary_block *t);
void sn_f32_binary_pow__generic(const sn_binary_block *t);
void sn_f32_binary_equal__generic(const sn_binary_block *t);
void sn_f32_binary_greater__generic(const sn_binary_block *t);
void sn_f64_binary_add__generic(const sn_binary_block *t);
void sn_f64_binary_sub__generic(const sn_binary_block *t);
void sn_f64_binary_mul__generic(const sn_binary_block *t);
void sn_f64_binary_div__generic(const sn_binary_block *t);
void sn_f64_binary_maximum__generic(const sn_binary_block *t);
void sn_f64_binary_minimum__generic(const sn_binary_block *t);
void sn_f64_binary_pow__generic(const sn_binary_block *t);
void sn_f64_binary_equal__generic(const sn_binary_block *t);
void sn_f64_binary_greater__generic(const sn_binary_block *t);

extern sn_binary_kernel *const sn_f32_binary__generic[SN_BINARY_KINDS];
extern sn_binary_kernel *const sn_f64_binary__generic[SN_BINARY_KINDS];
extern sn_binary_kernel *const sn_f32_binary__avx2[SN_BINARY_KINDS];
extern sn_binary_kernel *const sn_f32_binary__avx512[SN_BINARY_KINDS];
extern sn_binary_kernel *const sn_f32_binary__neon[SN_BINARY_KINDS];

#endif
