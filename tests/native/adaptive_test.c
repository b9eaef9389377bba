#include "check.h"

enum { RULES = 8 };
static const int64_t counts[] = {0, 1, 7, 8, 9, 15, 16, 17, 33, 127, 1009, 8192, 20011};

typedef struct {
    double weight_decay, beta1, beta2, eps, extra;
    int decoupled, states;
} numbers;

static numbers numbers_of(int rule, int mode) {
    const double decay = mode & 1 ? 0.05 : 0;
    const int decoupled = mode >> 1 & 1;
    switch (rule) {
    case SN_ADAPTIVE_ADAGRAD: return (numbers){decay, 0, 0, 1e-3, decoupled ? 0.1 : 0, 0, 1};
    case SN_ADAPTIVE_ADADELTA: return (numbers){decay, 0.9, 0, 1e-3, 0, 0, 2};
    case SN_ADAPTIVE_RMSPROP: return (numbers){decay, 0.9, 0.8, 1e-2, 0, 0, 3};
    case SN_ADAPTIVE_AMSGRAD: return (numbers){decay, 0.9, 0.99, 1e-3, 0, decoupled, 3};
    case SN_ADAPTIVE_NADAM: return (numbers){decay, 0.9, 0.99, 1e-3, 0.004, decoupled, 2};
    case SN_ADAPTIVE_RPROP: return (numbers){decay, 0.5, 1.2, 1e-6, 0.2, 0, 2};
    default: return (numbers){decay, 0.9, rule == SN_ADAPTIVE_RADAM && decoupled ? 0.99 : 0.95, 1e-3, 0, decoupled && rule == SN_ADAPTIVE_RADAM, 2};
    }
}

/* One element by the formulas of the papers; z[3] are its states. Which of rmsprop's states count is a matter of mode. */
static double reference(int rule, const numbers *k, int mode, double lr, int64_t t, double p, double grad, double *z) {
    const double g = k->decoupled ? grad : grad + k->weight_decay * p, time = (double)t;
    if (k->decoupled) p -= lr * k->weight_decay * p;
    if (rule == SN_ADAPTIVE_ADAGRAD) {
        z[0] += g * g;
        return p - lr / (1 + (time - 1) * k->extra) * g / (sqrt(z[0]) + k->eps);
    }
    if (rule == SN_ADAPTIVE_ADADELTA) {
        z[0] = k->beta1 * z[0] + (1 - k->beta1) * g * g;
        const double d = sqrt(z[1] + k->eps) / sqrt(z[0] + k->eps) * g;
        z[1] = k->beta1 * z[1] + (1 - k->beta1) * d * d;
        return p - lr * d;
    }
    if (rule == SN_ADAPTIVE_RMSPROP) {
        double v = z[0] = k->beta1 * z[0] + (1 - k->beta1) * g * g;
        if (mode & 4) z[1] = k->beta1 * z[1] + (1 - k->beta1) * g, v = fmax(0, v - z[1] * z[1]);
        double d = g / (sqrt(v) + k->eps);
        if (mode & 2) d = z[2] = k->beta2 * z[2] + d;
        return p - lr * d;
    }
    if (rule == SN_ADAPTIVE_RPROP) {
        const double product = g * z[0];
        const double size = (t == 1 ? lr : z[1]) * (product > 0 ? k->beta2 : product < 0 ? k->beta1 : 1);
        z[1] = fmin(fmax(size, k->eps), k->extra);
        z[0] = product < 0 ? 0 : g;
        return p - (z[0] > 0 ? z[1] : z[0] < 0 ? -z[1] : 0);
    }
    z[0] = k->beta1 * z[0] + (1 - k->beta1) * g;
    const double correct1 = 1 - pow(k->beta1, time), correct2 = 1 - pow(k->beta2, time);
    if (rule == SN_ADAPTIVE_ADAMAX) {
        z[1] = fmax(k->beta2 * z[1], fabs(g) + k->eps);
        return p - lr / correct1 * z[0] / z[1];
    }
    z[1] = k->beta2 * z[1] + (1 - k->beta2) * g * g;
    if (rule == SN_ADAPTIVE_AMSGRAD) {
        z[2] = fmax(z[2], z[1]);
        return p - lr * (z[0] / correct1) / (sqrt(z[2] / correct2) + k->eps);
    }
    if (rule == SN_ADAPTIVE_NADAM) {
        double product = 1;
        for (int64_t i = 1; i <= t; i++) product *= k->beta1 * (1 - 0.5 * pow(0.96, (double)i * k->extra));
        const double mu = k->beta1 * (1 - 0.5 * pow(0.96, time * k->extra)), next = k->beta1 * (1 - 0.5 * pow(0.96, (time + 1) * k->extra));
        const double ahead = (1 - mu) / (1 - product) * g + next / (1 - product * next) * z[0];
        return p - lr * ahead / (sqrt(z[1] / correct2) + k->eps);
    }
    const double most = 2 / (1 - k->beta2) - 1, length = most - 2 * time * pow(k->beta2, time) / correct2;
    if (length <= 5) return p - lr * z[0] / correct1;
    const double rectify = sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length));
    return p - lr * z[0] / correct1 * rectify * sqrt(correct2) / (sqrt(z[1]) + k->eps);
}

static sn_adaptive_args args_of(int rule, int mode, const numbers *k, int64_t n, const double *lr, const int64_t *step) {
    (void)mode;
    return (sn_adaptive_args){.dtype = SN_F32, .rule = rule, .decoupled = k->decoupled, .count = n, .lr = lr, .step = step,
        .weight_decay = k->weight_decay, .beta1 = k->beta1, .beta2 = k->beta2, .eps = k->eps, .extra = k->extra};
}

static void test_rule(int rule, int mode, int64_t n, int isa) {
    const numbers k = numbers_of(rule, mode);
    float *p = check_floats(n), *g = check_floats(n), *z[3];
    double *dp = check_widen(p, n), *dg = check_doubles(n), *dz[3], *rp = check_widen(p, n), *rz = check_alloc(n * 24 + 8);
    for (int i = 0; i < 3; i++) {
        z[i] = check_alloc(n * 4), dz[i] = check_alloc(n * 8);
        for (int64_t j = 0; j < n; j++) z[i][j] = 0, dz[i][j] = 0;
    }
    for (int64_t j = 0; j < 3 * n; j++) rz[j] = 0;
    double lr = 0.01;
    int64_t step = 1;
    sn_adaptive_args a = args_of(rule, mode, &k, n, &lr, &step), b;
    const int with1 = rule == SN_ADAPTIVE_RMSPROP ? mode >> 2 & 1 : k.states > 1, with2 = rule == SN_ADAPTIVE_RMSPROP ? mode >> 1 & 1 : k.states > 2;
    b = a, b.dtype = SN_F64;
    a.param = p, a.grad = g, a.state0 = z[0], a.state1 = with1 ? z[1] : NULL, a.state2 = with2 ? z[2] : NULL;
    b.param = dp, b.grad = dg, b.state0 = dz[0], b.state1 = with1 ? dz[1] : NULL, b.state2 = with2 ? dz[2] : NULL;
    for (int t = 0; t < 12; t++, step++) {
        for (int64_t j = 0; j < n; j++) {
            /* of either sign, away from 0 so that the decay does not cancel it */
            const double value = check_uniform();
            dg[j] = g[j] = (float)(value < 0 ? value - 0.15 : value + 0.15);
        }
        CHECK_RUN(SN_OP_ADAPTIVE, a, isa);
        CHECK_RUN(SN_OP_ADAPTIVE, b, isa);
        for (int64_t j = 0; j < n; j++) rp[j] = reference(rule, &k, mode, lr, step, rp[j], dg[j], rz + 3 * j);
        lr *= 0.9;
    }
    CHECK_CLOSE(p, rp, n, 2e-6, 2e-6, "rule %d, mode %d, %lld elements, %s", rule, mode, (long long)n, sn_isa_name(isa));
    double worst = 0;
    for (int64_t j = 0; j < n; j++) worst = fmax(worst, fabs(dp[j] - rp[j]));
    CHECK(worst <= 1e-13, "f64, rule %d, mode %d, %lld elements: off by %g", rule, mode, (long long)n, worst);
    check_free_all();
}

static void test_rules(void) {
    FOR_EACH_ISA(isa)
        for (int rule = 0; rule < RULES; rule++)
            for (int mode = 0; mode < 8; mode++)
                for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) test_rule(rule, mode, counts[c], isa);
}

/* Far along, nadam's product and the powers have vanished. */
static void test_late_steps(void) {
    for (int rule = 0; rule < RULES; rule++) {
        const numbers k = numbers_of(rule, 0);
        for (int64_t step = 100; step <= INT64_C(1) << 62; step = step > INT64_C(1) << 50 ? step + (INT64_MAX - step) / 2 : step * 10) {
            double p = 1, g = 0.5, z[3] = {0.5, 0.25, 0.25}, r[3] = {0.5, 0.25, 0.25}, lr = 0.01;
            sn_adaptive_args a = args_of(rule, 0, &k, 1, &lr, &step);
            a.dtype = SN_F64, a.param = &p, a.grad = &g, a.state0 = z;
            a.state1 = rule == SN_ADAPTIVE_RMSPROP || k.states < 2 ? NULL : z + 1, a.state2 = rule == SN_ADAPTIVE_RMSPROP || k.states < 3 ? NULL : z + 2;
            CHECK_RUN(SN_OP_ADAPTIVE, a, SN_ISA_GENERIC);
            if (step <= 100000) {
                const double want = reference(rule, &k, 0, lr, step, 1, g, r);
                CHECK(fabs(p - want) < 1e-14, "rule %d, step %lld: %.17g, not %.17g", rule, (long long)step, p, want);
            }
            CHECK(isfinite(p), "rule %d, step %lld: %g", rule, (long long)step, p);
            if (step > INT64_MAX - 1000) break;
        }
    }
}

static void test_threads(void) {
    enum { N = 50003 };
    FOR_EACH_ISA(isa)
        for (int rule = 0; rule < RULES; rule++) {
            const numbers k = numbers_of(rule, 1);
            float *p0 = check_floats(N), *g = check_floats(N), *first = NULL;
            for (int32_t threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                float *p = check_alloc(N * 4), *z[3];
                memcpy(p, p0, N * 4);
                for (int i = 0; i < 3; i++) z[i] = check_alloc(N * 4), memset(z[i], 0, N * 4);
                double lr = 0.1;
                int64_t step = 1;
                sn_adaptive_args a = args_of(rule, 1, &k, N, &lr, &step);
                a.param = p, a.grad = g, a.state0 = z[0], a.state1 = k.states > 1 ? z[1] : NULL, a.state2 = k.states > 2 ? z[2] : NULL;
                for (; step <= 3; step++) CHECK_RUN(SN_OP_ADAPTIVE, a, isa);
                if (!first) first = p;
                CHECK(memcmp(first, p, N * 4) == 0, "rule %d, %d threads on %s", rule, threads, sn_isa_name(isa));
            }
            check_free_all();
        }
}

/* NaN stays where it is and is not lost. */
static void test_nan(void) {
    FOR_EACH_ISA(isa)
        for (int rule = 0; rule < RULES; rule++) {
            const numbers k = numbers_of(rule, 0);
            float p[40], g[40], z[3][40] = {{0}};
            for (int i = 0; i < 40; i++) p[i] = (float)i, g[i] = i % 3 ? 0.25f : NAN;
            double lr = 0.5;
            int64_t step = 1;
            sn_adaptive_args a = args_of(rule, 0, &k, 40, &lr, &step);
            a.param = p, a.grad = g, a.state0 = z[0], a.state1 = k.states > 1 ? z[1] : NULL, a.state2 = k.states > 2 ? z[2] : NULL;
            CHECK_RUN(SN_OP_ADAPTIVE, a, isa);
            for (int i = 0; i < 40; i++) CHECK(i % 3 ? isfinite(p[i]) && p[i] < i : isnan(p[i]), "rule %d, element %d: %g", rule, i, p[i]);
        }
}

static void test_errors(void) {
    float p[2] = {1, 2}, g[2] = {1, 1}, z[3][2] = {{0}};
    double lr = 0.1;
    int64_t step = 2;
    const sn_adaptive_args good = {.dtype = SN_F32, .rule = SN_ADAPTIVE_AMSGRAD, .count = 2, .lr = &lr, .step = &step, .beta1 = 0.9,
        .beta2 = 0.99, .eps = 1e-8, .param = p, .grad = g, .state0 = z[0], .state1 = z[1], .state2 = z[2]};
    sn_adaptive_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_adaptive(&a) == (status), #change))
    CHECK(sn_adaptive(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.param = NULL, SN_ERR_NULL);
    ERROR(a.grad = NULL, SN_ERR_NULL);
    ERROR(a.lr = NULL, SN_ERR_NULL);
    ERROR(a.step = NULL, SN_ERR_NULL);
    ERROR(a.state0 = NULL, SN_ERR_NULL);
    ERROR(a.state1 = NULL, SN_ERR_NULL);
    ERROR(a.state2 = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.rule = 8, SN_ERR_CODE);
    ERROR(a.rule = -1, SN_ERR_CODE);
    ERROR(a.count = -1, SN_ERR_SIZE);
    ERROR(a.beta1 = 1, SN_ERR_VALUE);
    ERROR(a.beta2 = NAN, SN_ERR_VALUE);
    ERROR(a.beta2 = -1, SN_ERR_VALUE);
    ERROR(a.eps = -1, SN_ERR_VALUE);
    ERROR(a.extra = INFINITY, SN_ERR_VALUE);
    ERROR(a.weight_decay = NAN, SN_ERR_VALUE);
    ERROR((a.rule = SN_ADAPTIVE_RMSPROP, a.beta1 = 1.5), SN_ERR_VALUE);
    ERROR((a.rule = SN_ADAPTIVE_RPROP, a.beta1 = 0.5, a.beta2 = 0.9), SN_ERR_VALUE);
    ERROR((a.rule = SN_ADAPTIVE_RPROP, a.beta1 = 0.5, a.beta2 = 1.2, a.eps = 1, a.extra = 0.5), SN_ERR_VALUE);
    step = 0;
    ERROR(a.decoupled = 0, SN_ERR_VALUE);
    step = 1, lr = NAN;
    ERROR(a.decoupled = 0, SN_ERR_VALUE);
    CHECK(p[0] == 1 && p[1] == 2 && z[0][0] == 0, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_rules);
    RUN(test_late_steps);
    RUN(test_threads);
    RUN(test_nan);
    RUN(test_errors);
    return check_summary();
}
