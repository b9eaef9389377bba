/* bce: binary cross-entropy with logits. */
#include "bce/bce.h"

#include "core/isa.h"
#include "core/loss.h"
#include "pool/pool.h"

enum { GRAIN = 4096 };

static sn_bce_forward_kernel *const forward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_bce_forward__generic, sn_f32_bce_forward__generic, sn_f32_bce_forward__generic);
static sn_bce_backward_kernel *const backward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_bce_backward__generic, sn_f32_bce_backward__generic, sn_f32_bce_backward__generic);

typedef struct {
    const sn_bce_args *args;
    sn_bce_forward_kernel *forward;
    sn_bce_backward_kernel *backward;
    double scale;
    int64_t size, grain;
    double sums[SN_LOSS_CHUNKS];
} bce_context;

static void *at(const void *array, int64_t element, int64_t size) {
    return array ? (unsigned char *)array + element * size : NULL;
}

/* The next span of [begin, end): up to the end of a row if the columns have weights. */
static sn_bce_span span(const bce_context *c, int64_t begin, int64_t end) {
    const sn_bce_args *a = c->args;
    const int64_t column = a->pos_weight ? begin % a->cols : 0;
    return (sn_bce_span){
        .n = a->pos_weight ? sn_min(end - begin, a->cols - column) : end - begin,
        .x = at(a->x, begin, c->size),
        .target = at(a->target, begin, c->size),
        .weight = at(a->weight, begin, c->size),
        .pos_weight = at(a->pos_weight, column, c->size),
        .scale = c->scale,
    };
}

static void forward_body(void *context, int64_t begin, int64_t end) {
    bce_context *c = context;
    const int64_t chunk = begin / c->grain;
    double sum = 0;
    while (begin < end) {
        sn_bce_span t = span(c, begin, end);
        if (c->args->reduction == SN_REDUCTION_NONE) t.loss = at(c->args->loss, begin, c->size);
        sum += c->forward(&t);
        begin += t.n;
    }
    c->sums[chunk] = sum;
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const bce_context *c = context;
    while (begin < end) {
        sn_bce_span t = span(c, begin, end);
        if (c->args->reduction == SN_REDUCTION_NONE) t.dloss = at(c->args->dloss, begin, c->size);
        t.dx = at(c->args->dx, begin, c->size);
        c->backward(&t);
        begin += t.n;
    }
}

static sn_status check(const sn_bce_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->rows >= 0 && a->cols >= 1 && sn_mul(a->rows, a->cols) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

static void start(bce_context *c, const sn_bce_args *a) {
    c->args = a;
    c->scale = 1;
    c->size = sn_size_of(a->dtype);
    c->grain = sn_loss_grain(a->rows * a->cols, GRAIN);
}

sn_status sn_bce_forward(const sn_bce_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->loss, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    bce_context c;
    start(&c, a);
    c.forward = a->dtype == SN_F64 ? sn_f64_bce_forward__generic : forward_table[sn_isa_current()];
    const int64_t count = a->rows * a->cols;
    sn_parallel_for(count, c.grain, forward_body, &c);
    if (a->reduction == SN_REDUCTION_NONE) return SN_OK;
    const double total = sn_loss_total(c.sums, count, c.grain);
    sn_write(a->loss, a->dtype, a->reduction == SN_REDUCTION_MEAN ? total / (double)count : total);
    return SN_OK;
}

sn_status sn_bce_backward(const sn_bce_args *a) {
    SN_REQUIRE(a && a->x && a->target && a->dloss && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    bce_context c;
    start(&c, a);
    c.backward = a->dtype == SN_F64 ? sn_f64_bce_backward__generic : backward_table[sn_isa_current()];
    const int64_t count = a->rows * a->cols;
    if (a->reduction != SN_REDUCTION_NONE) c.scale = sn_read(a->dloss, a->dtype);
    if (a->reduction == SN_REDUCTION_MEAN) c.scale /= (double)count;
    sn_parallel_for(count, c.grain, backward_body, &c);
    return SN_OK;
}
