/* gemm against a double-precision triple loop, on every ISA. */
#include "sums.h"

static double activation(double x, int32_t act, double alpha) {
    switch (act) {
    case SN_RELU: return x < 0 ? 0 : x;
    case SN_SIGMOID: return 1 / (1 + exp(-x));
    case SN_TANH: return tanh(x);
    case SN_LEAKY_RELU: return x < 0 ? alpha * x : x;
    case SN_ELU: return x < 0 ? alpha * expm1(x) : x;
    default: return x;
    }
}

static double at(const sn_gemm_args *g, const void *p, int64_t i) {
    return g->dtype == SN_F32 ? ((const float *)p)[i] : ((const double *)p)[i];
}

/* expected is [m][n], dense; c holds the values before the call. */
static void reference(const sn_gemm_args *g, double *expected) {
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            long double sum = 0;
            for (int64_t k = 0; k < g->k; k++)
                sum += (long double)at(g, g->a, g->trans_a ? k * g->lda + i : i * g->lda + k) * at(g, g->b, g->trans_b ? j * g->ldb + k : k * g->ldb + j);
            sum *= g->alpha;
            if (g->beta != 0) sum += g->beta * at(g, g->c, i * g->ldc + j);
            if (g->bias) sum += at(g, g->bias, j);
            expected[i * g->n + j] = activation((double)sum, g->act, g->act_alpha);
        }
}

static void *random_values(int32_t dtype, int64_t count) {
    return dtype == SN_F32 ? (void *)check_floats(count) : (void *)check_doubles(count);
}

/* Elements of a rows x cols matrix with row stride ld: the last row ends at cols, so that the guard page stands there. */
static int64_t extent(int64_t rows, int64_t cols, int64_t ld) { return rows == 0 ? 0 : (rows - 1) * ld + cols; }

static sn_gemm_args make(int32_t dtype, int64_t m, int64_t n, int64_t k, int trans_a, int trans_b, int64_t gap) {
    sn_gemm_args g = {.dtype = dtype, .trans_a = trans_a, .trans_b = trans_b, .m = m, .n = n, .k = k, .alpha = 1, .ldc = n + gap};
    g.lda = (trans_a ? m : k) + gap;
    g.ldb = (trans_b ? k : n) + gap;
    g.a = random_values(dtype, trans_a ? extent(k, m, g.lda) : extent(m, k, g.lda));
    g.b = random_values(dtype, trans_b ? extent(n, k, g.ldb) : extent(k, n, g.ldb));
    g.c = random_values(dtype, extent(m, n, g.ldc));
    g.workspace_bytes = sn_workspace_bytes(SN_OP_GEMM, &g);
    CHECK(g.workspace_bytes >= 0, "workspace %lld", (long long)g.workspace_bytes);
    g.workspace = check_alloc(g.workspace_bytes);
    return g;
}

/* Runs g on isa and compares; c is restored, also between its rows it must be untouched. */
static void compare_one(sn_gemm_args g, int isa, const char *what, const void *before, const double *expected) {
    const int64_t size = g.dtype == SN_F32 ? 4 : 8, count = extent(g.m, g.n, g.ldc);
    CHECK_RUN(SN_OP_GEMM, g, isa);
    const sum_bound bound = sums_bound(g.dtype, fmax(1, g.alpha * g.alpha) / 9, g.k, g.m * g.n);
    double worst = 0;
    int touched = 0;
    for (int64_t i = 0; i < g.m; i++) {
        for (int64_t j = 0; j < g.n; j++) {
            const double actual = at(&g, g.c, i * g.ldc + j), e = expected[i * g.n + j];
            if (isnan(actual) && isnan(e)) continue;
            if (actual == e) continue;
            const double d = fabs(actual - e) / (bound.atol + bound.rtol * fabs(e));
            if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
        }
        if (i + 1 < g.m) touched |= memcmp((const char *)before + (i * g.ldc + g.n) * size, (char *)g.c + (i * g.ldc + g.n) * size, (size_t)((g.ldc - g.n) * size));
    }
    CHECK(worst <= 1, "%s %s m%lld n%lld k%lld ta%d tb%d %s%s: %g times the tolerance", what, g.dtype == SN_F32 ? "f32" : "f64", (long long)g.m,
          (long long)g.n, (long long)g.k, g.trans_a, g.trans_b, sn_isa_name(isa), g.packed ? ", b packed" : "", worst);
    CHECK(!touched, "%s: wrote between the rows of c", what);
    memcpy(g.c, before, (size_t)(count * size));
}

static void pack(sn_gemm_args *g, int isa) {
    g->packed_bytes = sn_packed_bytes(SN_OP_GEMM_PACK, g);
    CHECK(g->packed_bytes > 0, "packed: %lld", (long long)g->packed_bytes);
    g->packed = check_alloc(g->packed_bytes);
    memset(g->packed, 0xff, (size_t)g->packed_bytes);
    CHECK_RUN(SN_OP_GEMM_PACK, *g, isa);
    g->workspace_bytes = sn_workspace_bytes(SN_OP_GEMM, g);
}

/* As it is, and with b packed before. */
static void compare(sn_gemm_args g, int isa, const char *what) {
    const int64_t size = g.dtype == SN_F32 ? 4 : 8, count = extent(g.m, g.n, g.ldc);
    void *before = check_alloc(count * size);
    memcpy(before, g.c, (size_t)(count * size));
    double *expected = malloc((size_t)(g.m * g.n) * sizeof *expected);
    reference(&g, expected);
    compare_one(g, isa, what, before, expected);
    pack(&g, isa);
    compare_one(g, isa, what, before, expected);
    free(expected);
}

static void test_sizes(void) {
    static const int64_t sizes[][3] = {{1, 1, 1}, {1, 1, 0}, {3, 5, 0}, {2, 3, 4}, {7, 1, 13}, {1, 17, 31}, {1, 129, 300}, {5, 33, 7},
        {13, 31, 65}, {12, 32, 128}, {14, 48, 129}, {24, 16, 257}, {31, 10, 512}, {97, 47, 101}, {128, 10, 84}, {64, 79, 25}, {6, 784, 25},
        {129, 65, 33}, {193, 130, 70}, {300, 1, 40}, {1, 1, 5000}, {33, 64, 400}, {200, 200, 16}, {150, 300, 350},
        {40, 1024, 70}, {40, 130, 800}, {60, 300, 900}, {200, 1024, 70}}; /* rows of b 4 KiB apart are packed; blocks of k */
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int dtype = SN_F32; dtype <= SN_F64; dtype++)
            for (int trans = 0; trans < 4; trans++) {
                sn_gemm_args g = make(dtype, sizes[s][0], sizes[s][1], sizes[s][2], trans & 1, trans >> 1, s % 3);
                FOR_EACH_ISA(isa) compare(g, isa, "sizes");
                check_free_all();
            }
    for (int r = 0; r < 60; r++) {
        const int64_t m = check_int(1, 70), n = check_int(1, 90), k = check_int(0, 150);
        sn_gemm_args g = make(SN_F32, m, n, k, r & 1, r >> 1 & 1, check_int(0, 3));
        FOR_EACH_ISA(isa) compare(g, isa, "random");
        check_free_all();
    }
}

static void test_alpha_beta_bias(void) {
    static const double factors[][2] = {{1, 0}, {1, 1}, {0.5, 0}, {-2, 0.25}, {0, 1}, {0, 0}, {0, -3}};
    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
        for (int shape = 0; shape < 3; shape++)
            for (int dtype = SN_F32; dtype <= SN_F64; dtype++)
                for (int bias = 0; bias < 2; bias++) {
                    sn_gemm_args g = shape == 0 ? make(dtype, 3, 4, 5, 0, 0, 1) : shape == 1 ? make(dtype, 35, 50, 60, 0, 1, 0) : make(dtype, 40, 37, 300, 1, 0, 2);
                    g.alpha = factors[f][0];
                    g.beta = factors[f][1];
                    if (bias) g.bias = random_values(dtype, g.n);
                    FOR_EACH_ISA(isa) compare(g, isa, "alpha, beta, bias");
                    check_free_all();
                }
}

/* Products that are done in one pass with their epilogue: every activation, factor and transposition together. */
static void test_tiny(void) {
    static const int32_t acts[] = {SN_IDENTITY, SN_RELU, SN_LEAKY_RELU, SN_SIGMOID, SN_TANH, SN_ELU};
    static const double factors[][2] = {{1, 0}, {1, 1}, {-0.5, 0.25}, {0, 1}};
    for (int r = 0; r < 600; r++) {
        const int64_t m = check_int(1, 20), n = check_int(1, 40), most = 512 / (m * n), k = check_int(0, most < 24 ? most : 24);
        sn_gemm_args g = make(SN_F32, m, n, k, r & 1, r >> 1 & 1, check_int(0, 2));
        g.act = acts[r % 6];
        g.act_alpha = 0.3;
        g.alpha = factors[r / 6 % 4][0], g.beta = factors[r / 6 % 4][1];
        if (check_int(0, 1)) g.bias = random_values(SN_F32, n);
        FOR_EACH_ISA(isa) compare(g, isa, "tiny");
        check_free_all();
    }
}

static void test_activations(void) {
    static const int32_t acts[] = {SN_RELU, SN_LEAKY_RELU, SN_SIGMOID, SN_TANH, SN_ELU};
    for (size_t f = 0; f < sizeof acts / sizeof *acts; f++)
        for (int shape = 0; shape < 3; shape++)
            for (int dtype = SN_F32; dtype <= SN_F64; dtype++) {
                sn_gemm_args g = shape == 0 ? make(dtype, 3, 4, 5, 0, 0, 1) : shape == 1 ? make(dtype, 35, 50, 60, 0, 1, 1) : make(dtype, 140, 137, 300, 0, 0, 0);
                g.act = acts[f];
                g.act_alpha = 0.3;
                g.bias = random_values(dtype, g.n);
                FOR_EACH_ISA(isa) compare(g, isa, "activation");
                check_free_all();
            }
}

/* A NaN or infinity in a spoils its row of c, one in b its column, also where the other factor is 0. */
static void test_not_finite(void) {
    for (int shape = 0; shape < 4; shape++)
        for (int trans = 0; trans < 4; trans++) {
            const int64_t m = shape == 2 ? 1 : 19, n = shape == 3 ? 1 : 45, k = shape == 0 ? 3 : 130;
            sn_gemm_args g = make(SN_F32, m, n, k, trans & 1, trans >> 1, 0);
            float *a = (float *)g.a, *b = (float *)g.b, *c = g.c;
            for (int64_t i = 0; i < m * n; i++) c[i] = NAN; /* beta is 0: not read */
            for (int64_t i = 0; i < k; i++) b[g.trans_b ? i : i * g.ldb] = 0; /* column 0 of b */
            const int64_t row = m / 2, col = n / 2;
            a[g.trans_a ? 2 * g.lda + row : row * g.lda + 2] = NAN;
            g.act = shape == 1 ? SN_RELU : SN_IDENTITY;
            FOR_EACH_ISA(isa) compare(g, isa, "NaN in a");
            a[g.trans_a ? 2 * g.lda + row : row * g.lda + 2] = INFINITY;
            FOR_EACH_ISA(isa) compare(g, isa, "infinity in a");
            a[g.trans_a ? 2 * g.lda + row : row * g.lda + 2] = 0;
            b[g.trans_b ? col * g.ldb + 2 : 2 * g.ldb + col] = -INFINITY;
            FOR_EACH_ISA(isa) compare(g, isa, "infinity in b");
            g.alpha = 0;
            FOR_EACH_ISA(isa) compare(g, isa, "infinity in b, alpha 0");
            check_free_all();
        }
}

static void test_threads(void) {
    static const int64_t sizes[][3] = {{128, 512, 784}, {128, 10, 512}, {784, 512, 128}, {64, 784, 25}, {16, 1024, 144}, {700, 3, 90}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int trans = 0; trans < 4; trans++) {
            sn_gemm_args g = make(SN_F32, sizes[s][0], sizes[s][1], sizes[s][2], trans & 1, trans >> 1, 0);
            const size_t bytes = (size_t)(g.m * g.n) * 4;
            float *first = check_alloc((int64_t)bytes);
            FOR_EACH_ISA(isa) {
                for (int threads = 1; threads <= 3; threads++) {
                    sn_set_threads(threads);
                    memset(g.c, 0xcb, bytes);
                    CHECK_RUN(SN_OP_GEMM, g, isa);
                    if (threads == 1) memcpy(first, g.c, bytes);
                    CHECK(memcmp(first, g.c, bytes) == 0, "%d threads differ on %s", threads, sn_isa_name(isa));
                }
                sn_set_threads(sn_cpus());
            }
            check_free_all();
        }
}

static void test_arguments(void) {
    const sn_gemm_args good = make(SN_F32, 40, 5, 6, 0, 0, 0);
    sn_gemm_args g;
    float *c = good.c;
    c[0] = 42;
#define REFUSED(change, expected)                                          \
    do {                                                                   \
        g = good;                                                          \
        change;                                                            \
        CHECK(sn_gemm(&g) == (expected), "%s: %d", #change, sn_gemm(&g)); \
    } while (0)
    CHECK(sn_gemm(NULL) == SN_ERR_NULL, "null");
    REFUSED(g.a = NULL, SN_ERR_NULL);
    REFUSED(g.b = NULL, SN_ERR_NULL);
    REFUSED(g.c = NULL, SN_ERR_NULL);
    REFUSED(g.dtype = SN_I32, SN_ERR_DTYPE);
    REFUSED(g.dtype = -1, SN_ERR_DTYPE);
    REFUSED(g.trans_a = 2, SN_ERR_VALUE);
    REFUSED(g.trans_b = -1, SN_ERR_VALUE);
    REFUSED(g.m = 0, SN_ERR_SIZE);
    REFUSED(g.n = 0, SN_ERR_SIZE);
    REFUSED(g.k = -1, SN_ERR_SIZE);
    REFUSED(g.lda = 5, SN_ERR_SIZE);
    REFUSED(g.ldb = 4, SN_ERR_SIZE);
    REFUSED(g.ldc = 4, SN_ERR_SIZE);
    REFUSED((g.trans_a = 1), SN_ERR_SIZE);
    REFUSED((g.m = INT64_MAX / 2), SN_ERR_SIZE);
    REFUSED((g.ldc = INT64_MAX), SN_ERR_SIZE);
    REFUSED((g.n = INT64_MAX, g.ldb = INT64_MAX, g.ldc = INT64_MAX), SN_ERR_SIZE);
    REFUSED(g.act = SN_GELU, SN_ERR_CODE);
    REFUSED(g.act = 99, SN_ERR_CODE);
    REFUSED((g.act = SN_LEAKY_RELU, g.act_alpha = NAN), SN_ERR_VALUE);
    CHECK(c[0] == 42, "a refused call wrote");
    if (good.workspace_bytes > 0) {
        REFUSED(g.workspace_bytes--, SN_ERR_MEMORY);
        REFUSED(g.workspace = NULL, SN_ERR_NULL);
    }
    CHECK(strlen(sn_openblas_config()) > 8 && strlen(sn_openblas_core()) > 2, "OpenBLAS says nothing of itself");
    check_free_all();
}

/* Packed memory of something else is refused. */
static void test_packed_arguments(void) {
    sn_gemm_args good = make(SN_F32, 40, 50, 60, 0, 1, 0);
    pack(&good, -1);
    sn_gemm_args a = good;
    CHECK(sn_gemm(&a) == SN_OK, "packed");
    a = good, a.packed_bytes--;
    CHECK(sn_gemm(&a) == SN_ERR_MEMORY && sn_gemm_pack(&a) == SN_ERR_MEMORY, "one byte too little");
    a = good, a.packed = NULL;
    CHECK(sn_gemm(&a) == SN_ERR_NULL && sn_gemm_pack(&a) == SN_ERR_NULL, "nowhere");
    a = good, a.m--;
    CHECK(sn_gemm(&a) == SN_ERR_VALUE, "other rows");
    a = good, a.k--;
    CHECK(sn_gemm(&a) == SN_ERR_VALUE, "another depth");
    for (int32_t isa = 0; isa < sn_isa_active(); isa++) {
        sn_call call = {.code = SN_OP_GEMM, .args = &good};
        CHECK(sn_run(&call, 1, isa, NULL) == SN_ERR_VALUE, "another ISA");
    }
    memset(good.packed, 1, 64);
    CHECK(sn_gemm(&good) == SN_ERR_VALUE, "no header");
    check_free_all();
}

int main(void) {
    RUN(test_sizes);
    RUN(test_alpha_beta_bias);
    RUN(test_tiny);
    RUN(test_activations);
    RUN(test_not_finite);
    RUN(test_threads);
    RUN(test_arguments);
    RUN(test_packed_arguments);
    return check_summary();
}
