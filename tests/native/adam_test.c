#include "check.h"
#include "optimizer_data.h"

static const int64_t counts[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 1009, 8192, 40009};

static void reference(optimizer_data *d, double lr, int64_t step, double beta1, double beta2, double eps, double decay, int decoupled) {
    for (int64_t i = 0; i < d->n; i++) {
        const double g = d->rg[i] + (decoupled ? 0 : decay * d->rp[i]);
        if (decoupled) d->rp[i] -= lr * decay * d->rp[i];
        d->rm[i] = beta1 * d->rm[i] + (1 - beta1) * g;
        d->rv[i] = beta2 * d->rv[i] + (1 - beta2) * g * g;
        const double mean = d->rm[i] / (1 - pow(beta1, (double)step)), var = d->rv[i] / (1 - pow(beta2, (double)step));
        d->rp[i] -= lr * mean / (sqrt(var) + eps);
    }
}

static void test_steps(void) {
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int mode = 0; mode < 12; mode++) {
                const int64_t n = counts[c];
                const double beta1 = mode % 3 == 2 ? 0 : 0.9, beta2 = 0.99, eps = mode % 3 == 1 ? 0.1 : 1e-8, decay = mode / 3 % 2 ? 0.05 : 0;
                const int decoupled = mode / 6;
                double lr = 0.01;
                int64_t step = mode % 2 ? 1 : 7;
                optimizer_data d = optimizer_data_of(n);
                if (step == 1)
                    for (int64_t i = 0; i < n; i++) d.m[i] = d.v[i] = 0, d.dm[i] = d.dv[i] = d.rm[i] = d.rv[i] = 0;
                else /* keep m / sqrt(v) tame, as it is after real steps */
                    for (int64_t i = 0; i < n; i++) d.v[i] += 0.01f, d.dv[i] = d.rv[i] = d.v[i];
                for (int64_t i = 0; i < n; i++) /* away from 0, so that decay * param does not cancel it */
                    if (fabsf(d.g[i]) < 0.1f) d.g[i] = 0.25f, d.dg[i] = d.rg[i] = 0.25;
                sn_optimizer_args a = {.dtype = SN_F32, .decoupled = decoupled, .count = n, .lr = &lr, .step = &step, .weight_decay = decay,
                    .beta1 = beta1, .beta2 = beta2, .eps = eps, .param = d.p, .grad = d.g, .m = d.m, .v = d.v};
                sn_optimizer_args b = a;
                b.dtype = SN_F64, b.param = d.dp, b.grad = d.dg, b.m = d.dm, b.v = d.dv;
                for (int k = 0; k < 3; k++, step++) {
                    CHECK_RUN(SN_OP_ADAM, a, isa);
                    CHECK_RUN(SN_OP_ADAM, b, isa);
                    reference(&d, lr, step, beta1, beta2, eps, decay, decoupled);
                    lr *= 0.7;
                }
                CHECK_CLOSE(d.p, d.rp, n, 5e-7, 3e-7, "param, %lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                CHECK_CLOSE(d.m, d.rm, n, 5e-7, 2e-7, "m, %lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                CHECK_CLOSE(d.v, d.rv, n, 2e-6, 0, "v, %lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                CHECK(doubles_close(d.dp, d.rp, n, 2e-15) && doubles_close(d.dm, d.rm, n, 1e-15) && doubles_close(d.dv, d.rv, n, 1e-15),
                      "f64, %lld elements, mode %d", (long long)n, mode);
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
            float *p = check_alloc(N * 4), *m = check_alloc(N * 4), *v = check_alloc(N * 4);
            memcpy(p, d.p, N * 4), memcpy(m, d.m, N * 4), memcpy(v, d.v, N * 4);
            double lr = 0.1;
            int64_t step = 5;
            sn_optimizer_args a = {.dtype = SN_F32, .count = N, .lr = &lr, .step = &step, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8,
                .weight_decay = 0.01, .param = p, .grad = d.g, .m = m, .v = v};
            CHECK_RUN(SN_OP_ADAM, a, isa);
            if (!first) first = p;
            CHECK(memcmp(first, p, N * 4) == 0, "%d threads on %s", threads, sn_isa_name(isa));
        }
        check_free_all();
    }
}

/* A zero gradient at the first step moves nothing; NaN stays where it is. */
static void test_edges(void) {
    FOR_EACH_ISA(isa) {
        float p[40], g[40], m[40], v[40];
        for (int i = 0; i < 40; i++) p[i] = (float)i, m[i] = v[i] = 0, g[i] = i % 3 ? 0 : NAN;
        double lr = 0.5;
        int64_t step = 1;
        sn_optimizer_args a = {.dtype = SN_F32, .count = 40, .lr = &lr, .step = &step, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .param = p, .grad = g, .m = m, .v = v};
        CHECK_RUN(SN_OP_ADAM, a, isa);
        for (int i = 0; i < 40; i++) CHECK(i % 3 ? p[i] == (float)i && m[i] == 0 && v[i] == 0 : isnan(p[i]) && isnan(m[i]) && isnan(v[i]), "element %d", i);
    }
}

static void test_errors(void) {
    float p[2] = {1, 2}, g[2] = {1, 1}, m[2] = {0, 0}, v[2] = {0, 0};
    double lr = 0.1;
    int64_t step = 2;
    const sn_optimizer_args good = {.dtype = SN_F32, .count = 2, .lr = &lr, .step = &step, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8, .param = p, .grad = g, .m = m, .v = v};
    sn_optimizer_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_adam(&a) == (status), #change))
    CHECK(sn_adam(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.param = NULL, SN_ERR_NULL);
    ERROR(a.grad = NULL, SN_ERR_NULL);
    ERROR(a.lr = NULL, SN_ERR_NULL);
    ERROR(a.step = NULL, SN_ERR_NULL);
    ERROR(a.m = NULL, SN_ERR_NULL);
    ERROR(a.v = NULL, SN_ERR_NULL);
    ERROR(a.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.count = -1, SN_ERR_SIZE);
    ERROR(a.beta1 = 1, SN_ERR_VALUE);
    ERROR(a.beta1 = NAN, SN_ERR_VALUE);
    ERROR(a.beta2 = -0.1, SN_ERR_VALUE);
    ERROR(a.beta2 = 1, SN_ERR_VALUE);
    ERROR(a.eps = NAN, SN_ERR_VALUE);
    ERROR(a.eps = -1, SN_ERR_VALUE);
    ERROR(a.weight_decay = NAN, SN_ERR_VALUE);
    lr = INFINITY;
    ERROR(a.nesterov = 0, SN_ERR_VALUE);
    lr = 0.1, step = 0;
    ERROR(a.nesterov = 0, SN_ERR_VALUE);
    CHECK(p[0] == 1 && p[1] == 2 && m[0] == 0 && v[0] == 0, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_steps);
    RUN(test_threads);
    RUN(test_edges);
    RUN(test_errors);
    return check_summary();
}
