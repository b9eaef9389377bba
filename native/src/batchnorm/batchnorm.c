/* batchnorm: normalisation of each channel of x[rows][c] over the rows, and its gradient. */
#include "batchnorm/batchnorm.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/workspace.h"

static const sn_batchnorm_kernels *const kernels_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(&sn_f32_batchnorm__generic, &sn_f32_batchnorm__avx2, &sn_f32_batchnorm__avx512, &sn_f32_batchnorm__neon);

/* As many rows as make whole vectors of 16, or so many that the last one's idle lanes matter little. */
static int64_t repeat_of(int64_t c) {
    int64_t repeat = 1;
    while (repeat * c < 4 * SN_BATCHNORM_NARROW && (repeat * c < SN_BATCHNORM_NARROW || repeat * c % 16 != 0)) repeat++;
    return repeat;
}

sn_batchnorm_job sn_batchnorm_plan(const sn_batchnorm_args *a) {
    sn_batchnorm_job job = {.a = a, .repeat = repeat_of(a->c)};
    job.block_rows = sn_max(SN_BATCHNORM_BLOCK / a->c, SN_BATCHNORM_MIN_ROWS) / job.repeat * job.repeat;
    job.row_blocks = sn_ceil_div(a->rows, job.block_rows);
    job.column_blocks = sn_ceil_div(a->c, SN_BATCHNORM_WIDTH);
    return job;
}

static sn_batchnorm_job prepare(const sn_batchnorm_args *a) {
    sn_batchnorm_job job = sn_batchnorm_plan(a);
    job.kernels = a->dtype == SN_F64 ? &sn_f64_batchnorm__generic : kernels_f32[sn_isa_current()];
    job.partial = a->workspace;
    return job;
}

static sn_status check(const sn_batchnorm_args *a, int64_t min_rows) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->act == SN_IDENTITY || a->act == SN_RELU, SN_ERR_CODE);
    SN_REQUIRE(a->c >= 1 && a->rows >= min_rows && sn_mul(a->rows, a->c) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

int64_t sn_batchnorm_train_workspace(const sn_batchnorm_args *a) {
    const sn_status status = check(a, 2);
    return status == SN_OK ? sn_batchnorm_plan(a).row_blocks * 2 * a->c * (int64_t)sizeof(double) : -status;
}

int64_t sn_batchnorm_backward_workspace(const sn_batchnorm_args *a) {
    const sn_status status = check(a, 1);
    return status == SN_OK ? (sn_batchnorm_plan(a).row_blocks + 1) * 2 * a->c * (int64_t)sizeof(double) : -status;
}

static int is_eps(double eps) { return isfinite(eps) && eps >= 0; }

sn_status sn_batchnorm_train(const sn_batchnorm_args *a) {
    SN_REQUIRE(a && a->x && a->y && a->save_mean && a->save_invstd, SN_ERR_NULL);
    SN_REQUIRE(!a->running_mean == !a->running_var, SN_ERR_NULL);
    const sn_status status = check(a, 2);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(is_eps(a->eps) && isfinite(a->momentum), SN_ERR_VALUE);
    SN_REQUIRE(a->workspace, SN_ERR_NULL);
    SN_REQUIRE(a->workspace_bytes >= sn_batchnorm_train_workspace(a), SN_ERR_MEMORY);
    sn_batchnorm_job job = prepare(a);
    if (a->dtype == SN_F64) {
        sn_f64_batchnorm_statistics(&job);
        sn_f64_batchnorm_normalise(&job, 0);
    } else {
        sn_f32_batchnorm_statistics(&job);
        sn_f32_batchnorm_normalise(&job, 0);
    }
    return SN_OK;
}

sn_status sn_batchnorm_infer(const sn_batchnorm_args *a) {
    SN_REQUIRE(a && a->x && a->y && a->running_mean && a->running_var, SN_ERR_NULL);
    const sn_status status = check(a, 0);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(is_eps(a->eps), SN_ERR_VALUE);
    sn_batchnorm_job job = prepare(a);
    if (a->dtype == SN_F64) sn_f64_batchnorm_normalise(&job, 1);
    else sn_f32_batchnorm_normalise(&job, 1);
    return SN_OK;
}

sn_status sn_batchnorm_backward(const sn_batchnorm_args *a) {
    SN_REQUIRE(a && a->x && a->dy && a->save_mean && a->save_invstd, SN_ERR_NULL);
    const sn_status status = check(a, 1);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->workspace, SN_ERR_NULL);
    SN_REQUIRE(a->workspace_bytes >= sn_batchnorm_backward_workspace(a), SN_ERR_MEMORY);
    sn_batchnorm_job job = prepare(a);
    job.total = job.partial + job.row_blocks * 2 * a->c;
    if (a->dtype == SN_F64) sn_f64_batchnorm_gradient(&job);
    else sn_f32_batchnorm_gradient(&job);
    return SN_OK;
}
