/* softmax: over the rows of a matrix, or its logarithm. */
#include "softmax/softmax.h"

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

/* Elements of a chunk, which is some whole rows. */
enum { GRAIN = 8192 };

static sn_softmax_kernel *const forward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_softmax_forward__generic, sn_f32_softmax_forward__generic, sn_f32_softmax_forward__generic);
static sn_softmax_kernel *const backward_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_softmax_backward__generic, sn_f32_softmax_backward__generic, sn_f32_softmax_backward__generic);

typedef struct {
    sn_softmax_kernel *kernel;
    const sn_softmax_args *args;
    int64_t row_bytes;
} softmax_context;

static void *row(const void *array, int64_t bytes) { return array ? (unsigned char *)array + bytes : NULL; }

static void body(void *context, int64_t begin, int64_t end) {
    const softmax_context *c = context;
    const sn_softmax_args *a = c->args;
    const int64_t offset = begin * c->row_bytes;
    const sn_softmax_block block = {
        .log = a->log,
        .rows = end - begin,
        .cols = a->cols,
        .x = row(a->x, offset),
        .y = row(a->y, offset),
        .dy = row(a->dy, offset),
        .dx = row(a->dx, offset),
    };
    c->kernel(&block);
}

static sn_status run(const sn_softmax_args *a, sn_softmax_kernel *f64, sn_softmax_kernel *const *f32) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->log == 0 || a->log == 1, SN_ERR_VALUE);
    SN_REQUIRE(a->rows >= 0 && a->cols >= 1 && sn_mul(a->rows, a->cols) >= 0, SN_ERR_SIZE);
    softmax_context c = {
        .kernel = a->dtype == SN_F64 ? f64 : f32[sn_isa_current()],
        .args = a,
        .row_bytes = a->cols * sn_size_of(a->dtype),
    };
    sn_parallel_for(a->rows, sn_max(GRAIN / a->cols, 1), body, &c);
    return SN_OK;
}

sn_status sn_softmax_forward(const sn_softmax_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    return run(a, sn_f64_softmax_forward__generic, forward_table);
}

sn_status sn_softmax_backward(const sn_softmax_args *a) {
    SN_REQUIRE(a && a->y && a->dy && a->dx, SN_ERR_NULL);
    return run(a, sn_f64_softmax_backward__generic, backward_table);
}
