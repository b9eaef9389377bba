/* groupnorm against two-pass double formulas, on every ISA: matrices, images, all kinds of groups. */
#include "arrays.h"

typedef struct {
    sn_groupnorm_args a;
    double *y, *mean, *invstd, *dx, *dgamma, *dbeta; /* expected */
    double worst_mean;                               /* |mean| in deviations, at most */
} problem;

static double affine(const sn_groupnorm_args *a, const void *parameters, int64_t i, double otherwise) {
    return parameters ? array_get(a->dtype, parameters, i) : otherwise;
}

/* Element i of group g of sample s: channel in *channel. */
static int64_t element(const sn_groupnorm_args *a, int64_t s, int64_t g, int64_t i, int64_t *channel) {
    const int64_t each = a->c / a->groups;
    *channel = g * each + i % each;
    return (s * a->rows + i / each) * a->c + *channel;
}

static void reference(problem *p) {
    const sn_groupnorm_args *a = &p->a;
    const int64_t count = a->rows * (a->c / a->groups);
    for (int64_t i = 0; i < a->c; i++) p->dgamma[i] = p->dbeta[i] = 0;
    for (int64_t s = 0; s < a->n; s++)
        for (int64_t g = 0; g < a->groups; g++) {
            long double mean = 0, var = 0, of_g = 0, of_gx = 0;
            int64_t c, at;
            for (int64_t i = 0; i < count && !a->rms; i++) mean += array_get(a->dtype, a->x, element(a, s, g, i, &c));
            mean /= count;
            for (int64_t i = 0; i < count; i++) var += powl(array_get(a->dtype, a->x, element(a, s, g, i, &c)) - mean, 2) / count;
            const double invstd = (double)(1 / sqrtl(var + a->eps));
            p->mean[s * a->groups + g] = (double)mean, p->invstd[s * a->groups + g] = invstd;
            p->worst_mean = fmax(p->worst_mean, fabs((double)mean) * invstd);
            for (int64_t i = 0; i < count; i++) {
                at = element(a, s, g, i, &c);
                const double xhat = (double)(array_get(a->dtype, a->x, at) - mean) * invstd, d = array_get(a->dtype, a->dy, at);
                p->y[at] = xhat * affine(a, a->gamma, c, 1) + affine(a, a->beta, c, 0);
                p->dbeta[c] += d, p->dgamma[c] += d * xhat;
                of_g += d * affine(a, a->gamma, c, 1), of_gx += d * affine(a, a->gamma, c, 1) * xhat;
            }
            for (int64_t i = 0; i < count; i++) {
                at = element(a, s, g, i, &c);
                const double xhat = (double)(array_get(a->dtype, a->x, at) - mean) * invstd, d = array_get(a->dtype, a->dy, at);
                p->dx[at] = invstd * (d * affine(a, a->gamma, c, 1) - (a->rms ? 0 : (double)of_g / (double)count) - xhat * (double)of_gx / (double)count);
            }
        }
}

static problem make(int32_t dtype, int64_t n, int64_t rows, int64_t c, int64_t groups, int rms, int has_affine, double mean) {
    problem p = {.a = {.dtype = dtype, .rms = rms, .n = n, .rows = rows, .c = c, .groups = groups, .eps = 1e-5}};
    const int64_t count = n * rows * c;
    void *x = array_random(dtype, count), *gamma = array_random(dtype, c);
    for (int64_t i = 0; i < count; i++) array_set(dtype, x, i, mean + array_get(dtype, x, i));
    array_set(dtype, gamma, 0, 0); /* nothing is divided by it */
    p.a.x = x, p.a.dy = array_random(dtype, count);
    if (has_affine) p.a.gamma = gamma;
    if (has_affine && !rms) p.a.beta = array_random(dtype, c);
    p.a.y = array_new(dtype, count), p.a.dx = array_new(dtype, count);
    p.a.save_mean = array_new(dtype, n * groups), p.a.save_invstd = array_new(dtype, n * groups);
    p.a.dgamma = array_new(dtype, c), p.a.dbeta = array_new(dtype, c);
    p.y = check_alloc(count * 8), p.dx = check_alloc(count * 8), p.dgamma = check_alloc(c * 8), p.dbeta = check_alloc(c * 8);
    p.mean = check_alloc(n * groups * 8), p.invstd = check_alloc(n * groups * 8);
    p.a.workspace_bytes = sn_workspace_bytes(SN_OP_GROUPNORM_BACKWARD, &p.a);
    CHECK(p.a.workspace_bytes > 0, "workspace %lld", (long long)p.a.workspace_bytes);
    p.a.workspace = check_alloc(p.a.workspace_bytes);
    reference(&p);
    return p;
}

static void compare(int32_t dtype, int64_t n, int64_t rows, int64_t c, int64_t groups, int rms, int has_affine, double mean) {
    problem p = make(dtype, n, rows, c, groups, rms, has_affine, mean);
    const int64_t count = n * rows * c, values = rows * (c / groups);
    const double u = unit_of(dtype), summed = 1 + sqrt((double)values) / 64;
    /* save_mean is rounded to T: that error, in deviations, moves everything; a group of one value is eps alone, sqrt(1e5) */
    const double unsure = u * (10 + 2 * p.worst_mean) * (dtype == SN_F64 ? 8 : 1) * summed;
    double steep = 0;
    for (int64_t i = 0; i < n * groups; i++) steep = fmax(steep, p.invstd[i]);
    const double offset = values < 4 ? steep * u * (mean + 1) : 0;
    char what[140];
    snprintf(what, sizeof what, "%lld x %lld x %lld in %lld groups, rms %d, affine %d, mean %g", (long long)n, (long long)rows, (long long)c, (long long)groups, rms, has_affine, mean);
    FOR_EACH_ISA(isa) {
        memset(p.a.y, 0xcb, (size_t)bytes_of(dtype, count));
        memset(p.a.dx, 0xcb, (size_t)bytes_of(dtype, count));
        CHECK_RUN(SN_OP_GROUPNORM_FORWARD, p.a, isa);
        CHECK_ARRAY(dtype, p.a.save_mean, p.mean, n * groups, 4 * u * (dtype == SN_F64 ? 8 : 1), 4 * u * summed, isa, "mean of %s", what);
        CHECK_ARRAY(dtype, p.a.save_invstd, p.invstd, n * groups, unsure + offset * offset, 0, isa, "invstd of %s", what);
        CHECK_ARRAY(dtype, p.a.y, p.y, count, unsure, 4 * unsure + offset, isa, "y of %s", what);
        CHECK_RUN(SN_OP_GROUPNORM_BACKWARD, p.a, isa);
        const double sums = unsure * sqrt((double)(n * rows)) * 2;
        CHECK_ARRAY(dtype, p.a.dbeta, p.dbeta, c, 4 * u, sums, isa, "dbeta of %s", what);
        CHECK_ARRAY(dtype, p.a.dgamma, p.dgamma, c, 4 * u, sums * 2 + offset * (double)(n * rows), isa, "dgamma of %s", what);
        CHECK_ARRAY(dtype, p.a.dx, p.dx, count, unsure, 8 * steep * (unsure + offset), isa, "dx of %s", what);
        /* in place, and without the parameters' gradients */
        sn_groupnorm_args b = p.a;
        memcpy(b.y, b.x, (size_t)bytes_of(dtype, count));
        b.x = b.y;
        CHECK_RUN(SN_OP_GROUPNORM_FORWARD, b, isa);
        CHECK_ARRAY(dtype, b.y, p.y, count, unsure, 4 * unsure + offset, isa, "y in place of %s", what);
        b = p.a, b.dgamma = b.dbeta = NULL;
        memcpy(b.dx, b.dy, (size_t)bytes_of(dtype, count));
        b.dy = b.dx;
        CHECK_RUN(SN_OP_GROUPNORM_BACKWARD, b, isa);
        CHECK_ARRAY(dtype, b.dx, p.dx, count, unsure, 8 * steep * (unsure + offset), isa, "dx in place of %s", what);
    }
    check_free_all();
}

static void matrices(void) {
    static const int64_t c[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 256, 1000, 4095, 4100, 9001};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int k = 0; k < (int)(sizeof c / sizeof *c); k++)
            for (int rms = 0; rms < 2; rms++) compare(dtype, k % 3 == 0 ? 1 : 5 + k, 1, c[k], 1, rms, (k + rms) % 3 != 0, k % 2 ? 0.5 : 0);
    compare(SN_F32, 3001, 1, 24, 1, 0, 1, 0);
    compare(SN_F32, 70, 1, 48, 4, 0, 1, 0.25);
    compare(SN_F64, 7, 1, 48, 16, 1, 1, 0.25);
    compare(SN_F32, 3, 1, 64, 64, 0, 1, 0); /* a value each: 0 */
}

static void images(void) {
    static const int64_t shapes[][3] = {{2, 1, 1}, {4, 4, 4}, {6, 9, 3}, {35, 10, 5}, {49, 32, 32}, {49, 64, 8}, {100, 96, 32}, {7, 65, 13},
        {3, 1026, 2}, {2, 600, 1}, {5, 1100, 1100}, {3, 1040, 520}, {3000, 6, 2}, {70, 517, 11}, {2, 1600, 1}};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int k = 0; k < (int)(sizeof shapes / sizeof *shapes); k++)
            for (int rms = 0; rms < 2; rms++)
                compare(dtype, 1 + k % 4, shapes[k][0], shapes[k][1], shapes[k][2], rms, (k + rms) % 3 != 0, k % 2 ? 0.5 : 0);
    compare(SN_F32, 67, 12, 20, 4, 0, 1, 0);
}

/* E[x^2] - E[x]^2 would lose everything. */
static void large_mean(void) {
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++) {
        compare(dtype, 3, 1, 700, 1, 0, 1, 1000);
        compare(dtype, 3, 90, 24, 3, 0, 1, 1000);
    }
}

static void not_a_number(void) {
    for (int64_t rows = 1; rows <= 4; rows += 3)
        FOR_EACH_ISA(isa) {
            problem p = make(SN_F32, 3, rows, 20, 4, 0, 1, 0);
            array_set(SN_F32, (void *)p.a.x, rows * 20 + 7, NAN);
            CHECK_RUN(SN_OP_GROUPNORM_FORWARD, p.a, isa);
            for (int64_t i = 0; i < 3 * rows * 20; i++) {
                const int expected = i / (rows * 20) == 1 && i % 20 / 5 == 1;
                CHECK((isnan(array_get(SN_F32, p.a.y, i)) != 0) == expected, "NaN at %lld of %lld rows", (long long)i, (long long)rows);
            }
            check_free_all();
        }
}

static void threads(void) {
    static const int64_t shapes[][4] = {{300, 1, 257, 1}, {5, 200, 48, 6}, {3, 40, 1536, 3}, {2, 500, 64, 64}};
    FOR_EACH_ISA(isa)
        for (int k = 0; k < 4; k++) {
            problem p = make(SN_F32, shapes[k][0], shapes[k][1], shapes[k][2], shapes[k][3], 0, 1, 0.1);
            const int64_t bytes = 4 * shapes[k][0] * shapes[k][1] * shapes[k][2];
            check_threads(SN_OP_GROUPNORM_FORWARD, &p.a, isa, p.a.y, bytes, "forward");
            check_threads(SN_OP_GROUPNORM_BACKWARD, &p.a, isa, p.a.dx, bytes, "dx");
            check_threads(SN_OP_GROUPNORM_BACKWARD, &p.a, isa, p.a.dgamma, 4 * shapes[k][2], "dgamma");
            check_free_all();
        }
}

static void errors(void) {
    problem p = make(SN_F32, 2, 3, 4, 2, 0, 1, 0);
    const sn_groupnorm_args good = p.a;
    void *y = good.y, *dx = good.dx;
    CHECK(sn_groupnorm_forward(NULL) == SN_ERR_NULL && sn_groupnorm_backward(NULL) == SN_ERR_NULL, "null args");
    sn_groupnorm_args a;
#define REFUSED(change, status)                                  \
    a = good, change;                                            \
    CHECK_ERROR(sn_groupnorm_forward, a, status, y, 96);         \
    CHECK_ERROR(sn_groupnorm_backward, a, status, dx, 96)
    REFUSED(a.x = NULL, SN_ERR_NULL);
    REFUSED(a.save_mean = NULL, SN_ERR_NULL);
    REFUSED(a.save_invstd = NULL, SN_ERR_NULL);
    REFUSED(a.dtype = SN_I32, SN_ERR_DTYPE);
    REFUSED(a.n = 0, SN_ERR_SIZE);
    REFUSED(a.rows = 0, SN_ERR_SIZE);
    REFUSED(a.c = -4, SN_ERR_SIZE);
    REFUSED(a.n = INT64_MAX, SN_ERR_SIZE);
    REFUSED(a.groups = 0, SN_ERR_SIZE);
    REFUSED(a.groups = 3, SN_ERR_SIZE);
    REFUSED(a.groups = 8, SN_ERR_SIZE);
    a = good, a.y = NULL;
    CHECK_ERROR(sn_groupnorm_forward, a, SN_ERR_NULL, y, 96);
    a = good, a.eps = -1;
    CHECK_ERROR(sn_groupnorm_forward, a, SN_ERR_VALUE, y, 96);
    a = good, a.eps = NAN;
    CHECK_ERROR(sn_groupnorm_forward, a, SN_ERR_VALUE, y, 96);
    a = good, a.dy = NULL;
    CHECK_ERROR(sn_groupnorm_backward, a, SN_ERR_NULL, dx, 96);
    a = good, a.workspace = NULL;
    CHECK_ERROR(sn_groupnorm_backward, a, SN_ERR_NULL, dx, 96);
    a = good, a.workspace_bytes--;
    CHECK_ERROR(sn_groupnorm_backward, a, SN_ERR_MEMORY, dx, 96);
    a = good, a.groups = 3;
    CHECK(sn_workspace_bytes(SN_OP_GROUPNORM_BACKWARD, &a) == -SN_ERR_SIZE, "workspace of a wrong size");
    check_free_all();
}

int main(void) {
    RUN(matrices);
    RUN(images);
    RUN(large_mean);
    RUN(not_a_number);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
