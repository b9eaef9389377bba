#include "core/check.h"
#include "core/isa.h"
#include "core/packed.h"
#include "core/workspace.h"
#include "gemm/gemm.h"
#include "gemm/gemm_tiny.h"
#include "gemm/gemm_vector.h"
#include "pool/pool.h"
#include "tile/epilogue.h"
#include "tile/tile.h"

static sn_gemm_tiny_kernel *const tiny_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(NULL, sn_f32_gemm_tiny__avx2, sn_f32_gemm_tiny__avx512, sn_f32_gemm_tiny__neon);

static const sn_gemm_kernel f32_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_gemm__generic, sn_f32_gemm__openblas, sn_f32_gemm__openblas, sn_f32_gemm__openblas);
static const sn_gemm_kernel f64_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f64_gemm__generic, sn_f64_gemm__openblas, sn_f64_gemm__openblas, sn_f64_gemm__openblas);

typedef struct {
    const sn_gemm_args *a;
    sn_gemm_kernel kernel;
    int32_t isa;
    int64_t rows, cols;     /* of a tile */
    int64_t tiles_across;
} job;

static void run_tiles(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gemm_args *a = j->a;
    for (int64_t t = begin; t < end; t++) {
        const int64_t row = t / j->tiles_across * j->rows, col = t % j->tiles_across * j->cols;
        const sn_gemm_part p = {row, sn_min(row + j->rows, a->m), col, sn_min(col + j->cols, a->n)};
        j->kernel(a, p);
        if (!sn_epilogue_in_register(a->act))
            sn_epilogue_rows(a->dtype, j->isa, a->act, a->act_alpha,
                             (char *)a->c + (p.row_begin * a->ldc + p.col_begin) * sn_size_of(a->dtype),
                             p.row_end - p.row_begin, p.col_end - p.col_begin, a->ldc);
    }
}

static sn_status check_sizes(const sn_gemm_args *a) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE((a->trans_a == 0 || a->trans_a == 1) && (a->trans_b == 0 || a->trans_b == 1), SN_ERR_VALUE);
    SN_REQUIRE(a->m >= 1 && a->n >= 1 && a->k >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->lda >= (a->trans_a ? a->m : a->k) && a->ldb >= (a->trans_b ? a->k : a->n) && a->ldc >= a->n, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(a->trans_a ? a->k : a->m, a->lda) >= 0 && sn_mul(a->trans_b ? a->n : a->k, a->ldb) >= 0 &&
                   sn_mul(a->m, a->ldc) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

static sn_status check(const sn_gemm_args *a) {
    const sn_status sizes = check_sizes(a);
    SN_REQUIRE(sizes == SN_OK, sizes);
    const sn_status act = sn_epilogue_check(a->act, a->act_alpha);
    SN_REQUIRE(act == SN_OK, act);
    SN_REQUIRE(a->c && ((a->a && a->b) || a->k == 0), SN_ERR_NULL);
    const int64_t bytes = sn_gemm_workspace(a);
    SN_REQUIRE(a->workspace_bytes >= bytes, SN_ERR_MEMORY);
    SN_REQUIRE(a->workspace || bytes == 0, SN_ERR_NULL);
    return SN_OK;
}

/* About 2^21 multiplications a tile, or 1/16 of a larger product; near-square tiles, so that little is packed twice. */
static void choose_tiles(const sn_gemm_args *a, job *j) {
    const double work = (double)a->m * (double)a->n * (double)(a->k + 1);
    double tiles = work / (1 << 21);
    if (tiles > 16) tiles = 16;
    j->rows = a->m;
    j->cols = a->n;
    while (tiles > 1.5 && (j->rows > 32 || j->cols > 32)) {
        if (j->rows >= j->cols) j->rows = (sn_ceil_div(j->rows, 2) + 15) / 16 * 16;
        else j->cols = (sn_ceil_div(j->cols, 2) + 31) / 32 * 32;
        tiles /= 2;
    }
    j->tiles_across = sn_ceil_div(a->n, j->cols);
}

enum { ALIGNMENT = 64 };

static int on_tiles(const sn_gemm_args *a) { return a->dtype == SN_F32 && (double)a->k * ((double)a->n + 16) < (double)SN_MAX_ELEMENTS; }

int64_t sn_gemm_workspace(const sn_gemm_args *a) {
    const sn_status status = check_sizes(a);
    if (status != SN_OK) return -status;
    return a->packed_bytes == 0 && on_tiles(a) && sn_gemm_tiled_floats(a) > 0 ? 4 * sn_gemm_tiled_floats(a) + ALIGNMENT : 0;
}

static uint64_t digest(const sn_gemm_args *a) {
    const int64_t sizes[] = {a->dtype, a->trans_b, a->m, a->n, a->k};
    return sn_sizes_digest(sizes, sizeof sizes / sizeof *sizes);
}

sn_status sn_gemm(const sn_gemm_args *a) {
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    job j = {.a = a, .isa = sn_isa_current()};
    void *ready = NULL;
    if (a->packed || a->packed_bytes != 0) {
        const sn_status fits = sn_packed_open(a->packed, a->packed_bytes, SN_OP_GEMM_PACK, j.isa, digest(a), &ready);
        SN_REQUIRE(fits == SN_OK, fits);
    }
    const sn_gemm_kernel *table = a->dtype == SN_F32 ? f32_kernels : f64_kernels;
    const int tiny = a->m <= SN_GEMM_TINY && a->n <= SN_GEMM_TINY && a->k <= SN_GEMM_TINY && a->m * a->n * a->k <= SN_GEMM_TINY;
    if (tiny && a->dtype == SN_F32 && tiny_kernels[j.isa]) {
        tiny_kernels[j.isa](a);
        return SN_OK;
    }
    if (!tiny && sn_gemm_vector_takes(a, j.isa)) {
        sn_gemm_vector(a, j.isa);
        return SN_OK;
    }
    if (!tiny && on_tiles(a) && sn_tiles_of(j.isa).tile) {
        sn_gemm_tiled(a, j.isa, ready, (float *)(((uintptr_t)a->workspace + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1)));
        return SN_OK;
    }
    j.kernel = table[tiny || !sn_openblas_takes(a) ? SN_ISA_GENERIC : j.isa];
    choose_tiles(a, &j);
    sn_parallel_for(j.tiles_across * sn_ceil_div(a->m, j.rows), 1, run_tiles, &j);
    return SN_OK;
}

int64_t sn_gemm_packed(const sn_gemm_args *a) {
    const sn_status status = check_sizes(a);
    if (status != SN_OK) return -status;
    return sn_packed_size(on_tiles(a) ? 4 * sn_gemm_packed_floats(a) : 0);
}

sn_status sn_gemm_pack(const sn_gemm_args *a) {
    const sn_status status = check_sizes(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->packed && (a->b || a->k == 0), SN_ERR_NULL);
    SN_REQUIRE(a->packed_bytes >= sn_gemm_packed(a), SN_ERR_MEMORY);
    SN_REQUIRE((uintptr_t)a->packed % 8 == 0, SN_ERR_VALUE);
    const int32_t isa = sn_isa_current();
    float *packed = sn_packed_begin(a->packed, sn_gemm_packed(a), SN_OP_GEMM_PACK, isa, digest(a));
    if (on_tiles(a) && sn_tiles_of(isa).tile) sn_gemm_tiled_pack(a, isa, packed);
    return SN_OK;
}
