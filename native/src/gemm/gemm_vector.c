#include "gemm/gemm_vector.h"

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"
#include "tile/epilogue.h"

enum {
    OUT_MOST = 256, /* of a unit */
    COLUMNS = 128,  /* those the kernels of AVX-512 have sums for at once; AVX2: half */
    CHUNK = 1 << 14
};

typedef void (*rows_kernel)(const float *matrix, int64_t step, int64_t rows, int64_t count, const float *v, float *out);
typedef void (*columns_kernel)(const float *matrix, int64_t step, int64_t cols, int64_t count, const float *v, int64_t v_step, float *out);

static const rows_kernel rows_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(NULL, sn_f32_vector_rows__avx2, sn_f32_vector_rows__avx512, sn_f32_vector_rows__neon);
static const columns_kernel columns_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(NULL, sn_f32_vector_columns__avx2, sn_f32_vector_columns__avx512, sn_f32_vector_columns__neon);

/* The matrix is the factor that is not the vector; its lines run along the sum (by_rows) or across it. */
typedef struct {
    const sn_gemm_args *a;
    int32_t isa;
    int by_rows;
    const float *matrix, *v;
    int64_t step, v_step, count, unit;
} job;

static job job_of(const sn_gemm_args *a, int32_t isa) {
    job j = {.a = a, .isa = isa};
    if (a->m == 1) {
        j.by_rows = a->trans_b;
        j.matrix = a->b, j.step = a->ldb, j.count = a->n;
        j.v = a->a, j.v_step = a->trans_a ? a->lda : 1;
    } else {
        j.by_rows = !a->trans_a;
        j.matrix = a->a, j.step = a->lda, j.count = a->m;
        j.v = a->b, j.v_step = a->trans_b ? 1 : a->ldb;
    }
    j.unit = j.by_rows ? sn_max(16, sn_min(OUT_MOST, CHUNK / sn_max(a->k, 1) / 16 * 16)) : COLUMNS;
    return j;
}

int sn_gemm_vector_takes(const sn_gemm_args *a, int32_t isa) {
    if ((a->m != 1 && a->n != 1) || a->dtype != SN_F32 || !rows_kernels[isa]) return 0;
    const job j = job_of(a, isa);
    return !j.by_rows || j.v_step == 1;
}

static void units(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gemm_args *a = j->a;
    const int64_t c_step = a->m == 1 ? 1 : a->ldc;
    const float alpha = (float)a->alpha, beta = (float)a->beta, slope = (float)a->act_alpha, *bias = a->bias;
    for (int64_t u = begin; u < end; u++) {
        const int64_t first = u * j->unit, count = sn_min(j->unit, j->count - first);
        float out[OUT_MOST], *c = (float *)a->c + first * c_step;
        if (j->by_rows) rows_kernels[j->isa](j->matrix + first * j->step, j->step, count, a->k, j->v, out);
        else columns_kernels[j->isa](j->matrix + first, j->step, count, a->k, j->v, j->v_step, out);
        for (int64_t i = 0; i < count; i++) {
            float y = alpha * out[i];
            if (beta != 0) y += beta * c[i * c_step];
            if (bias) y += bias[a->m == 1 ? first + i : 0];
            if (a->act == SN_RELU) y = y < 0 ? 0 : y;
            else if (a->act == SN_LEAKY_RELU) y = y < 0 ? slope * y : y;
            c[i * c_step] = y;
        }
    }
    if (sn_epilogue_in_register(a->act)) return;
    const int64_t first = begin * j->unit, count = sn_min(end * j->unit, j->count) - first;
    sn_epilogue_rows(SN_F32, j->isa, a->act, a->act_alpha, (float *)a->c + first * c_step, c_step == 1 ? 1 : count, c_step == 1 ? count : 1, c_step);
}

void sn_gemm_vector(const sn_gemm_args *a, int32_t isa) {
    job j = job_of(a, isa);
    sn_parallel_for(sn_ceil_div(j.count, j.unit), CHUNK / (j.unit * (a->k + 1)) + 1, units, &j);
}
