/* One row of a recurrent layer, AVX2: 8 elements of every gate at a time. */
#include <immintrin.h>

#include "recurrent/recurrent.h"
#include "unary/vector_math_avx2.h"

static inline __m256i first_lanes(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)(n < 8 ? n : 8)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline __m256 load(__m256i mask, const float *x) { return _mm256_maskload_ps(x, mask); }
static inline __m256 load_or_0(__m256i mask, const float *x, int64_t j) { return x ? load(mask, x + j) : _mm256_setzero_ps(); }
static inline __m256 sum(__m256i mask, const float *a, const float *b) { return _mm256_add_ps(load(mask, a), load(mask, b)); }
static inline void store(__m256i mask, float *y, __m256 v) { _mm256_maskstore_ps(y, mask, v); }

/* y (1 - y) and 1 - y^2: the slopes of sigmoid and tanh */
static inline __m256 sigmoid_slope(__m256 y) { return _mm256_fnmadd_ps(y, y, y); }
static inline __m256 tanh_slope(__m256 y) { return _mm256_fnmadd_ps(y, y, _mm256_set1_ps(1)); }

void sn_f32_rnn_forward__avx2(const sn_recurrent_row *r) {
    const float *gx = r->gx, *hh = r->hh;
    float *state = r->state, *y = r->y;
    for (int64_t j = 0; j < r->hidden; j += 8) {
        const __m256i mask = first_lanes(r->hidden - j);
        const __m256 x = sum(mask, gx + j, hh + j);
        const __m256 h = r->relu ? _mm256_max_ps(_mm256_setzero_ps(), x) : sn_tanh_avx2(x);
        store(mask, state + j, h);
        store(mask, y + j, h);
    }
}

void sn_f32_lstm_forward__avx2(const sn_recurrent_row *r) {
    const int64_t h = r->hidden;
    const float *gx = r->gx, *hh = r->hh;
    float *gates = r->gates, *kept = r->extra, *state = r->state, *cell = r->cell, *y = r->y;
    for (int64_t j = 0; j < h; j += 8) {
        const __m256i mask = first_lanes(h - j);
        const __m256 in = sn_sigmoid_avx2(sum(mask, gx + j, hh + j));
        const __m256 forget = sn_sigmoid_avx2(sum(mask, gx + h + j, hh + h + j));
        const __m256 new = sn_tanh_avx2(sum(mask, gx + 2 * h + j, hh + 2 * h + j));
        const __m256 out = sn_sigmoid_avx2(sum(mask, gx + 3 * h + j, hh + 3 * h + j));
        const __m256 c = _mm256_fmadd_ps(forget, load(mask, cell + j), _mm256_mul_ps(in, new));
        const __m256 after = _mm256_mul_ps(out, sn_tanh_avx2(c));
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

void sn_f32_gru_forward__avx2(const sn_recurrent_row *r) {
    const int64_t h = r->hidden;
    const float *gx = r->gx, *hh = r->hh;
    float *gates = r->gates, *kept = r->extra, *state = r->state, *y = r->y;
    for (int64_t j = 0; j < h; j += 8) {
        const __m256i mask = first_lanes(h - j);
        const __m256 reset = sn_sigmoid_avx2(sum(mask, gx + j, hh + j));
        const __m256 keep = sn_sigmoid_avx2(sum(mask, gx + h + j, hh + h + j));
        const __m256 m = load(mask, hh + 2 * h + j);
        const __m256 new = sn_tanh_avx2(_mm256_fmadd_ps(reset, m, load(mask, gx + 2 * h + j)));
        const __m256 after = _mm256_fmadd_ps(keep, _mm256_sub_ps(load(mask, state + j), new), new);
        store(mask, gates + j, reset);
        store(mask, gates + h + j, keep);
        store(mask, gates + 2 * h + j, new);
        store(mask, kept + j, m);
        store(mask, state + j, after);
        store(mask, y + j, after);
    }
}

void sn_f32_rnn_backward__avx2(const sn_recurrent_gradient_row *r) {
    float *state = r->state, *dgx = r->dgx;
    for (int64_t j = 0; j < r->hidden; j += 8) {
        const __m256i mask = first_lanes(r->hidden - j);
        const __m256 dh = _mm256_add_ps(load(mask, state + j), load_or_0(mask, r->dy, j)), y = load(mask, (const float *)r->y + j);
        const __m256 positive = _mm256_cmp_ps(y, _mm256_setzero_ps(), _CMP_GT_OQ);
        store(mask, dgx + j, r->relu ? _mm256_and_ps(positive, dh) : _mm256_mul_ps(dh, tanh_slope(y)));
        store(mask, state + j, _mm256_setzero_ps());
    }
}

void sn_f32_lstm_backward__avx2(const sn_recurrent_gradient_row *r) {
    const int64_t h = r->hidden;
    const float *gates = r->gates;
    float *state = r->state, *cell = r->cell, *dgx = r->dgx;
    for (int64_t j = 0; j < h; j += 8) {
        const __m256i mask = first_lanes(h - j);
        const __m256 in = load(mask, gates + j), forget = load(mask, gates + h + j);
        const __m256 new = load(mask, gates + 2 * h + j), out = load(mask, gates + 3 * h + j);
        const __m256 t = sn_tanh_avx2(load(mask, (const float *)r->extra + j));
        const __m256 dh = _mm256_add_ps(load(mask, state + j), load_or_0(mask, r->dy, j));
        const __m256 dc = _mm256_fmadd_ps(_mm256_mul_ps(dh, out), tanh_slope(t), load(mask, cell + j));
        const __m256 before = load_or_0(mask, r->before, j);
        store(mask, dgx + j, _mm256_mul_ps(_mm256_mul_ps(dc, new), sigmoid_slope(in)));
        store(mask, dgx + h + j, _mm256_mul_ps(_mm256_mul_ps(dc, before), sigmoid_slope(forget)));
        store(mask, dgx + 2 * h + j, _mm256_mul_ps(_mm256_mul_ps(dc, in), tanh_slope(new)));
        store(mask, dgx + 3 * h + j, _mm256_mul_ps(_mm256_mul_ps(dh, t), sigmoid_slope(out)));
        store(mask, cell + j, _mm256_mul_ps(dc, forget));
        store(mask, state + j, _mm256_setzero_ps());
    }
}

void sn_f32_gru_backward__avx2(const sn_recurrent_gradient_row *r) {
    const int64_t h = r->hidden;
    const float *gates = r->gates;
    float *state = r->state, *dgx = r->dgx, *dhh = r->dhh;
    for (int64_t j = 0; j < h; j += 8) {
        const __m256i mask = first_lanes(h - j);
        const __m256 reset = load(mask, gates + j), keep = load(mask, gates + h + j), new = load(mask, gates + 2 * h + j);
        const __m256 m = load(mask, (const float *)r->extra + j), before = load_or_0(mask, r->before, j);
        const __m256 dh = _mm256_add_ps(load(mask, state + j), load_or_0(mask, r->dy, j));
        const __m256 dnew = _mm256_mul_ps(_mm256_fnmadd_ps(dh, keep, dh), tanh_slope(new));
        const __m256 dreset = _mm256_mul_ps(_mm256_mul_ps(dnew, m), sigmoid_slope(reset));
        const __m256 dkeep = _mm256_mul_ps(_mm256_mul_ps(dh, _mm256_sub_ps(before, new)), sigmoid_slope(keep));
        store(mask, dgx + j, dreset);
        store(mask, dhh + j, dreset);
        store(mask, dgx + h + j, dkeep);
        store(mask, dhh + h + j, dkeep);
        store(mask, dgx + 2 * h + j, dnew);
        store(mask, dhh + 2 * h + j, _mm256_mul_ps(dnew, reset));
        store(mask, state + j, _mm256_mul_ps(dh, keep));
    }
}
