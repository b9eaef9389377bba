/* The only file that calls OpenBLAS. */
#include <limits.h>
#include <math.h>

#include <cblas.h>

#include "core/check.h"
#include "core/platform.h"
#include "gemm/gemm.h"
#include "tile/epilogue.h"

static atomic_int once;
/* Its own threads would compete with the pool's. */
static void single_threaded(void) { openblas_set_num_threads(1); }

const char *sn_openblas_config(void) { return openblas_get_config(); }
const char *sn_openblas_core(void) { return openblas_get_corename(); }

int sn_openblas_takes(const sn_gemm_args *a) {
    const int64_t largest = sn_max(sn_max(a->m, a->n), sn_max(a->k, sn_max(a->lda, sn_max(a->ldb, a->ldc))));
    return largest <= INT_MAX && a->k > 0 && a->alpha != 0 && isfinite(a->alpha) && isfinite(a->beta);
}

void sn_f32_gemm__openblas(const sn_gemm_args *g, sn_gemm_part p) {
    sn_once(&once, single_threaded);
    const int64_t rows = p.row_end - p.row_begin, cols = p.col_end - p.col_begin;
    const float *a = (const float *)g->a + p.row_begin * (g->trans_a ? 1 : g->lda);
    const float *b = (const float *)g->b + p.col_begin * (g->trans_b ? g->ldb : 1);
    float *c = (float *)g->c + p.row_begin * g->ldc + p.col_begin;
    cblas_sgemm(CblasRowMajor, g->trans_a ? CblasTrans : CblasNoTrans, g->trans_b ? CblasTrans : CblasNoTrans,
                (blasint)rows, (blasint)cols, (blasint)g->k, (float)g->alpha, a, (blasint)g->lda, b, (blasint)g->ldb,
                (float)g->beta, c, (blasint)g->ldc);
    const float *bias = g->bias ? (const float *)g->bias + p.col_begin : NULL;
    const float slope = (float)g->act_alpha;
    for (int64_t i = 0; i < rows; i++, c += g->ldc) {
        if (bias)
            for (int64_t j = 0; j < cols; j++) c[j] += bias[j];
        if (g->act == SN_RELU)
            for (int64_t j = 0; j < cols; j++) c[j] = c[j] < 0 ? 0 : c[j];
        else if (g->act == SN_LEAKY_RELU)
            for (int64_t j = 0; j < cols; j++) c[j] = c[j] < 0 ? slope * c[j] : c[j];
    }
}

void sn_f64_gemm__openblas(const sn_gemm_args *g, sn_gemm_part p) {
    sn_once(&once, single_threaded);
    const int64_t rows = p.row_end - p.row_begin, cols = p.col_end - p.col_begin;
    const double *a = (const double *)g->a + p.row_begin * (g->trans_a ? 1 : g->lda);
    const double *b = (const double *)g->b + p.col_begin * (g->trans_b ? g->ldb : 1);
    double *c = (double *)g->c + p.row_begin * g->ldc + p.col_begin;
    cblas_dgemm(CblasRowMajor, g->trans_a ? CblasTrans : CblasNoTrans, g->trans_b ? CblasTrans : CblasNoTrans,
                (blasint)rows, (blasint)cols, (blasint)g->k, g->alpha, a, (blasint)g->lda, b, (blasint)g->ldb, g->beta, c,
                (blasint)g->ldc);
    const double *bias = g->bias ? (const double *)g->bias + p.col_begin : NULL;
    for (int64_t i = 0; i < rows; i++, c += g->ldc) {
        if (bias)
            for (int64_t j = 0; j < cols; j++) c[j] += bias[j];
        if (g->act == SN_RELU)
            for (int64_t j = 0; j < cols; j++) c[j] = c[j] < 0 ? 0 : c[j];
        else if (g->act == SN_LEAKY_RELU)
            for (int64_t j = 0; j < cols; j++) c[j] = c[j] < 0 ? g->act_alpha * c[j] : c[j];
    }
}
