/* How far the results of conv2d's passes may be from their reference: by direct sums, or by minimal filtering. */
#ifndef SN_TESTS_CONV2D_BOUNDS_H
#define SN_TESTS_CONV2D_BOUNDS_H

#include "arrays.h"
#include "conv2d/conv2d_winograd.h"
#include "conv2d/conv2d_winograd_spread.h"
#include "sums.h"

static inline int64_t x_count(const sn_conv2d_args *a) { return a->n * a->h * a->w * a->c; }
static inline int64_t y_count(const sn_conv2d_args *a) { return a->n * a->oh * a->ow * a->oc; }
static inline int64_t w_count(const sn_conv2d_args *a) { return a->oc * (a->c / a->groups) * a->kh * a->kw; }

/* NaNs aside. */
static inline double largest(int32_t dtype, const void *x, int64_t count) {
    double most = 0;
    for (int64_t i = 0; i < count; i++) most = fmax(most, fabs(array_get(dtype, x, i)));
    return most;
}
static inline double mean_square(int32_t dtype, const void *x, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        const double v = array_get(dtype, x, i);
        sum += isnan(v) ? 0 : v * v;
    }
    return sum / (double)count;
}

/* Whether a pass runs by minimal filtering. */
static inline int conv2d_minimal(const sn_conv2d_args *a, int32_t code, int isa) {
    if (code == SN_OP_CONV2D_BACKWARD_INPUT && isa == SN_ISA_AVX512 && sn_winograd_spread_takes(a, SPREAD_LANES)) return 1;
    return isa != SN_ISA_GENERIC && sn_winograd_takes(a, code - SN_OP_CONV2D_FORWARD);
}

/* The worst of `count` outputs of minimal filtering, x up to `x` and g up to `g`, uniform. The sums at the points are as large as
 * sqrt(terms) times the norms of the rows of B' and G; the rows of A' then add up, at a corner of the tile, 2.67^2 * 3 of
 * those (2.44^2 * 4 for the gradient of weights, 2.35^2 * 5 for kernels of 5x5) as root of the sum of squares. Sums of 8 and
 * then of terms / 8 err by u sqrt(4 terms + terms^2 / 16) times a term, the transforms some u sqrt(10 terms). Uniform numbers
 * have a third of the square of their largest. Of `count` normal deviates one goes beyond sqrt(2 log(1000 count)) once in a
 * thousand draws at most. */
static inline sum_bound conv2d_minimal_bound(int64_t k, double x, double g, double terms, int64_t count) {
    const double deviation = 0x1p-24 * (k == 5 ? 28 : 24) * x * g / 3 * sqrt(14 * terms + terms * terms / 16);
    return (sum_bound){.rtol = 1e-6, .atol = 1e-6 + deviation * sqrt(2 * log(1000 * (double)count))};
}

/* Of y, dx or dweight. */
static inline sum_bound conv2d_bound(const sn_conv2d_args *a, int32_t code, int isa) {
    const int forward = code == SN_OP_CONV2D_FORWARD, input = code == SN_OP_CONV2D_BACKWARD_INPUT;
    const void *one = input ? a->dy : a->x, *other = forward || input ? a->weight : a->dy;
    const int64_t counts[2] = {input ? y_count(a) : x_count(a), forward || input ? w_count(a) : y_count(a)};
    const int64_t results = forward ? y_count(a) : input ? x_count(a) : w_count(a);
    const int64_t channels = forward ? a->c / a->groups : a->oc / a->groups;
    if (conv2d_minimal(a, code, isa)) {
        const int64_t tile = 7 - a->kh, tiles = a->n * ((a->oh + tile - 1) / tile) * ((a->ow + tile - 1) / tile);
        return conv2d_minimal_bound(a->kh, largest(a->dtype, one, counts[0]), largest(a->dtype, other, counts[1]),
                                    (double)(forward || input ? channels : tiles), results);
    }
    return sums_bound(a->dtype, mean_square(a->dtype, one, counts[0]) * mean_square(a->dtype, other, counts[1]),
                      forward || input ? channels * a->kh * a->kw : a->n * a->oh * a->ow, results);
}

static inline sum_bound conv2d_bias_bound(const sn_conv2d_args *a) {
    return sums_bound(a->dtype, mean_square(a->dtype, a->dy, y_count(a)), a->n * a->oh * a->ow, a->oc);
}

#endif
