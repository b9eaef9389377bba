/* Kernels of blend. */
#ifndef SN_BLEND_BLEND_H
#define SN_BLEND_BLEND_H

#include <stdint.h>

/* y = keep y + share x; with keep 0, y is not read. */
typedef void sn_blend_kernel(void *y, const void *x, double keep, double share, int64_t n);

sn_blend_kernel sn_f32_blend__generic, sn_f64_blend__generic, sn_f32_blend__avx2, sn_f32_blend__avx512;
sn_blend_kernel sn_f32_blend__generic, sn_f64_blend__generic, sn_f32_blend__avx2, sn_f32_blend__neon;

#endif
