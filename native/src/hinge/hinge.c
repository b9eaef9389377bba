/* hinge: multi-class hinge loss. */
#include "hinge/hinge.h"

#include <math.h>

#include "core/isa.h"
#include "core/labels.h"
#include "core/loss.h"
#include "pool/pool.h"

/* Elements of a chunk, which is some whole rows. */
enum { GRAIN = 16384 };

static sn_hinge_forward_kernel *const forward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_hinge_forward__generic, sn_f32_hinge_forward__generic, sn_f32_hinge_forward__generic);
static sn_hinge_backward_kernel *const backward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_hinge_backward__generic, sn_f32_hinge_backward__generic, sn_f32_hinge_backward__generic);

typedef struct {
    const sn_hinge_args *args;
    sn_hinge_forward_kernel *forward;
    sn_hinge_backward_kernel *backward;
    double scale;
    int64_t size, grain;
    double sums[SN_LOSS_CHUNKS];
} hinge_context;

static void *at(const void *array, int64_t bytes) { return (unsigned char *)array + bytes; }

static sn_hinge_block block(const hinge_context *c, int64_t begin, int64_t end) {
    const sn_hinge_args *a = c->args;
    return (sn_hinge_block){
        .rows = end - begin,
        .classes = a->classes,
        .p = a->p,
        .margin = a->margin,
        .divisor = a->mean_over_classes ? (double)a->classes : 1,
        .x = at(a->x, begin * a->classes * c->size),
        .labels = a->labels + begin,
        .weights = a->weights,
        .scale = c->scale,
    };
}

static void forward_body(void *context, int64_t begin, int64_t end) {
    hinge_context *c = context;
    sn_hinge_block t = block(c, begin, end);
    if (c->args->reduction == SN_REDUCTION_NONE) t.loss = at(c->args->loss, begin * c->size);
    c->sums[begin / c->grain] = c->forward(&t);
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const hinge_context *c = context;
    sn_hinge_block t = block(c, begin, end);
    if (c->args->reduction == SN_REDUCTION_NONE) t.dloss = at(c->args->dloss, begin * c->size);
    t.dx = at(c->args->dx, begin * t.classes * c->size);
    c->backward(&t);
}

static sn_status check(const sn_hinge_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->rows >= 0 && a->classes >= 1 && sn_mul(a->rows, a->classes) >= 0, SN_ERR_SIZE);
    SN_REQUIRE((a->p == 1 || a->p == 2) && isfinite(a->margin), SN_ERR_VALUE);
    SN_REQUIRE(a->mean_over_classes == 0 || a->mean_over_classes == 1, SN_ERR_VALUE);
    const sn_labels labels = {
        .labels = a->labels,
        .rows = a->rows,
        .classes = a->classes,
        .ignore_index = INT64_MIN, /* no label is */
        .dtype = a->dtype,
    };
    return sn_labels_check(&labels, NULL);
}

static void start(hinge_context *c, const sn_hinge_args *a) {
    c->args = a;
    c->scale = 1;
    c->size = sn_size_of(a->dtype);
    c->grain = sn_loss_grain(a->rows, sn_max(GRAIN / a->classes, 1));
}

sn_status sn_hinge_forward(const sn_hinge_args *a) {
    SN_REQUIRE(a && a->x && a->labels && a->loss, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    hinge_context c;
    start(&c, a);
    c.forward = a->dtype == SN_F64 ? sn_f64_hinge_forward__generic : forward_table[sn_isa_current()];
    sn_parallel_for(a->rows, c.grain, forward_body, &c);
    if (a->reduction == SN_REDUCTION_NONE) return SN_OK;
    const double total = sn_loss_total(c.sums, a->rows, c.grain);
    sn_write(a->loss, a->dtype, a->reduction == SN_REDUCTION_MEAN ? total / (double)a->rows : total);
    return SN_OK;
}

sn_status sn_hinge_backward(const sn_hinge_args *a) {
    SN_REQUIRE(a && a->x && a->labels && a->dloss && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    hinge_context c;
    start(&c, a);
    c.backward = a->dtype == SN_F64 ? sn_f64_hinge_backward__generic : backward_table[sn_isa_current()];
    if (a->reduction != SN_REDUCTION_NONE) c.scale = sn_read(a->dloss, a->dtype);
    if (a->reduction == SN_REDUCTION_MEAN) c.scale /= (double)a->rows;
    sn_parallel_for(a->rows, c.grain, backward_body, &c);
    return SN_OK;
}
