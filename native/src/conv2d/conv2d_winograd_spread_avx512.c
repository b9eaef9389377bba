#include "conv2d/conv2d_winograd_spread.h"

#include <immintrin.h>

#include "core/check.h"
#include "core/compiler.h"

#define A 0.70710678118654752f /* the points are 0, +-A, +-B, infinity */
#define B 1.41421356237309505f

enum { LANES = SPREAD_LANES, TILES = SPREAD_TILES, IMAGES = SPREAD_IMAGES, TILE = 2, WINDOW = 6, POINTS = WINDOW * WINDOW };

typedef __m512 vector;

static SN_INLINE vector all(float value) { return _mm512_set1_ps(value); }

/* A line of a tile to its points: A. */
static SN_INLINE void points_of(vector y0, vector y1, vector w[WINDOW]) {
    w[0] = y0;
    w[1] = _mm512_fmadd_ps(all(A), y1, y0);
    w[2] = _mm512_fnmadd_ps(all(A), y1, y0);
    w[3] = _mm512_fmadd_ps(all(B), y1, y0);
    w[4] = _mm512_fnmadd_ps(all(B), y1, y0);
    w[5] = y1;
}

/* A line of points to the pixels of the window: B. */
static SN_INLINE void pixels_of(const vector v[WINDOW], vector x[WINDOW]) {
    const vector sum_a = _mm512_add_ps(v[1], v[2]), sum_b = _mm512_add_ps(v[3], v[4]);
    const vector odd_a = _mm512_sub_ps(v[1], v[2]), odd_b = _mm512_sub_ps(v[3], v[4]);
    x[0] = v[0];
    x[1] = _mm512_fnmadd_ps(all(2 * A), odd_a, _mm512_fnmadd_ps(all(B / 2), odd_b, v[5]));
    x[2] = _mm512_fnmadd_ps(all(2.5f), v[0], _mm512_fnmadd_ps(all(2), sum_a, _mm512_mul_ps(all(-0.5f), sum_b)));
    x[3] = _mm512_fmadd_ps(all(A), odd_a, _mm512_fmadd_ps(all(B), odd_b, _mm512_mul_ps(all(-2.5f), v[5])));
    x[4] = _mm512_add_ps(v[0], _mm512_add_ps(sum_a, sum_b));
    x[5] = v[5];
}

/* The points of a tile of four images, 16 output channels: w[point][..][four of the channels][image][channel]. rows and columns of
 * it are in the image. */
static SN_INLINE void tile_points(const sn_winograd_spread *s, int64_t at, int rows, int columns, float *w) {
    const int64_t pixel = s->a->oc, line = s->a->ow * pixel, point = s->w_point;
    _Alignas(64) float t[IMAGES][WINDOW][TILE][LANES];
#pragma GCC unroll 4
    for (int n = 0; n < IMAGES; n++)
#pragma GCC unroll 2
        for (int j = 0; j < TILE; j++) {
            const float *y = s->dy[n] + at + j * pixel;
            const vector y0 = j < columns ? _mm512_loadu_ps(y) : _mm512_setzero_ps();
            const vector y1 = j < columns && rows > 1 ? _mm512_loadu_ps(y + line) : _mm512_setzero_ps();
            vector column[WINDOW];
            points_of(y0, y1, column);
#pragma GCC unroll 6
            for (int i = 0; i < WINDOW; i++) _mm512_store_ps(t[n][i][j], column[i]);
        }
    for (int i = 0; i < WINDOW; i++) {
        vector row[IMAGES][WINDOW];
#pragma GCC unroll 4
        for (int n = 0; n < IMAGES; n++) points_of(_mm512_load_ps(t[n][i][0]), _mm512_load_ps(t[n][i][1]), row[n]);
#pragma GCC unroll 6
        for (int j = 0; j < WINDOW; j++, w += point) {
            const vector a = _mm512_shuffle_f32x4(row[0][j], row[1][j], 0x44), b = _mm512_shuffle_f32x4(row[0][j], row[1][j], 0xee);
            const vector c = _mm512_shuffle_f32x4(row[2][j], row[3][j], 0x44), d = _mm512_shuffle_f32x4(row[2][j], row[3][j], 0xee);
            _mm512_storeu_ps(w, _mm512_shuffle_f32x4(a, c, 0x88));
            _mm512_storeu_ps(w + LANES, _mm512_shuffle_f32x4(a, c, 0xdd));
            _mm512_storeu_ps(w + 2 * LANES, _mm512_shuffle_f32x4(b, d, 0x88));
            _mm512_storeu_ps(w + 3 * LANES, _mm512_shuffle_f32x4(b, d, 0xdd));
        }
    }
}

/* Products of four output channels: sum += factors . weights, each factor for four lanes. k is a constant. */
static SN_INLINE void add_products(vector sum[2], vector factors, vector weights[4][2], const int vectors) {
#define CHANNEL(k)                                                                                  do {                                                                                                const vector factor = _mm512_permute_ps(factors, (k) * 0x55);                                   sum[0] = _mm512_fmadd_ps(factor, weights[k][0], sum[0]);                                        if (vectors == 2) sum[1] = _mm512_fmadd_ps(factor, weights[k][1], sum[1]);                  } while (0)
    CHANNEL(0);
    CHANNEL(1);
    CHANNEL(2);
    CHANNEL(3);
#undef CHANNEL
}

/* The points of some tiles, summed over the output channels. tiles and vectors are constants. */
static SN_INLINE void products(const sn_winograd_spread *s, float m[POINTS][TILES][2][LANES], const int tiles, const int vectors) {
    const int64_t oc = s->a->oc, step = IMAGES * oc;
    const float *w = s->w, *u = s->u;
    for (int p = 0; p < POINTS; p++, w += s->w_point, u += s->u_point) {
        vector sum[TILES][2];
#pragma GCC unroll 8
        for (int r = 0; r < tiles; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
        const float *from = w, *by = u;
        for (int64_t o = 0; o < oc; o += 4, from += LANES, by += 4 * 4 * vectors) {
            vector weights[4][2];
#pragma GCC unroll 4
            for (int k = 0; k < 4; k++)
#pragma GCC unroll 2
                for (int v = 0; v < vectors; v++) weights[k][v] = _mm512_broadcast_f32x4(_mm_loadu_ps(by + (k * vectors + v) * 4));
#pragma GCC unroll 8
            for (int r = 0; r < tiles; r++) add_products(sum[r], _mm512_loadu_ps(from + r * step), weights, vectors);
        }
#pragma GCC unroll 8
        for (int r = 0; r < tiles; r++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) _mm512_store_ps(m[p][r][v], sum[r][v]);
    }
}

/* Adds the window of a tile's points. */
static SN_INLINE void add_window(float m[POINTS][TILES][2][LANES], int64_t r, int64_t v, float *sums, int64_t pixel, int64_t line) {
    vector t[WINDOW][WINDOW];
#pragma GCC unroll 6
    for (int i = 0; i < WINDOW; i++) {
        vector d[WINDOW];
#pragma GCC unroll 6
        for (int j = 0; j < WINDOW; j++) d[j] = _mm512_load_ps(m[i * WINDOW + j][r][v]);
        pixels_of(d, t[i]);
    }
#pragma GCC unroll 6
    for (int j = 0; j < WINDOW; j++, sums += pixel) {
        vector d[WINDOW], x[WINDOW];
        float *to = sums;
#pragma GCC unroll 6
        for (int i = 0; i < WINDOW; i++) d[i] = t[i][j];
        pixels_of(d, x);
#pragma GCC unroll 6
        for (int i = 0; i < WINDOW; i++, to += line) _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), x[i]));
    }
}

/* The sums of the pixels that are in the image, the lanes of the images apart. vectors is a constant. */
static SN_INLINE void write_images(const sn_winograd_spread *s, int64_t line, const int vectors) {
    const sn_conv2d_args *a = s->a;
    const int64_t c = a->c;
    const __mmask8 mask = (__mmask8)((1 << c) - 1);
    float *to[IMAGES];
    for (int n = 0; n < IMAGES; n++) to[n] = s->dx[n];
#define IMAGE(n)                                                                                                                        do {                                                                                                                                    if (!to[n]) break;                                                                                                                  const __m256 pixel = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm512_extractf32x4_ps(first, n)), _mm512_extractf32x4_ps(second, n), 1);         _mm256_mask_storeu_ps(to[n], mask, pixel);                                                                                          to[n] += c;                                                                                                                     } while (0)
    for (int64_t y = 0; y < a->h; y++) {
        const float *from = s->sums + (y + a->pad_h) * line + a->pad_w * vectors * LANES;
        for (int64_t x = 0; x < a->w; x++, from += vectors * LANES) {
            const vector first = _mm512_loadu_ps(from), second = vectors == 2 ? _mm512_loadu_ps(from + LANES) : first;
            IMAGE(0);
            IMAGE(1);
            IMAGE(2);
            IMAGE(3);
        }
    }
#undef IMAGE
}

static SN_INLINE void spread(const sn_winograd_spread *s, const int vectors) {
    const sn_conv2d_args *a = s->a;
    _Alignas(64) float m[POINTS][TILES][2][LANES];
    const int64_t high = sn_ceil_div(a->oh, TILE), wide = sn_ceil_div(a->ow, TILE), count = high * wide, groups = sn_ceil_div(count, TILES);
    const int64_t pixel = vectors * LANES, line = (TILE * wide + WINDOW - TILE) * pixel;
    for (int64_t g = 0; g < groups; g++) { /* as even as can be */
        const int64_t first = count * g / groups, end = count * (g + 1) / groups;
        for (int64_t i = first; i < end; i++) {
            const int64_t y = i / wide * TILE, x = i % wide * TILE;
            for (int64_t o = 0; o < a->oc; o += LANES)
                tile_points(s, (y * a->ow + x) * a->oc + o, a->oh - y > 1 ? 2 : 1, a->ow - x > 1 ? 2 : 1, s->w + ((i - first) * a->oc + o) * IMAGES);
        }
        switch (end - first) {
        case 1: products(s, m, 1, vectors); break;
        case 2: products(s, m, 2, vectors); break;
        case 3: products(s, m, 3, vectors); break;
        case 4: products(s, m, 4, vectors); break;
        case 5: products(s, m, 5, vectors); break;
        case 6: products(s, m, 6, vectors); break;
        case 7: products(s, m, 7, vectors); break;
        default: products(s, m, 8, vectors); break;
        }
        for (int64_t i = first; i < end; i++)
            for (int v = 0; v < vectors; v++)
                add_window(m, i - first, v, s->sums + i / wide * TILE * line + i % wide * TILE * pixel + v * LANES, pixel, line);
    }
    write_images(s, line, vectors);
}

void sn_f32_winograd_spread__avx512(const sn_winograd_spread *s) {
    if (s->vectors == 2) spread(s, 2);
    else spread(s, 1);
}
