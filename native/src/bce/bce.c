/* bce: binary cross-entropy of logits x[rows][cols], and its gradient. */
#include "bce/bce.h"

#include "core/check.h"
#include "core/isa.h"
#include "core/partial_sum.h"
#include "pool/pool.h"

static sn_bce_forward_kernel *const forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_bce_forward__generic, sn_f32_bce_forward__avx2, sn_f32_bce_forward__avx512, sn_f32_bce_forward__neon);
static sn_bce_backward_kernel *const backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_bce_backward__generic, sn_f32_bce_backward__avx2, sn_f32_bce_backward__avx512, sn_f32_bce_backward__neon);

enum { GRAIN = 8192, PATTERN = 512 };

typedef struct {
    const sn_bce_args *a;
    sn_bce_forward_kernel *forward;   /* one of the two is NULL */
    sn_bce_backward_kernel *backward;
    int64_t grain;
    double scale;
    double *parts; /* [SN_PARTS]: the chunks' sums */
} bce_context;

static const void *at(const void *array, int64_t bytes) { return array ? (const char *)array + bytes : NULL; }

/* Elements [begin, end) of the arrays; pos_weight is that of element begin. */
static double run(const bce_context *c, int64_t begin, int64_t end, const void *pos_weight) {
    const sn_bce_args *a = c->a;
    const int64_t bytes = begin * sn_size_of(a->dtype);
    const int each = a->reduction == SN_REDUCTION_NONE;
    sn_bce_block b = {.x = at(a->x, bytes), .target = at(a->target, bytes), .weight = at(a->weight, bytes), .pos_weight = pos_weight,
                      .count = end - begin, .scale = c->scale};
    if (c->forward) {
        b.out = each ? (char *)a->loss + bytes : NULL;
        return c->forward(&b);
    }
    b.dloss = each ? at(a->dloss, bytes) : NULL;
    b.out = (char *)a->dx + bytes;
    c->backward(&b);
    return 0;
}

typedef union {
    float f32[PATTERN];
    double f64[PATTERN];
} pattern;

/* Copies the weights of `count` elements in row-major order, the first of them in column col. */
static void repeat(const sn_bce_args *a, int64_t col, int64_t count, pattern *p) {
    for (int64_t i = 0; i < count; i++) {
        if (a->dtype == SN_F64) p->f64[i] = ((const double *)a->pos_weight)[col];
        else p->f32[i] = ((const float *)a->pos_weight)[col];
        col = col + 1 == a->cols ? 0 : col + 1;
    }
}

/* The kernels want a pos_weight for each element: rows are done one by one, several short ones at once with a copy. */
static void body(void *context, int64_t begin, int64_t end) {
    bce_context *c = context;
    const sn_bce_args *a = c->a;
    double sum = 0;
    if (!a->pos_weight) {
        sum = run(c, begin, end, NULL);
    } else if (a->cols > PATTERN / 2) {
        for (int64_t i = begin, next; i < end; i = next) {
            next = sn_min(end, (i / a->cols + 1) * a->cols);
            sum += run(c, i, next, at(a->pos_weight, i % a->cols * sn_size_of(a->dtype)));
        }
    } else {
        pattern p;
        const int64_t period = PATTERN / a->cols * a->cols;
        repeat(a, begin % a->cols, sn_min(period, end - begin), &p);
        for (int64_t i = begin; i < end; i += period) sum += run(c, i, sn_min(end, i + period), &p);
    }
    if (c->forward && a->reduction != SN_REDUCTION_NONE) c->parts[begin / c->grain] = sum;
}

static sn_status check(const sn_bce_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->cols >= 1 && sn_mul(a->rows, a->cols) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

sn_status sn_bce_forward(const sn_bce_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->loss, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    const int64_t count = a->rows * a->cols;
    bce_context c = {.a = a, .grain = sn_part_grain(count, GRAIN)};
    c.forward = a->dtype == SN_F64 ? sn_f64_bce_forward__generic : forward_f32[sn_isa_current()];
    double parts[SN_PARTS];
    c.parts = parts;
    sn_parallel_for(count, c.grain, body, &c);
    if (a->reduction != SN_REDUCTION_NONE) {
        const double divisor = a->reduction == SN_REDUCTION_MEAN ? (double)count : 1;
        sn_store_scalar(a->dtype, a->loss, sn_part_total(c.parts, count, c.grain) / divisor);
    }
    return SN_OK;
}

sn_status sn_bce_backward(const sn_bce_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->dloss && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    const int64_t count = a->rows * a->cols;
    bce_context c = {.a = a, .grain = GRAIN, .scale = 1};
    c.backward = a->dtype == SN_F64 ? sn_f64_bce_backward__generic : backward_f32[sn_isa_current()];
    if (a->reduction != SN_REDUCTION_NONE) c.scale *= sn_load_scalar(a->dtype, a->dloss);
    if (a->reduction == SN_REDUCTION_MEAN) c.scale /= (double)count;
    sn_parallel_for(count, GRAIN, body, &c);
    return SN_OK;
}
