/* adaptive: one step of an optimiser whose rate is another for each parameter. */
#include "adaptive/adaptive.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { GRAIN = 8192 };

static sn_adaptive_kernel *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_adaptive__generic, sn_f32_adaptive__avx2, sn_f32_adaptive__avx512, sn_f32_adaptive__neon);

typedef struct {
    sn_adaptive_kernel *kernel;
    sn_adaptive_step step;
    sn_adaptive_arrays arrays;
    int64_t size;
} adaptive_context;

static void body(void *context, int64_t begin, int64_t end) {
    const adaptive_context *c = context;
    const sn_adaptive_arrays part = sn_adaptive_from(&c->arrays, begin, c->size);
    c->kernel(&c->step, &part, end - begin);
}

/* The numbers of the Adam family: rate = lr / (1 - beta1^t), scale = 1 / sqrt(1 - beta2^t). */
static void adam_numbers(const sn_adaptive_args *a, sn_adaptive_step *s) {
    const double t = (double)*a->step;
    s->rate = *a->lr / (1 - pow(a->beta1, t));
    s->scale = 1 / sqrt(1 - pow(a->beta2, t));
    s->keep = a->decoupled ? 1 - *a->lr * a->weight_decay : 1;
    s->weight_decay = a->decoupled ? 0 : a->weight_decay;
}

/* mu_i = beta1 (1 - 0.96^(i decay) / 2); the product of mu_1 to mu_t, 0 once it is too small to count beside 1. */
static double nadam_product(double beta1, double decay, int64_t t) {
    if (pow(beta1, (double)t) < 1e-18) return 0; /* no mu is larger than beta1 */
    const double factor = pow(0.96, decay);
    double product = 1, power = factor;
    for (int64_t i = 1; i <= t; i++, power *= factor) product *= beta1 * (1 - 0.5 * power);
    return product;
}

static void nadam_numbers(const sn_adaptive_args *a, sn_adaptive_step *s) {
    const double t = (double)*a->step, decay = a->extra;
    const double mu = a->beta1 * (1 - 0.5 * pow(0.96, t * decay)), next = a->beta1 * (1 - 0.5 * pow(0.96, (t + 1) * decay));
    const double product = nadam_product(a->beta1, decay, *a->step);
    s->rate = *a->lr * next / (1 - product * next);
    s->rate2 = *a->lr * (1 - mu) / (1 - product);
}

static void radam_numbers(const sn_adaptive_args *a, sn_adaptive_step *s) {
    const double t = (double)*a->step, power = pow(a->beta2, t);
    const double most = 2 / (1 - a->beta2) - 1, length = most - 2 * t * power / (1 - power);
    s->plain = !(length > 5);
    if (!s->plain) {
        const double part = (length - 4) * (length - 2) * most, whole = (most - 4) * (most - 2) * length;
        s->rate *= sqrt(part / whole) * sqrt(1 - power);
    }
}

static sn_adaptive_step numbers(const sn_adaptive_args *a) {
    sn_adaptive_step s = {.rule = a->rule, .keep = 1, .weight_decay = a->weight_decay, .beta1 = a->beta1, .beta2 = a->beta2,
                          .eps = a->eps, .rate = *a->lr};
    switch (a->rule) {
    case SN_ADAPTIVE_ADAGRAD: s.rate = *a->lr / (1 + (double)(*a->step - 1) * a->extra); break;
    case SN_ADAPTIVE_ADAMAX: s.rate = *a->lr / (1 - pow(a->beta1, (double)*a->step)); break;
    case SN_ADAPTIVE_AMSGRAD: adam_numbers(a, &s); break;
    case SN_ADAPTIVE_NADAM:
        adam_numbers(a, &s);
        nadam_numbers(a, &s);
        break;
    case SN_ADAPTIVE_RADAM:
        adam_numbers(a, &s);
        radam_numbers(a, &s);
        break;
    case SN_ADAPTIVE_RPROP:
        s.plain = *a->step == 1;
        s.rate2 = a->extra;
        break;
    default: break;
    }
    return s;
}

static int is_share(double x) { return x >= 0 && x < 1; }

static sn_status check_numbers(const sn_adaptive_args *a) {
    SN_REQUIRE(isfinite(*a->lr) && isfinite(a->weight_decay) && *a->step >= 1, SN_ERR_VALUE);
    SN_REQUIRE(isfinite(a->eps) && a->eps >= 0 && isfinite(a->extra) && a->extra >= 0, SN_ERR_VALUE);
    SN_REQUIRE(isfinite(a->beta1) && a->beta1 >= 0 && isfinite(a->beta2) && a->beta2 >= 0, SN_ERR_VALUE);
    switch (a->rule) {
    case SN_ADAPTIVE_ADAGRAD: return SN_OK;
    case SN_ADAPTIVE_ADADELTA:
    case SN_ADAPTIVE_RMSPROP: return a->beta1 <= 1 ? SN_OK : SN_ERR_VALUE;
    case SN_ADAPTIVE_RPROP: return a->beta1 > 0 && a->beta1 < 1 && a->beta2 > 1 && a->eps <= a->extra ? SN_OK : SN_ERR_VALUE;
    default: return is_share(a->beta1) && is_share(a->beta2) ? SN_OK : SN_ERR_VALUE;
    }
}

/* Which states a rule must have, and which it may have, as bits. */
static void states(int32_t rule, int *must, int *may) {
    *must = rule == SN_ADAPTIVE_ADAGRAD || rule == SN_ADAPTIVE_RMSPROP ? 1 : rule == SN_ADAPTIVE_AMSGRAD ? 7 : 3;
    *may = rule == SN_ADAPTIVE_RMSPROP ? 7 : *must;
}

sn_status sn_adaptive(const sn_adaptive_args *a) {
    SN_REQUIRE(a && a->param && a->grad && a->lr && a->step, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->rule >= SN_ADAPTIVE_ADAGRAD && a->rule <= SN_ADAPTIVE_RPROP, SN_ERR_CODE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    const sn_status status = check_numbers(a);
    SN_REQUIRE(status == SN_OK, status);
    int must, may;
    states(a->rule, &must, &may);
    const int given = (a->state0 ? 1 : 0) | (a->state1 ? 2 : 0) | (a->state2 ? 4 : 0);
    SN_REQUIRE((given & must) == must, SN_ERR_NULL);
    adaptive_context c = {
        .kernel = a->dtype == SN_F64 ? sn_f64_adaptive__generic : table[sn_isa_current()],
        .step = numbers(a),
        .arrays = {a->param, a->grad, {a->state0, may & 2 ? a->state1 : NULL, may & 4 ? a->state2 : NULL}},
        .size = sn_size_of(a->dtype),
    };
    sn_parallel_for(a->count, GRAIN, body, &c);
    return SN_OK;
}
