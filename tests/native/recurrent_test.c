/* recurrent layers: against a reference in double that follows the equations of sinew.h, its central differences, and f32
 * against f64. */
#include "arrays.h"

enum { DX = 0, DH0 = 1, DC0 = 2, DWEIGHT = 3, DBIAS = 4, GRADIENTS = 5 };

typedef struct {
    int32_t kind, reverse;
    int64_t t, n, h;
    int bias, initial, lengths;
} shape;

static int64_t gates_of(int32_t kind) { return kind == SN_LSTM ? 4 : kind == SN_GRU ? 3 : 1; }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

typedef struct {
    double *gx, *weight, *bias, *h0, *c0;
    int32_t *lengths;
} inputs;

static inputs random_inputs(shape s) {
    const int64_t g = gates_of(s.kind) * s.h;
    inputs in = {check_doubles(s.t * s.n * g), check_doubles(g * s.h), check_doubles(g), check_doubles(s.n * s.h), check_doubles(s.n * s.h),
                 check_alloc(s.n * 4)};
    for (int64_t i = 0; i < g * s.h; i++) in.weight[i] *= 1 / sqrt((double)s.h);
    /* the values an f32 has, so that f32 and f64 see the same */
    double *all[] = {in.gx, in.weight, in.bias, in.h0, in.c0};
    const int64_t counts[] = {s.t * s.n * g, g * s.h, g, s.n * s.h, s.n * s.h};
    for (int k = 0; k < 5; k++)
        for (int64_t i = 0; i < counts[k]; i++) all[k][i] = (float)all[k][i];
    for (int64_t i = 0; i < s.n; i++) in.lengths[i] = (int32_t)check_int(0, s.t);
    return in;
}

/* y [t][n][h], hn, cn [n][h]. */
static void reference(shape s, inputs in, double *y, double *hn, double *cn) {
    const int64_t h = s.h, g = gates_of(s.kind) * h;
    double *hh = malloc((size_t)g * 8);
    memset(y, 0, (size_t)(s.t * s.n * h) * 8);
    for (int64_t n = 0; n < s.n; n++) {
        const int64_t length = s.lengths ? in.lengths[n] : s.t;
        double *state = hn + n * h, *cell = cn + n * h;
        for (int64_t j = 0; j < h; j++) {
            state[j] = s.initial ? in.h0[n * h + j] : 0;
            cell[j] = s.initial ? in.c0[n * h + j] : 0;
        }
        for (int64_t k = 0; k < length; k++) {
            const int64_t t = s.reverse ? length - 1 - k : k;
            const double *gx = in.gx + (t * s.n + n) * g;
            for (int64_t i = 0; i < g; i++) {
                hh[i] = s.bias ? in.bias[i] : 0;
                for (int64_t j = 0; j < h; j++) hh[i] += in.weight[i * h + j] * state[j];
            }
            for (int64_t j = 0; j < h; j++) {
                if (s.kind == SN_LSTM) {
                    cell[j] = sigmoid(gx[h + j] + hh[h + j]) * cell[j] + sigmoid(gx[j] + hh[j]) * tanh(gx[2 * h + j] + hh[2 * h + j]);
                    state[j] = sigmoid(gx[3 * h + j] + hh[3 * h + j]) * tanh(cell[j]);
                } else if (s.kind == SN_GRU) {
                    const double z = sigmoid(gx[h + j] + hh[h + j]), r = sigmoid(gx[j] + hh[j]);
                    state[j] = (1 - z) * tanh(gx[2 * h + j] + r * hh[2 * h + j]) + z * state[j];
                } else {
                    const double x = gx[j] + hh[j];
                    state[j] = s.kind == SN_RNN_TANH ? tanh(x) : x > 0 ? x : 0;
                }
                y[(t * s.n + n) * h + j] = state[j];
            }
        }
    }
    free(hh);
}

static void *as(int32_t dtype, const double *x, int64_t count) {
    void *y = array_new(dtype, count);
    for (int64_t i = 0; i < count; i++) array_set(dtype, y, i, x[i]);
    return y;
}

static void *workspace_for(int32_t code, sn_recurrent_args *a) {
    a->workspace_bytes = sn_workspace_bytes(code, a);
    CHECK(a->workspace_bytes > 0, "workspace %lld", (long long)a->workspace_bytes);
    return a->workspace = check_alloc(a->workspace_bytes);
}

static sn_recurrent_args forward_args(int32_t dtype, shape s, inputs in) {
    const int64_t g = gates_of(s.kind) * s.h, rows = s.t * s.n;
    const int gated = s.kind >= SN_LSTM, lstm = s.kind == SN_LSTM;
    sn_recurrent_args a = {.dtype = dtype, .kind = s.kind, .reverse = s.reverse, .steps = s.t, .batch = s.n, .hidden = s.h};
    a.gx = as(dtype, in.gx, rows * g), a.weight = as(dtype, in.weight, g * s.h);
    if (s.bias) a.bias = as(dtype, in.bias, g);
    if (s.initial) a.h0 = as(dtype, in.h0, s.n * s.h);
    if (s.initial && lstm) a.c0 = as(dtype, in.c0, s.n * s.h);
    if (s.lengths) a.lengths = in.lengths;
    if (gated) a.gates = array_new(dtype, rows * g), a.extra = array_new(dtype, rows * s.h);
    a.y = array_new(dtype, rows * s.h), a.hn = array_new(dtype, s.n * s.h);
    if (lstm) a.cn = array_new(dtype, s.n * s.h);
    return a;
}

static void backward_args(sn_recurrent_args *a, shape s, const double *dy, const double *dhn, const double *dcn) {
    const int64_t g = gates_of(s.kind) * s.h, rows = s.t * s.n;
    a->dy = dy ? as(a->dtype, dy, rows * s.h) : NULL, a->dhn = dhn ? as(a->dtype, dhn, s.n * s.h) : NULL;
    a->dcn = dcn && s.kind == SN_LSTM ? as(a->dtype, dcn, s.n * s.h) : NULL;
    a->dgx = array_new(a->dtype, rows * g), a->dh0 = array_new(a->dtype, s.n * s.h);
    if (s.kind == SN_LSTM) a->dc0 = array_new(a->dtype, s.n * s.h);
    a->dweight = array_new(a->dtype, g * s.h), a->dbias = array_new(a->dtype, g);
}

/* Rounding errors of every step pass on to the later ones; the states are at most about 1. */
static double tolerance(int32_t dtype, shape s) { return unit_of(dtype) * (double)s.t * (32 + 4 * sqrt((double)s.h)); }

static double loss_of(shape s, inputs in, const double *dy, const double *dhn, const double *dcn) {
    double *y = malloc((size_t)(s.t * s.n * s.h) * 8), *hn = malloc((size_t)(s.n * s.h) * 8), *cn = malloc((size_t)(s.n * s.h) * 8),
        sum = 0;
    reference(s, in, y, hn, cn);
    for (int64_t i = 0; dy && i < s.t * s.n * s.h; i++) sum += dy[i] * y[i];
    for (int64_t i = 0; dhn && i < s.n * s.h; i++) sum += dhn[i] * hn[i];
    for (int64_t i = 0; dcn && s.kind == SN_LSTM && i < s.n * s.h; i++) sum += dcn[i] * cn[i];
    free(y), free(hn), free(cn);
    return sum;
}

static void differences(shape s, inputs in, const double *dy, const double *dhn, const double *dcn, const sn_recurrent_args *a) {
    const int64_t g = gates_of(s.kind) * s.h;
    double *by[GRADIENTS] = {in.gx, s.initial ? in.h0 : NULL, s.initial && s.kind == SN_LSTM ? in.c0 : NULL, in.weight, s.bias ? in.bias
        : NULL};
    const double *found[GRADIENTS] = {a->dgx, a->dh0, a->dc0, a->dweight, a->dbias};
    const int64_t counts[GRADIENTS] = {s.t * s.n * g, s.n * s.h, s.n * s.h, g * s.h, g};
    for (int k = 0; k < GRADIENTS; k++)
        for (int trial = 0; by[k] && trial < 12; trial++) {
            const int64_t i = check_int(0, counts[k] - 1);
            const double was = by[k][i], step = 1e-6;
            by[k][i] = was + step;
            const double up = loss_of(s, in, dy, dhn, dcn);
            by[k][i] = was - step;
            const double numeric = (up - loss_of(s, in, dy, dhn, dcn)) / (2 * step);
            by[k][i] = was;
            CHECK(fabs(found[k][i] - numeric) <= 1e-5 + 1e-4 * fabs(numeric),
                "kind %d, reverse %d, lengths %d, gradient %d: %g, differences %g", s.kind,
                  s.reverse, s.lengths, k, found[k][i], numeric);
        }
}

static void same_gradients(shape s, const sn_recurrent_args *exact, const sn_recurrent_args *a, int isa) {
    const int64_t g = gates_of(s.kind) * s.h;
    const double *expected[GRADIENTS] = {exact->dgx, exact->dh0, exact->dc0, exact->dweight, exact->dbias};
    const void *found[GRADIENTS] = {a->dgx, a->dh0, a->dc0, a->dweight, a->dbias};
    const int64_t counts[GRADIENTS] = {s.t * s.n * g, s.n * s.h, s.n * s.h, g * s.h, g};
    for (int k = 0; k < GRADIENTS; k++) {
        if (!expected[k]) continue;
        double largest = 1;
        for (int64_t i = 0; i < counts[k]; i++) largest = fmax(largest, fabs(expected[k][i]));
        CHECK_ARRAY(SN_F32, found[k], expected[k], counts[k], 0, largest * 4 * tolerance(SN_F32, s), isa,
            "kind %d, reverse %d, gradient %d", s.kind, s.reverse, k);
    }
}

static void one(shape s) {
    const inputs in = random_inputs(s);
    const int64_t rows = s.t * s.n;
    double *y = check_alloc(rows * s.h * 8), *hn = check_alloc(s.n * s.h * 8), *cn = check_alloc(s.n * s.h * 8);
    reference(s, in, y, hn, cn);
    const int which = (int)check_int(1, 7);
    double *dy = which & 1 ? check_doubles(rows * s.h) : NULL, *dhn = which & 2 ? check_doubles(s.n * s.h) : NULL, *dcn = which & 4
        ? check_doubles(s.n * s.h) : NULL;
    sn_recurrent_args exact = {0};
    for (int32_t dtype = SN_F64; dtype >= SN_F32; dtype--)
        FOR_EACH_ISA(isa) {
            sn_recurrent_args a = forward_args(dtype, s, in);
            workspace_for(SN_OP_RECURRENT_FORWARD, &a);
            CHECK_RUN(SN_OP_RECURRENT_FORWARD, a, isa);
            const double bound = tolerance(dtype, s);
            CHECK_ARRAY(dtype, a.y, y, rows * s.h, bound, bound, isa, "y, kind %d, reverse %d, t %lld, n %lld, h %lld", s.kind, s.reverse,
                (long long)s.t,
                        (long long)s.n, (long long)s.h);
            CHECK_ARRAY(dtype, a.hn, hn, s.n * s.h, bound, bound, isa, "hn, kind %d", s.kind);
            if (s.kind == SN_LSTM) CHECK_ARRAY(dtype, a.cn, cn, s.n * s.h, bound, bound, isa, "cn");
            backward_args(&a, s, dy, dhn, dcn);
            workspace_for(SN_OP_RECURRENT_BACKWARD, &a);
            CHECK_RUN(SN_OP_RECURRENT_BACKWARD, a, isa);
            if (dtype == SN_F64 && isa == 0) {
                exact = a;
                differences(s, in, dy, dhn, dcn, &a);
            }
            if (dtype == SN_F32 && s.kind != SN_RNN_RELU) same_gradients(s, &exact, &a, isa);
        }
    check_free_all();
}

static void shapes(void) {
    const int64_t sizes[][3] = {{1, 1, 1}, {1, 3, 5}, {2, 1, 16}, {5, 4, 7}, {4, 2, 17}, {3, 5, 33}, {9, 3, 8}, {6, 30, 20}};
    for (int32_t kind = 0; kind < 4; kind++)
        for (int reverse = 0; reverse < 2; reverse++)
            for (int lengths = 0; lengths < 2; lengths++)
                for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
                    one((shape){kind, reverse, sizes[k][0], sizes[k][1], sizes[k][2], k % 3 != 1, (k + (size_t)reverse) % 2 == 0, lengths});
}

/* gates in the place of gx, y in its place, dgx in that of the gates: the same bits. */
static void in_place(void) {
    FOR_EACH_ISA(isa)
        for (int32_t kind = 0; kind < 4; kind++) {
            const shape s = {kind, 1, 5, 3, 19, 1, 1, 1};
            const inputs in = random_inputs(s);
            const int64_t rows = s.t * s.n, g = gates_of(kind) * s.h;
            double *dy = check_doubles(rows * s.h);
            sn_recurrent_args a = forward_args(SN_F32, s, in), b = forward_args(SN_F32, s, in);
            if (kind >= SN_LSTM) b.gates = (void *)b.gx;
            else b.y = (void *)b.gx;
            workspace_for(SN_OP_RECURRENT_FORWARD, &a), workspace_for(SN_OP_RECURRENT_FORWARD, &b);
            CHECK_RUN(SN_OP_RECURRENT_FORWARD, a, isa);
            CHECK_RUN(SN_OP_RECURRENT_FORWARD, b, isa);
            CHECK(!memcmp(a.y, b.y, (size_t)(rows * s.h) * 4), "y in place, kind %d", kind);
            backward_args(&a, s, dy, NULL, NULL), backward_args(&b, s, dy, NULL, NULL);
            if (kind >= SN_LSTM) b.dgx = b.gates;
            workspace_for(SN_OP_RECURRENT_BACKWARD, &a), workspace_for(SN_OP_RECURRENT_BACKWARD, &b);
            CHECK_RUN(SN_OP_RECURRENT_BACKWARD, a, isa);
            CHECK_RUN(SN_OP_RECURRENT_BACKWARD, b, isa);
            CHECK(!memcmp(a.dgx, b.dgx, (size_t)(rows * g) * 4), "dgx in place, kind %d", kind);
            CHECK(!memcmp(a.dweight, b.dweight, (size_t)(g * s.h) * 4), "dweight in place, kind %d", kind);
            check_free_all();
        }
}

static void threads(void) {
    for (int32_t kind = SN_RNN_RELU; kind < 4; kind++) {
        const shape s = {kind, 0, 7, 61, 130, 1, 1, 1};
        const inputs in = random_inputs(s);
        const int64_t rows = s.t * s.n, g = gates_of(kind) * s.h;
        double *dy = check_doubles(rows * s.h);
        FOR_EACH_ISA(isa) {
            sn_recurrent_args a = forward_args(SN_F32, s, in);
            workspace_for(SN_OP_RECURRENT_FORWARD, &a);
            check_threads(SN_OP_RECURRENT_FORWARD, &a, isa, a.y, rows * s.h * 4, "y");
            backward_args(&a, s, dy, NULL, NULL);
            workspace_for(SN_OP_RECURRENT_BACKWARD, &a);
            check_threads(SN_OP_RECURRENT_BACKWARD, &a, isa, a.dgx, rows * g * 4, "dgx");
            check_threads(SN_OP_RECURRENT_BACKWARD, &a, isa, a.dweight, g * s.h * 4, "dweight");
        }
        check_free_all();
    }
}

/* What lies behind a sample's end plays no part, NaN or not; a NaN within it stays in its sample. */
static void padding_and_nan(void) {
    FOR_EACH_ISA(isa)
        for (int32_t kind = 0; kind < 4; kind++)
            for (int reverse = 0; reverse < 2; reverse++) {
                const shape s = {kind, reverse, 4, 3, 9, 1, 0, 1};
                inputs in = random_inputs(s);
                const int64_t g = gates_of(kind) * s.h;
                in.lengths[0] = 2, in.lengths[1] = 4, in.lengths[2] = 4;
                for (int64_t i = 0; i < g; i++) in.gx[3 * s.n * g + i] = NAN, in.gx[(1 * s.n + 2) * g + i] = NAN;
                sn_recurrent_args a = forward_args(SN_F32, s, in);
                workspace_for(SN_OP_RECURRENT_FORWARD, &a);
                CHECK_RUN(SN_OP_RECURRENT_FORWARD, a, isa);
                for (int64_t j = 0; j < s.h; j++) {
                    const float *y = a.y, *hn = a.hn;
                    CHECK(y[3 * s.n * s.h + j] == 0 && isfinite(hn[j]) && isfinite(hn[s.h + j]), "padding");
                    CHECK(isnan(hn[2 * s.h + j]) && isnan(y[(s.n + 2) * s.h + j]), "NaN is kept, kind %d", kind);
                }
                check_free_all();
            }
}

static void errors(void) {
    const shape s = {SN_LSTM, 0, 2, 2, 3, 1, 1, 1};
    const inputs in = random_inputs(s);
    sn_recurrent_args good = forward_args(SN_F32, s, in);
    backward_args(&good, s, in.gx, in.gx, in.gx);
    good.workspace_bytes = 1 << 16;
    good.workspace = check_alloc(good.workspace_bytes);
    sn_recurrent_args a = good;
    CHECK(sn_recurrent_forward(NULL) == SN_ERR_NULL && sn_recurrent_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                             \
    do {                                                           \
        CHECK_ERROR(sn_recurrent_forward, a, status, a.y, 48);     \
        CHECK_ERROR(sn_recurrent_backward, a, status, a.dgx, 192); \
        a = good;                                                  \
    } while (0)
    a.weight = NULL;
    EXPECT(SN_ERR_NULL);
    a.gates = NULL;
    EXPECT(SN_ERR_NULL);
    a.extra = NULL;
    EXPECT(SN_ERR_NULL);
    a.cn = a.dc0 = NULL;
    EXPECT(SN_ERR_NULL);
    a.hn = a.dh0 = NULL;
    EXPECT(SN_ERR_NULL);
    a.workspace = NULL;
    EXPECT(SN_ERR_NULL);
    a.workspace_bytes = 63;
    EXPECT(SN_ERR_MEMORY);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.kind = 4;
    EXPECT(SN_ERR_CODE);
    a.kind = -1;
    EXPECT(SN_ERR_CODE);
    a.reverse = 2;
    EXPECT(SN_ERR_VALUE);
    a.steps = 0;
    EXPECT(SN_ERR_SIZE);
    a.batch = -1;
    EXPECT(SN_ERR_SIZE);
    a.hidden = INT64_C(1) << 40;
    EXPECT(SN_ERR_SIZE);
    CHECK(sn_workspace_bytes(SN_OP_RECURRENT_FORWARD, &(sn_recurrent_args){.dtype = SN_F32, .kind = 9}) == -SN_ERR_CODE,
        "size of a bad one");
    in.lengths[1] = 3;
    EXPECT(SN_ERR_VALUE);
    in.lengths[1] = -1;
    EXPECT(SN_ERR_VALUE);
    check_free_all();
}

int main(void) {
    RUN(shapes);
    RUN(in_place);
    RUN(threads);
    RUN(padding_and_nan);
    RUN(errors);
    return check_summary();
}
