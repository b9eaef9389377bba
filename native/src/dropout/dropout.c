/* dropout: y[count] = x[count] with elements zeroed at random, a function of seed, step and index alone. */
#include "dropout/dropout.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

static sn_dropout_kernel *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_dropout__generic, sn_f32_dropout__avx2, sn_f32_dropout__avx512, sn_f32_dropout__neon);

typedef struct {
    sn_dropout_kernel *kernel;
    sn_dropout_mask mask;
    const void *x;
    void *y;
} dropout_context;

static void body(void *context, int64_t begin, int64_t end) {
    const dropout_context *c = context;
    c->kernel(&c->mask, c->x, c->y, begin, end);
}

sn_status sn_dropout(const sn_dropout_args *a) {
    SN_REQUIRE(a && a->x && a->y && a->step, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->p >= 0 && a->p <= 1, SN_ERR_VALUE);
    dropout_context c = {
        .kernel = a->dtype == SN_F64 ? sn_f64_dropout__generic : table[sn_isa_current()],
        .mask = {sn_philox_of(a->seed, *a->step), (uint64_t)ceil(a->p * 0x1p32), a->p < 1 ? 1 / (1 - a->p) : 0},
        .x = a->x,
        .y = a->y,
    };
    sn_parallel_for(a->count, GRAIN, body, &c);
    return SN_OK;
}
