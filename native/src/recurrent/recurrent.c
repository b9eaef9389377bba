/* Recurrent layers over a whole sequence, one direction: rnn, lstm, gru. The state's product with the weight is one gemm
 * a step, its weight packed once a call; gates, cell and state of a step are one sweep. A sample that has ended, or not
 * begun, keeps its state. */
#include "recurrent/recurrent.h"

#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"

enum { KINDS = 4, GRAIN = 2048, ALIGNMENT = 64 };

static sn_recurrent_kernel *const forward_f64[KINDS] = {sn_f64_rnn_forward__generic, sn_f64_rnn_forward__generic,
    sn_f64_lstm_forward__generic,
                                                        sn_f64_gru_forward__generic};
static sn_recurrent_gradient_kernel *const backward_f64[KINDS] = {sn_f64_rnn_backward__generic, sn_f64_rnn_backward__generic,
                                                                  sn_f64_lstm_backward__generic, sn_f64_gru_backward__generic};
static sn_recurrent_kernel *const forward_f32[KINDS][SN_ISA_COUNT] = {
    SN_ISA_TABLE(sn_f32_rnn_forward__generic, sn_f32_rnn_forward__avx2, sn_f32_rnn_forward__avx512, sn_f32_rnn_forward__neon),
    SN_ISA_TABLE(sn_f32_rnn_forward__generic, sn_f32_rnn_forward__avx2, sn_f32_rnn_forward__avx512, sn_f32_rnn_forward__neon),
    SN_ISA_TABLE(sn_f32_lstm_forward__generic, sn_f32_lstm_forward__avx2, sn_f32_lstm_forward__avx512, sn_f32_lstm_forward__neon),
    SN_ISA_TABLE(sn_f32_gru_forward__generic, sn_f32_gru_forward__avx2, sn_f32_gru_forward__avx512, sn_f32_gru_forward__neon)};
static sn_recurrent_gradient_kernel *const backward_f32[KINDS][SN_ISA_COUNT] = {
    SN_ISA_TABLE(sn_f32_rnn_backward__generic, sn_f32_rnn_backward__avx2, sn_f32_rnn_backward__avx512, sn_f32_rnn_backward__neon),
    SN_ISA_TABLE(sn_f32_rnn_backward__generic, sn_f32_rnn_backward__avx2, sn_f32_rnn_backward__avx512, sn_f32_rnn_backward__neon),
    SN_ISA_TABLE(sn_f32_lstm_backward__generic, sn_f32_lstm_backward__avx2, sn_f32_lstm_backward__avx512, sn_f32_lstm_backward__neon),
    SN_ISA_TABLE(sn_f32_gru_backward__generic, sn_f32_gru_backward__avx2, sn_f32_gru_backward__avx512, sn_f32_gru_backward__neon)};

static int64_t gates_of(int32_t kind) { return kind == SN_LSTM ? 4 : kind == SN_GRU ? 3 : 1; }

typedef struct {
    const sn_recurrent_args *a;
    sn_recurrent_kernel *forward;
    sn_recurrent_gradient_kernel *backward;
    int64_t element, row, gate_row; /* bytes */
    int64_t step, longest;
    char *hh;                       /* forward: [batch][gates]; backward: [steps][batch][gates], dgx but for the gru */
} job;

static int64_t length_of(const sn_recurrent_args *a, int64_t n) { return a->lengths ? a->lengths[n] : a->steps; }
static const char *at(const void *array, int64_t index, int64_t bytes) { return array ? (const char *)array + index * bytes : NULL; }
static char *out_at(void *array, int64_t index, int64_t bytes) { return array ? (char *)array + index * bytes : NULL; }

static void forward_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_recurrent_args *a = j->a;
    for (int64_t n = begin; n < end; n++) {
        const int64_t i = j->step * a->batch + n;
        if (j->step >= length_of(a, n)) {
            memset(out_at(a->y, i, j->row), 0, (size_t)j->row);
            if (a->gates) memset(out_at(a->gates, i, j->gate_row), 0, (size_t)j->gate_row);
            if (a->extra) memset(out_at(a->extra, i, j->row), 0, (size_t)j->row);
            continue;
        }
        const sn_recurrent_row r = {.hidden = a->hidden, .relu = a->kind == SN_RNN_RELU, .gx = at(a->gx, i, j->gate_row),
            .hh = at(j->hh, n, j->gate_row), .gates = out_at(a->gates, i, j->gate_row), .extra = out_at(a->extra, i, j->row), .state = out_at(a->hn, n, j->row),
            .cell = out_at(a->cn, n, j->row), .y = out_at(a->y, i, j->row)};
        j->forward(&r);
    }
}

static void backward_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_recurrent_args *a = j->a;
    const int lstm = a->kind == SN_LSTM;
    for (int64_t n = begin; n < end; n++) {
        const int64_t i = j->step * a->batch + n, length = length_of(a, n);
        char *dgx = out_at(a->dgx, i, j->gate_row), *dhh = out_at(j->hh, i, j->gate_row);
        if (j->step >= length) {
            memset(dgx, 0, (size_t)j->gate_row);
            memset(dhh, 0, (size_t)j->gate_row);
            continue;
        }
        const int first = j->step == (a->reverse ? length - 1 : 0);
        const void *before = first ? at(lstm ? a->c0 : a->h0, n, j->row)
                                   : at(lstm ? a->extra : a->y, i + (a->reverse ? a->batch : -a->batch), j->row);
        const sn_recurrent_gradient_row r = {.hidden = a->hidden, .relu = a->kind == SN_RNN_RELU, .gates = at(a->gates, i, j->gate_row),
            .extra = at(a->extra, i, j->row), .y = at(a->y, i, j->row), .before = before, .dy = at(a->dy, i, j->row),
            .state = out_at(a->dh0, n, j->row), .cell = out_at(a->dc0, n, j->row), .dgx = dgx, .dhh = dhh};
        j->backward(&r);
    }
}

/* ---- the products ---- */

/* hh = h weight^T + bias. */
static sn_gemm_args product(const sn_recurrent_args *a) {
    const int64_t g = gates_of(a->kind) * a->hidden;
    return (sn_gemm_args){.dtype = a->dtype, .trans_b = 1, .m = a->batch, .n = g, .k = a->hidden, .lda = a->hidden, .ldb = a->hidden,
        .ldc = g, .alpha = 1, .a = a->hn, .b = a->weight, .bias = a->bias};
}

/* dh += dhh weight. */
static sn_gemm_args product_gradient(const sn_recurrent_args *a) {
    const int64_t g = gates_of(a->kind) * a->hidden;
    return (sn_gemm_args){.dtype = a->dtype, .m = a->batch, .n = a->hidden, .k = g, .lda = g, .ldb = a->hidden, .ldc = a->hidden,
        .alpha = 1, .beta = 1, .b = a->weight, .c = a->dh0};
}

/* dweight = dhh^T h over so many rows. */
static sn_gemm_args weight_gradient(const sn_recurrent_args *a, int64_t rows) {
    const int64_t g = gates_of(a->kind) * a->hidden;
    return (sn_gemm_args){.dtype = a->dtype, .trans_a = 1, .m = g, .n = a->hidden, .k = rows, .lda = g, .ldb = a->hidden,
        .ldc = a->hidden, .alpha = 1, .c = a->dweight};
}

/* dbias: dhh summed over all rows. */
static sn_reduce_args bias_gradient(const sn_recurrent_args *a) {
    return (sn_reduce_args){.dtype = a->dtype, .kind = SN_SUM, .dims = 2, .shape = {a->steps * a->batch, gates_of(a->kind) * a->hidden},
        .reduced = {1, 0}, .y = a->dbias};
}

static int64_t rounded(int64_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

/* One step repays no packing. */
static int64_t packed_bytes(const sn_recurrent_args *a, const sn_gemm_args *g) { return a->steps > 1 ? sn_gemm_packed(g) : 0; }

static int64_t gemm_bytes(sn_gemm_args g, int64_t packed) {
    g.packed_bytes = packed;
    return sn_gemm_workspace(&g);
}

static sn_status check_sizes(const sn_recurrent_args *a) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->kind >= 0 && a->kind < KINDS, SN_ERR_CODE);
    SN_REQUIRE(a->reverse == 0 || a->reverse == 1, SN_ERR_VALUE);
    SN_REQUIRE(a->steps >= 1 && a->batch >= 1 && a->hidden >= 1, SN_ERR_SIZE);
    const int64_t g = sn_mul(gates_of(a->kind), a->hidden);
    SN_REQUIRE(sn_mul(g, a->hidden) >= 0 && sn_mul(sn_mul(a->steps, a->batch), g) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

int64_t sn_recurrent_forward_workspace(const sn_recurrent_args *a) {
    const sn_status status = check_sizes(a);
    if (status != SN_OK) return -status;
    const sn_gemm_args g = product(a);
    const int64_t packed = packed_bytes(a, &g);
    return ALIGNMENT + rounded(a->batch * g.n * sn_size_of(a->dtype)) + sn_max(packed, gemm_bytes(g, packed));
}

int64_t sn_recurrent_backward_workspace(const sn_recurrent_args *a) {
    const sn_status status = check_sizes(a);
    if (status != SN_OK) return -status;
    const sn_gemm_args g = product_gradient(a);
    const sn_reduce_args sum = bias_gradient(a);
    const int64_t packed = packed_bytes(a, &g), rows = a->batch * g.k * sn_size_of(a->dtype);
    int64_t scratch = sn_max(packed, gemm_bytes(g, packed));
    scratch = sn_max(scratch, gemm_bytes(weight_gradient(a, a->steps * a->batch), 0));
    scratch = sn_max(scratch, sn_reduce_workspace(&sum));
    return ALIGNMENT + (a->kind == SN_GRU ? rounded(a->steps * rows) : 0) + rounded(rows) + scratch;
}

/* Every length is from 0 to steps; *longest: the largest. */
static sn_status check_lengths(const sn_recurrent_args *a, int64_t *longest) {
    *longest = a->lengths ? 0 : a->steps;
    for (int64_t n = 0; a->lengths && n < a->batch; n++) {
        SN_REQUIRE(a->lengths[n] >= 0 && a->lengths[n] <= a->steps, SN_ERR_VALUE);
        *longest = sn_max(*longest, a->lengths[n]);
    }
    return SN_OK;
}

static sn_status check_memory(const sn_recurrent_args *a, int64_t bytes) {
    SN_REQUIRE(a->workspace_bytes >= bytes, SN_ERR_MEMORY);
    SN_REQUIRE(a->workspace, SN_ERR_NULL);
    return SN_OK;
}

static char *aligned(void *memory) { return (char *)(((uintptr_t)memory + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1)); }

static job job_of(const sn_recurrent_args *a, char *hh) {
    const int64_t element = sn_size_of(a->dtype);
    job j = {.a = a, .element = element, .row = a->hidden * element, .gate_row = gates_of(a->kind) * a->hidden * element, .hh = hh};
    const int32_t isa = sn_isa_current();
    j.forward = a->dtype == SN_F64 ? forward_f64[a->kind] : forward_f32[a->kind][isa];
    j.backward = a->dtype == SN_F64 ? backward_f64[a->kind] : backward_f32[a->kind][isa];
    return j;
}

static void begin_state(void *state, const void *from, int64_t bytes) {
    if (!state) return;
    if (from) memcpy(state, from, (size_t)bytes);
    else memset(state, 0, (size_t)bytes);
}

/* Packs b into memory for all steps, or gives the product a workspace when there is one only. */
static sn_status prepare(const sn_recurrent_args *a, sn_gemm_args *g, char *memory) {
    const int64_t packed = packed_bytes(a, g);
    if (packed == 0) {
        g->workspace = memory;
        g->workspace_bytes = gemm_bytes(*g, 0);
        return SN_OK;
    }
    g->packed = memory;
    g->packed_bytes = packed;
    return sn_gemm_pack(g);
}

sn_status sn_recurrent_forward(const sn_recurrent_args *a) {
    sn_status status = check_sizes(a);
    SN_REQUIRE(status == SN_OK, status);
    const int gated = a->kind == SN_LSTM || a->kind == SN_GRU;
    SN_REQUIRE(a->gx && a->weight && a->y && a->hn && (!gated || (a->gates && a->extra)) && (a->kind != SN_LSTM || a->cn), SN_ERR_NULL);
    status = check_memory(a, sn_recurrent_forward_workspace(a));
    SN_REQUIRE(status == SN_OK, status);
    job j = job_of(a, aligned(a->workspace));
    status = check_lengths(a, &j.longest);
    SN_REQUIRE(status == SN_OK, status);
    sn_gemm_args g = product(a);
    status = prepare(a, &g, j.hh + rounded(a->batch * j.gate_row));
    g.c = j.hh;
    begin_state(a->hn, a->h0, a->batch * j.row);
    if (a->kind == SN_LSTM) begin_state(a->cn, a->c0, a->batch * j.row);
    const int64_t grain = sn_max(1, GRAIN / a->hidden);
    for (int64_t s = 0; s < a->steps && status == SN_OK; s++) {
        j.step = a->reverse ? a->steps - 1 - s : s;
        if (j.step < j.longest) status = sn_gemm(&g);
        sn_parallel_for(a->batch, grain, forward_rows, &j);
    }
    return status;
}

/* dhh of each sample's first step. */
static const char *first_rows(const job *j, char *memory) {
    const sn_recurrent_args *a = j->a;
    if (!a->reverse) return j->hh;
    for (int64_t n = 0; n < a->batch; n++) {
        const int64_t length = length_of(a, n);
        begin_state(memory + n * j->gate_row, length > 0 ? at(j->hh, (length - 1) * a->batch + n, j->gate_row) : NULL, j->gate_row);
    }
    return memory;
}

/* dweight and dbias from all steps at once: y is the state before all of them but the first. */
static sn_status weight_gradients(const job *j, char *first, char *scratch) {
    const sn_recurrent_args *a = j->a;
    const int64_t step = a->batch, later = (a->steps - 1) * a->batch;
    if (a->dweight && later > 0) {
        sn_gemm_args g = weight_gradient(a, later);
        g.a = at(j->hh, a->reverse ? 0 : step, j->gate_row);
        g.b = at(a->y, a->reverse ? step : 0, j->row);
        g.workspace = scratch;
        g.workspace_bytes = gemm_bytes(g, 0);
        const sn_status status = sn_gemm(&g);
        SN_REQUIRE(status == SN_OK, status);
    }
    if (a->dweight && a->h0) {
        sn_gemm_args g = weight_gradient(a, step);
        g.beta = later > 0;
        g.a = first_rows(j, first);
        g.b = a->h0;
        g.workspace = scratch;
        g.workspace_bytes = gemm_bytes(g, 0);
        const sn_status status = sn_gemm(&g);
        SN_REQUIRE(status == SN_OK, status);
    } else if (a->dweight && later == 0) memset(a->dweight, 0, (size_t)(j->gate_row * a->hidden));
    if (!a->dbias) return SN_OK;
    sn_reduce_args sum = bias_gradient(a);
    sum.x = j->hh;
    sum.workspace = scratch;
    sum.workspace_bytes = sn_reduce_workspace(&sum);
    return sn_reduce(&sum);
}

sn_status sn_recurrent_backward(const sn_recurrent_args *a) {
    sn_status status = check_sizes(a);
    SN_REQUIRE(status == SN_OK, status);
    const int gated = a->kind == SN_LSTM || a->kind == SN_GRU;
    SN_REQUIRE(a->weight && a->y && a->dgx && a->dh0 && (!gated || (a->gates && a->extra)) && (a->kind != SN_LSTM || a->dc0), SN_ERR_NULL);
    status = check_memory(a, sn_recurrent_backward_workspace(a));
    SN_REQUIRE(status == SN_OK, status);
    job j = job_of(a, a->dgx);
    status = check_lengths(a, &j.longest);
    SN_REQUIRE(status == SN_OK, status);
    char *memory = aligned(a->workspace);
    if (a->kind == SN_GRU) {
        j.hh = memory;
        memory += rounded(a->steps * a->batch * j.gate_row);
    }
    char *scratch = memory + rounded(a->batch * j.gate_row);
    sn_gemm_args g = product_gradient(a);
    status = prepare(a, &g, scratch);
    begin_state(a->dh0, a->dhn, a->batch * j.row);
    if (a->kind == SN_LSTM) begin_state(a->dc0, a->dcn, a->batch * j.row);
    const int64_t grain = sn_max(1, GRAIN / a->hidden);
    for (int64_t s = 0; s < a->steps && status == SN_OK; s++) {
        j.step = a->reverse ? s : a->steps - 1 - s;
        sn_parallel_for(a->batch, grain, backward_rows, &j);
        g.a = at(j.hh, j.step * a->batch, j.gate_row);
        if (j.step < j.longest) status = sn_gemm(&g);
    }
    return status == SN_OK ? weight_gradients(&j, memory, scratch) : status;
}
