/* sgd: one step of stochastic gradient descent over all parameters. */
#include "sgd/sgd.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

static sn_sgd_kernel *const table[SN_ISA_COUNT] = SN_ISA_TABLE(sn_f32_sgd__generic, sn_f32_sgd__avx2, sn_f32_sgd__avx512, sn_f32_sgd__neon);

typedef struct {
    sn_sgd_kernel *kernel;
    sn_sgd_step step;
    unsigned char *param, *m;
    const unsigned char *grad;
    int64_t size;
} sgd_context;

static void body(void *context, int64_t begin, int64_t end) {
    const sgd_context *c = context;
    const int64_t offset = begin * c->size;
    c->kernel(&c->step, c->param + offset, c->grad + offset, c->m ? c->m + offset : NULL, end - begin);
}

sn_status sn_sgd(const sn_optimizer_args *a) {
    SN_REQUIRE(a && a->param && a->grad && a->lr, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(isfinite(*a->lr) && isfinite(a->weight_decay) && isfinite(a->dampening), SN_ERR_VALUE);
    SN_REQUIRE(isfinite(a->momentum) && a->momentum >= 0, SN_ERR_VALUE);
    const double momentum = a->momentum_now ? *a->momentum_now : a->momentum;
    SN_REQUIRE(isfinite(momentum) && momentum >= 0, SN_ERR_VALUE);
    int32_t rule = SN_SGD_PLAIN;
    if (a->momentum != 0) {
        SN_REQUIRE(a->m && a->step, SN_ERR_NULL);
        SN_REQUIRE(*a->step >= 1, SN_ERR_VALUE);
        const int first = *a->step == 1;
        rule = a->nesterov ? (first ? SN_SGD_NESTEROV_FIRST : SN_SGD_NESTEROV) : (first ? SN_SGD_FIRST : SN_SGD_MOMENTUM);
    }
    sgd_context c = {
        .kernel = a->dtype == SN_F64 ? sn_f64_sgd__generic : table[sn_isa_current()],
        .step = {*a->lr, a->weight_decay, momentum, a->dampening, rule},
        .param = a->param,
        .m = a->momentum != 0 ? a->m : NULL,
        .grad = a->grad,
        .size = sn_size_of(a->dtype),
    };
    sn_parallel_for(a->count, GRAIN, body, &c);
    return SN_OK;
}
