#include "conv2d/conv2d_spread.inc"

#include <immintrin.h>

#include "core/compiler.h"

enum { LANES = 16 };

static SN_INLINE __mmask16 first_lanes(int64_t count) { return (__mmask16)(count >= LANES ? 0xffff : count <= 0 ? 0 : (1 << count) - 1); }

/* The sums move through registers: what a window adds beyond the next one's beginning stays for the next. vectors is a
 * constant at each call. */
static SN_INLINE void slide(const sn_spread *s, const int vectors) {
    const int64_t step = s->step, made_step = s->made_step;
    const __mmask16 read[2] = {first_lanes(s->width), first_lanes(s->width - LANES)};
    const __mmask16 stay[2] = {first_lanes(vectors * LANES - step), first_lanes(LANES - step)};
    const __m512i from = _mm512_add_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_set1_epi32((int)step));
    __m512 low = _mm512_setzero_ps(), high = low;
    const float *made = s->made;
    float *row = s->row;
    for (int64_t p = s->pixels; p > 0; p--, made += made_step, row += step) {
        low = _mm512_add_ps(low, _mm512_maskz_loadu_ps(read[0], made));
        _mm512_storeu_ps(row, low);
        if (vectors == 1) {
            low = _mm512_maskz_permutexvar_ps(stay[0], from, low);
            continue;
        }
        high = _mm512_add_ps(high, _mm512_maskz_loadu_ps(read[1], made + LANES));
        _mm512_storeu_ps(row + LANES, high);
        low = _mm512_maskz_permutex2var_ps(stay[0], low, from, high);
        high = _mm512_maskz_permutexvar_ps(stay[1], from, high);
    }
}

void sn_f32_spread__avx512(const sn_spread *s) {
    if (s->width <= LANES && s->step <= LANES) slide(s, 1);
    else if (s->width <= 2 * LANES && s->step <= 2 * LANES) slide(s, 2);
    else add_windows(s);
    add_row(s);
}
