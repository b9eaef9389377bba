#include "conv2d/conv2d_depthwise.h"

#include "core/vector_neon.h"

enum { LANES = 4, MOST = 4 };

static SN_INLINE float32x4_t activate(const sn_depthwise *d, float32x4_t y) {
    if (d->act == SN_IDENTITY) return y;
    const uint32x4_t negative = vcltq_f32(y, vdupq_n_f32(0));
    return d->act == SN_RELU ? sn_unless_neon(negative, y) : vbslq_f32(negative, vmulq_f32(y, vdupq_n_f32(d->slope)), y);
}

/* Four full vectors of channels. */
static void pixel_of_four(const sn_depthwise *d, float *y, int64_t first) {
    float32x4_t sum[MOST];
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) sum[v] = d->bias ? vld1q_f32(d->bias + first + v * LANES) : vdupq_n_f32(0);
    for (int64_t t = 0; t < d->count; t++) {
        const float *x = d->x + d->source[t] + first, *w = d->weight + d->tap[t] * d->channels + first;
        const int inside = d->source[t] >= 0;
#pragma GCC unroll 4
        for (int v = 0; v < MOST; v++)
            sum[v] = vfmaq_f32(sum[v], inside ? vld1q_f32(x + v * LANES) : vdupq_n_f32(0), vld1q_f32(w + v * LANES));
    }
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) {
        if (d->residual) sum[v] = vaddq_f32(sum[v], vld1q_f32(d->residual + first + v * LANES));
        vst1q_f32(y + first + v * LANES, activate(d, sum[v]));
    }
}

static void pixel_of_one(const sn_depthwise *d, float *y, int64_t first) {
    const int64_t left = d->channels - first;
    float32x4_t sum = d->bias ? sn_load_first_neon(d->bias + first, left) : vdupq_n_f32(0);
    for (int64_t t = 0; t < d->count; t++) {
        const float32x4_t x = d->source[t] >= 0 ? sn_load_first_neon(d->x + d->source[t] + first, left) : vdupq_n_f32(0);
        sum = vfmaq_f32(sum, x, sn_load_first_neon(d->weight + d->tap[t] * d->channels + first, left));
    }
    if (d->residual) sum = vaddq_f32(sum, sn_load_first_neon(d->residual + first, left));
    sn_store_first_neon(y + first, activate(d, sum), left);
}

void sn_f32_depthwise_pixel__neon(const sn_depthwise *d, float *y) {
    int64_t first = 0;
    for (; d->channels - first >= MOST * LANES; first += MOST * LANES) pixel_of_four(d, y, first);
    for (; first < d->channels; first += LANES) pixel_of_one(d, y, first);
}

static void row_of_four(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum) {
    float32x4_t s[MOST];
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) s[v] = vdupq_n_f32(0);
    for (int64_t p = 0; p < count; p++, dy += channels) {
#pragma GCC unroll 4
        for (int v = 0; v < MOST; v++)
            s[v] = x ? vfmaq_f32(s[v], vld1q_f32(x + v * LANES), vld1q_f32(dy + v * LANES))
                     : vaddq_f32(vld1q_f32(dy + v * LANES), s[v]);
        if (x) x += x_step;
    }
#pragma GCC unroll 4
    for (int v = 0; v < MOST; v++) vst1q_f32(sum + v * LANES, vaddq_f32(vld1q_f32(sum + v * LANES), s[v]));
}

static void row_of_one(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum, int64_t left) {
    float32x4_t s = vdupq_n_f32(0);
    for (int64_t p = 0; p < count; p++, dy += channels) {
        const float32x4_t d = sn_load_first_neon(dy, left);
        s = x ? vfmaq_f32(s, sn_load_first_neon(x, left), d) : vaddq_f32(d, s);
        if (x) x += x_step;
    }
    sn_store_first_neon(sum, vaddq_f32(sn_load_first_neon(sum, left), s), left);
}

void sn_f32_depthwise_row__neon(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum) {
    int64_t first = 0;
    for (; channels - first >= MOST * LANES; first += MOST * LANES)
        row_of_four(channels, count, x ? x + first : x, x_step, dy + first, sum + first);
    for (; first < channels; first += LANES)
        row_of_one(channels, count, x ? x + first : x, x_step, dy + first, sum + first, channels - first);
}
