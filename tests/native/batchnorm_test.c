/* batchnorm against two-pass double formulas, on every ISA. */
#include "arrays.h"

typedef struct {
    double *y, *mean, *invstd, *running_mean, *running_var, *dx, *dgamma, *dbeta;
} results;

typedef struct {
    sn_batchnorm_args a;
    void *x, *gamma, *beta, *dy;
    double mean, spread; /* of x */
} problem;

static problem make(int32_t dtype, int64_t rows, int64_t c, int32_t act, int affine, double mean, double spread) {
    problem p = {.mean = mean, .spread = spread};
    const int64_t n = rows * c;
    p.x = array_random(dtype, n), p.gamma = array_random(dtype, c), p.beta = array_random(dtype, c), p.dy = array_random(dtype, n);
    for (int64_t i = 0; i < n; i++) array_set(dtype, p.x, i, mean * (1 + (double)(i % c)) + spread * array_get(dtype, p.x, i));
    for (int64_t j = 0; j < c; j++) array_set(dtype, p.gamma, j, 1 + array_get(dtype, p.gamma, j) / 2);
    p.a = (sn_batchnorm_args){.dtype = dtype, .act = act, .rows = rows, .c = c, .eps = 1e-5, .momentum = 0.1, .x = p.x, .dy = p.dy};
    if (affine) p.a.gamma = p.gamma, p.a.beta = p.beta;
    p.a.y = array_new(dtype, n), p.a.dx = array_new(dtype, n);
    p.a.save_mean = array_new(dtype, c), p.a.save_invstd = array_new(dtype, c);
    p.a.dgamma = array_new(dtype, c), p.a.dbeta = array_new(dtype, c);
    p.a.running_mean = array_new(dtype, c), p.a.running_var = array_new(dtype, c);
    return p;
}

static void reset_running(const problem *p) {
    for (int64_t j = 0; j < p->a.c; j++) {
        array_set(p->a.dtype, p->a.running_mean, j, (double)j / 64);
        array_set(p->a.dtype, p->a.running_var, j, 1 + (double)(j % 7) / 8);
    }
}

/* The formulas in the order of the definition; the mask of the ReLU is that of these values. */
static results reference(const problem *p) {
    const sn_batchnorm_args *a = &p->a;
    const int64_t rows = a->rows, c = a->c, n = rows * c;
    results r = {check_alloc(n * 8), check_alloc(c * 8), check_alloc(c * 8), check_alloc(c * 8), check_alloc(c * 8), check_alloc(n * 8), check_alloc(c * 8), check_alloc(c * 8)};
    for (int64_t j = 0; j < c; j++) {
        const double gamma = a->gamma ? array_get(a->dtype, a->gamma, j) : 1, beta = a->beta ? array_get(a->dtype, a->beta, j) : 0;
        long double mean = 0, var = 0, dbeta = 0, dgamma = 0; /* as f64's sums are tested too */
        for (int64_t i = 0; i < rows; i++) mean += array_get(a->dtype, p->x, i * c + j);
        mean /= rows;
        for (int64_t i = 0; i < rows; i++) var += powl(array_get(a->dtype, p->x, i * c + j) - mean, 2) / rows;
        const double invstd = (double)(1 / sqrtl(var + a->eps));
        r.mean[j] = (double)mean, r.invstd[j] = invstd;
        r.running_mean[j] = 0.9 * (double)j / 64 + 0.1 * (double)mean;
        r.running_var[j] = 0.9 * (1 + (double)(j % 7) / 8) + 0.1 * (double)var * (double)rows / (double)(rows - 1);
        for (int64_t i = 0; i < rows; i++) {
            const double xhat = (double)(array_get(a->dtype, p->x, i * c + j) - mean) * invstd;
            double y = gamma * xhat + beta, g = array_get(a->dtype, p->dy, i * c + j);
            if (a->act == SN_RELU && y < 0) y = g = 0;
            r.y[i * c + j] = y;
            dbeta += g;
            dgamma += g * xhat;
        }
        r.dbeta[j] = (double)dbeta, r.dgamma[j] = (double)dgamma;
        for (int64_t i = 0; i < rows; i++) {
            const double xhat = (double)(array_get(a->dtype, p->x, i * c + j) - mean) * invstd;
            const double g = a->act == SN_RELU && r.y[i * c + j] <= 0 ? 0 : array_get(a->dtype, p->dy, i * c + j);
            r.dx[i * c + j] = gamma * invstd * (g - r.dbeta[j] / (double)rows - xhat * r.dgamma[j] / (double)rows);
        }
    }
    return r;
}

static void workspace(problem *p, int32_t code) {
    p->a.workspace_bytes = sn_workspace_bytes(code, &p->a);
    CHECK(p->a.workspace_bytes > 0, "workspace %lld", (long long)p->a.workspace_bytes);
    p->a.workspace = check_alloc(p->a.workspace_bytes);
}

/* Values so near the ReLU's corner that rounding decides their sign make the reference's mask uncertain: push them away. */
static void keep_off_corner(problem *p) {
    if (p->a.act != SN_RELU) return;
    for (int round = 0; round < 3; round++) {
        const results r = reference(p);
        for (int64_t i = 0; i < p->a.rows * p->a.c; i++) {
            const int64_t j = i % p->a.c;
            const double gamma = p->a.gamma ? array_get(p->a.dtype, p->a.gamma, j) : 1, beta = p->a.beta ? array_get(p->a.dtype, p->a.beta, j) : 0;
            const double x = array_get(p->a.dtype, p->x, i);
            if (fabs(gamma * (x - r.mean[j]) * r.invstd[j] + beta) < 2e-4) array_set(p->a.dtype, p->x, i, x + 1e-2 * p->spread);
        }
    }
}

static void compare(int32_t dtype, int64_t rows, int64_t c, int32_t act, int affine, double mean, double spread) {
    problem p = make(dtype, rows, c, act, affine, mean, spread);
    keep_off_corner(&p);
    const results r = reference(&p);
    const int64_t n = rows * c;
    const double u = unit_of(dtype), summed = 1 + sqrt((double)rows) / 64;
    /* save_mean is rounded to T: its error, up to u |mean|, in standard deviations moves everything */
    double offset = 0;
    for (int64_t j = 0; j < c; j++) offset = fmax(offset, fabs(r.mean[j]) * r.invstd[j]);
    const double unsure = u * (8 + 2 * offset) * (dtype == SN_F64 ? 8 : 1) * summed;
    char what[120];
    snprintf(what, sizeof what, "%lld x %lld, act %d, affine %d, mean %g, spread %g", (long long)rows, (long long)c, act, affine, mean, spread);
    FOR_EACH_ISA(isa) {
        memset(p.a.y, 0xcb, (size_t)bytes_of(dtype, n));
        memset(p.a.dx, 0xcb, (size_t)bytes_of(dtype, n));
        reset_running(&p);
        workspace(&p, SN_OP_BATCHNORM_TRAIN);
        CHECK_RUN(SN_OP_BATCHNORM_TRAIN, p.a, isa);
        CHECK_ARRAY(dtype, p.a.save_mean, r.mean, c, 4 * u * (dtype == SN_F64 ? 8 : 1), 4 * u * spread * summed, isa, "mean %s", what);
        CHECK_ARRAY(dtype, p.a.save_invstd, r.invstd, c, unsure, 0, isa, "invstd %s", what);
        CHECK_ARRAY(dtype, p.a.running_mean, r.running_mean, c, 4 * u * (dtype == SN_F64 ? 8 : 1), 4 * u * (spread + 1), isa, "running mean %s", what);
        CHECK_ARRAY(dtype, p.a.running_var, r.running_var, c, 2 * unsure, 0, isa, "running var %s", what);
        CHECK_ARRAY(dtype, p.a.y, r.y, n, unsure, 2 * unsure, isa, "y %s", what);
        workspace(&p, SN_OP_BATCHNORM_BACKWARD);
        CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, p.a, isa);
        const double sums = unsure * sqrt((double)rows) * 2;
        CHECK_ARRAY(dtype, p.a.dbeta, r.dbeta, c, 4 * u, sums, isa, "dbeta %s", what);
        CHECK_ARRAY(dtype, p.a.dgamma, r.dgamma, c, 4 * u, sums * (1 + offset), isa, "dgamma %s", what);
        double scale = 0;
        for (int64_t j = 0; j < c; j++) scale = fmax(scale, 2 * r.invstd[j]);
        CHECK_ARRAY(dtype, p.a.dx, r.dx, n, unsure, 4 * scale * unsure, isa, "dx %s", what);
    }
    check_free_all();
}

static void shapes(void) {
    static const int64_t c[] = {1, 2, 3, 5, 6, 8, 10, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 96, 100, 127, 512, 1023, 1024, 1025, 2100};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int k = 0; k < (int)(sizeof c / sizeof *c); k++) {
            const int64_t rows[] = {2, 3, 13, 63, 64, 65, c[k] < 100 ? 40000 / c[k] : 47};
            for (int i = 0; i < 7; i++) compare(dtype, rows[i], c[k], (i + k) % 2 ? SN_RELU : SN_IDENTITY, (i + k) % 3 != 0, 0.01, 1);
        }
    compare(SN_F32, 100003, 3, SN_RELU, 1, 0, 1);
    compare(SN_F32, 300007, 1, SN_IDENTITY, 1, 0.5, 2);
}

/* A mean far from 0: E[x^2] - E[x]^2 would lose everything. */
static void large_mean(void) {
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int64_t c = 1; c <= 70; c += 23) {
            compare(dtype, 5000, c, SN_IDENTITY, 1, 1000, 1);
            compare(dtype, 5000, c, SN_IDENTITY, 0, -1e4, 10);
        }
}

/* One element far away from the others, first or last. */
static void outlier(void) {
    FOR_EACH_ISA(isa)
        for (int64_t c = 1; c <= 65; c += 32)
            for (int last = 0; last <= 1; last++) {
                problem p = make(SN_F32, 20000, c, SN_IDENTITY, 0, 0, 0);
                for (int64_t j = 0; j < c; j++) array_set(SN_F32, p.x, (last ? p.a.rows - 1 : 0) * c + j, 1000);
                const results r = reference(&p);
                reset_running(&p);
                workspace(&p, SN_OP_BATCHNORM_TRAIN);
                CHECK_RUN(SN_OP_BATCHNORM_TRAIN, p.a, isa);
                CHECK_ARRAY(SN_F32, p.a.save_mean, r.mean, c, 4e-6, 0, isa, "mean");
                CHECK_ARRAY(SN_F32, p.a.save_invstd, r.invstd, c, 2e-6, 0, isa, "invstd");
                check_free_all();
            }
}

static void inference(void) {
    static const int64_t c[] = {1, 3, 6, 16, 31, 64, 100, 1030};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int k = 0; k < 8; k++)
            for (int64_t rows = 1; rows < 200; rows = rows * 5 + 1)
                for (int options = 0; options < 4; options++) {
                    problem p = make(dtype, rows, c[k], options & 1 ? SN_RELU : SN_IDENTITY, options >> 1, 0, 3);
                    const int64_t n = rows * c[k];
                    reset_running(&p);
                    double *y = check_alloc(n * 8);
                    for (int64_t i = 0; i < n; i++) {
                        const int64_t j = i % c[k];
                        const double gamma = p.a.gamma ? array_get(dtype, p.gamma, j) : 1, beta = p.a.beta ? array_get(dtype, p.beta, j) : 0;
                        y[i] = gamma * (array_get(dtype, p.x, i) - array_get(dtype, p.a.running_mean, j)) / sqrt(array_get(dtype, p.a.running_var, j) + 1e-5) + beta;
                        if (p.a.act == SN_RELU && y[i] < 0) y[i] = 0;
                    }
                    void *dest = p.a.y;
                    FOR_EACH_ISA(isa) {
                        memset(dest, 0xcb, (size_t)bytes_of(dtype, n));
                        p.a.x = p.x, p.a.y = dest;
                        CHECK_RUN(SN_OP_BATCHNORM_INFER, p.a, isa);
                        const double u = unit_of(dtype), bound = p.a.c > 700 ? 160 : 40; /* running_mean goes up to c / 64 */
                        CHECK_ARRAY(dtype, dest, y, n, 8 * u, bound * u, isa, "infer %lld x %lld", (long long)rows, (long long)c[k]);
                        memcpy(dest, p.x, (size_t)bytes_of(dtype, n));
                        p.a.x = dest;
                        CHECK_RUN(SN_OP_BATCHNORM_INFER, p.a, isa);
                        CHECK_ARRAY(dtype, dest, y, n, 8 * u, bound * u, isa, "infer in place");
                    }
                    check_free_all();
                }
}

/* Optional outputs, dx in place of dy, NaN in one channel only. */
static void options(void) {
    FOR_EACH_ISA(isa)
        for (int64_t c = 3; c <= 70; c += 67) {
            problem p = make(SN_F32, 50, c, SN_RELU, 1, 0, 1);
            p.a.running_mean = p.a.running_var = NULL;
            workspace(&p, SN_OP_BATCHNORM_TRAIN);
            CHECK_RUN(SN_OP_BATCHNORM_TRAIN, p.a, isa);
            workspace(&p, SN_OP_BATCHNORM_BACKWARD);
            CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, p.a, isa);
            const sn_batchnorm_args full = p.a;
            void *dgamma = array_new(SN_F32, c), *dx = array_new(SN_F32, 50 * c);
            p.a.dgamma = dgamma, p.a.dx = NULL, p.a.dbeta = NULL;
            CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, p.a, isa);
            CHECK(!memcmp(dgamma, full.dgamma, (size_t)c * 4), "dgamma alone");
            memcpy(dx, p.dy, (size_t)c * 200);
            p.a.dgamma = NULL, p.a.dx = dx, p.a.dy = dx;
            CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, p.a, isa);
            CHECK(!memcmp(dx, full.dx, (size_t)c * 200), "dx in place, alone");
            p.a = full;
            array_set(SN_F32, p.x, 7 * c + 1, NAN);
            CHECK_RUN(SN_OP_BATCHNORM_TRAIN, p.a, isa);
            for (int64_t i = 0; i < 50 * c; i++) CHECK(!!isnan(array_get(SN_F32, p.a.y, i)) == (i % c == 1), "NaN at %d on %s", (int)i, sn_isa_name(isa));
            CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, p.a, isa);
            for (int64_t i = 0; i < 50 * c; i++) CHECK(!!isnan(array_get(SN_F32, p.a.dx, i)) == (i % c == 1), "gradient of NaN at %d", (int)i);
            check_free_all();
        }
}

static void threads(void) {
    static const int64_t sizes[][2] = {{50021, 3}, {9001, 16}, {3001, 70}, {65, 2100}};
    FOR_EACH_ISA(isa)
        for (int i = 0; i < 4; i++) {
            problem p = make(SN_F32, sizes[i][0], sizes[i][1], SN_RELU, 1, 0.1, 1);
            const int64_t n = p.a.rows * p.a.c;
            p.a.running_mean = p.a.running_var = NULL;
            workspace(&p, SN_OP_BATCHNORM_BACKWARD); /* the larger of the two */
            check_threads(SN_OP_BATCHNORM_TRAIN, &p.a, isa, p.a.save_mean, p.a.c * 4, "mean");
            check_threads(SN_OP_BATCHNORM_TRAIN, &p.a, isa, p.a.save_invstd, p.a.c * 4, "invstd");
            check_threads(SN_OP_BATCHNORM_TRAIN, &p.a, isa, p.a.y, n * 4, "y");
            check_threads(SN_OP_BATCHNORM_BACKWARD, &p.a, isa, p.a.dgamma, p.a.c * 4, "dgamma");
            check_threads(SN_OP_BATCHNORM_BACKWARD, &p.a, isa, p.a.dbeta, p.a.c * 4, "dbeta");
            check_threads(SN_OP_BATCHNORM_BACKWARD, &p.a, isa, p.a.dx, n * 4, "dx");
            check_free_all();
        }
}

static void errors(void) {
    problem p = make(SN_F32, 4, 3, SN_RELU, 1, 0, 1);
    reset_running(&p);
    workspace(&p, SN_OP_BATCHNORM_BACKWARD);
    const sn_batchnorm_args good = p.a;
    sn_batchnorm_args a = good;
    void *y = good.y, *dx = good.dx;
    CHECK(sn_batchnorm_train(NULL) == SN_ERR_NULL && sn_batchnorm_infer(NULL) == SN_ERR_NULL && sn_batchnorm_backward(NULL) == SN_ERR_NULL, "null");
#define TRAIN(status) CHECK_ERROR(sn_batchnorm_train, a, status, y, 48)
#define INFER(status) CHECK_ERROR(sn_batchnorm_infer, a, status, y, 48)
#define BACKWARD(status) CHECK_ERROR(sn_batchnorm_backward, a, status, dx, 48)
#define EXPECT(status)                                        \
    do {                                                      \
        TRAIN(status);                                        \
        INFER(status);                                        \
        BACKWARD(status);                                     \
        a = good;                                             \
    } while (0)
    a.x = NULL;
    EXPECT(SN_ERR_NULL);
    a.y = NULL;
    TRAIN(SN_ERR_NULL);
    INFER(SN_ERR_NULL);
    a = good;
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.act = SN_TANH;
    EXPECT(SN_ERR_CODE);
    a.rows = -1;
    EXPECT(SN_ERR_SIZE);
    a.c = 0;
    EXPECT(SN_ERR_SIZE);
    a.rows = a.c = INT64_C(1) << 30;
    EXPECT(SN_ERR_SIZE);
    CHECK(sn_workspace_bytes(SN_OP_BATCHNORM_TRAIN, &(sn_batchnorm_args){.rows = 1, .c = 1}) == -SN_ERR_SIZE, "workspace of one row");
    a.rows = 1;
    TRAIN(SN_ERR_SIZE);
    a = good, a.running_var = NULL;
    TRAIN(SN_ERR_NULL);
    INFER(SN_ERR_NULL);
    const double bad[] = {-1, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        a = good, a.eps = bad[i];
        TRAIN(SN_ERR_VALUE);
        INFER(SN_ERR_VALUE);
    }
    a = good, a.momentum = NAN;
    TRAIN(SN_ERR_VALUE);
    a = good, a.save_mean = NULL;
    TRAIN(SN_ERR_NULL);
    BACKWARD(SN_ERR_NULL);
    a = good, a.dy = NULL;
    BACKWARD(SN_ERR_NULL);
    a = good, a.workspace = NULL;
    TRAIN(SN_ERR_NULL);
    BACKWARD(SN_ERR_NULL);
    a = good, a.workspace_bytes = sn_workspace_bytes(SN_OP_BATCHNORM_TRAIN, &a) - 1;
    TRAIN(SN_ERR_MEMORY);
    BACKWARD(SN_ERR_MEMORY);
    check_free_all();
}

/* With a residual the same values, to the bit, as its sum with the result and the activation one after the other. */
static void residual(void) {
    static const int64_t sizes[][2] = {{2, 1}, {37, 6}, {130, 16}, {64, 33}, {9, 1030}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int dtype = SN_F32; dtype <= SN_F64; dtype++)
            for (int act = SN_IDENTITY; act <= SN_RELU; act++) {
                problem p = make(dtype, sizes[s][0], sizes[s][1], SN_IDENTITY, 1, 0.5, 2);
                workspace(&p, SN_OP_BATCHNORM_TRAIN);
                const int64_t n = p.a.rows * p.a.c;
                void *plain = p.a.y, *fused = array_new(dtype, n), *other = array_random(dtype, n);
                static const int32_t codes[] = {SN_OP_BATCHNORM_TRAIN, SN_OP_BATCHNORM_INFER};
                FOR_EACH_ISA(isa)
                    for (int code = 0; code < 2; code++)
                        for (int in_place = 0; in_place < 2; in_place++) {
                            reset_running(&p);
                            CHECK_RUN(codes[code], p.a, isa);
                            sn_batchnorm_args a = p.a;
                            reset_running(&p);
                            a.act = act, a.y = fused, a.residual = in_place ? fused : other;
                            memcpy(fused, other, (size_t)bytes_of(dtype, n));
                            CHECK_RUN(codes[code], a, isa);
                            int64_t wrong = 0;
                            for (int64_t i = 0; i < n; i++) {
                                const double sum = array_get(dtype, plain, i) + array_get(dtype, other, i), rounded = dtype == SN_F32 ? (float)sum : sum;
                                wrong += array_get(dtype, fused, i) != (act == SN_RELU && rounded < 0 ? 0 : rounded);
                            }
                            CHECK(wrong == 0, "%s %s, %lld x %lld, in place %d: %lld wrong", sn_isa_name(isa), dtype_name(dtype), (long long)p.a.rows,
                                  (long long)p.a.c, in_place, (long long)wrong);
                        }
                check_free_all();
            }
}

int main(void) {
    RUN(shapes);
    RUN(residual);
    RUN(large_mean);
    RUN(outlier);
    RUN(inference);
    RUN(options);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
