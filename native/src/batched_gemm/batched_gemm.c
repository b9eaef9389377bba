/* Many matrix products of one size. Large ones run one after the other, each on all threads; small ones are shared out, a
 * part of the workspace for each share. */
#include "core/check.h"
#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"

enum { SHARES = 32, LARGE = 1 << 22, GRAIN = 1 << 16, ALIGNMENT = 64 };

typedef struct {
    const sn_batched_gemm_args *a;
    sn_gemm_args one;
    int32_t isa;
    int64_t element, grain, slot_bytes;
    char *slots;
} job;

static sn_gemm_args one_of(const sn_batched_gemm_args *a) {
    return (sn_gemm_args){.dtype = a->dtype, .trans_a = a->trans_a, .trans_b = a->trans_b, .m = a->m, .n = a->n, .k = a->k,
        .alpha = a->alpha, .lda = a->trans_a ? a->m : a->k, .ldb = a->trans_b ? a->k : a->n, .ldc = a->n};
}

/* Product i of the batch. */
static sn_status run_one(const job *j, int64_t i, char *workspace) {
    const sn_batched_gemm_args *a = j->a;
    sn_gemm_args g = j->one;
    int64_t rest = i, at_a = 0, at_b = 0;
    for (int d = a->dims - 1; d >= 0; d--) {
        at_a += rest % a->shape[d] * a->stride_a[d];
        at_b += rest % a->shape[d] * a->stride_b[d];
        rest /= a->shape[d];
    }
    g.a = (const char *)a->a + at_a * j->element;
    g.b = (const char *)a->b + at_b * j->element;
    g.c = (char *)a->c + i * a->m * a->n * j->element;
    g.workspace = workspace;
    return sn_gemm(&g);
}

static void share(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int32_t before = sn_isa_override(j->isa);
    for (int64_t i = begin; i < end; i++) run_one(j, i, j->slots + begin / j->grain * j->slot_bytes);
    sn_isa_override(before);
}

/* *batches: how many; *grain: a share's, 0 for one after the other. */
static sn_status check(const sn_batched_gemm_args *a, int64_t *batches, int64_t *grain) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(a->dims >= 0 && a->dims <= SN_MAX_DIMS && a->m >= 1 && a->n >= 1 && a->k >= 0, SN_ERR_SIZE);
    const sn_gemm_args one = one_of(a);
    const int64_t bytes = sn_gemm_workspace(&one);
    SN_REQUIRE(bytes >= 0, (sn_status)-bytes);
    *batches = 1;
    for (int d = 0; d < a->dims; d++) {
        SN_REQUIRE(a->shape[d] >= 1 && a->stride_a[d] >= 0 && a->stride_b[d] >= 0, SN_ERR_SIZE);
        SN_REQUIRE(sn_mul(a->shape[d], a->stride_a[d]) >= 0 && sn_mul(a->shape[d], a->stride_b[d]) >= 0, SN_ERR_SIZE);
        *batches = sn_mul(*batches, a->shape[d]);
    }
    SN_REQUIRE(sn_mul(sn_mul(*batches, a->m), a->n) >= 0, SN_ERR_SIZE);
    const double work = (double)a->m * (double)a->n * (double)(a->k + 1);
    *grain = *batches == 1 || work >= LARGE ? 0 : sn_max(sn_ceil_div(*batches, SHARES), (int64_t)(GRAIN / work) + 1);
    return SN_OK;
}

static int64_t slot_bytes(const sn_batched_gemm_args *a) {
    const sn_gemm_args one = one_of(a);
    return sn_ceil_div(sn_gemm_workspace(&one), ALIGNMENT) * ALIGNMENT;
}

int64_t sn_batched_gemm_workspace(const sn_batched_gemm_args *a) {
    int64_t batches = 0, grain = 0;
    const sn_status status = check(a, &batches, &grain);
    if (status != SN_OK) return -status;
    return (grain == 0 ? 1 : sn_ceil_div(batches, grain)) * slot_bytes(a);
}

sn_status sn_batched_gemm(const sn_batched_gemm_args *a) {
    int64_t batches = 0, grain = 0;
    const sn_status status = check(a, &batches, &grain);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->c && ((a->a && a->b) || a->k == 0), SN_ERR_NULL);
    const int64_t bytes = sn_batched_gemm_workspace(a);
    SN_REQUIRE(a->workspace_bytes >= bytes, SN_ERR_MEMORY);
    SN_REQUIRE(a->workspace || bytes == 0, SN_ERR_NULL);
    job j = {.a = a, .one = one_of(a), .isa = sn_isa_current(), .element = sn_size_of(a->dtype), .grain = grain,
        .slot_bytes = slot_bytes(a), .slots = a->workspace};
    j.one.workspace_bytes = j.slot_bytes;
    if (grain > 0) {
        sn_parallel_for(batches, grain, share, &j);
        return SN_OK;
    }
    sn_status each = SN_OK;
    for (int64_t i = 0; i < batches && each == SN_OK; i++) each = run_one(&j, i, j.slots);
    return each;
}
