#include "check.h"

enum { KINDS = 9 };
static const char *const kind_name[KINDS] = {"add", "sub", "mul", "div", "maximum", "minimum", "pow", "equal", "greater"};

static double expected(int kind, double a, double b) {
    switch (kind) {
    case SN_ADD: return a + b;
    case SN_SUB: return a - b;
    case SN_MUL: return a * b;
    case SN_DIV: return a / b;
    case SN_MAXIMUM: return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
    case SN_MINIMUM: return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
    case SN_POW: return pow(a, b);
    case SN_EQUAL: return a == b;
    default: return a > b;
    }
}

typedef struct {
    int32_t dims;
    int64_t shape[8], stride_a[8], stride_b[8];
} layout;

static int64_t offset(const layout *l, const int64_t *stride, int64_t position) {
    int64_t o = 0;
    for (int32_t d = l->dims - 1; d >= 0; d--) {
        o += position % l->shape[d] * stride[d];
        position /= l->shape[d];
    }
    return o;
}

static int64_t extent(const layout *l, const int64_t *stride) {
    int64_t e = 1;
    for (int32_t d = 0; d < l->dims; d++) e += (l->shape[d] - 1) * stride[d];
    return e;
}

static float sample(int kind, int which) {
    static const float special[] = {0, -0.0f, 1, -1, 2, 0.5f};
    if (kind == SN_POW) return which ? (float)(3 * check_uniform()) : (float)(check_uniform() + 1.5);
    if (check_int(0, 3) == 0) return special[check_int(0, 5)]; /* so that some are equal */
    return (float)check_uniform();
}

/* Compares both types on every ISA; x87-free IEEE operations must agree to the bit with the rounded reference. */
static void check_layout(const layout *l, int kind, const char *what) {
    int64_t count = 1;
    for (int32_t d = 0; d < l->dims; d++) count *= l->shape[d];
    if (count == 0) return;
    const int64_t na = extent(l, l->stride_a), nb = extent(l, l->stride_b);
    float *a = check_alloc(na * 4), *b = check_alloc(nb * 4), *y = check_alloc(count * 4);
    for (int64_t i = 0; i < na; i++) a[i] = sample(kind, 0);
    for (int64_t i = 0; i < nb; i++) b[i] = sample(kind, 1);
    double *da = check_widen(a, na), *db = check_widen(b, nb), *dy = check_alloc(count * 8), *r = check_alloc(count * 8);
    for (int64_t i = 0; i < count; i++) r[i] = expected(kind, a[offset(l, l->stride_a, i)], b[offset(l, l->stride_b, i)]);
    sn_binary_args args = {.dtype = SN_F32, .kind = kind, .dims = l->dims, .a = a, .b = b, .y = y}, args64;
    memcpy(args.shape, l->shape, sizeof l->shape);
    memcpy(args.stride_a, l->stride_a, sizeof l->shape);
    memcpy(args.stride_b, l->stride_b, sizeof l->shape);
    args64 = args;
    args64.dtype = SN_F64, args64.a = da, args64.b = db, args64.y = dy;
    FOR_EACH_ISA(isa) {
        memset(y, 0xcb, (size_t)count * 4), memset(dy, 0xcb, (size_t)count * 8);
        CHECK_RUN(SN_OP_BINARY, args, isa);
        CHECK_RUN(SN_OP_BINARY, args64, isa);
        CHECK_CLOSE(y, r, count, kind == SN_POW ? 1.2e-7 : 6e-8, 0, "%s, %s, %s", what, kind_name[kind], sn_isa_name(isa));
        int ok = 1;
        for (int64_t i = 0; i < count; i++) ok &= dy[i] == r[i] || (isnan(dy[i]) && isnan(r[i]));
        CHECK(ok, "%s, %s, f64", what, kind_name[kind]);
    }
    check_free_all();
}

static const int64_t lengths[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 1009};

static void test_vectors(void) {
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
        for (int kind = 0; kind < KINDS; kind++) {
            for (int64_t sa = 0; sa < 4; sa++)
                for (int64_t sb = 0; sb < 3; sb++) {
                    const layout l = {1, {lengths[n]}, {sa}, {sb}};
                    char text[80];
                    snprintf(text, sizeof text, "[%lld] strides %lld %lld", (long long)lengths[n], (long long)sa, (long long)sb);
                    check_layout(&l, kind, text);
                }
        }
    const layout large = {1, {50021}, {1}, {1}}, scalar = {1, {50021}, {1}, {0}}, rscalar = {1, {50021}, {0}, {1}};
    for (int kind = 0; kind < KINDS; kind++) check_layout(&large, kind, "large"), check_layout(&scalar, kind, "large, scalar"), check_layout(&rscalar, kind, "scalar, large");
}

static void test_broadcasts(void) {
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
        for (int64_t rows = 1; rows < 200; rows = rows * 3 + 2)
            for (int kind = 0; kind < KINDS; kind++) {
                const int64_t c = lengths[n];
                const layout row = {2, {rows, c}, {c, 1}, {0, 1}}, column = {2, {rows, c}, {c, 1}, {1, 0}};
                const layout row_a = {2, {rows, c}, {0, 1}, {c, 1}}, column_a = {2, {rows, c}, {1, 0}, {c, 1}};
                const layout outer = {2, {rows, c}, {1, 0}, {0, 1}}, transposed = {2, {rows, c}, {c, 1}, {1, rows}}, padded = {2, {rows, c}, {c + 3, 1}, {c, 1}};
                check_layout(&row, kind, "row broadcast");
                check_layout(&column, kind, "column broadcast");
                check_layout(&row_a, kind, "row broadcast of a");
                check_layout(&column_a, kind, "column broadcast of a");
                check_layout(&outer, kind, "outer");
                check_layout(&transposed, kind, "transposed");
                check_layout(&padded, kind, "rows apart");
            }
    const layout wide = {2, {3, 40009}, {40009, 1}, {0, 1}}, tall = {2, {40009, 3}, {3, 1}, {1, 0}}, channel = {3, {20, 30, 64}, {1920, 64, 1}, {64, 0, 1}};
    for (int kind = 0; kind < KINDS; kind++) check_layout(&wide, kind, "wide"), check_layout(&tall, kind, "tall"), check_layout(&channel, kind, "channels");
}

static void test_random_layouts(void) {
    for (int k = 0; k < 400; k++) {
        layout l = {.dims = (int32_t)check_int(0, 8)};
        for (int operand = 0; operand < 2; operand++) {
            int64_t *stride = operand ? l.stride_b : l.stride_a, next = 1;
            for (int32_t d = l.dims - 1; d >= 0; d--) {
                if (!operand) l.shape[d] = check_int(1, l.dims > 4 ? 4 : 9);
                stride[d] = check_int(0, 4) == 0 ? 0 : next + (check_int(0, 9) == 0);
                if (stride[d]) next = stride[d] * l.shape[d];
            }
        }
        check_layout(&l, k % KINDS, "random layout");
    }
}

static void test_special_values(void) {
    static const float v[] = {0, -0.0f, 1, -1, NAN, INFINITY, -INFINITY, 3e38f, 2e-38f};
    enum { V = 9, N = V * V * 3 };
    float a[N], b[N], y[N];
    for (int i = 0; i < N; i++) a[i] = v[i % V], b[i] = v[i / V % V];
    for (int kind = 0; kind < KINDS; kind++)
        FOR_EACH_ISA(isa) {
            sn_binary_args args = {.dtype = SN_F32, .kind = kind, .dims = 1, .shape = {N}, .stride_a = {1}, .stride_b = {1}, .a = a, .b = b, .y = y};
            CHECK_RUN(SN_OP_BINARY, args, isa);
            for (int i = 0; i < N; i++) {
                const float e = kind == SN_POW ? powf(a[i], b[i]) : (float)expected(kind, a[i], b[i]);
                const int flushed = fabsf(e) < 1.2e-38f; /* sn_run treats subnormals as zero */
                CHECK(flushed ? fabsf(y[i]) < 1.2e-38f : y[i] == e || (isnan(y[i]) && isnan(e)), "%s(%g, %g) = %g on %s", kind_name[kind], a[i], b[i], y[i], sn_isa_name(isa));
            }
        }
}

static void test_in_place_and_threads(void) {
    enum { ROWS = 301, COLS = 333, N = ROWS * COLS };
    float *a = check_floats(N), *b = check_floats(COLS);
    FOR_EACH_ISA(isa)
        for (int kind = 0; kind < KINDS; kind++) {
            float *first = NULL;
            for (int32_t threads = 0; threads <= 3; threads++) {
                sn_set_threads(threads ? threads : 1);
                float *y = check_alloc(N * 4);
                memcpy(y, a, N * 4);
                sn_binary_args args = {.dtype = SN_F32, .kind = kind, .dims = 2, .shape = {ROWS, COLS}, .stride_a = {COLS, 1}, .stride_b = {0, 1}, .a = threads ? y : a, .b = b, .y = y};
                CHECK_RUN(SN_OP_BINARY, args, isa);
                if (!first) first = y;
                CHECK(memcmp(first, y, N * 4) == 0, "%s in place, %d threads, %s", kind_name[kind], threads, sn_isa_name(isa));
            }
        }
    check_free_all();
}

static void test_errors(void) {
    float a[4] = {1, 2, 3, 4}, y[4] = {7, 7, 7, 7};
    const sn_binary_args good = {.dtype = SN_F32, .kind = SN_ADD, .dims = 2, .shape = {2, 2}, .stride_a = {2, 1}, .stride_b = {2, 1}, .a = a, .b = a, .y = y};
    sn_binary_args e;
#define ERROR(change, status) (e = good, (change), CHECK(sn_binary(&e) == (status), #change))
    CHECK(sn_binary(NULL) == SN_ERR_NULL, "null args");
    ERROR(e.a = NULL, SN_ERR_NULL);
    ERROR(e.b = NULL, SN_ERR_NULL);
    ERROR(e.y = NULL, SN_ERR_NULL);
    ERROR(e.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(e.kind = 9, SN_ERR_CODE);
    ERROR(e.kind = -1, SN_ERR_CODE);
    ERROR(e.dims = 9, SN_ERR_SIZE);
    ERROR(e.dims = -1, SN_ERR_SIZE);
    ERROR(e.shape[0] = -1, SN_ERR_SIZE);
    ERROR((e.shape[0] = INT64_MAX, e.shape[1] = 4), SN_ERR_SIZE);
    ERROR(e.stride_a[0] = -1, SN_ERR_SIZE);
    ERROR(e.stride_b[1] = INT64_MAX, SN_ERR_SIZE);
    ERROR(e.shape[1] = 0, SN_OK);
    CHECK(y[0] == 7 && y[3] == 7, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_vectors);
    RUN(test_broadcasts);
    RUN(test_random_layouts);
    RUN(test_special_values);
    RUN(test_in_place_and_threads);
    RUN(test_errors);
    return check_summary();
}
