/* One row of a recurrent layer, NEON: 4 elements of every gate at a time. */
#include "recurrent/recurrent.h"
#include "unary/vector_math_neon.h"

static inline float32x4_t load(int64_t left, const float *x) { return sn_load_first_neon(x, left); }
static inline float32x4_t load_or_0(int64_t left, const float *x, int64_t j) { return x ? load(left, x + j) : vdupq_n_f32(0); }
static inline float32x4_t sum(int64_t left, const float *a, const float *b) { return vaddq_f32(load(left, a), load(left, b)); }
static inline void store(int64_t left, float *y, float32x4_t v) { sn_store_first_neon(y, v, left); }

/* y (1 - y) and 1 - y^2: the slopes of sigmoid and tanh */
static inline float32x4_t sigmoid_slope(float32x4_t y) { return vfmsq_f32(y, y, y); }
static inline float32x4_t tanh_slope(float32x4_t y) { return vfmsq_f32(vdupq_n_f32(1), y, y); }

void sn_f32_rnn_forward__neon(const sn_recurrent_row *r) {
    const float *gx = r->gx, *hh = r->hh;
    float *state = r->state, *y = r->y;
    for (int64_t j = 0; j < r->hidden; j += 4) {
        const int64_t left = r->hidden - j;
        const float32x4_t x = sum(left, gx + j, hh + j);
        const float32x4_t h = r->relu ? vmaxq_f32(vdupq_n_f32(0), x) : sn_tanh_neon(x);
        store(left, state + j, h);
        store(left, y + j, h);
    }
}

void sn_f32_lstm_forward__neon(const sn_recurrent_row *r) {
    const int64_t h = r->hidden;
    const float *gx = r->gx, *hh = r->hh;
    float *gates = r->gates, *kept = r->extra, *state = r->state, *cell = r->cell, *y = r->y;
    for (int64_t j = 0; j < h; j += 4) {
        const int64_t left = h - j;
        const float32x4_t in = sn_sigmoid_neon(sum(left, gx + j, hh + j));
        const float32x4_t forget = sn_sigmoid_neon(sum(left, gx + h + j, hh + h + j));
        const float32x4_t new = sn_tanh_neon(sum(left, gx + 2 * h + j, hh + 2 * h + j));
        const float32x4_t out = sn_sigmoid_neon(sum(left, gx + 3 * h + j, hh + 3 * h + j));
        const float32x4_t c = vfmaq_f32(vmulq_f32(in, new), forget, load(left, cell + j));
        const float32x4_t after = vmulq_f32(out, sn_tanh_neon(c));
        store(left, gates + j, in);
        store(left, gates + h + j, forget);
        store(left, gates + 2 * h + j, new);
        store(left, gates + 3 * h + j, out);
        store(left, kept + j, c);
        store(left, cell + j, c);
        store(left, state + j, after);
        store(left, y + j, after);
    }
}

void sn_f32_gru_forward__neon(const sn_recurrent_row *r) {
    const int64_t h = r->hidden;
    const float *gx = r->gx, *hh = r->hh;
    float *gates = r->gates, *kept = r->extra, *state = r->state, *y = r->y;
    for (int64_t j = 0; j < h; j += 4) {
        const int64_t left = h - j;
        const float32x4_t reset = sn_sigmoid_neon(sum(left, gx + j, hh + j));
        const float32x4_t keep = sn_sigmoid_neon(sum(left, gx + h + j, hh + h + j));
        const float32x4_t m = load(left, hh + 2 * h + j);
        const float32x4_t new = sn_tanh_neon(vfmaq_f32(load(left, gx + 2 * h + j), reset, m));
        const float32x4_t after = vfmaq_f32(new, keep, vsubq_f32(load(left, state + j), new));
        store(left, gates + j, reset);
        store(left, gates + h + j, keep);
        store(left, gates + 2 * h + j, new);
        store(left, kept + j, m);
        store(left, state + j, after);
        store(left, y + j, after);
    }
}

void sn_f32_rnn_backward__neon(const sn_recurrent_gradient_row *r) {
    float *state = r->state, *dgx = r->dgx;
    for (int64_t j = 0; j < r->hidden; j += 4) {
        const int64_t left = r->hidden - j;
        const float32x4_t dh = vaddq_f32(load(left, state + j), load_or_0(left, r->dy, j)), y = load(left, (const float *)r->y + j);
        const uint32x4_t positive = vcgtq_f32(y, vdupq_n_f32(0));
        store(left, dgx + j, r->relu ? sn_where_neon(positive, dh) : vmulq_f32(dh, tanh_slope(y)));
        store(left, state + j, vdupq_n_f32(0));
    }
}

void sn_f32_lstm_backward__neon(const sn_recurrent_gradient_row *r) {
    const int64_t h = r->hidden;
    const float *gates = r->gates;
    float *state = r->state, *cell = r->cell, *dgx = r->dgx;
    for (int64_t j = 0; j < h; j += 4) {
        const int64_t left = h - j;
        const float32x4_t in = load(left, gates + j), forget = load(left, gates + h + j);
        const float32x4_t new = load(left, gates + 2 * h + j), out = load(left, gates + 3 * h + j);
        const float32x4_t t = sn_tanh_neon(load(left, (const float *)r->extra + j));
        const float32x4_t dh = vaddq_f32(load(left, state + j), load_or_0(left, r->dy, j));
        const float32x4_t dc = vfmaq_f32(load(left, cell + j), vmulq_f32(dh, out), tanh_slope(t));
        const float32x4_t before = load_or_0(left, r->before, j);
        store(left, dgx + j, vmulq_f32(vmulq_f32(dc, new), sigmoid_slope(in)));
        store(left, dgx + h + j, vmulq_f32(vmulq_f32(dc, before), sigmoid_slope(forget)));
        store(left, dgx + 2 * h + j, vmulq_f32(vmulq_f32(dc, in), tanh_slope(new)));
        store(left, dgx + 3 * h + j, vmulq_f32(vmulq_f32(dh, t), sigmoid_slope(out)));
        store(left, cell + j, vmulq_f32(dc, forget));
        store(left, state + j, vdupq_n_f32(0));
    }
}

void sn_f32_gru_backward__neon(const sn_recurrent_gradient_row *r) {
    const int64_t h = r->hidden;
    const float *gates = r->gates;
    float *state = r->state, *dgx = r->dgx, *dhh = r->dhh;
    for (int64_t j = 0; j < h; j += 4) {
        const int64_t left = h - j;
        const float32x4_t reset = load(left, gates + j), keep = load(left, gates + h + j), new = load(left, gates + 2 * h + j);
        const float32x4_t m = load(left, (const float *)r->extra + j), before = load_or_0(left, r->before, j);
        const float32x4_t dh = vaddq_f32(load(left, state + j), load_or_0(left, r->dy, j));
        const float32x4_t dnew = vmulq_f32(vfmsq_f32(dh, dh, keep), tanh_slope(new));
        const float32x4_t dreset = vmulq_f32(vmulq_f32(dnew, m), sigmoid_slope(reset));
        const float32x4_t dkeep = vmulq_f32(vmulq_f32(dh, vsubq_f32(before, new)), sigmoid_slope(keep));
        store(left, dgx + j, dreset);
        store(left, dhh + j, dreset);
        store(left, dgx + h + j, dkeep);
        store(left, dhh + h + j, dkeep);
        store(left, dgx + 2 * h + j, dnew);
        store(left, dhh + 2 * h + j, vmulq_f32(dnew, reset));
        store(left, state + j, vmulq_f32(dh, keep));
    }
}
