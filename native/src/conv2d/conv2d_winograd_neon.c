#include "conv2d/conv2d_winograd.h"

#include <stddef.h>

#include "core/vector_neon.h"

#define LANES 4
#define VEC float32x4_t
#define MASK int64_t /* how many lanes */
#define MASK_OF(count) ((int64_t)(count))
#define SET1(value) vdupq_n_f32(value)
#define LOAD(p) vld1q_f32(p)
#define LOAD_MASKED(mask, p) sn_load_first_neon(p, mask)
#define STORE(p, value) vst1q_f32(p, value)
#define STREAM(p, value) vst1q_f32(p, value)
#define STORE_MASKED(p, mask, value) sn_store_first_neon(p, value, mask)
#define ADD(a, b) vaddq_f32(a, b)
#define SUB(a, b) vsubq_f32(a, b)
#define MUL(a, b) vmulq_f32(a, b)
#define FMA(a, b, c) vfmaq_f32(c, a, b)
#define FNMA(a, b, c) vfmsq_f32(c, a, b)
#define NEGATIVE(y) vcltzq_f32(y)
#define RELU(y) sn_unless_neon(NEGATIVE(y), y)
#define LEAKY(y, slope) vbslq_f32(NEGATIVE(y), vmulq_f32(y, slope), y)

/* 10 rows of 2 vectors are 20 accumulators, beside 2 vectors of u and some elements of v in 32 registers; and 10 pointers. */
#define ROWS 10
#define AHEAD 0
#define PREFETCH(p) (void)0
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
    default: { enum { count = 10 }; call; return; } \
    }

#define INPUT sn_f32_winograd_input__neon
#define GRADIENT sn_f32_winograd_gradient__neon
#define OUTPUT sn_f32_winograd_output__neon
#define WEIGHT sn_f32_winograd_weight__neon
#define INVERSE sn_f32_winograd_inverse__neon
#define PRODUCT sn_f32_winograd_product__neon

#include "conv2d/conv2d_winograd.inc"
