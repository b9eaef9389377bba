#include "core/compiler.h"
#include "conv2d/conv2d_depthwise.h"

#include <immintrin.h>

enum { LANES = 8, MOST = 4 };

static SN_INLINE __m256 activate(const sn_depthwise *d, __m256 y) {
    if (d->act == SN_IDENTITY) return y;
    const __m256 negative = _mm256_cmp_ps(y, _mm256_setzero_ps(), _CMP_LT_OQ);
    return d->act == SN_RELU ? _mm256_andnot_ps(negative, y) : _mm256_blendv_ps(y, _mm256_mul_ps(y, _mm256_set1_ps(d->slope)), negative);
}

static inline __m256i mask_of(int64_t lanes) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(lanes < LANES ? lanes : LANES)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Four full vectors of channels. */
static void pixel_of_four(const sn_depthwise *d, float *y, int64_t first) {
    __m256 sum[MOST];
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) sum[v] = d->bias ? _mm256_loadu_ps(d->bias + first + v * LANES) : _mm256_setzero_ps();
    for (int64_t t = 0; t < d->count; t++) {
        const float *x = d->x + d->source[t] + first, *w = d->weight + d->tap[t] * d->channels + first;
        const int inside = d->source[t] >= 0;
#pragma GCC unroll 4
        for (int v = 0; v < MOST; v++)
            sum[v] = _mm256_fmadd_ps(inside ? _mm256_loadu_ps(x + v * LANES) : _mm256_setzero_ps(), _mm256_loadu_ps(w + v * LANES), sum[v]);
    }
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) {
        if (d->residual) sum[v] = _mm256_add_ps(sum[v], _mm256_loadu_ps(d->residual + first + v * LANES));
        _mm256_storeu_ps(y + first + v * LANES, activate(d, sum[v]));
    }
}

static void pixel_of_one(const sn_depthwise *d, float *y, int64_t first) {
    const __m256i mask = mask_of(d->channels - first);
    __m256 sum = d->bias ? _mm256_maskload_ps(d->bias + first, mask) : _mm256_setzero_ps();
    for (int64_t t = 0; t < d->count; t++) {
        const __m256 x = d->source[t] >= 0 ? _mm256_maskload_ps(d->x + d->source[t] + first, mask) : _mm256_setzero_ps();
        sum = _mm256_fmadd_ps(x, _mm256_maskload_ps(d->weight + d->tap[t] * d->channels + first, mask), sum);
    }
    if (d->residual) sum = _mm256_add_ps(sum, _mm256_maskload_ps(d->residual + first, mask));
    _mm256_maskstore_ps(y + first, mask, activate(d, sum));
}

void sn_f32_depthwise_pixel__avx2(const sn_depthwise *d, float *y) {
    int64_t first = 0;
    for (; d->channels - first >= MOST * LANES; first += MOST * LANES) pixel_of_four(d, y, first);
    for (; first < d->channels; first += LANES) pixel_of_one(d, y, first);
}

static void row_of_four(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum) {
    __m256 s[MOST];
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) s[v] = _mm256_setzero_ps();
    for (int64_t p = 0; p < count; p++, dy += channels) {
#pragma GCC unroll 4
        for (int v = 0; v < MOST; v++)
            s[v] = x ? _mm256_fmadd_ps(_mm256_loadu_ps(x + v * LANES), _mm256_loadu_ps(dy + v * LANES), s[v])
                     : _mm256_add_ps(_mm256_loadu_ps(dy + v * LANES), s[v]);
        if (x) x += x_step;
    }
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) _mm256_storeu_ps(sum + v * LANES, _mm256_add_ps(_mm256_loadu_ps(sum + v * LANES), s[v]));
}

static void row_of_one(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum, __m256i mask) {
    __m256 s = _mm256_setzero_ps();
    for (int64_t p = 0; p < count; p++, dy += channels) {
        const __m256 d = _mm256_maskload_ps(dy, mask);
        s = x ? _mm256_fmadd_ps(_mm256_maskload_ps(x, mask), d, s) : _mm256_add_ps(d, s);
        if (x) x += x_step;
    }
    _mm256_maskstore_ps(sum, mask, _mm256_add_ps(_mm256_maskload_ps(sum, mask), s));
}

void sn_f32_depthwise_row__avx2(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum) {
    int64_t first = 0;
    for (; channels - first >= MOST * LANES; first += MOST * LANES)
        row_of_four(channels, count, x ? x + first : x, x_step, dy + first, sum + first);
    for (; first < channels; first += LANES)
        row_of_one(channels, count, x ? x + first : x, x_step, dy + first, sum + first, mask_of(channels - first));
}
