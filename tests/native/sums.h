/* How far sums of products may be from their reference. */
#ifndef SN_TESTS_SUMS_H
#define SN_TESTS_SUMS_H

#include "check.h"

/* At most atol + rtol |expected|. */
typedef struct {
    double rtol, atol;
} sum_bound;

/* For `count` results, each a sum of so many terms of random signs, `square` their mean square, added one after another.
 *
 * A step errs by up to half an ulp of its partial sum, at random: with a standard deviation of 0.212 eps |partial sum|, the
 * mean over all mantissas. Partial sums are a random walk, so that, in units of 0.212 eps sqrt(square) terms, the error is the
 * integral of one Brownian motion W over another: its size is random too, and its tails are those of exp(-t), not of a normal
 * deviate. Where W ends at w, it goes beyond t with a probability below 2 sqrt(a / sin a) exp(w^2 (1 - a cot a) / 2 - a t),
 * for any 0 < a < pi. With L = log(2000 count) and the best a for each w, one of the `count` goes beyond
 *     t = (L + 1.6) / 3 + 0.41 sqrt(L) |w|,        |w| = |expected| / sqrt(square terms),
 * once in a thousand draws at most.
 *
 * 8 terms more for the roundings of products and for what else is added, up to 1 (three terms of 1/9 each for a bias and for a
 * residual); two roundings of the result. The reference has errors of its own in f64. */
static inline sum_bound sums_bound(int32_t dtype, double square, int64_t terms, int64_t count) {
    const double eps = dtype == SN_F32 ? 0x1p-23 : M_SQRT2 * 0x1p-52, m = (double)terms + 8, l = log(2000 * (double)count);
    return (sum_bound){.rtol = eps * (2 + 0.212 * 0.41 * sqrt(l * m)), .atol = eps * (2 + 0.212 * sqrt(square) * m * (l + 1.6) / 3)};
}

#endif
