/* unary: elementwise functions of one argument and their derivatives. */
#include "unary/unary.h"

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

/* Elements of a chunk: as many as some 10 microseconds of work, by what the function costs. */
enum { GRAIN = 16384, SLOW_GRAIN = 8192 };

static sn_unary_kernel *const forward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_unary_forward__generic, sn_f32_unary_forward__generic, sn_f32_unary_forward__generic);
static sn_unary_kernel *const backward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_unary_backward__generic, sn_f32_unary_backward__generic, sn_f32_unary_backward__generic);

typedef struct {
    sn_unary_kernel *kernel;
    const sn_unary_args *args;
    int64_t size; /* bytes of an element */
} unary_context;

static const void *at(const void *array, int64_t bytes) { return array ? (const unsigned char *)array + bytes : NULL; }

static void body(void *context, int64_t begin, int64_t end) {
    const unary_context *c = context;
    const sn_unary_args *a = c->args;
    const sn_unary_span span = {
        .kind = a->kind,
        .alpha = a->alpha,
        .beta = a->beta,
        .n = end - begin,
        .x = at(a->x, begin * c->size),
        .y = (void *)at(a->y, begin * c->size),
        .dy = at(a->dy, begin * c->size),
        .dx = (void *)at(a->dx, begin * c->size),
    };
    c->kernel(&span);
}

static sn_status check(const sn_unary_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->kind >= 0 && a->kind < SN_UNARY_KINDS, SN_ERR_CODE);
    SN_REQUIRE(a->count >= 0 && a->count <= SN_MAX_ELEMENTS, SN_ERR_SIZE);
    if (a->kind == SN_LEAKY_RELU || a->kind == SN_ELU) SN_REQUIRE(a->alpha == a->alpha, SN_ERR_VALUE);
    return SN_OK;
}

/* Whether backward has the array it computes the derivative from. */
static int has_input(const sn_unary_args *a) {
    switch (a->kind) {
    case SN_RELU: return a->x || a->y;
    case SN_LEAKY_RELU:
    case SN_ELU: return a->x || (a->y && a->alpha > 0);
    case SN_SIGMOID:
    case SN_TANH:
    case SN_EXP:
    case SN_SQRT:
    case SN_RECIPROCAL: return a->y != NULL;
    case SN_GELU:
    case SN_GELU_TANH:
    case SN_LOG:
    case SN_SQUARE:
    case SN_ABS: return a->x != NULL;
    default: return 1;
    }
}

static sn_status run(const sn_unary_args *a, sn_unary_kernel *kernel) {
    unary_context c = {.kernel = kernel, .args = a, .size = sn_size_of(a->dtype)};
    const int slow = a->kind == SN_SIGMOID || a->kind == SN_TANH || (a->kind >= SN_ELU && a->kind <= SN_LOG);
    sn_parallel_for(a->count, slow ? SLOW_GRAIN : GRAIN, body, &c);
    return SN_OK;
}

sn_status sn_unary_forward(const sn_unary_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    return run(a, a->dtype == SN_F64 ? sn_f64_unary_forward__generic : forward_table[sn_isa_current()]);
}

sn_status sn_unary_backward(const sn_unary_args *a) {
    SN_REQUIRE(a && a->dy && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    SN_REQUIRE(has_input(a), SN_ERR_NULL);
    return run(a, a->dtype == SN_F64 ? sn_f64_unary_backward__generic : backward_table[sn_isa_current()]);
}
