#include "conv2d/conv2d_winograd.h"

#include <immintrin.h>
#include <stddef.h>

#define LANES 8
#define VEC __m256
#define MASK __m256i
#define MASK_OF(count) _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define SET1(value) _mm256_set1_ps(value)
#define LOAD(p) _mm256_loadu_ps(p)
#define LOAD_MASKED(mask, p) _mm256_maskload_ps(p, mask)
#define STORE(p, value) _mm256_storeu_ps(p, value)
#define STREAM(p, value) _mm256_stream_ps(p, value)
#define STORE_MASKED(p, mask, value) _mm256_maskstore_ps(p, mask, value)
#define ADD(a, b) _mm256_add_ps(a, b)
#define SUB(a, b) _mm256_sub_ps(a, b)
#define MUL(a, b) _mm256_mul_ps(a, b)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define FNMA(a, b, c) _mm256_fnmadd_ps(a, b, c)
#define NEGATIVE(y) _mm256_cmp_ps(y, _mm256_setzero_ps(), _CMP_LT_OQ)
#define RELU(y) _mm256_andnot_ps(NEGATIVE(y), y)
#define LEAKY(y, slope) _mm256_blendv_ps(y, _mm256_mul_ps(y, slope), NEGATIVE(y))

/* 6 rows of 2 vectors are 12 accumulators, beside 2 vectors of u and a broadcast in 16 registers. */
#define ROWS 6
#define AHEAD 64
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define ROW_SWITCH(call) \
    switch (rows) { \
    case 1: { enum { count = 1 }; call; return; } \
    case 2: { enum { count = 2 }; call; return; } \
    case 3: { enum { count = 3 }; call; return; } \
    case 4: { enum { count = 4 }; call; return; } \
    case 5: { enum { count = 5 }; call; return; } \
    default: { enum { count = 6 }; call; return; } \
    }

#define INPUT sn_f32_winograd_input__avx2
#define GRADIENT sn_f32_winograd_gradient__avx2
#define OUTPUT sn_f32_winograd_output__avx2
#define WEIGHT sn_f32_winograd_weight__avx2
#define INVERSE sn_f32_winograd_inverse__avx2
#define PRODUCT sn_f32_winograd_product__avx2

#include "conv2d/conv2d_winograd.inc"
