/* What the tests of the optimisers share: the four arrays in both types and their references. */
#ifndef SN_TESTS_OPTIMIZER_DATA_H
#define SN_TESTS_OPTIMIZER_DATA_H

#include "check.h"

typedef struct {
    int64_t n;
    float *p, *g, *m, *v;          /* f32 */
    double *dp, *dg, *dm, *dv;     /* f64 */
    double *rp, *rg, *rm, *rv;     /* reference, from the values of the f32 arrays */
} optimizer_data;

static inline optimizer_data optimizer_data_of(int64_t n) {
    optimizer_data d = {.n = n, .p = check_floats(n), .g = check_floats(n), .m = check_floats(n), .v = check_floats(n)};
    for (int64_t i = 0; i < n; i++) d.v[i] = fabsf(d.v[i]);
    d.dp = check_widen(d.p, n), d.dg = check_widen(d.g, n), d.dm = check_widen(d.m, n), d.dv = check_widen(d.v, n);
    d.rp = check_widen(d.p, n), d.rg = check_widen(d.g, n), d.rm = check_widen(d.m, n), d.rv = check_widen(d.v, n);
    return d;
}

static inline int doubles_close(const double *a, const double *b, int64_t n, double tolerance) {
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * (1 + fabs(b[i])))) return 0;
    return 1;
}

#endif
