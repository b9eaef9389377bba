/* The vector functions of unary over floats of every size, one in STRIDE: the largest error of every kind, in units of the last place of the
 * double result, on every ISA, with subnormal numbers (unary is called directly, not by sn_run, which flushes them). */
#include "check.h"

enum { STRIDE = 1009, BATCH = 4096 };

static double elu(double x) { return x > 0 ? x : expm1(x); }
static double sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
static double gelu(double x) { return x * (0.5 * erfc(-x * M_SQRT1_2)); }
static double gelu_tanh(double x) {
    return isinf(x) ? x + (x < 0 ? INFINITY : 0) : x * sigmoid(2 * sqrt(2 / M_PI) * (x + 0.044715 * x * x * x));
}
/* Far below 0 the logistic function is subnormal, of few digits, by which x is multiplied: units by the dozen there. */
static double silu(double x) { return x * sigmoid(x); }
static double mish(double x) { return x > 50 ? x : x * tanh(log1p(exp(x))); }
static double softplus(double x) { return x > 88 ? x : log1p(exp(x)); }
static double softsign(double x) { return isinf(x) ? copysign(1, x) : x / (1 + fabs(x)); }
/* Derivatives, where y or x is the argument and dy is 1. */
static double elu_slope(double x) { return x > 0 ? 1 : exp(x); }

typedef struct {
    const char *name;
    int32_t kind, backward;
    double (*function)(double);
    double limit; /* on the error */
} function;

static const function functions[] = {
    {"exp", SN_EXP, 0, exp, 1.1},          {"log", SN_LOG, 0, log, 1.6},          {"tanh", SN_TANH, 0, tanh, 2.5},
    {"sigmoid", SN_SIGMOID, 0, sigmoid, 2.6}, {"elu", SN_ELU, 0, elu, 1.6},       {"elu from x", SN_ELU, 1, elu_slope, 1.1},
    {"gelu", SN_GELU, 0, gelu, 9},         {"gelu_tanh", SN_GELU_TANH, 0, gelu_tanh, 200},
    {"silu", SN_SILU, 0, silu, 60},        {"mish", SN_MISH, 0, mish, 60},        {"softplus", SN_SOFTPLUS, 0, softplus, 2.6},
    {"softplus from x", SN_SOFTPLUS, 1, sigmoid, 2.6}, {"softsign", SN_SOFTSIGN, 0, softsign, 1.6},
};

/* The distance of floats at |x|, subnormal ones included. */
static double unit_at(double x) {
    int exponent;
    frexp(x, &exponent);
    return ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
}

static double error_of(float actual, double expected) {
    if ((isnan(actual) && isnan(expected)) || (double)actual == expected || actual == (float)expected) return 0;
    if (isnan(actual) || isnan(expected) || isinf(actual)) return INFINITY;
    return fabs(actual - expected) / unit_at(expected);
}

static void sweep(const function *f, int isa) {
    float *x = check_alloc(BATCH * 4), *y = check_alloc(BATCH * 4), *ones = check_alloc(BATCH * 4);
    for (int i = 0; i < BATCH; i++) ones[i] = 1;
    sn_unary_args a = {.dtype = SN_F32, .kind = f->kind, .alpha = 1, .beta = 88, .x = x, .y = y, .dy = ones, .dx = y};
    double worst = 0;
    float at = 0;
    sn_set_max_isa(isa);
    for (uint64_t bits = check_next() % STRIDE; bits < (UINT64_C(1) << 32);) {
        for (a.count = 0; a.count < BATCH && bits < (UINT64_C(1) << 32); a.count++, bits += STRIDE) {
            const uint32_t word = (uint32_t)bits;
            memcpy(x + a.count, &word, 4);
        }
        CHECK((f->backward ? sn_unary_backward(&a) : sn_unary_forward(&a)) == SN_OK, "status");
        for (int64_t i = 0; i < a.count; i++) {
            const double error = error_of(y[i], f->function(x[i]));
            if (error > worst) worst = error, at = x[i];
        }
    }
    sn_set_max_isa(SN_ISA_COUNT - 1);
    printf("%-10s %-8s %.2f ulp at %.9g\n", f->name, sn_isa_name(isa), worst, at);
    CHECK(worst <= f->limit, "%s on %s: %g ulp at %.9g", f->name, sn_isa_name(isa), worst, at);
    check_free_all();
}

static void floats_of_every_size(void) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        FOR_EACH_ISA(isa) sweep(&functions[i], isa);
}

/* Results that are exact, and the signs of zeros. */
static void exact(void) {
    static const struct { int32_t kind; float x, y; } cases[] = {
        {SN_EXP, 0, 1}, {SN_EXP, -INFINITY, 0}, {SN_EXP, INFINITY, INFINITY}, {SN_EXP, 89, INFINITY}, {SN_EXP, -104, 0},
        {SN_LOG, 1, 0}, {SN_LOG, 0, -INFINITY}, {SN_LOG, -0.0f, -INFINITY}, {SN_LOG, INFINITY, INFINITY}, {SN_LOG, -1, NAN}, {SN_LOG, -INFINITY, NAN},
        {SN_TANH, 0, 0}, {SN_TANH, -0.0f, -0.0f}, {SN_TANH, 20, 1}, {SN_TANH, -INFINITY, -1}, {SN_TANH, INFINITY, 1}, {SN_TANH, 1e-40f, 1e-40f},
        {SN_SIGMOID, 0, 0.5f}, {SN_SIGMOID, INFINITY, 1}, {SN_SIGMOID, -INFINITY, 0}, {SN_SIGMOID, 200, 1},
        {SN_GELU, 0, 0}, {SN_GELU, INFINITY, INFINITY}, {SN_GELU, 1e30f, 1e30f}, {SN_GELU, 20, 20},
        {SN_ELU, -INFINITY, -1}, {SN_ELU, -200, -1}, {SN_RELU, -INFINITY, 0}, {SN_RELU, -1e-42f, 0}, {SN_SIGN, -0.0f, -0.0f},
    };
    FOR_EACH_ISA(isa) {
        sn_set_max_isa(isa);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            float y = 7;
            const sn_unary_args a = {.dtype = SN_F32, .kind = cases[i].kind, .alpha = 1, .count = 1, .x = &cases[i].x, .y = &y};
            CHECK(sn_unary_forward(&a) == SN_OK, "status");
            CHECK(isnan(y) ? isnan(cases[i].y) : y == cases[i].y && (cases[i].kind != SN_TANH || signbit(y) == signbit(cases[i].y)),
                  "kind %d of %g on %s: %g, not %g", cases[i].kind, cases[i].x, sn_isa_name(isa), y, cases[i].y);
        }
    }
    sn_set_max_isa(SN_ISA_COUNT - 1);
}

int main(void) {
    RUN(floats_of_every_size);
    RUN(exact);
    return check_summary();
}
