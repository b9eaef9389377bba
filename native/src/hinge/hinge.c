/* hinge: the multi-class hinge loss of x[rows][classes], and its gradient. */
#include "hinge/hinge.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/labels.h"
#include "core/partial_sum.h"
#include "pool/pool.h"

static sn_hinge_forward_kernel *const forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_hinge_forward__generic, sn_f32_hinge_forward__avx2, sn_f32_hinge_forward__avx512, sn_f32_hinge_forward__neon);
static sn_hinge_backward_kernel *const backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_hinge_backward__generic, sn_f32_hinge_backward__avx2, sn_f32_hinge_backward__avx512, sn_f32_hinge_backward__neon);

enum { GRAIN = 16384 };

typedef struct {
    const sn_hinge_args *a;
    sn_hinge_forward_kernel *forward;
    sn_hinge_backward_kernel *backward;
    int64_t row_bytes, grain;
    double *parts; /* [SN_PARTS]: the chunks' sums */
} hinge_context;

/* w[t] / d */
static double factor(const sn_hinge_args *a, int64_t t) {
    const double d = a->mean_over_classes ? (double)a->classes : 1;
    if (!a->weights) return 1 / d;
    return (a->dtype == SN_F64 ? ((const double *)a->weights)[t] : ((const float *)a->weights)[t]) / d;
}

static void forward_body(void *context, int64_t begin, int64_t end) {
    hinge_context *c = context;
    const sn_hinge_args *a = c->a;
    double total = 0;
    for (int64_t r = begin; r < end; r++) {
        const sn_hinge_row row = {a->classes, a->labels[r], a->margin, a->p};
        const double loss = factor(a, row.t) * c->forward(&row, (const char *)a->x + r * c->row_bytes);
        if (a->reduction == SN_REDUCTION_NONE) sn_store_scalar(a->dtype, (char *)a->loss + r * sn_size_of(a->dtype), loss);
        total += loss;
    }
    if (a->reduction != SN_REDUCTION_NONE) c->parts[begin / c->grain] = total;
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const hinge_context *c = context;
    const sn_hinge_args *a = c->a;
    for (int64_t r = begin; r < end; r++) {
        const sn_hinge_row row = {a->classes, a->labels[r], a->margin, a->p};
        const int64_t at = a->reduction == SN_REDUCTION_NONE ? r : 0;
        double g = sn_load_scalar(a->dtype, (const char *)a->dloss + at * sn_size_of(a->dtype));
        if (a->reduction == SN_REDUCTION_MEAN) g /= (double)a->rows;
        c->backward(&row, (const char *)a->x + r * c->row_bytes, g * factor(a, row.t), (char *)a->dx + r * c->row_bytes);
    }
}

static sn_status check(const sn_hinge_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->classes >= 1 && sn_mul(a->rows, a->classes) >= 0, SN_ERR_SIZE);
    SN_REQUIRE((a->p == 1 || a->p == 2) && isfinite(a->margin), SN_ERR_VALUE);
    const sn_labels labels = {.labels = a->labels, .rows = a->rows, .classes = a->classes, .ignore_index = INT64_MIN};
    return sn_labels_check(&labels, NULL);
}

static hinge_context prepare(const sn_hinge_args *a) {
    const int64_t grain = a->classes >= GRAIN ? 1 : GRAIN / sn_max(a->classes, 16);
    return (hinge_context){.a = a, .row_bytes = a->classes * sn_size_of(a->dtype), .grain = sn_part_grain(a->rows, grain)};
}

sn_status sn_hinge_forward(const sn_hinge_args *a) {
    SN_REQUIRE(a && a->x && a->labels && a->loss, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    hinge_context c = prepare(a);
    c.forward = a->dtype == SN_F64 ? sn_f64_hinge_forward__generic : forward_f32[sn_isa_current()];
    double parts[SN_PARTS];
    c.parts = parts;
    sn_parallel_for(a->rows, c.grain, forward_body, &c);
    if (a->reduction != SN_REDUCTION_NONE) {
        const double divisor = a->reduction == SN_REDUCTION_MEAN ? (double)a->rows : 1;
        sn_store_scalar(a->dtype, a->loss, sn_part_total(c.parts, a->rows, c.grain) / divisor);
    }
    return SN_OK;
}

sn_status sn_hinge_backward(const sn_hinge_args *a) {
    SN_REQUIRE(a && a->x && a->labels && a->dloss && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    hinge_context c = prepare(a);
    c.backward = a->dtype == SN_F64 ? sn_f64_hinge_backward__generic : backward_f32[sn_isa_current()];
    sn_parallel_for(a->rows, c.grain, backward_body, &c);
    return SN_OK;
}
