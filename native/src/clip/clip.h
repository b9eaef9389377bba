/* Kernels of clip. */
#ifndef SN_CLIP_CLIP_H
#define SN_CLIP_CLIP_H

#include <stdint.h>

/* The sum of squares, in double precision. */
typedef double sn_clip_square_kernel(const void *x, int64_t n);
/* x *= factor */
typedef void sn_clip_scale_kernel(void *x, double factor, int64_t n);
/* Each element into [-limit, limit]; NaN stays. */
typedef void sn_clip_value_kernel(void *x, double limit, int64_t n);

sn_clip_square_kernel sn_f32_clip_square__generic, sn_f64_clip_square__generic, sn_f32_clip_square__avx2, sn_f32_clip_square__avx512;
sn_clip_square_kernel sn_f32_clip_square__generic, sn_f64_clip_square__generic, sn_f32_clip_square__avx2, sn_f32_clip_square__neon;
sn_clip_scale_kernel sn_f32_clip_scale__generic, sn_f64_clip_scale__generic, sn_f32_clip_scale__avx2, sn_f32_clip_scale__avx512;
sn_clip_scale_kernel sn_f32_clip_scale__generic, sn_f64_clip_scale__generic, sn_f32_clip_scale__avx2, sn_f32_clip_scale__neon;
sn_clip_value_kernel sn_f32_clip_value__generic, sn_f64_clip_value__generic, sn_f32_clip_value__avx2, sn_f32_clip_value__avx512;
sn_clip_value_kernel sn_f32_clip_value__generic, sn_f64_clip_value__generic, sn_f32_clip_value__avx2, sn_f32_clip_value__neon;

#endif
