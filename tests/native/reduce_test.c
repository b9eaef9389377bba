#include "check.h"

typedef struct {
    int32_t dims;
    int64_t shape[8];
    int32_t reduced[8];
} layout;

static const char *const kind_name[] = {"sum", "mean", "max", "argmax"};

static int64_t elements(const layout *l, int which) { /* 0 kept, 1 reduced, 2 all */
    int64_t n = 1;
    for (int32_t d = 0; d < l->dims; d++)
        if (which == 2 || (l->reduced[d] != 0) == which) n *= l->shape[d];
    return n;
}

/* For each element of x the output and the position it goes to. */
static void locate(const layout *l, int64_t i, int64_t *output, int64_t *position) {
    int64_t index[8];
    for (int32_t d = l->dims - 1; d >= 0; d--) index[d] = i % l->shape[d], i /= l->shape[d];
    *output = *position = 0;
    for (int32_t d = 0; d < l->dims; d++) {
        int64_t *to = l->reduced[d] ? position : output;
        *to = *to * l->shape[d] + index[d];
    }
}

/* sum: f32 is at most some 30 roundings of the sum of magnitudes. */
static void check_data(const layout *l, const float *x, const char *what) {
    const int64_t n = elements(l, 2), outputs = elements(l, 0), length = elements(l, 1);
    double *dx = check_widen(x, n), *sum = check_alloc(outputs * 8), *magnitude = check_alloc(outputs * 8), *max = check_alloc(outputs * 8);
    int32_t *arg = check_alloc(outputs * 4);
    for (int64_t o = 0; o < outputs; o++) sum[o] = magnitude[o] = 0, max[o] = -INFINITY, arg[o] = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t o, p;
        locate(l, i, &o, &p);
        sum[o] += dx[i], magnitude[o] += fabs(dx[i]);
        if (!isnan(max[o]) && (dx[i] > max[o] || isnan(dx[i]))) max[o] = dx[i], arg[o] = (int32_t)p;
    }
    for (int kind = 0; kind < 4; kind++) {
        float *y = check_alloc(outputs * 4), *kept = check_alloc(outputs * 4), *once = check_alloc(outputs * 4);
        double *dy = check_alloc(outputs * 8);
        sn_reduce_args a = {.dtype = SN_F32, .kind = kind, .dims = l->dims, .x = x, .y = y}, b;
        memcpy(a.shape, l->shape, sizeof l->shape);
        memcpy(a.reduced, l->reduced, sizeof l->reduced);
        a.workspace_bytes = sn_workspace_bytes(SN_OP_REDUCE, &a);
        CHECK(a.workspace_bytes >= 0, "workspace %lld", (long long)a.workspace_bytes);
        if (a.workspace_bytes) a.workspace = check_alloc(a.workspace_bytes);
        b = a, b.dtype = SN_F64, b.x = dx, b.y = dy;
        int first = 1;
        FOR_EACH_ISA(isa)
            for (int32_t threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                memset(y, 0xcb, (size_t)outputs * 4), memset(dy, 0xcb, (size_t)outputs * 8);
                if (a.workspace) memset(a.workspace, 0xcb, (size_t)a.workspace_bytes);
                CHECK_RUN(SN_OP_REDUCE, a, isa);
                CHECK_RUN(SN_OP_REDUCE, b, isa);
                int ok = 1, ok64 = 1;
                for (int64_t o = 0; o < outputs; o++) {
                    if (kind == SN_ARGMAX) {
                        ok &= ((int32_t *)y)[o] == arg[o];
                        ok64 &= ((int32_t *)dy)[o] == arg[o];
                        continue;
                    }
                    const double divisor = kind == SN_MEAN ? (double)length : 1, e = kind == SN_MAX ? max[o] : sum[o] / divisor;
                    const double atol = kind == SN_MAX ? 0 : magnitude[o] / divisor * 30 * 6e-8 * (length > 1);
                    const double atol64 = kind == SN_MAX ? 0 : magnitude[o] / divisor * 1e-15 * (1 + (double)length / 1000);
                    const int same = isnan(e) ? isnan(y[o]) && isnan(dy[o]) : isinf(e) && y[o] == e && dy[o] == e;
                    ok &= same || fabs(y[o] - e) <= atol + 6e-8 * fabs(e);
                    ok64 &= same || fabs(dy[o] - e) <= atol64;
                }
                CHECK(ok, "%s of %s, %s, %d threads", kind_name[kind], what, sn_isa_name(isa), threads);
                CHECK(ok64, "f64 %s of %s", kind_name[kind], what);
                if (threads == 1) memcpy(once, y, (size_t)outputs * 4);
                CHECK(memcmp(once, y, (size_t)outputs * 4) == 0, "%s of %s on %s: the bits depend on %d threads", kind_name[kind], what, sn_isa_name(isa), threads);
                if (first) memcpy(kept, y, (size_t)outputs * 4);
                first = 0;
                int same_bits = 1; /* which NaN it is, the compiler decides by its choice of operand order */
                for (int64_t o = 0; o < outputs; o++)
                    same_bits &= memcmp(&kept[o], &y[o], 4) == 0 || (kind != SN_ARGMAX && isnan(kept[o]) && isnan(y[o]));
                CHECK(same_bits, "%s of %s: the bits depend on %s", kind_name[kind], what, sn_isa_name(isa));
            }
    }
}

static void check_layout(const layout *l) {
    char text[160] = "";
    for (int32_t d = 0; d < l->dims; d++) snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld", l->reduced[d] ? " R" : " ", (long long)l->shape[d]);
    const int64_t n = elements(l, 2);
    float *x = check_floats(n);
    check_data(l, x, text);
    for (int64_t i = 0; i < n; i++) x[i] = (float)check_int(-3, 3); /* many equal values */
    if (n > 5) x[check_int(0, n - 1)] = NAN, x[check_int(0, n - 1)] = INFINITY, x[check_int(0, n - 1)] = -INFINITY, x[check_int(0, n - 1)] = NAN;
    strcat(text, " with NaN");
    check_data(l, x, text);
    check_free_all();
}

static const int64_t lengths[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129, 1009, 1024, 1025, 4099};

static void test_vectors(void) {
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        check_layout(&(layout){1, {lengths[i]}, {1}});
        check_layout(&(layout){1, {lengths[i]}, {0}});
    }
    check_layout(&(layout){1, {1000003}, {1}});
    check_layout(&(layout){0, {0}, {0}});
}

static void test_rows_and_columns(void) {
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int64_t other = 1; other < 150; other = other * 3 + 1) {
            check_layout(&(layout){2, {other, lengths[i]}, {0, 1}});
            check_layout(&(layout){2, {other, lengths[i]}, {1, 0}});
            check_layout(&(layout){2, {lengths[i], other}, {1, 0}});
        }
    check_layout(&(layout){2, {7, 60013}, {0, 1}});
    check_layout(&(layout){2, {60013, 7}, {1, 0}});
    check_layout(&(layout){2, {3001, 64}, {1, 0}});
    check_layout(&(layout){2, {101, 2500}, {1, 0}});
    check_layout(&(layout){2, {9, 20011}, {1, 0}});
}

static void test_images(void) {
    check_layout(&(layout){4, {5, 7, 9, 13}, {1, 1, 1, 0}}); /* channels-last, over all but the channels */
    check_layout(&(layout){4, {5, 13, 7, 9}, {1, 0, 1, 1}}); /* channels-first */
    check_layout(&(layout){4, {16, 13, 40, 50}, {1, 0, 1, 1}});
    check_layout(&(layout){4, {16, 40, 50, 13}, {1, 1, 1, 0}});
    check_layout(&(layout){4, {16, 7, 7, 96}, {0, 1, 1, 0}});
    check_layout(&(layout){5, {3, 4, 5, 6, 7}, {1, 0, 1, 0, 1}});
    check_layout(&(layout){5, {3, 4, 5, 6, 7}, {0, 1, 0, 1, 0}});
}

static void test_random_layouts(void) {
    for (int k = 0; k < 150; k++) {
        layout l = {.dims = (int32_t)check_int(1, 8)};
        for (int32_t d = 0; d < l.dims; d++) l.shape[d] = check_int(1, l.dims > 5 ? 4 : 8), l.reduced[d] = (int32_t)check_int(0, 1);
        check_layout(&l);
    }
}

/* The error of a sum of equal terms must not grow with their number. */
static void test_long_sum(void) {
    enum { N = 1 << 23 };
    float *x = check_alloc(N * 4), y = 0;
    for (int i = 0; i < N; i++) x[i] = 0.1f;
    sn_reduce_args a = {.dtype = SN_F32, .kind = SN_SUM, .dims = 1, .shape = {N}, .reduced = {1}, .x = x, .y = &y};
    a.workspace_bytes = sn_workspace_bytes(SN_OP_REDUCE, &a);
    a.workspace = check_alloc(a.workspace_bytes);
    FOR_EACH_ISA(isa) {
        CHECK_RUN(SN_OP_REDUCE, a, isa);
        CHECK(fabs(y / ((double)0.1f * N) - 1) < 22 * 6e-8, "sum of %d tenths: %.9g", N, y);
    }
    check_free_all();
}

static void test_empty(void) {
    float x[1], y[3] = {7, 7, 7};
    sn_reduce_args a = {.dtype = SN_F32, .kind = SN_SUM, .dims = 2, .shape = {3, 0}, .reduced = {0, 1}, .x = x, .y = y};
    CHECK(sn_reduce(&a) == SN_OK && y[0] == 0 && y[2] == 0, "sum of nothing");
    a.kind = SN_MEAN;
    CHECK(sn_reduce(&a) == SN_OK && isnan(y[0]) && isnan(y[2]), "mean of nothing");
    a.kind = SN_MAX;
    CHECK(sn_reduce(&a) == SN_ERR_SIZE, "max of nothing");
    a.kind = SN_ARGMAX;
    CHECK(sn_reduce(&a) == SN_ERR_SIZE, "argmax of nothing");
    a.reduced[0] = 1, a.reduced[1] = 0;
    CHECK(sn_reduce(&a) == SN_OK, "no outputs");
}

static void test_errors(void) {
    float *x = check_floats(200000), y[4] = {7, 7, 7, 7};
    const sn_reduce_args good = {.dtype = SN_F32, .kind = SN_SUM, .dims = 2, .shape = {2, 2}, .reduced = {0, 1}, .x = x, .y = y};
    sn_reduce_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_reduce(&a) == (status), #change))
    CHECK(sn_reduce(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.x = NULL, SN_ERR_NULL);
    ERROR(a.y = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.kind = 4, SN_ERR_CODE);
    ERROR(a.kind = -1, SN_ERR_CODE);
    ERROR(a.dims = 9, SN_ERR_SIZE);
    ERROR(a.dims = -1, SN_ERR_SIZE);
    ERROR(a.shape[1] = -2, SN_ERR_SIZE);
    ERROR((a.shape[0] = 1 << 30, a.shape[1] = 1 << 30), SN_ERR_SIZE);
    ERROR((a.kind = SN_ARGMAX, a.shape[1] = INT64_C(1) << 31), SN_ERR_SIZE);
    ERROR((a.dims = 3, a.shape[0] = a.shape[2] = INT64_C(1) << 40, a.shape[1] = 0, a.reduced[1] = 1), SN_ERR_SIZE);
    a = good, a.dims = 9;
    CHECK(sn_workspace_bytes(SN_OP_REDUCE, &a) == -SN_ERR_SIZE, "workspace of bad sizes");
    a = good, a.dims = 1, a.shape[0] = 200000, a.reduced[0] = 1;
    const int64_t bytes = sn_workspace_bytes(SN_OP_REDUCE, &a);
    CHECK(bytes > 0, "no workspace for a long sum");
    a.workspace_bytes = bytes;
    CHECK(sn_reduce(&a) == SN_ERR_NULL, "no workspace");
    a.workspace = check_alloc(bytes), a.workspace_bytes = bytes - 1;
    CHECK(sn_reduce(&a) == SN_ERR_MEMORY, "small workspace");
    CHECK(y[0] == 7 && y[3] == 7, "an error wrote");
    check_free_all();
}

int main(void) {
    RUN(test_vectors);
    RUN(test_rows_and_columns);
    RUN(test_images);
    RUN(test_random_layouts);
    RUN(test_long_sum);
    RUN(test_empty);
    RUN(test_errors);
    return check_summary();
}
