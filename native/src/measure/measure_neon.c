/* NEON: 4 floats a multiply-add. Copying is left to the C library, which knows the CPU. */
#include <arm_neon.h>

#include "measure/measure.h"

enum { CHAINS = 2 * SN_MEASURE_CHAINS }; /* some CPUs begin four a cycle, and there are 32 registers */

float sn_measure_chains__neon(void) {
    float32x4_t x[CHAINS];
    const float32x4_t half = vdupq_n_f32(0.5f);
    for (int i = 0; i < CHAINS; i++) x[i] = vdupq_n_f32((float)i);
    for (int loop = 0; loop < SN_MEASURE_LOOPS / 2; loop++)
#pragma GCC unroll 24
        for (int i = 0; i < CHAINS; i++) x[i] = vfmaq_f32(half, x[i], half);
    for (int i = 1; i < CHAINS; i++) x[0] = vaddq_f32(x[0], x[i]);
    return vgetq_lane_f32(x[0], 0);
}
