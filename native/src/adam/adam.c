/* adam: one step of Adam or AdamW over all parameters. */
#include "adam/adam.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { GRAIN = 8192 };

static sn_adam_kernel *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_adam__generic, sn_f32_adam__avx2, sn_f32_adam__avx512, sn_f32_adam__neon);

typedef struct {
    sn_adam_kernel *kernel;
    sn_adam_step step;
    unsigned char *param, *m, *v;
    const unsigned char *grad;
    int64_t size;
} adam_context;

static void body(void *context, int64_t begin, int64_t end) {
    const adam_context *c = context;
    const int64_t offset = begin * c->size;
    c->kernel(&c->step, c->param + offset, c->grad + offset, c->m + offset, c->v + offset, end - begin);
}

static int is_beta(double x) { return x >= 0 && x < 1; }

sn_status sn_adam(const sn_optimizer_args *a) {
    SN_REQUIRE(a && a->param && a->grad && a->m && a->v && a->lr && a->step, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(isfinite(*a->lr) && isfinite(a->weight_decay) && *a->step >= 1, SN_ERR_VALUE);
    SN_REQUIRE(is_beta(a->beta1) && is_beta(a->beta2) && isfinite(a->eps) && a->eps >= 0, SN_ERR_VALUE);
    const double step = (double)*a->step, beta1 = a->momentum_now ? *a->momentum_now : a->beta1;
    SN_REQUIRE(is_beta(beta1), SN_ERR_VALUE);
    adam_context c = {
        .kernel = a->dtype == SN_F64 ? sn_f64_adam__generic : table[sn_isa_current()],
        .step =
            {
                .keep = a->decoupled ? 1 - *a->lr * a->weight_decay : 1,
                .weight_decay = a->decoupled ? 0 : a->weight_decay,
                .beta1 = beta1,
                .beta2 = a->beta2,
                .eps = a->eps,
                .rate = *a->lr / (1 - pow(beta1, step)),
                .scale = 1 / sqrt(1 - pow(a->beta2, step)),
            },
        .param = a->param,
        .m = a->m,
        .v = a->v,
        .grad = a->grad,
        .size = sn_size_of(a->dtype),
    };
    sn_parallel_for(a->count, GRAIN, body, &c);
    return SN_OK;
}
