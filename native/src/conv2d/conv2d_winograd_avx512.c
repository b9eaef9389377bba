#include "conv2d/conv2d_winograd.h"

#include <immintrin.h>
#include <stddef.h>

#define LANES 16
#define VEC __m512
#define MASK __mmask16
#define MASK_OF(count) (__mmask16)((1u << (count)) - 1)
#define SET1(value) _mm512_set1_ps(value)
#define LOAD(p) _mm512_loadu_ps(p)
#define LOAD_MASKED(mask, p) _mm512_maskz_loadu_ps(mask, p)
/* the lanes of mask a of p, and after them in the upper half those of mask b of q */
#define LOAD_PAIR(a, p, b, q) \
    _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_maskz_loadu_ps((__mmask8)(a), p)), _mm256_maskz_loadu_ps((__mmask8)(b), q), 1)
#define STORE(p, value) _mm512_storeu_ps(p, value)
#define STREAM(p, value) _mm512_stream_ps(p, value)
#define STORE_MASKED(p, mask, value) _mm512_mask_storeu_ps(p, mask, value)
#define ADD(a, b) _mm512_add_ps(a, b)
#define SUB(a, b) _mm512_sub_ps(a, b)
#define MUL(a, b) _mm512_mul_ps(a, b)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define FNMA(a, b, c) _mm512_fnmadd_ps(a, b, c)
#define NEGATIVE(y) _mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_LT_OQ)
#define RELU(y) _mm512_mask_mov_ps(y, NEGATIVE(y), _mm512_setzero_ps())
#define LEAKY(y, slope) _mm512_mask_mul_ps(y, NEGATIVE(y), y, slope)

/* 12 rows of 2 vectors are 24 accumulators, beside 2 vectors of u and a broadcast in 32 registers. */
#define ROWS 12
#define AHEAD 64
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define ROW_SWITCH(call) \
    switch (rows) { \
    case 1: { enum { count = 1 }; call; return; } \
    case 2: { enum { count = 2 }; call; return; } \
    case 3: { enum { count = 3 }; call; return; } \
    case 4: { enum { count = 4 }; call; return; } \
    case 5: { enum { count = 5 }; call; return; } \
    case 6: { enum { count = 6 }; call; return; } \
    case 7: { enum { count = 7 }; call; return; } \
    case 8: { enum { count = 8 }; call; return; } \
    case 9: { enum { count = 9 }; call; return; } \
    case 10: { enum { count = 10 }; call; return; } \
    case 11: { enum { count = 11 }; call; return; } \
    default: { enum { count = 12 }; call; return; } \
    }

#define INPUT sn_f32_winograd_input__avx512
#define GRADIENT sn_f32_winograd_gradient__avx512
#define OUTPUT sn_f32_winograd_output__avx512
#define WEIGHT sn_f32_winograd_weight__avx512
#define INVERSE sn_f32_winograd_inverse__avx512
#define PRODUCT sn_f32_winograd_product__avx512
#define TOGETHER sn_f32_winograd_together__avx512
#define WEIGHT_TOGETHER sn_f32_winograd_weight_together__avx512

#include "conv2d/conv2d_winograd.inc"
