/* groupnorm: normalisation of groups of channels of each sample of x[n][rows][c], and its gradient. */
#include "groupnorm/groupnorm.h"

#include <math.h>
#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"

static sn_groupnorm_forward_rows *const forward_rows_f32[SN_ISA_COUNT] = SN_ISA_TABLE(
    sn_f32_groupnorm_forward_rows__generic, sn_f32_groupnorm_forward_rows__avx2, sn_f32_groupnorm_forward_rows__avx512,
    sn_f32_groupnorm_forward_rows__neon);
static sn_groupnorm_backward_rows *const backward_rows_f32[SN_ISA_COUNT] = SN_ISA_TABLE(
    sn_f32_groupnorm_backward_rows__generic, sn_f32_groupnorm_backward_rows__avx2, sn_f32_groupnorm_backward_rows__avx512,
    sn_f32_groupnorm_backward_rows__neon);
static const sn_batchnorm_kernels *const columns_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(&sn_f32_batchnorm__generic, &sn_f32_batchnorm__avx2, &sn_f32_batchnorm__avx512, &sn_f32_batchnorm__neon);

/* The samples are cut into at most PARTS parts, each with sums of its own of dgamma and dbeta, which are then added in
 * their order. Samples whose sums are made in the dtype, before they are added up in double: */
enum { PARTS = 32, SAMPLES = 64, GRAIN = 8192 };

typedef struct {
    const sn_groupnorm_args *a;
    sn_groupnorm_forward_rows *forward_rows;
    sn_groupnorm_backward_rows *backward_rows;
    const sn_batchnorm_kernels *columns;
    int64_t set_groups, sets; /* groups taken together, and how many such sets a sample has */
    int64_t part_samples, parts;
    double *totals; /* [parts][2][c]: sums of dy and of dy xhat */
    char *sums;     /* [parts][2][c] of the dtype */
} job;

static job plan(const sn_groupnorm_args *a) {
    job j = {.a = a};
    j.set_groups = sn_max(1, SN_GROUPNORM_WIDTH / (a->c / a->groups));
    j.sets = sn_ceil_div(a->groups, j.set_groups);
    j.part_samples = sn_ceil_div(a->n, PARTS);
    j.parts = sn_ceil_div(a->n, j.part_samples);
    return j;
}

static job prepare(const sn_groupnorm_args *a) {
    job j = plan(a);
    const int32_t isa = sn_isa_current();
    const int f64 = a->dtype == SN_F64;
    j.forward_rows = f64 ? sn_f64_groupnorm_forward_rows__generic : forward_rows_f32[isa];
    j.backward_rows = f64 ? sn_f64_groupnorm_backward_rows__generic : backward_rows_f32[isa];
    j.columns = f64 ? &sn_f64_batchnorm__generic : columns_f32[isa];
    return j;
}

static sn_groupnorm_part part_of(const job *j, int64_t sample, int64_t set) {
    const int64_t group = set * j->set_groups;
    return (sn_groupnorm_part){j->a, j->columns, sample, group, sn_min(j->set_groups, j->a->groups - group)};
}

static void forward_rows_body(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    j->forward_rows(j->a, begin, end);
}

static void forward_columns_body(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t i = begin; i < end; i++) {
        const sn_groupnorm_part p = part_of(j, i / j->sets, i % j->sets);
        if (j->a->dtype == SN_F64) sn_f64_groupnorm_forward_columns(&p);
        else sn_f32_groupnorm_forward_columns(&p);
    }
}

static void backward_rows_body(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_groupnorm_args *a = j->a;
    const int64_t size = sn_size_of(a->dtype), both = 2 * a->c;
    for (int64_t part = begin; part < end; part++) {
        double *total = j->totals + part * both;
        char *sums = j->sums + part * both * size;
        const int64_t last = sn_min(a->n, (part + 1) * j->part_samples);
        memset(total, 0, (size_t)both * sizeof(double));
        for (int64_t sample = part * j->part_samples; sample < last; sample += SAMPLES) {
            memset(sums, 0, (size_t)(both * size));
            j->backward_rows(a, sample * a->groups, sn_min(last, sample + SAMPLES) * a->groups, sums);
            for (int64_t i = 0; i < both; i++) total[i] += a->dtype == SN_F64 ? ((double *)sums)[i] : ((float *)sums)[i];
        }
    }
}

static void backward_columns_body(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t i = begin; i < end; i++) {
        const int64_t part = i / j->sets, last = sn_min(j->a->n, (part + 1) * j->part_samples);
        const int64_t width = j->a->c / j->a->groups;
        double *total = j->totals + part * 2 * j->a->c;
        for (int64_t sample = part * j->part_samples; sample < last; sample++) {
            const sn_groupnorm_part p = part_of(j, sample, i % j->sets);
            if (sample == part * j->part_samples)
                for (int k = 0; k < 2; k++) memset(total + k * j->a->c + p.group * width, 0, (size_t)(p.groups * width) * sizeof(double));
            if (j->a->dtype == SN_F64) sn_f64_groupnorm_backward_columns(&p, total);
            else sn_f32_groupnorm_backward_columns(&p, total);
        }
    }
}

/* dbeta, then dgamma, from the parts' sums. */
static void add_parts(const job *j) {
    const sn_groupnorm_args *a = j->a;
    void *const results[2] = {a->dbeta, a->dgamma};
    for (int k = 0; k < 2; k++)
        for (int64_t i = 0; results[k] && i < a->c; i++) {
            double total = 0;
            for (int64_t part = 0; part < j->parts; part++) total += j->totals[(part * 2 + k) * a->c + i];
            if (a->dtype == SN_F64) ((double *)results[k])[i] = total;
            else ((float *)results[k])[i] = (float)total;
        }
}

static sn_status check(const sn_groupnorm_args *a) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->n >= 1 && a->rows >= 1 && a->c >= 1 && sn_mul(sn_mul(a->n, a->rows), a->c) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->groups >= 1 && a->groups <= a->c && a->c % a->groups == 0, SN_ERR_SIZE);
    return SN_OK;
}

int64_t sn_groupnorm_backward_workspace(const sn_groupnorm_args *a) {
    const sn_status status = check(a);
    return status == SN_OK ? plan(a).parts * 2 * a->c * (int64_t)(sizeof(double) + sn_size_of(a->dtype)) : -status;
}

sn_status sn_groupnorm_forward(const sn_groupnorm_args *a) {
    SN_REQUIRE(a && a->x && a->y && a->save_mean && a->save_invstd, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(isfinite(a->eps) && a->eps >= 0, SN_ERR_VALUE);
    job j = prepare(a);
    const int64_t values = a->rows * (a->c / a->groups);
    if (a->rows == 1) sn_parallel_for(a->n * a->groups, sn_max(1, GRAIN / values), forward_rows_body, &j);
    else sn_parallel_for(a->n * j.sets, sn_max(1, GRAIN / (values * j.set_groups)), forward_columns_body, &j);
    return SN_OK;
}

sn_status sn_groupnorm_backward(const sn_groupnorm_args *a) {
    SN_REQUIRE(a && a->x && a->dy && a->dx && a->save_mean && a->save_invstd, SN_ERR_NULL);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->workspace, SN_ERR_NULL);
    SN_REQUIRE(a->workspace_bytes >= sn_groupnorm_backward_workspace(a), SN_ERR_MEMORY);
    job j = prepare(a);
    j.totals = a->workspace;
    j.sums = (char *)(j.totals + j.parts * 2 * a->c);
    if (a->rows == 1) sn_parallel_for(j.parts, sn_max(1, GRAIN / (j.part_samples * a->c)), backward_rows_body, &j);
    else sn_parallel_for(j.parts * j.sets, 1, backward_columns_body, &j);
    add_parts(&j);
    return SN_OK;
}
