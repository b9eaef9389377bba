#include "check.h"
#include "optimizer_data.h"

static const int64_t counts[] = {0, 1, 7, 8, 9, 15, 16, 17, 33, 127, 1009, 8192, 8193, 40009};

static void reference(optimizer_data *d, double lr, int64_t step, double beta1, double beta2, double eps, double decay) {
    double of_param = 0, of_move = 0;
    double *u = check_alloc(d->n * 8);
    for (int64_t i = 0; i < d->n; i++) {
        d->rm[i] = beta1 * d->rm[i] + (1 - beta1) * d->rg[i];
        d->rv[i] = beta2 * d->rv[i] + (1 - beta2) * d->rg[i] * d->rg[i];
        const double mean = d->rm[i] / (1 - pow(beta1, (double)step)), var = d->rv[i] / (1 - pow(beta2, (double)step));
        u[i] = mean / (sqrt(var) + eps) + decay * d->rp[i];
        of_param += d->rp[i] * d->rp[i], of_move += u[i] * u[i];
    }
    const double trust = of_param == 0 || of_move == 0 ? 1 : sqrt(of_param / of_move);
    for (int64_t i = 0; i < d->n; i++) d->rp[i] -= lr * trust * u[i];
}

/* Runs it with the workspace it asks for, of exactly that size. */
static void run(sn_lamb_args a, int isa) {
    a.workspace_bytes = sn_workspace_bytes(SN_OP_LAMB, &a);
    CHECK(a.workspace_bytes >= 0, "workspace");
    a.workspace = check_alloc(a.workspace_bytes);
    CHECK_RUN(SN_OP_LAMB, a, isa);
}

static void test_steps(void) {
    FOR_EACH_ISA(isa)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int mode = 0; mode < 4; mode++) {
                const int64_t n = counts[c];
                const double eps = mode & 1 ? 1e-2 : 1e-6, decay = mode & 2 ? 0.05 : 0;
                double lr = 0.01;
                int64_t step = 1;
                optimizer_data d = optimizer_data_of(n);
                for (int64_t i = 0; i < n; i++) {
                    d.m[i] = d.v[i] = 0, d.dm[i] = d.dv[i] = d.rm[i] = d.rv[i] = 0;
                    if (fabsf(d.g[i]) < 0.1f) d.g[i] = 0.25f, d.dg[i] = d.rg[i] = 0.25;
                }
                sn_lamb_args a = {.optimizer = {.dtype = SN_F32, .count = n, .lr = &lr, .step = &step, .weight_decay = decay, .beta1 = 0.9,
                    .beta2 = 0.99, .eps = eps, .param = d.p, .grad = d.g, .m = d.m, .v = d.v}};
                sn_lamb_args b = a;
                b.optimizer.dtype = SN_F64, b.optimizer.param = d.dp, b.optimizer.grad = d.dg, b.optimizer.m = d.dm, b.optimizer.v = d.dv;
                for (int k = 0; k < 3; k++, step++) {
                    run(a, isa);
                    run(b, isa);
                    reference(&d, lr, step, 0.9, 0.99, eps, decay);
                    lr *= 0.7;
                }
                CHECK_CLOSE(d.p, d.rp, n, 1e-6, 5e-7, "param, %lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                CHECK_CLOSE(d.m, d.rm, n, 5e-7, 2e-7, "m, %lld elements, mode %d, %s", (long long)n, mode, sn_isa_name(isa));
                CHECK(doubles_close(d.dp, d.rp, n, 1e-13) && doubles_close(d.dm, d.rm, n, 1e-15) && doubles_close(d.dv, d.rv, n, 1e-15),
                      "f64, %lld elements, mode %d", (long long)n, mode);
                check_free_all();
            }
}

/* Where a norm is 0, the step is Adam's: zero parameters still move. */
static void test_zero_norms(void) {
    FOR_EACH_ISA(isa) {
        optimizer_data d = optimizer_data_of(100);
        for (int i = 0; i < 100; i++) d.p[i] = d.m[i] = d.v[i] = 0, d.g[i] = 0.5f;
        double lr = 0.25;
        int64_t step = 1;
        sn_lamb_args a = {.optimizer = {.dtype = SN_F32, .count = 100, .lr = &lr, .step = &step, .beta1 = 0.9, .beta2 = 0.99, .eps = 0,
            .param = d.p, .grad = d.g, .m = d.m, .v = d.v}};
        run(a, isa);
        for (int i = 0; i < 100; i++) CHECK(fabsf(d.p[i] + 0.25f) < 1e-6f, "element %d: %g", i, d.p[i]);
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
            run((sn_lamb_args){.optimizer = {.dtype = SN_F32, .count = N, .lr = &lr, .step = &step, .beta1 = 0.9, .beta2 = 0.999,
                .eps = 1e-6, .weight_decay = 0.01, .param = p, .grad = d.g, .m = m, .v = v}}, isa);
            if (!first) first = p;
            CHECK(memcmp(first, p, N * 4) == 0, "%d threads on %s", threads, sn_isa_name(isa));
        }
        check_free_all();
    }
}

static void test_errors(void) {
    float p[2] = {1, 2}, g[2] = {1, 1}, m[2] = {0, 0}, v[2] = {0, 0};
    double lr = 0.1, space[2];
    int64_t step = 2;
    const sn_lamb_args good = {.optimizer = {.dtype = SN_F32, .count = 2, .lr = &lr, .step = &step, .beta1 = 0.9, .beta2 = 0.99,
        .eps = 1e-6, .param = p, .grad = g, .m = m, .v = v}, .workspace = space, .workspace_bytes = sizeof space};
    sn_lamb_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_lamb(&a) == (status), #change))
    CHECK(sn_lamb(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.optimizer.param = NULL, SN_ERR_NULL);
    ERROR(a.optimizer.grad = NULL, SN_ERR_NULL);
    ERROR(a.optimizer.lr = NULL, SN_ERR_NULL);
    ERROR(a.optimizer.step = NULL, SN_ERR_NULL);
    ERROR(a.optimizer.m = NULL, SN_ERR_NULL);
    ERROR(a.optimizer.v = NULL, SN_ERR_NULL);
    ERROR(a.optimizer.dtype = SN_I32, SN_ERR_DTYPE);
    ERROR(a.optimizer.count = -1, SN_ERR_SIZE);
    ERROR(a.optimizer.beta1 = 1, SN_ERR_VALUE);
    ERROR(a.optimizer.beta2 = NAN, SN_ERR_VALUE);
    ERROR(a.optimizer.eps = -1, SN_ERR_VALUE);
    ERROR(a.optimizer.weight_decay = INFINITY, SN_ERR_VALUE);
    ERROR(a.workspace = NULL, SN_ERR_MEMORY);
    ERROR(a.workspace_bytes = 15, SN_ERR_MEMORY);
    a = good, a.optimizer.count = -1;
    CHECK(sn_workspace_bytes(SN_OP_LAMB, &a) == -SN_ERR_SIZE, "workspace of a negative count");
    step = 0;
    ERROR(a.optimizer.nesterov = 0, SN_ERR_VALUE);
    CHECK(p[0] == 1 && p[1] == 2 && m[0] == 0 && v[0] == 0, "an error wrote");
}

int main(void) {
    sn_set_threads(2);
    RUN(test_steps);
    RUN(test_zero_norms);
    RUN(test_threads);
    RUN(test_errors);
    return check_summary();
}
