/* What plain C reaches: vectors of the compiler's choice, a multiplication and an addition. */
#include <string.h>

#include "measure/measure.h"

enum { WIDTH = 4 };

float sn_measure_chains__generic(void) {
    float x[SN_MEASURE_CHAINS][WIDTH];
    for (int i = 0; i < SN_MEASURE_CHAINS; i++)
        for (int k = 0; k < WIDTH; k++) x[i][k] = (float)i;
    for (int loop = 0; loop < SN_MEASURE_LOOPS; loop++)
        for (int i = 0; i < SN_MEASURE_CHAINS; i++)
            for (int k = 0; k < WIDTH; k++) x[i][k] = x[i][k] * 0.5f + 0.5f;
    float sum = 0;
    for (int i = 0; i < SN_MEASURE_CHAINS; i++)
        for (int k = 0; k < WIDTH; k++) sum += x[i][k];
    return sum;
}

void sn_measure_stream__generic(unsigned char *to, const unsigned char *from, int64_t bytes) { memcpy(to, from, (size_t)bytes); }
