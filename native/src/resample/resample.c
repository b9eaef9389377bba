/* resample: every line along one dimension times a sparse matrix: resizing, padding by mirroring, windows side by side,
 * averages over bins of any size, and, with the transposed matrix, the gradients of all of them. */
#include "resample/resample.h"

#include "core/isa.h"
#include "pool/pool.h"

static sn_resample_kernel *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_resample__generic, sn_f32_resample__avx2, sn_f32_resample__avx512, sn_f32_resample__generic);

/* Terms of one chunk; columns of one piece, a multiple of a cache line. */
enum { GRAIN = 16384, PIECE = 16384 };

typedef struct {
    sn_resample_kernel *kernel;
    const sn_resample_args *a;
    int64_t pieces; /* of a row */
} resample_context;

static void body(void *context, int64_t begin, int64_t end) {
    const resample_context *c = context;
    if (c->pieces == 1) {
        c->kernel(c->a, begin, end, 0, c->a->inner);
        return;
    }
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t row = unit / c->pieces, from = unit % c->pieces * PIECE;
        c->kernel(c->a, row, row + 1, from, sn_min(from + PIECE, c->a->inner));
    }
}

/* The matrix: rows of any number of terms one after the other, whose places exist. */
static sn_status check_matrix(const sn_resample_args *a) {
    SN_REQUIRE(a->offset[0] == 0, SN_ERR_VALUE);
    for (int64_t o = 0; o < a->outputs; o++) SN_REQUIRE(a->offset[o + 1] >= a->offset[o] && a->offset[o + 1] <= a->terms, SN_ERR_VALUE);
    SN_REQUIRE(a->offset[a->outputs] == a->terms, SN_ERR_VALUE);
    for (int64_t t = 0; t < a->terms; t++) SN_REQUIRE(a->index[t] >= 0 && a->index[t] < a->size, SN_ERR_VALUE);
    return SN_OK;
}

sn_status sn_resample(const sn_resample_args *a) {
    SN_REQUIRE(a && a->x && a->y && a->offset, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->outer >= 1 && a->size >= 1 && a->inner >= 1 && a->outputs >= 1 && a->terms >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->outer, a->size), a->inner) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->outer, a->outputs), a->inner) >= 0 && sn_mul(a->terms, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->terms == 0 || (a->index && a->weight), SN_ERR_NULL);
    const sn_status status = check_matrix(a);
    SN_REQUIRE(status == SN_OK, status);
    resample_context c = {a->dtype == SN_F64 ? sn_f64_resample__generic : table[sn_isa_current()], a, sn_ceil_div(a->inner, PIECE)};
    const double cost = (double)sn_min(a->inner, PIECE) * (1 + (double)a->terms / (double)a->outputs);
    sn_parallel_for(a->outer * a->outputs * c.pieces, cost < GRAIN ? (int64_t)(GRAIN / cost) : 1, body, &c);
    return SN_OK;
}
