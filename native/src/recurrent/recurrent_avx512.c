/* One row of a recurrent layer, AVX-512: 16 elements of every gate at a time. */
#include <immintrin.h>

#include "recurrent/recurrent.h"
#include "unary/vector_math_avx512.h"

static inline __mmask16 first_lanes(int64_t n) { return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1); }

static inline __m512 load(__mmask16 mask, const float *x) { return _mm512_maskz_loadu_ps(mask, x); }
static inline __m512 load_or_0(__mmask16 mask, const float *x, int64_t j) { return x ? load(mask, x + j) : _mm512_setzero_ps(); }
static inline __m512 sum(__mmask16 mask, const float *a, const float *b) { return _mm512_add_ps(load(mask, a), load(mask, b)); }
static inline void store(__mmask16 mask, float *y, __m512 v) { _mm512_mask_storeu_ps(y, mask, v); }

/* y (1 - y) and 1 - y^2: the slopes of sigmoid and tanh */
static inline __m512 sigmoid_slope(__m512 y) { return _mm512_fnmadd_ps(y, y, y); }
static inline __m512 tanh_slope(__m512 y) { return _mm512_fnmadd_ps(y, y, _mm512_set1_ps(1)); }

void sn_f32_rnn_forward__avx512(const sn_recurrent_row *r) {
    const float *gx = r->gx, *hh = r->hh;
    float *state = r->state, *y = r->y;
    for (int64_t j = 0; j < r->hidden; j += 16) {
        const __mmask16 mask = first_lanes(r->hidden - j);
        const __m512 x = sum(mask, gx + j, hh + j);
        const __m512 h = r->relu ? _mm512_max_ps(_mm512_setzero_ps(), x) : sn_tanh_avx512(x);
        store(mask, state + j, h);
        store(mask, y + j, h);
    }
}

void sn_f32_lstm_forward__avx512(const sn_recurrent_row *r) {
    const int64_t h = r->hidden;
    const float *gx = r->gx, *hh = r->hh;
    float *gates = r->gates, *kept = r->extra, *state = r->state, *cell = r->cell, *y = r->y;
    for (int64_t j = 0; j < h; j += 16) {
        const __mmask16 mask = first_lanes(h - j);
        const __m512 in = sn_sigmoid_avx512(sum(mask, gx + j, hh + j));
        const __m512 forget = sn_sigmoid_avx512(sum(mask, gx + h + j, hh + h + j));
        const __m512 new = sn_tanh_avx512(sum(mask, gx + 2 * h + j, hh + 2 * h + j));
        const __m512 out = sn_sigmoid_avx512(sum(mask, gx + 3 * h + j, hh + 3 * h + j));
        const __m512 c = _mm512_fmadd_ps(forget, load(mask, cell + j), _mm512_mul_ps(in, new));
        const __m512 after = _mm512_mul_ps(out, sn_tanh_avx512(c));
        store(mask, gates + j, in);
        store(mask, gates + h + j, forget);
        store(mask, gates + 2 * h + j, new);
        store(mask, gates + 3 * h + j, out);
        store(mask, kept + j, c);
        store(mask, cell + j, c);
        store(mask, state + j, after);
        store(mask, y + j, after);
    }
}

void sn_f32_gru_forward__avx512(const sn_recurrent_row *r) {
    const int64_t h = r->hidden;
    const float *gx = r->gx, *hh = r->hh;
    float *gates = r->gates, *kept = r->extra, *state = r->state, *y = r->y;
    for (int64_t j = 0; j < h; j += 16) {
        const __mmask16 mask = first_lanes(h - j);
        const __m512 reset = sn_sigmoid_avx512(sum(mask, gx + j, hh + j));
        const __m512 keep = sn_sigmoid_avx512(sum(mask, gx + h + j, hh + h + j));
        const __m512 m = load(mask, hh + 2 * h + j);
        const __m512 new = sn_tanh_avx512(_mm512_fmadd_ps(reset, m, load(mask, gx + 2 * h + j)));
        const __m512 after = _mm512_fmadd_ps(keep, _mm512_sub_ps(load(mask, state + j), new), new);
        store(mask, gates + j, reset);
        store(mask, gates + h + j, keep);
        store(mask, gates + 2 * h + j, new);
        store(mask, kept + j, m);
        store(mask, state + j, after);
        store(mask, y + j, after);
    }
}

void sn_f32_rnn_backward__avx512(const sn_recurrent_gradient_row *r) {
    float *state = r->state, *dgx = r->dgx;
    for (int64_t j = 0; j < r->hidden; j += 16) {
        const __mmask16 mask = first_lanes(r->hidden - j);
        const __m512 dh = _mm512_add_ps(load(mask, state + j), load_or_0(mask, r->dy, j)), y = load(mask, (const float *)r->y + j);
        const __mmask16 positive = _mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_GT_OQ);
        store(mask, dgx + j, r->relu ? _mm512_maskz_mov_ps(positive, dh) : _mm512_mul_ps(dh, tanh_slope(y)));
        store(mask, state + j, _mm512_setzero_ps());
    }
}

void sn_f32_lstm_backward__avx512(const sn_recurrent_gradient_row *r) {
    const int64_t h = r->hidden;
    const float *gates = r->gates;
    float *state = r->state, *cell = r->cell, *dgx = r->dgx;
    for (int64_t j = 0; j < h; j += 16) {
        const __mmask16 mask = first_lanes(h - j);
        const __m512 in = load(mask, gates + j), forget = load(mask, gates + h + j);
        const __m512 new = load(mask, gates + 2 * h + j), out = load(mask, gates + 3 * h + j);
        const __m512 t = sn_tanh_avx512(load(mask, (const float *)r->extra + j));
        const __m512 dh = _mm512_add_ps(load(mask, state + j), load_or_0(mask, r->dy, j));
        const __m512 dc = _mm512_fmadd_ps(_mm512_mul_ps(dh, out), tanh_slope(t), load(mask, cell + j));
        const __m512 before = load_or_0(mask, r->before, j);
        store(mask, dgx + j, _mm512_mul_ps(_mm512_mul_ps(dc, new), sigmoid_slope(in)));
        store(mask, dgx + h + j, _mm512_mul_ps(_mm512_mul_ps(dc, before), sigmoid_slope(forget)));
        store(mask, dgx + 2 * h + j, _mm512_mul_ps(_mm512_mul_ps(dc, in), tanh_slope(new)));
        store(mask, dgx + 3 * h + j, _mm512_mul_ps(_mm512_mul_ps(dh, t), sigmoid_slope(out)));
        store(mask, cell + j, _mm512_mul_ps(dc, forget));
        store(mask, state + j, _mm512_setzero_ps());
    }
}

void sn_f32_gru_backward__avx512(const sn_recurrent_gradient_row *r) {
    const int64_t h = r->hidden;
    const float *gates = r->gates;
    float *state = r->state, *dgx = r->dgx, *dhh = r->dhh;
    for (int64_t j = 0; j < h; j += 16) {
        const __mmask16 mask = first_lanes(h - j);
        const __m512 reset = load(mask, gates + j), keep = load(mask, gates + h + j), new = load(mask, gates + 2 * h + j);
        const __m512 m = load(mask, (const float *)r->extra + j), before = load_or_0(mask, r->before, j);
        const __m512 dh = _mm512_add_ps(load(mask, state + j), load_or_0(mask, r->dy, j));
        const __m512 dnew = _mm512_mul_ps(_mm512_fnmadd_ps(dh, keep, dh), tanh_slope(new));
        const __m512 dreset = _mm512_mul_ps(_mm512_mul_ps(dnew, m), sigmoid_slope(reset));
        const __m512 dkeep = _mm512_mul_ps(_mm512_mul_ps(dh, _mm512_sub_ps(before, new)), sigmoid_slope(keep));
        store(mask, dgx + j, dreset);
        store(mask, dhh + j, dreset);
        store(mask, dgx + h + j, dkeep);
        store(mask, dhh + h + j, dkeep);
        store(mask, dgx + 2 * h + j, dnew);
        store(mask, dhh + 2 * h + j, _mm512_mul_ps(dnew, reset));
        store(mask, state + j, _mm512_mul_ps(dh, keep));
    }
}
