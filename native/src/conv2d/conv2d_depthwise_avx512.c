#include "core/compiler.h"
#include "conv2d/conv2d_depthwise.h"

#include <immintrin.h>

enum { LANES = 16, MOST = 4 };

static SN_INLINE __m512 activate(const sn_depthwise *d, __m512 y) {
    if (d->act == SN_IDENTITY) return y;
    const __mmask16 negative = _mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_LT_OQ);
    return d->act == SN_RELU ? _mm512_mask_mov_ps(y, negative, _mm512_setzero_ps())
                             : _mm512_mask_mul_ps(y, negative, y, _mm512_set1_ps(d->slope));
}

/* vectors is a constant at each call; the mask is the last vector's. */
static SN_INLINE void pixel(const sn_depthwise *d, float *y, int64_t first, __mmask16 mask, const int vectors) {
    __m512 sum[MOST];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
        sum[v] = d->bias ? _mm512_maskz_loadu_ps(v == vectors - 1 ? mask : 0xffff, d->bias + first + v * LANES) : _mm512_setzero_ps();
    for (int64_t t = 0; t < d->count; t++) {
        const float *x = d->x + d->source[t] + first, *w = d->weight + d->tap[t] * d->channels + first;
        const int inside = d->source[t] >= 0;
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            const __mmask16 part = v == vectors - 1 ? mask : 0xffff;
            const __m512 here = inside ? _mm512_maskz_loadu_ps(part, x + v * LANES) : _mm512_setzero_ps();
            sum[v] = _mm512_fmadd_ps(here, _mm512_maskz_loadu_ps(part, w + v * LANES), sum[v]);
        }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        const __mmask16 part = v == vectors - 1 ? mask : 0xffff;
        if (d->residual) sum[v] = _mm512_add_ps(sum[v], _mm512_maskz_loadu_ps(part, d->residual + first + v * LANES));
        _mm512_mask_storeu_ps(y + first + v * LANES, part, activate(d, sum[v]));
    }
}

void sn_f32_depthwise_pixel__avx512(const sn_depthwise *d, float *y) {
    int64_t first = 0;
    for (; d->channels - first >= MOST * LANES; first += MOST * LANES) pixel(d, y, first, 0xffff, MOST);
    for (; first < d->channels; first += LANES)
        pixel(d, y, first, d->channels - first >= LANES ? 0xffff : (__mmask16)((1u << (d->channels - first)) - 1), 1);
}

static SN_INLINE void row(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum,
                                                      __mmask16 mask, const int vectors) {
    __m512 s[MOST];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) s[v] = _mm512_setzero_ps();
    const __m512 one = _mm512_set1_ps(1);
    for (int64_t p = 0; p < count; p++, dy += channels) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            const __mmask16 part = v == vectors - 1 ? mask : 0xffff;
            s[v] = _mm512_fmadd_ps(x ? _mm512_maskz_loadu_ps(part, x + v * LANES) : one, _mm512_maskz_loadu_ps(part, dy + v * LANES), s[v]);
        }
        if (x) x += x_step;
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        const __mmask16 part = v == vectors - 1 ? mask : 0xffff;
        _mm512_mask_storeu_ps(sum + v * LANES, part, _mm512_add_ps(_mm512_maskz_loadu_ps(part, sum + v * LANES), s[v]));
    }
}

void sn_f32_depthwise_row__avx512(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum) {
    int64_t first = 0;
    for (; channels - first >= MOST * LANES; first += MOST * LANES)
        row(channels, count, x ? x + first : x, x_step, dy + first, sum + first, 0xffff, MOST);
    for (; first < channels; first += LANES)
        row(channels, count, x ? x + first : x, x_step, dy + first, sum + first,
            channels - first >= LANES ? 0xffff : (__mmask16)((1u << (channels - first)) - 1), 1);
}
