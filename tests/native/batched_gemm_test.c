/* batched gemm: against triple loops in double, with matrices that serve several products. */
#include "arrays.h"

typedef struct {
    int64_t b0, b1, m, n, k;
} shape;

static void one(shape s, int32_t dtype, int variant) {
    const int trans_a = variant & 1, trans_b = variant >> 1 & 1, share_a = variant >> 2 & 1, share_b = variant >> 3 & 1;
    const int64_t size_a = s.m * s.k, size_b = s.k * s.n, batches = s.b0 * s.b1;
    sn_batched_gemm_args a = {.dtype = dtype, .trans_a = trans_a, .trans_b = trans_b, .dims = 2, .shape = {s.b0, s.b1}, .m = s.m,
        .n = s.n, .k = s.k,
        .stride_a = {share_a ? 0 : s.b1 * size_a, size_a}, .stride_b = {s.b1 * size_b, size_b}, .alpha = variant & 1 ? 0.37 : 1};
    if (share_b) a.stride_b[0] = size_b, a.stride_b[1] = 0;
    a.a = array_random(dtype, (share_a ? s.b1 : batches) * size_a), a.b = array_random(dtype, (share_b ? s.b0 : batches) * size_b);
    a.c = array_new(dtype, batches * s.m * s.n);
    a.workspace_bytes = sn_workspace_bytes(SN_OP_BATCHED_GEMM, &a);
    CHECK(a.workspace_bytes >= 0, "workspace");
    a.workspace = check_alloc(a.workspace_bytes);
    double *c = check_alloc(batches * s.m * s.n * 8);
    for (int64_t i = 0; i < batches; i++)
        for (int64_t r = 0; r < s.m; r++)
            for (int64_t q = 0; q < s.n; q++) {
                const int64_t at = i / s.b1 * a.stride_a[0] + i % s.b1 * a.stride_a[1], bt = i / s.b1 * a.stride_b[0]
                    + i % s.b1 * a.stride_b[1];
                double sum = 0;
                for (int64_t k = 0; k < s.k; k++)
                    sum += array_get(dtype, a.a, at + (trans_a ? k * s.m + r : r * s.k + k)) * array_get(dtype, a.b, bt + (trans_b
                        ? q * s.k + k : k * s.n + q));
                c[(i * s.m + r) * s.n + q] = a.alpha * sum;
            }
    FOR_EACH_ISA(isa) {
        CHECK_RUN(SN_OP_BATCHED_GEMM, a, isa);
        CHECK_ARRAY(dtype, a.c, c, batches * s.m * s.n, 0, unit_of(dtype) * 4 * (double)(s.k + 2), isa,
            "%lldx%lld of %lldx%lldx%lld, variant %d",
                    (long long)s.b0, (long long)s.b1, (long long)s.m, (long long)s.n, (long long)s.k, variant);
        check_threads(SN_OP_BATCHED_GEMM, &a, isa, a.c, bytes_of(dtype, batches * s.m * s.n), "c");
    }
    check_free_all();
}

static void shapes(void) {
    const shape all[] = {{1, 1, 1, 1, 1}, {3, 2, 2, 3, 4}, {1, 5, 17, 9, 1}, {4, 1, 1, 33, 20}, {2, 2, 40, 1, 65}, {7, 11, 19, 31, 16},
        {2, 1, 170, 150, 190}, {1, 3, 5, 4, 0}};
    for (size_t s = 0; s < sizeof all / sizeof *all; s++)
        for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
            for (int variant = 0; variant < 16; variant++) one(all[s], dtype, variant);
}

static void errors(void) {
    float *x = check_floats(24), *y = check_floats(24);
    const sn_batched_gemm_args good = {.dtype = SN_F32, .dims = 1, .shape = {2}, .stride_a = {4}, .stride_b = {4}, .m = 2, .n = 2, .k = 2,
        .alpha = 1,
        .a = x, .b = x, .c = y, .workspace_bytes = 4096, .workspace = check_alloc(4096)};
    sn_batched_gemm_args a = good;
    CHECK(sn_batched_gemm(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                   \
    do {                                                 \
        CHECK_ERROR(sn_batched_gemm, a, status, y, 96);  \
        a = good;                                        \
    } while (0)
    a.a = NULL;
    EXPECT(SN_ERR_NULL);
    a.c = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.trans_b = 2;
    EXPECT(SN_ERR_VALUE);
    a.dims = 9;
    EXPECT(SN_ERR_SIZE);
    a.shape[0] = 0;
    EXPECT(SN_ERR_SIZE);
    a.stride_b[0] = -1;
    EXPECT(SN_ERR_SIZE);
    a.shape[0] = a.stride_a[0] = INT64_C(1) << 40;
    EXPECT(SN_ERR_SIZE);
    a.m = 0;
    EXPECT(SN_ERR_SIZE);
    a.n = INT64_C(1) << 50;
    EXPECT(SN_ERR_SIZE);
    a.m = a.n = 40, a.k = 40, a.trans_b = 1, a.workspace_bytes = 8;
    EXPECT(SN_ERR_MEMORY);
    check_free_all();
}

int main(void) {
    RUN(shapes);
    RUN(errors);
    return check_summary();
}
