#include "check.h"
#include "optimizer_data.h"

static const int64_t counts[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 1009, 16384, 40009};

static void reference(optimizer_data *d, double lr, int64_t step, double mu, double dampening, double decay, int nesterov) {
    for (int64_t i = 0; i < d->n; i++) {
        double g = d->rg[i] + decay * d->rp[i];
        if (mu != 0) {
            const double v = step == 1 ? g : mu * d->rm[i] + (1 - dampening) * g;
            d->rm[i] = v;
            g = nesterov ? g + mu * v : v;
        }
        d->rp[i] -= lr * g;
    }
}

static void test_steps(void) {
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int mode = 0; mode < 24; mode++) {
                const int64_t n = counts[c];
                const double mu = mode % 2 ? 0.9 : 0, decay = mode / 2 % 2 ? 0.05 : 0, dampening = mode / 12 ? 0.3 : 0;
                const int nesterov = mode / 4 % 3 == 2;
                double lr = 0.3;
                int64_t step = mode / 4 % 3 == 0 ? 1 : 3;
                if (mode >= 20) step = 1; /* nesterov at the first step */
                optimizer_data d = optimizer_data_of(n);
                if (step == 1) /* must not be read */
                    for (int64_t i = 0; i < n; i++) d.m[i] = NAN, d.dm[i] = NAN;
                if (mu == 0) /* must not be written */
                    for (int64_t i = 0; i < n; i++) d.m[i] = (float)d.rm[i], d.dm[i] = d.rm[i];
                sn_optimizer_args a = {.dtype = SN_F32, .nesterov = nesterov, .count = n, .lr = &lr, .step = &step, .momentum = mu,
                    .dampening = dampening, .weight_decay = decay, .param = d.p, .grad = d.g, .m = d.m};
                sn_optimizer_args b = a;
                b.dtype = SN_F64, b.param = d.dp, b.grad = d.dg, b.m = d.dm;
                if (mu == 0 && mode % 3 == 0) a.m = b.m = NULL, a.step = b.step = NULL;
                for (int k = 0; k < 3; k++, step++) {
                    CHECK_RUN(SN_OP_SGD, a, isa);
                    CHECK_RUN(SN_OP_SGD, b, isa);
                    reference(&d, lr, step, mu, dampening, decay, nesterov);
                    lr /= 2;
                }
                CHECK_CLOSE(d.p, d.rp, n, 4e-7, 4e-7, "param, %lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                CHECK_CLOSE(d.m, d.rm, n, 4e-7, 4e-7, "momentum, %lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                CHECK(doubles_close(d.dp, d.rp, n, 1e-15), "f64 param, %lld elements, mode %d", (long long)n, mode);
                CHECK(doubles_close(d.dm, d.rm, n, 1e-15), "f64 momentum, %lld elements, mode %d", (long long)n, mode);
                for (int64_t i = 0; i < n; i++)
                    if ((double)d.g[i] != d.rg[i]) { CHECK(0, "the gradient was changed"); break; }
                check_free_all();
            }
}

static void test_threads(void) {
    enum { N = 100003 };
    FOR_EACH_ISA(isa) {
        optimizer_data d = optimizer_data_of(N);
        float *first = NULL;
        for (int32_t threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            float *p = check_alloc(N * 4), *m = check_alloc(N * 4);
            memcpy(p, d.p, N * 4), memcpy(m, d.m, N * 4);
            double lr = 0.1;
            int64_t step = 5;
            sn_optimizer_args a = {.dtype = SN_F32, .count = N, .lr = &lr, .step = &step, .momentum = 0.9, .weight_decay = 0.01, .param = p, .grad = d.g, .m = m};
            CHECK_RUN(SN_OP_SGD, a, isa);
            if (!first) first = p;
            CHECK(memcmp(first, p, N * 4) == 0, "%d threads on %s", threads, sn_isa_name(isa));
        }
        check_free_all();
    }
}

static void test_nan(void) {
    FOR_EACH_ISA(isa) {
        float p[40], g[40], m[40];
        for (int i = 0; i < 40; i++) p[i] = m[i] = 1, g[i] = i % 3 ? 1 : NAN;
        double lr = 0.5;
        int64_t step = 2;
        sn_optimizer_args a = {.dtype = SN_F32, .count = 40, .lr = &lr, .step = &step, .momentum = 0.5, .param = p, .grad = g, .m = m};
        CHECK_RUN(SN_OP_SGD, a, isa);
        for (int i = 0; i < 40; i++) CHECK(!!isnan(p[i]) == !(i % 3) && !!isnan(m[i]) == !(i % 3), "element %d", i);
    }
}

/* The cell's momentum takes the place of the other, which only says that there is a velocity. */
static void test_momentum_now(void) {
    FOR_EACH_ISA(isa) {
        optimizer_data a = optimizer_data_of(100), b = optimizer_data_of(100);
        memcpy(b.p, a.p, 400), memcpy(b.g, a.g, 400), memcpy(b.m, a.m, 400);
        double lr = 0.1, now = 0.7;
        int64_t step = 2;
        sn_optimizer_args x = {.dtype = SN_F32, .count = 100, .lr = &lr, .step = &step, .momentum = 0.7, .param = a.p, .grad = a.g, .m = a.m};
        sn_optimizer_args y = x;
        y.momentum = 0.1, y.momentum_now = &now, y.param = b.p, y.grad = b.g, y.m = b.m;
        CHECK_RUN(SN_OP_SGD, x, isa);
        CHECK_RUN(SN_OP_SGD, y, isa);
        CHECK(memcmp(a.p, b.p, 400) == 0 && memcmp(a.m, b.m, 400) == 0, "sgd on %s", sn_isa_name(isa));
        memset(a.v, 0, 400), memset(b.v, 0, 400);
        x.beta1 = 0.7, x.beta2 = 0.9, x.eps = 1e-3, x.v = a.v, y.beta1 = 0.2, y.beta2 = 0.9, y.eps = 1e-3, y.v = b.v;
        CHECK_RUN(SN_OP_ADAM, x, isa);
        CHECK_RUN(SN_OP_ADAM, y, isa);
        CHECK(memcmp(a.p, b.p, 400) == 0 && memcmp(a.m, b.m, 400) == 0, "adam on %s", sn_isa_name(isa));
        now = 1;
        CHECK(sn_adam(&y) == SN_ERR_VALUE, "a beta of 1");
        check_free_all();
    }
}

static void test_errors(void) {
    float p[2] = {1, 2}, g[2] = {1, 1}, m[2] = {0, 0};
    double lr = 0.1;
    int64_t step = 2;
    const sn_optimizer_args good = {.dtype = SN_F32, .count = 2, .lr = &lr, .step = &step, .momentum = 0.9, .param = p, .grad = g, .m = m};
    sn_optimizer_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_sgd(&a) == (status), #change))
    CHECK(sn_sgd(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.param = NULL, SN_ERR_NULL);
    ERROR(a.grad = NULL, SN_ERR_NULL);
    ERROR(a.lr = NULL, SN_ERR_NULL);
    ERROR(a.m = NULL, SN_ERR_NULL);
    ERROR(a.step = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.count = -1, SN_ERR_SIZE);
    ERROR(a.momentum = NAN, SN_ERR_VALUE);
    ERROR(a.momentum = -0.1, SN_ERR_VALUE);
    ERROR(a.dampening = NAN, SN_ERR_VALUE);
    ERROR(a.weight_decay = INFINITY, SN_ERR_VALUE);
    const double bad = -0.1;
    ERROR(a.momentum_now = &bad, SN_ERR_VALUE);
    lr = NAN;
    ERROR(a.nesterov = 0, SN_ERR_VALUE);
    lr = 0.1, step = 0;
    ERROR(a.nesterov = 0, SN_ERR_VALUE);
    CHECK(p[0] == 1 && p[1] == 2 && m[0] == 0, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_steps);
    RUN(test_threads);
    RUN(test_nan);
    RUN(test_momentum_now);
    RUN(test_errors);
    return check_summary();
}
