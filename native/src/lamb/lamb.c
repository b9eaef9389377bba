/* lamb: one step of LAMB for the parameters of one layer. */
#include "lamb/lamb.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"

enum { GRAIN = 8192 };

static sn_lamb_moments_kernel *const moments_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_lamb_moments__generic, sn_f32_lamb_moments__avx2, sn_f32_lamb_moments__avx512, sn_f32_lamb_moments__neon);
static sn_lamb_move_kernel *const move_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_lamb_move__generic, sn_f32_lamb_move__avx2, sn_f32_lamb_move__avx512, sn_f32_lamb_move__neon);

typedef struct {
    sn_lamb_moments_kernel *moments;
    sn_lamb_move_kernel *move;
    sn_lamb_step step;
    unsigned char *param, *m, *v;
    const unsigned char *grad;
    int64_t size;
    double rate;    /* lr times the trust ratio */
    double *sums;   /* two a chunk */
} lamb_context;

static void moments_body(void *context, int64_t begin, int64_t end) {
    const lamb_context *c = context;
    const int64_t at = begin * c->size;
    c->moments(&c->step, c->param + at, c->grad + at, c->m + at, c->v + at, end - begin, c->sums + begin / GRAIN * 2);
}

static void move_body(void *context, int64_t begin, int64_t end) {
    const lamb_context *c = context;
    const int64_t at = begin * c->size;
    c->move(&c->step, c->param + at, c->m + at, c->v + at, c->rate, end - begin);
}

static int is_beta(double x) { return x >= 0 && x < 1; }

static sn_status check(const sn_optimizer_args *a) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(is_beta(a->beta1) && is_beta(a->beta2) && isfinite(a->eps) && a->eps >= 0 && isfinite(a->weight_decay), SN_ERR_VALUE);
    return SN_OK;
}

int64_t sn_lamb_workspace(const sn_lamb_args *a) {
    const sn_status status = check(a ? &a->optimizer : NULL);
    if (status != SN_OK) return -status;
    return sn_ceil_div(a->optimizer.count, GRAIN) * 2 * (int64_t)sizeof(double);
}

/* The norm of the parameters by that of the move; 1 where one of them is 0. */
static double trust(const double *sums, int64_t chunks) {
    double of_param = 0, of_move = 0;
    for (int64_t i = 0; i < chunks; i++) of_param += sums[2 * i], of_move += sums[2 * i + 1];
    return of_param == 0 || of_move == 0 ? 1 : sqrt(of_param) / sqrt(of_move);
}

sn_status sn_lamb(const sn_lamb_args *args) {
    const int64_t need = sn_lamb_workspace(args);
    SN_REQUIRE(need >= 0, (sn_status)-need);
    const sn_optimizer_args *a = &args->optimizer;
    SN_REQUIRE(a->param && a->grad && a->m && a->v && a->lr && a->step, SN_ERR_NULL);
    SN_REQUIRE(isfinite(*a->lr) && *a->step >= 1, SN_ERR_VALUE);
    SN_REQUIRE(args->workspace_bytes >= need && (args->workspace || need == 0), SN_ERR_MEMORY);
    const double step = (double)*a->step;
    lamb_context c = {
        .moments = a->dtype == SN_F64 ? sn_f64_lamb_moments__generic : moments_table[sn_isa_current()],
        .move = a->dtype == SN_F64 ? sn_f64_lamb_move__generic : move_table[sn_isa_current()],
        .step = {a->beta1, a->beta2, a->eps, a->weight_decay, 1 / (1 - pow(a->beta1, step)), 1 / sqrt(1 - pow(a->beta2, step))},
        .param = a->param,
        .m = a->m,
        .v = a->v,
        .grad = a->grad,
        .size = sn_size_of(a->dtype),
        .sums = args->workspace,
    };
    sn_parallel_for(a->count, GRAIN, moments_body, &c);
    c.rate = *a->lr * trust(c.sums, sn_ceil_div(a->count, GRAIN));
    sn_parallel_for(a->count, GRAIN, move_body, &c);
    return SN_OK;
}
