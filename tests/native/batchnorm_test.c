#include "check.h"

/* x has mean `offset` and deviation about 0.6; the reference is computed in double from the values as stored. */
typedef struct {
    int64_t rows, c;
    int32_t act;
    int affine, running;
    double offset;
} layout;

typedef struct {
    double *x, *dy, *gamma, *beta, *running_mean, *running_var;            /* inputs */
    double *mean, *invstd, *var, *y, *dx, *dgamma, *dbeta, *new_mean, *new_var, *infer; /* expected */
} reference;

static const double eps = 1e-5, momentum = 0.3;

static double relu(double v, int32_t act) { return act == SN_RELU && v < 0 ? 0 : v; }

static void compute_forward(const layout *l, reference *r) {
    const double n = (double)l->rows;
    for (int64_t c = 0; c < l->c; c++) {
        double sum = 0, m2 = 0;
        for (int64_t i = c; i < l->rows * l->c; i += l->c) sum += r->x[i] - l->offset;
        const double mean = l->offset + sum / n;
        for (int64_t i = c; i < l->rows * l->c; i += l->c) m2 += (r->x[i] - mean) * (r->x[i] - mean);
        const double g = l->affine ? r->gamma[c] : 1, b = l->affine ? r->beta[c] : 0;
        r->mean[c] = mean, r->var[c] = m2 / n, r->invstd[c] = 1 / sqrt(m2 / n + eps);
        r->new_mean[c] = (1 - momentum) * r->running_mean[c] + momentum * mean;
        r->new_var[c] = (1 - momentum) * r->running_var[c] + momentum * m2 / (n - 1);
        for (int64_t i = c; i < l->rows * l->c; i += l->c) {
            r->y[i] = relu(g * (r->x[i] - mean) * r->invstd[c] + b, l->act);
            r->infer[i] = relu(g * (r->x[i] - r->running_mean[c]) / sqrt(r->running_var[c] + eps) + b, l->act);
        }
    }
}

/* y is the mask: the forward result under test, so that no sign near 0 can differ. */
static void compute_backward(const layout *l, reference *r, const float *y, double *dy_scale, double *dyx_scale) {
    const double n = (double)l->rows;
    for (int64_t c = 0; c < l->c; c++) {
        double s = 0, sx = 0;
        dy_scale[c] = dyx_scale[c] = 0;
        for (int64_t i = c; i < l->rows * l->c; i += l->c) {
            const double d = l->act == SN_RELU && !(y[i] > 0) ? 0 : r->dy[i], xhat = (r->x[i] - r->mean[c]) * r->invstd[c];
            s += d, sx += d * xhat;
            dy_scale[c] += fabs(d), dyx_scale[c] += fabs(d) * (fabs(xhat) + (1 + fabs(l->offset)) * r->invstd[c]);
        }
        r->dbeta[c] = s, r->dgamma[c] = sx;
        for (int64_t i = c; i < l->rows * l->c; i += l->c) {
            const double d = l->act == SN_RELU && !(y[i] > 0) ? 0 : r->dy[i], xhat = (r->x[i] - r->mean[c]) * r->invstd[c];
            r->dx[i] = (l->affine ? r->gamma[c] : 1) * r->invstd[c] * (d - s / n - xhat * sx / n);
        }
    }
}

static void fill(const layout *l, reference *r) {
    const int64_t count = l->rows * l->c;
    r->x = check_doubles(count), r->dy = check_doubles(count);
    r->gamma = check_doubles(l->c), r->beta = check_doubles(l->c);
    r->running_mean = check_doubles(l->c), r->running_var = check_doubles(l->c);
    double **out[] = {&r->y, &r->dx, &r->infer}, **channel[] = {&r->mean, &r->invstd, &r->var, &r->dgamma, &r->dbeta, &r->new_mean, &r->new_var};
    for (size_t i = 0; i < 3; i++) *out[i] = check_alloc(count * 8);
    for (size_t i = 0; i < 7; i++) *channel[i] = check_alloc(l->c * 8);
    for (int64_t i = 0; i < count; i++) r->x[i] = (float)(l->offset + r->x[i]), r->dy[i] = (float)r->dy[i];
    for (int64_t c = 0; c < l->c; c++) {
        r->gamma[c] = (float)r->gamma[c], r->beta[c] = (float)r->beta[c];
        r->running_mean[c] = (float)(l->offset + r->running_mean[c]);
        r->running_var[c] = (float)(r->running_var[c] + 1.5);
    }
    compute_forward(l, r);
}

static void *typed(const double *x, int64_t count, int32_t dtype) {
    if (dtype == SN_F64) return memcpy(check_alloc(count * 8), x, (size_t)count * 8);
    float *y = check_alloc(count * 4);
    for (int64_t i = 0; i < count; i++) y[i] = (float)x[i];
    return y;
}

static float *as_floats(const void *x, int64_t count, int32_t dtype) {
    float *y = check_alloc(count * 4);
    for (int64_t i = 0; i < count; i++) y[i] = dtype == SN_F64 ? (float)((const double *)x)[i] : ((const float *)x)[i];
    return y;
}

static double get(const void *x, int64_t i, int32_t dtype) { return dtype == SN_F64 ? ((const double *)x)[i] : ((const float *)x)[i]; }

/* |actual - expected| <= tolerance * (|expected| + scale[channel]), scale being 1 if NULL; NaN meeting NaN */
static void close_to(const void *actual, const double *expected, int64_t count, int64_t c, int32_t dtype, double tolerance,
                     const double *scale, const char *what, const layout *l, int isa) {
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        const double v = get(actual, i, dtype), e = expected[i];
        if ((isnan(v) && isnan(e)) || v == e) continue;
        const double d = fabs(v - e) / (tolerance * (fabs(e) + (scale ? scale[i % c] : 1)));
        if (!(d <= worst)) worst = d;
    }
    CHECK(worst <= 1, "%s of [%lld][%lld] act %d affine %d offset %g dtype %d on %s: %g times the tolerance away", what, (long long)l->rows,
          (long long)l->c, l->act, l->affine, l->offset, dtype, sn_isa_name(isa), worst);
}

typedef struct {
    sn_batchnorm_args a;
    int64_t bytes[9];
    void *out[9]; /* y, save_mean, save_invstd, running_mean, running_var, infer, dx, dgamma, dbeta */
} run;

static void run_all(const layout *l, run *r, int isa, const run *mask) {
    sn_batchnorm_args *a = &r->a;
    void *workspace = a->workspace;
    memset(workspace, 0xcb, (size_t)a->workspace_bytes);
    a->y = r->out[0];
    CHECK_RUN(SN_OP_BATCHNORM_TRAIN, *a, isa);
    a->workspace = NULL;
    sn_batchnorm_args i = *a;
    i.y = r->out[5];
    if (l->running) CHECK_RUN(SN_OP_BATCHNORM_INFER, i, isa);
    a->workspace = workspace;
    memset(workspace, 0xcb, (size_t)a->workspace_bytes);
    a->y = mask->out[0];
    CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, *a, isa);
}

static void check_dtype(const layout *l, reference *ref, int32_t dtype) {
    const int64_t count = l->rows * l->c, c = l->c, size = dtype == SN_F64 ? 8 : 4;
    /* f64 sums, the reference's too, are sums one by one */
    const double unit = dtype == SN_F64 ? 0x1p-53 : 0x1p-24, depth = 16 + (dtype == SN_F64 ? sqrt((double)l->rows) : 0);
    double *dy_scale = check_alloc(c * 8), *dyx_scale = check_alloc(c * 8), *x_scale = check_alloc(c * 8), *dx_scale = check_alloc(c * 8);
    run first, again;
    FOR_EACH_ISA(isa)
        for (int32_t threads = 1; threads <= 3; threads++) {
            if (isa > 0 && dtype == SN_F64) continue;
            run r = {.a = {.dtype = dtype, .act = l->act, .rows = l->rows, .c = c, .eps = eps, .momentum = momentum}};
            for (int i = 0; i < 9; i++) r.bytes[i] = (i == 0 || i == 5 || i == 6 ? count : c) * size, r.out[i] = check_alloc(r.bytes[i]);
            r.a.x = typed(ref->x, count, dtype), r.a.dy = typed(ref->dy, count, dtype);
            if (l->affine) r.a.gamma = typed(ref->gamma, c, dtype), r.a.beta = typed(ref->beta, c, dtype);
            r.a.save_mean = r.out[1], r.a.save_invstd = r.out[2];
            r.a.dx = r.out[6], r.a.dgamma = r.out[7], r.a.dbeta = r.out[8];
            const int64_t train = sn_workspace_bytes(SN_OP_BATCHNORM_TRAIN, &r.a), backward = sn_workspace_bytes(SN_OP_BATCHNORM_BACKWARD, &r.a);
            CHECK(train >= 0 && backward >= 0, "workspace %lld %lld", (long long)train, (long long)backward);
            r.a.workspace_bytes = train > backward ? train : backward;
            r.a.workspace = check_alloc(r.a.workspace_bytes);
            sn_set_threads(threads);
            if (l->running) {
                /* infer with the old values first, then again by run_all with the new ones, for the bits */
                r.a.running_mean = typed(ref->running_mean, c, dtype), r.a.running_var = typed(ref->running_var, c, dtype);
                r.a.y = r.out[5];
                CHECK_RUN(SN_OP_BATCHNORM_INFER, r.a, isa);
                for (int64_t i = 0; i < c; i++) x_scale[i] = 1 + fabs(l->offset) / sqrt(ref->running_var[i]);
                close_to(r.out[5], ref->infer, count, c, dtype, unit * 8, x_scale, "infer", l, isa);
                r.out[3] = r.a.running_mean, r.out[4] = r.a.running_var;
            }
            run_all(l, &r, isa, threads == 1 ? &r : &first);
            if (threads > 1) {
                for (int i = 0; i < 9; i++)
                    CHECK(memcmp(first.out[i], r.out[i], (size_t)r.bytes[i]) == 0, "output %d of [%lld][%lld] on %s depends on %d threads", i,
                          (long long)l->rows, (long long)c, sn_isa_name(isa), threads);
                continue;
            }
            again = first = r;
            for (int64_t i = 0; i < c; i++) x_scale[i] = 1 + (1 + fabs(l->offset)) * ref->invstd[i];
            close_to(r.out[0], ref->y, count, c, dtype, unit * depth, x_scale, "y", l, isa);
            for (int64_t i = 0; i < c; i++) x_scale[i] = fabs(l->offset) + 1;
            close_to(r.out[1], ref->mean, c, c, dtype, unit * 4, x_scale, "mean", l, isa);
            close_to(r.out[2], ref->invstd, c, c, dtype, unit * depth, ref->invstd, "invstd", l, isa);
            if (l->running) {
                for (int64_t i = 0; i < c; i++) x_scale[i] = fabs(l->offset) + 1;
                close_to(r.out[3], ref->new_mean, c, c, dtype, unit * 4, x_scale, "running mean", l, isa);
                close_to(r.out[4], ref->new_var, c, c, dtype, unit * depth, NULL, "running variance", l, isa);
            }
            compute_backward(l, ref, as_floats(r.out[0], count, dtype), dy_scale, dyx_scale);
            close_to(r.out[8], ref->dbeta, c, c, dtype, unit * depth, dy_scale, "dbeta", l, isa);
            close_to(r.out[7], ref->dgamma, c, c, dtype, unit * depth, dyx_scale, "dgamma", l, isa);
            for (int64_t i = 0; i < c; i++) dx_scale[i] = ref->invstd[i] * (2 + (1 + fabs(l->offset)) * ref->invstd[i]);
            close_to(r.out[6], ref->dx, count, c, dtype, unit * depth, dx_scale, "dx", l, isa);
            /* dx only, in place of dy */
            again.a.dgamma = again.a.dbeta = NULL, again.a.dx = typed(ref->dy, count, dtype), again.a.dy = again.a.dx;
            CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, again.a, isa);
            CHECK(memcmp(again.a.dx, r.out[6], (size_t)r.bytes[6]) == 0, "dx in place of dy, [%lld][%lld] on %s", (long long)l->rows, (long long)c, sn_isa_name(isa));
            if (l->running) { /* y in place of x */
                again.a.x = again.a.y = typed(ref->x, count, dtype);
                CHECK_RUN(SN_OP_BATCHNORM_INFER, again.a, isa);
                CHECK(memcmp(again.a.y, r.out[5], (size_t)r.bytes[5]) == 0, "infer in place, [%lld][%lld] on %s", (long long)l->rows, (long long)c, sn_isa_name(isa));
            }
        }
}

static void check_layout(layout l) {
    reference r;
    fill(&l, &r);
    check_dtype(&l, &r, SN_F32);
    check_dtype(&l, &r, SN_F64);
    check_free_all();
}

static const int64_t channels[] = {1, 2, 3, 5, 6, 7, 8, 10, 15, 16, 17, 31, 32, 33, 47, 64, 65, 100, 127, 128, 129, 150, 255, 257, 300, 511, 513, 700, 1027};

static void test_shapes(void) {
    const int64_t rows[] = {2, 3, 7, 16, 63, 129, 1009};
    int k = 0;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++, k++)
            check_layout((layout){rows[j], channels[i], k % 2 ? SN_RELU : SN_IDENTITY, k % 3 != 0, k % 5 != 0, k % 4 ? 0 : 3});
}

static void test_long(void) {
    check_layout((layout){200003, 1, SN_RELU, 1, 1, 0});
    check_layout((layout){100003, 6, SN_RELU, 1, 1, 0.5});
    check_layout((layout){30001, 16, SN_IDENTITY, 1, 1, -2});
    check_layout((layout){20011, 64, SN_RELU, 0, 1, 0});
}

/* A mean a thousand deviations away costs its own rounding and no more. */
static void test_offset(void) {
    const int64_t c[] = {1, 6, 16, 50, 64, 300};
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) check_layout((layout){5000, c[i], SN_IDENTITY, 1, 1, 1000});
}

static void test_constant_and_outlier(void) {
    enum { ROWS = 5003, C = 7 };
    FOR_EACH_ISA(isa) {
        float *x = check_alloc(ROWS * C * 4), *y = check_alloc(ROWS * C * 4), *mean = check_alloc(C * 4), *invstd = check_alloc(C * 4);
        for (int64_t i = 0; i < ROWS * C; i++) x[i] = (float)(i % C) * 1e6f;
        x[2] = 1e10f; /* the first of channel 2; its others are constant */
        sn_batchnorm_args a = {.rows = ROWS, .c = C, .eps = eps, .x = x, .y = y, .save_mean = mean, .save_invstd = invstd};
        a.workspace_bytes = sn_workspace_bytes(SN_OP_BATCHNORM_TRAIN, &a);
        a.workspace = check_alloc(a.workspace_bytes);
        CHECK_RUN(SN_OP_BATCHNORM_TRAIN, a, isa);
        for (int64_t c = 0; c < C; c++) {
            const double far = 1e10 - 2e6, n = ROWS, var = c == 2 ? far * far / n * (1 - 1 / n) : 0;
            const double e = 1 / sqrt(var + eps), m = 1e6 * (double)c + (c == 2 ? far / n : 0);
            CHECK(fabs(invstd[c] - e) <= 1e-6 * e, "invstd %g of channel %d, expected %g, on %s", invstd[c], (int)c, e, sn_isa_name(isa));
            CHECK(fabs(mean[c] - m) <= 1e-6 * m, "mean %g of channel %d, expected %g, on %s", mean[c], (int)c, m, sn_isa_name(isa));
            if (c != 2) CHECK(y[7 * C + c] == 0, "y %g of a constant channel on %s", y[7 * C + c], sn_isa_name(isa));
        }
        check_free_all();
    }
}

/* NaN or infinity in a channel makes the channel NaN, and only it. */
static void test_not_finite(void) {
    const int64_t widths[] = {1, 3, 6, 16, 20, 70, 300};
    FOR_EACH_ISA(isa)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            const int64_t c = widths[w], rows = 500, bad = check_int(0, c - 1), at = check_int(0, rows - 1);
            float *x = check_floats(rows * c), *y = check_alloc(rows * c * 4), *mean = check_alloc(c * 4), *invstd = check_alloc(c * 4);
            float *dy = check_floats(rows * c), *dx = check_alloc(rows * c * 4), *running = check_floats(c), *var = check_floats(c);
            for (int64_t i = 0; i < c; i++) var[i] = 1;
            x[at * c + bad] = w % 2 ? NAN : INFINITY;
            sn_batchnorm_args a = {.rows = rows, .c = c, .act = SN_RELU, .eps = eps, .momentum = 0.1, .x = x, .y = y, .save_mean = mean, .save_invstd = invstd,
                                   .running_mean = running, .running_var = var, .dy = dy, .dx = dx};
            CHECK_RUN(SN_OP_BATCHNORM_INFER, a, isa);
            int nans = 0;
            for (int64_t i = 0; i < rows * c; i++) nans += isnan(y[i]) != 0;
            CHECK(nans == (int)(w % 2), "infer has %d NaNs", nans);
            a.workspace_bytes = sn_workspace_bytes(SN_OP_BATCHNORM_TRAIN, &a);
            a.workspace = check_alloc(a.workspace_bytes);
            CHECK_RUN(SN_OP_BATCHNORM_TRAIN, a, isa);
            CHECK_RUN(SN_OP_BATCHNORM_BACKWARD, a, isa);
            int ok = 1;
            for (int64_t i = 0; i < rows * c; i++) ok &= (isnan(y[i]) != 0) == (i % c == bad) && (isnan(dx[i]) != 0) == (i % c == bad);
            for (int64_t i = 0; i < c; i++) ok &= (isnan(invstd[i]) != 0) == (i == bad) && (isnan(var[i]) != 0) == (i == bad);
            CHECK(ok, "NaN of channel %lld of %lld on %s", (long long)bad, (long long)c, sn_isa_name(isa));
            check_free_all();
        }
}

static void expect(sn_status actual, sn_status expected, const char *what, const float *y, int64_t count) {
    CHECK(actual == expected, "%s: status %d, expected %d", what, actual, expected);
    int same = 1;
    for (int64_t i = 0; i < count; i++) same &= memcmp(&y[i], "\xcb\xcb\xcb\xcb", 4) == 0;
    CHECK(same, "%s: something was written", what);
}

static void test_errors(void) {
    float *x = check_floats(24), *y = check_alloc(24 * 4), *mean = check_floats(4), *var = check_floats(4), *save = check_alloc(4 * 4);
    char workspace[4096];
    const sn_batchnorm_args good = {.rows = 6, .c = 4, .eps = eps, .momentum = 0.1, .x = x, .y = y, .dy = x, .dx = y, .running_mean = mean, .running_var = var,
                                    .save_mean = save, .save_invstd = save, .workspace = workspace, .workspace_bytes = sizeof workspace};
    sn_batchnorm_args a;
#define WITH(change, status, train, infer, backward)                                                        \
    do {                                                                                                    \
        a = good;                                                                                           \
        a.change;                                                                                           \
        if (train) expect(sn_batchnorm_train(&a), status, "train, " #change, y, 24);                        \
        if (infer) expect(sn_batchnorm_infer(&a), status, "infer, " #change, y, 24);                        \
        if (backward) expect(sn_batchnorm_backward(&a), status, "backward, " #change, y, 24);               \
    } while (0)
    expect(sn_batchnorm_train(NULL), SN_ERR_NULL, "null", y, 24);
    expect(sn_batchnorm_infer(NULL), SN_ERR_NULL, "null", y, 24);
    expect(sn_batchnorm_backward(NULL), SN_ERR_NULL, "null", y, 24);
    WITH(x = NULL, SN_ERR_NULL, 1, 1, 1);
    WITH(y = NULL, SN_ERR_NULL, 1, 1, 0);
    WITH(dy = NULL, SN_ERR_NULL, 0, 0, 1);
    WITH(save_mean = NULL, SN_ERR_NULL, 1, 0, 1);
    WITH(save_invstd = NULL, SN_ERR_NULL, 1, 0, 1);
    WITH(running_mean = NULL, SN_ERR_NULL, 1, 1, 0);
    WITH(running_var = NULL, SN_ERR_NULL, 1, 1, 0);
    WITH(workspace = NULL, SN_ERR_NULL, 1, 0, 1);
    WITH(workspace_bytes = sn_workspace_bytes(SN_OP_BATCHNORM_TRAIN, &good) - 1, SN_ERR_MEMORY, 1, 0, 0);
    WITH(workspace_bytes = sn_workspace_bytes(SN_OP_BATCHNORM_BACKWARD, &good) - 1, SN_ERR_MEMORY, 0, 0, 1);
    WITH(dtype = SN_I32, SN_ERR_DTYPE, 1, 1, 1);
    WITH(dtype = -1, SN_ERR_DTYPE, 1, 1, 1);
    WITH(act = SN_SIGMOID, SN_ERR_CODE, 1, 1, 1);
    WITH(rows = 0, SN_ERR_SIZE, 1, 1, 1);
    WITH(rows = 1, SN_ERR_SIZE, 1, 0, 0);
    WITH(rows = -1, SN_ERR_SIZE, 1, 1, 1);
    WITH(rows = INT64_MAX, SN_ERR_SIZE, 1, 1, 1);
    WITH(c = 0, SN_ERR_SIZE, 1, 1, 1);
    WITH(c = INT64_MAX, SN_ERR_SIZE, 1, 1, 1);
    WITH(eps = NAN, SN_ERR_VALUE, 1, 1, 0);
    WITH(eps = -1e-9, SN_ERR_VALUE, 1, 1, 0);
    WITH(momentum = NAN, SN_ERR_VALUE, 1, 0, 0);
    WITH(momentum = 1.5, SN_ERR_VALUE, 1, 0, 0);
    a = good, a.act = SN_RELU, a.y = NULL;
    expect(sn_batchnorm_backward(&a), SN_ERR_NULL, "backward of ReLU without y", y, 24);
    a = good, a.rows = 1;
    CHECK(sn_workspace_bytes(SN_OP_BATCHNORM_TRAIN, &a) == -SN_ERR_SIZE, "workspace of one row");
    check_free_all();
}

int main(void) {
    RUN(test_shapes);
    RUN(test_long);
    RUN(test_offset);
    RUN(test_constant_and_outlier);
    RUN(test_not_finite);
    RUN(test_errors);
    return check_summary();
}
