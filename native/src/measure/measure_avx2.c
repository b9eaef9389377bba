/* AVX2 and FMA: 8 floats a multiply-add, 32 bytes a store. */
#include <immintrin.h>
#include <string.h>

#include "measure/measure.h"

float sn_measure_chains__avx2(void) {
    __m256 x[SN_MEASURE_CHAINS];
    const __m256 half = _mm256_set1_ps(0.5f);
    for (int i = 0; i < SN_MEASURE_CHAINS; i++) x[i] = _mm256_set1_ps((float)i);
    for (int loop = 0; loop < SN_MEASURE_LOOPS; loop++)
#pragma GCC unroll 12
        for (int i = 0; i < SN_MEASURE_CHAINS; i++) x[i] = _mm256_fmadd_ps(x[i], half, half);
    for (int i = 1; i < SN_MEASURE_CHAINS; i++) x[0] = _mm256_add_ps(x[0], x[i]);
    float lanes[8];
    _mm256_storeu_ps(lanes, x[0]);
    return lanes[0];
}

void sn_measure_stream__avx2(unsigned char *to, const unsigned char *from, int64_t bytes) {
    enum { WIDTH = 32 };
    const int64_t head = (int64_t)(-(uintptr_t)to & (WIDTH - 1));
    int64_t i = head < bytes ? head : bytes;
    memcpy(to, from, (size_t)i);
    for (; i + WIDTH <= bytes; i += WIDTH) _mm256_stream_ps((float *)(to + i), _mm256_loadu_ps((const float *)(from + i)));
    memcpy(to + i, from + i, (size_t)(bytes - i));
    _mm_sfence(); /* what was written is seen by whoever is told that the copy is done */
}
