/* unary against double formulas, on every ISA: random and extreme arguments, in place, errors. */
#include "arrays.h"

static const int64_t sizes[] = {1, 2, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 97, 257, 1021};
enum { SIZES = sizeof sizes / sizeof *sizes, KINDS = SN_STEP + 1 };

static const char *const kind_names[KINDS] = {"identity", "relu", "sigmoid", "tanh", "leaky_relu", "elu", "gelu", "gelu_tanh",
                                              "exp", "log", "sqrt", "square", "abs", "affine", "reciprocal", "sign", "silu", "mish", "softplus", "softsign", "clamp",
                                              "hard_swish", "threshold", "hard_shrink", "soft_shrink", "step"};

static double sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }

static double forward(int kind, double x, double alpha, double beta) {
    const double root = sqrt(2 / M_PI);
    switch (kind) {
    case SN_RELU: return x < 0 ? 0 : x;
    case SN_SIGMOID: return sigmoid(x);
    case SN_TANH: return tanh(x);
    case SN_LEAKY_RELU: return x > 0 ? x : alpha * x;
    case SN_ELU: return x > 0 ? x : alpha * expm1(x);
    case SN_GELU: return x * erfc(-x / sqrt(2)) / 2;
    case SN_GELU_TANH: return fabs(x) > 50 ? x * (x > 0 ? 1 : x < 0 ? 0 : x) : x * sigmoid(2 * root * (x + 0.044715 * x * x * x));
    case SN_EXP: return exp(x);
    case SN_LOG: return log(x);
    case SN_SQRT: return sqrt(x);
    case SN_SQUARE: return x * x;
    case SN_ABS: return fabs(x);
    case SN_AFFINE: return alpha * x + beta;
    case SN_RECIPROCAL: return 1 / x;
    case SN_SIGN: return isnan(x) ? x : (x > 0) - (x < 0);
    case SN_SILU: return x * sigmoid(x);
    case SN_MISH: return x > 50 ? x : x * tanh(log1p(exp(x)));
    case SN_SOFTPLUS: return alpha * x > beta ? x : log1p(exp(alpha * x)) / alpha;
    case SN_SOFTSIGN: return isinf(x) ? copysign(1, x) : x / (1 + fabs(x));
    case SN_CLAMP: return isnan(x) ? x : fmin(fmax(x, alpha), beta);
    case SN_HARD_SWISH: return isinf(x) ? (x > 0 ? x : 0) : isnan(x) ? x : x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case SN_THRESHOLD: return x <= alpha ? beta : x;
    case SN_HARD_SHRINK: return fabs(x) <= alpha ? 0 : x;
    case SN_SOFT_SHRINK: return fabs(x) <= alpha ? 0 : x - copysign(alpha, x);
    case SN_STEP: return isnan(x) ? x : x > 0 ? 1 : x < 0 ? 0 : alpha;
    default: return x;
    }
}

static double derivative(int kind, double x, double alpha, double beta) {
    const double root = sqrt(2 / M_PI);
    switch (kind) {
    case SN_RELU: return x > 0;
    case SN_SIGMOID: return sigmoid(x) * sigmoid(-x);
    case SN_TANH: return 1 / (cosh(x) * cosh(x));
    case SN_LEAKY_RELU: return x > 0 ? 1 : alpha;
    case SN_ELU: return x > 0 ? 1 : alpha * exp(x);
    case SN_GELU: return erfc(-x / sqrt(2)) / 2 + x * exp(-x * x / 2) / sqrt(2 * M_PI);
    case SN_GELU_TANH: {
        const double s = sigmoid(2 * root * (x + 0.044715 * x * x * x));
        return fabs(x) > 50 ? x > 0 : s + x * s * (1 - s) * 2 * root * (1 + 3 * 0.044715 * x * x);
    }
    case SN_EXP: return exp(x);
    case SN_LOG: return 1 / x;
    case SN_SQRT: return 0.5 / sqrt(x);
    case SN_SQUARE: return 2 * x;
    case SN_ABS: return (x > 0) - (x < 0);
    case SN_AFFINE: return alpha;
    case SN_RECIPROCAL: return -1 / (x * x);
    case SN_SIGN: case SN_STEP: return 0;
    case SN_SILU: return sigmoid(x) * (1 + x * sigmoid(-x));
    case SN_MISH: return tanh(log1p(exp(x))) + x * sigmoid(x) / (cosh(log1p(exp(x))) * cosh(log1p(exp(x))));
    case SN_SOFTPLUS: return alpha * x > beta ? 1 : sigmoid(alpha * x);
    case SN_SOFTSIGN: return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
    case SN_CLAMP: return x > alpha && x < beta;
    case SN_HARD_SWISH: return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
    case SN_THRESHOLD: return x > alpha;
    case SN_HARD_SHRINK: case SN_SOFT_SHRINK: return fabs(x) > alpha;
    default: return 1;
    }
}

static int needs_positive(int kind) { return kind == SN_LOG || kind == SN_SQRT; }
static int from_y(int kind) { return kind == SN_SIGMOID || kind == SN_TANH || kind == SN_EXP || kind == SN_SQRT || kind == SN_RECIPROCAL || kind == SN_SOFTSIGN || kind == SN_CLAMP; }
static int either(int kind) { return kind == SN_RELU || kind == SN_LEAKY_RELU || kind == SN_ELU; }

static int flat(int kind) { return kind == SN_IDENTITY || kind == SN_AFFINE || kind == SN_SIGN || kind == SN_STEP; }
/* The slope at NaN is not NaN. */
static int passes_gradient(int kind) {
    return kind == SN_RELU || kind == SN_LEAKY_RELU || kind == SN_CLAMP || kind == SN_THRESHOLD || kind == SN_HARD_SHRINK || kind == SN_SOFT_SHRINK;
}

/* Random arguments of which some are large. */
static void *arguments(int32_t dtype, int kind, int64_t count) {
    void *x = array_random(dtype, count);
    for (int64_t i = 0; i < count; i++) {
        double v = array_get(dtype, x, i) * (i % 3 == 0 ? 1 : i % 3 == 1 ? 6 : 20);
        if (needs_positive(kind)) v = fabs(v) + 1e-6;
        if (kind == SN_RECIPROCAL && fabs(v) < 0.01) v = 0.5;
        array_set(dtype, x, i, v);
    }
    return x;
}

static void forward_random(void) {
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int kind = 0; kind < KINDS; kind++)
            for (int s = 0; s < SIZES; s++) {
                const int64_t n = sizes[s];
                sn_unary_args a = {.dtype = dtype, .kind = kind, .alpha = kind == SN_AFFINE ? -1.7 : 0.3, .beta = kind == SN_CLAMP ? 0.75 : kind == SN_SOFTPLUS ? 3 : 0.25, .count = n};
                void *x = arguments(dtype, kind, n), *y = array_new(dtype, n);
                double *expected = check_alloc(n * 8);
                for (int64_t i = 0; i < n; i++) expected[i] = forward(kind, array_get(dtype, x, i), a.alpha, a.beta);
                FOR_EACH_ISA(isa) {
                    memset(y, 0xcb, (size_t)bytes_of(dtype, n));
                    a.x = x, a.y = y;
                    CHECK_RUN(SN_OP_UNARY_FORWARD, a, isa);
                    /* alpha is rounded to T and so is alpha x, before beta is added */
                    const double u = unit_of(dtype), absolute = kind == SN_AFFINE ? 64 * u : kind == SN_HARD_SWISH || kind == SN_SOFT_SHRINK ? 4 * u : 1e-37;
                    /* the tails multiply the rounding of the exponential's argument, down to -100 and -400, by that argument;
                     * f32's gelu does not show it; alpha x, down to -6, of softplus is rounded twice */
                    const double relative = kind == SN_GELU_TANH ? 200 * u : kind == SN_SOFTPLUS ? 24 * u : kind == SN_GELU && dtype == SN_F64 ? 800 * u : 8 * u;
                    CHECK_ARRAY(dtype, y, expected, n, relative, absolute, isa, "%s of %lld", kind_names[kind], (long long)n);
                    memcpy(y, x, (size_t)bytes_of(dtype, n));
                    a.x = y;
                    CHECK_RUN(SN_OP_UNARY_FORWARD, a, isa);
                    CHECK_ARRAY(dtype, y, expected, n, relative, absolute, isa, "%s in place", kind_names[kind]);
                }
                check_free_all();
            }
}

static void backward_one(int32_t dtype, int kind, int64_t n, int use_y) {
    sn_unary_args a = {.dtype = dtype, .kind = kind, .alpha = 0.3, .beta = 7, .count = n};
    void *x = arguments(dtype, kind, n), *dy = array_random(dtype, n), *dx = array_new(dtype, n), *y = array_new(dtype, n);
    double *expected = check_alloc(n * 8);
    for (int64_t i = 0; i < n; i++) {
        double v = array_get(dtype, x, i);
        if (use_y && kind != SN_EXP) v = v > 6 ? 6 : v < -6 && kind != SN_RECIPROCAL ? -6 : v;
        if (v == 0) v = 1;
        array_set(dtype, x, i, v);
        v = array_get(dtype, x, i);
        array_set(dtype, y, i, forward(kind, v, a.alpha, a.beta));
        expected[i] = array_get(dtype, dy, i) * derivative(kind, v, a.alpha, a.beta);
    }
    a.dy = dy, a.dx = dx;
    if (use_y) a.y = y;
    else if (!flat(kind)) a.x = x;
    FOR_EACH_ISA(isa) {
        memset(dx, 0xcb, (size_t)bytes_of(dtype, n));
        a.dy = dy;
        CHECK_RUN(SN_OP_UNARY_BACKWARD, a, isa);
        /* 1 - y of a rounded y near 1: an absolute error of some units, as in x phi(x) + Phi(x), which passes through 0 */
        const double u = unit_of(dtype);
        const double relative = kind == SN_GELU_TANH ? 200 * u : 10 * u;
        const double absolute = use_y || kind == SN_GELU || kind == SN_GELU_TANH || kind == SN_SILU || kind == SN_MISH || kind == SN_HARD_SWISH ? 4 * u : 1e-37;
        CHECK_ARRAY(dtype, dx, expected, n, relative, absolute, isa, "derivative of %s of %lld%s", kind_names[kind], (long long)n, use_y ? " from y" : "");
        memcpy(dx, dy, (size_t)bytes_of(dtype, n));
        a.dy = dx;
        CHECK_RUN(SN_OP_UNARY_BACKWARD, a, isa);
        CHECK_ARRAY(dtype, dx, expected, n, relative, absolute, isa, "derivative of %s in place", kind_names[kind]);
    }
    check_free_all();
}

static void backward_random(void) {
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int kind = 0; kind < KINDS; kind++)
            for (int s = 0; s < SIZES; s++) {
                if (!from_y(kind)) backward_one(dtype, kind, sizes[s], 0);
                if (from_y(kind) || either(kind)) backward_one(dtype, kind, sizes[s], 1);
            }
}

/* Special values, each at every position of a vector. */
static void special_values(void) {
    const double values[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 3e38, -3e38, 1e20, -1e20, 100, -100, 88.9, -87, 1e-30, -1e-30};
    const int count = sizeof values / sizeof *values, n = 37;
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int kind = 0; kind < KINDS; kind++)
            FOR_EACH_ISA(isa) {
                for (int rotation = 0; rotation < 16; rotation++) {
                    sn_unary_args a = {.dtype = dtype, .kind = kind, .alpha = 0.5, .beta = kind == SN_CLAMP ? 2 : -1, .count = n};
                    void *x = array_new(dtype, n), *y = array_new(dtype, n);
                    double *expected = check_alloc(n * 8);
                    for (int i = 0; i < n; i++) {
                        array_set(dtype, x, i, values[(i + rotation) % count]);
                        const double e = forward(kind, array_get(dtype, x, i), a.alpha, a.beta);
                        expected[i] = dtype == SN_F64 ? e : (double)(float)e; /* what overflows in float is infinite */
                        if (fabs(expected[i]) < 1e-37 && dtype == SN_F32) expected[i] = 0;
                    }
                    a.x = x, a.y = y;
                    CHECK_RUN(SN_OP_UNARY_FORWARD, a, isa);
                    const double u = unit_of(dtype);
                    CHECK_ARRAY(dtype, y, expected, n, 8 * u, 1e-37, isa, "%s of special values", kind_names[kind]);
                    check_free_all();
                }
            }
}

static void special_derivatives(void) {
    FOR_EACH_ISA(isa)
        for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
            for (int kind = 0; kind < KINDS; kind++) {
                if (flat(kind)) continue;
                void *v = array_random(dtype, 5), *dy = array_random(dtype, 5), *dx = array_new(dtype, 5);
                sn_unary_args a = {.dtype = dtype, .kind = kind, .alpha = 0.5, .beta = 1, .count = 5, .dy = dy, .dx = dx};
                array_set(dtype, v, 1, NAN), array_set(dtype, v, 3, 0), array_set(dtype, dy, 3, 2);
                if (from_y(kind)) a.y = v;
                else a.x = v;
                CHECK_RUN(SN_OP_UNARY_BACKWARD, a, isa);
                CHECK(!!isnan(array_get(dtype, dx, 1)) == !passes_gradient(kind), "%s %s: derivative at NaN", kind_names[kind], sn_isa_name(isa));
                if (kind == SN_RELU || kind == SN_ABS) CHECK(array_get(dtype, dx, 3) == 0, "%s: derivative at 0", kind_names[kind]);
                if (kind == SN_LEAKY_RELU || kind == SN_ELU) CHECK(array_get(dtype, dx, 3) == 1, "%s: derivative at 0", kind_names[kind]);
                /* no product of a 0 slope and an infinite gradient */
                array_set(dtype, dy, 3, INFINITY);
                CHECK_RUN(SN_OP_UNARY_BACKWARD, a, isa);
                if (kind == SN_RELU || kind == SN_ABS) CHECK(array_get(dtype, dx, 3) == 0, "%s: derivative at 0", kind_names[kind]);
                check_free_all();
            }
}

static void threads(void) {
    const int64_t n = 100003;
    FOR_EACH_ISA(isa)
        for (int kind = 0; kind < KINDS; kind++) {
            sn_unary_args a = {.dtype = SN_F32, .kind = kind, .alpha = 0.5, .beta = 1, .count = n};
            void *x = arguments(SN_F32, kind, n), *y = array_new(SN_F32, n);
            a.x = x, a.y = y, a.dy = x;
            check_threads(SN_OP_UNARY_FORWARD, &a, isa, y, n * 4, kind_names[kind]);
            a.dx = array_new(SN_F32, n);
            check_threads(SN_OP_UNARY_BACKWARD, &a, isa, a.dx, n * 4, kind_names[kind]);
            check_free_all();
        }
}

static void errors(void) {
    float *x = check_floats(8), *y = check_floats(8);
    const sn_unary_args good = {.dtype = SN_F32, .kind = SN_RELU, .count = 8, .x = x, .y = y};
    sn_unary_args a = good;
    CHECK(sn_unary_forward(NULL) == SN_ERR_NULL && sn_unary_backward(NULL) == SN_ERR_NULL, "null args");
    a.x = NULL;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_NULL, y, 32);
    a = good, a.y = NULL;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_NULL, y, 32);
    a = good, a.dtype = SN_I32;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_DTYPE, y, 32);
    a = good, a.kind = -1;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_CODE, y, 32);
    a = good, a.kind = SN_STEP + 1;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_CODE, y, 32);
    a = good, a.count = -1;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_SIZE, y, 32);
    a = good, a.count = INT64_MAX;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_SIZE, y, 32);
    a = good, a.kind = SN_ELU, a.alpha = NAN;
    CHECK_ERROR(sn_unary_forward, a, SN_ERR_VALUE, y, 32);
    a = good, a.count = 0;
    CHECK_ERROR(sn_unary_forward, a, SN_OK, y, 32);
    static const struct { int32_t kind; double alpha, beta; } refused[] = {
        {SN_SOFTPLUS, 0, 20}, {SN_SOFTPLUS, -1, 20}, {SN_SOFTPLUS, NAN, 20}, {SN_SOFTPLUS, 1, NAN}, {SN_CLAMP, 1, 0.5}, {SN_CLAMP, NAN, 1},
        {SN_CLAMP, 0, NAN}, {SN_HARD_SHRINK, -1, 0}, {SN_HARD_SHRINK, NAN, 0}, {SN_SOFT_SHRINK, -0.5, 0}, {SN_SOFT_SHRINK, NAN, 0}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        a = good, a.kind = refused[i].kind, a.alpha = refused[i].alpha, a.beta = refused[i].beta;
        CHECK_ERROR(sn_unary_forward, a, SN_ERR_VALUE, y, 32);
    }
    float *dx = check_floats(8);
    for (int kind = 0; kind < KINDS; kind++) {
        const int free = flat(kind);
        a = (sn_unary_args){.dtype = SN_F32, .kind = kind, .count = 8, .dy = x, .dx = dx, .alpha = kind < SN_SILU ? -1 : 0.5, .beta = 1};
        if (!free) CHECK_ERROR(sn_unary_backward, a, SN_ERR_NULL, dx, 32);
        a.x = from_y(kind) ? x : NULL; /* the wrong one of the two */
        a.y = from_y(kind) ? NULL : x;
        if (!free && kind != SN_RELU) CHECK_ERROR(sn_unary_backward, a, SN_ERR_NULL, dx, 32);
    }
    a = (sn_unary_args){.dtype = SN_F32, .kind = SN_RELU, .count = 8, .x = x, .dx = dx};
    CHECK_ERROR(sn_unary_backward, a, SN_ERR_NULL, dx, 32);
    check_free_all();
}

int main(void) {
    RUN(forward_random);
    RUN(backward_random);
    RUN(special_values);
    RUN(special_derivatives);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
