/* resample against a direct double loop over the dense matrix, on every ISA. */
#include "arrays.h"

typedef struct {
    int64_t *offset, *index;
    double *weight, *dense; /* dense: [outputs][size], places that come twice added */
} matrix;

/* Rows of 0 to most terms; a place may come twice. */
static matrix random_matrix(sn_resample_args *a, int64_t most, int ones) {
    matrix m = {check_alloc((a->outputs + 1) * 8), NULL, NULL, check_alloc(a->outputs * a->size * 8)};
    m.offset[0] = 0;
    for (int64_t o = 0; o < a->outputs; o++) m.offset[o + 1] = m.offset[o] + check_int(0, most);
    a->terms = m.offset[a->outputs];
    m.index = check_alloc(a->terms * 8), m.weight = check_alloc(a->terms * 8);
    memset(m.dense, 0, (size_t)(a->outputs * a->size) * 8);
    for (int64_t o = 0; o < a->outputs; o++)
        for (int64_t t = m.offset[o]; t < m.offset[o + 1]; t++) {
            m.index[t] = check_int(0, a->size - 1);
            m.weight[t] = ones ? 1 : check_uniform();
            m.dense[o * a->size + m.index[t]] += a->dtype == SN_F64 ? m.weight[t] : (float)m.weight[t];
        }
    a->offset = m.offset, a->index = a->terms ? m.index : NULL, a->weight = a->terms ? m.weight : NULL;
    return m;
}

static void compare(sn_resample_args a, int64_t most, int ones) {
    const matrix m = random_matrix(&a, most, ones);
    const int64_t in = a.outer * a.size * a.inner, out = a.outer * a.outputs * a.inner;
    a.x = array_random(a.dtype, in);
    a.y = array_new(a.dtype, out);
    double *expected = check_alloc(out * 8);
    for (int64_t i = 0; i < out; i++) {
        const int64_t c = i % a.inner, o = i / a.inner % a.outputs, n = i / a.inner / a.outputs;
        expected[i] = 0;
        for (int64_t p = 0; p < a.size; p++)
            if (m.dense[o * a.size + p] != 0) expected[i] += m.dense[o * a.size + p] * array_get(a.dtype, a.x, (n * a.size + p) * a.inner + c);
    }
    FOR_EACH_ISA(isa) {
        memset(a.y, 0xcb, (size_t)bytes_of(a.dtype, out));
        CHECK_RUN(SN_OP_RESAMPLE, a, isa);
        CHECK_ARRAY(a.dtype, a.y, expected, out, 0, (double)(most + 2) * (double)(most + 2) * unit_of(a.dtype), isa,
                    "outer %lld size %lld inner %lld outputs %lld, up to %lld terms", (long long)a.outer, (long long)a.size,
                    (long long)a.inner, (long long)a.outputs, (long long)most);
    }
    check_free_all();
}

static void shapes(void) {
    static const int64_t inner[] = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 127, 130, 200};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int i = 0; i < (int)(sizeof inner / sizeof *inner); i++)
            for (int64_t most = 0; most <= 6; most++) {
                const sn_resample_args a = {.dtype = dtype, .outer = check_int(1, 4), .size = check_int(1, 9), .inner = inner[i], .outputs = check_int(1, 12)};
                compare(a, most, 0);
                compare(a, most, 1);
            }
    compare((sn_resample_args){.dtype = SN_F32, .outer = 2, .size = 7, .inner = 40001, .outputs = 5}, 4, 0); /* several pieces */
    compare((sn_resample_args){.dtype = SN_F32, .outer = 40, .size = 60, .inner = 33, .outputs = 50}, 60, 0);
}

/* A place that is not named does not count, whatever stands there; a named one does, even with the weight 0. */
static void special_values(void) {
    static const int64_t offset[] = {0, 1, 3, 3}, index[] = {0, 0, 1};
    static const double weight[] = {2, 1, 0};
    for (int64_t inner = 1; inner <= 16; inner += 15) {
        float *x = check_floats(2 * inner), *y = check_alloc(3 * inner * 4);
        for (int64_t i = 0; i < inner; i++) x[i] = -0.0f, x[inner + i] = i % 2 ? NAN : INFINITY;
        sn_resample_args a = {.dtype = SN_F32, .outer = 1, .size = 2, .inner = inner, .outputs = 3, .terms = 3, .offset = offset,
                              .index = index, .weight = weight, .x = x, .y = y};
        FOR_EACH_ISA(isa) {
            CHECK_RUN(SN_OP_RESAMPLE, a, isa);
            for (int64_t i = 0; i < inner; i++)
                CHECK(y[i] == 0 && signbit(y[i]) && isnan(y[inner + i]) && y[2 * inner + i] == 0, "%g %g %g", y[i], y[inner + i], y[2 * inner + i]);
        }
        check_free_all();
    }
}

static void threads(void) {
    static const int64_t inner[] = {1, 3, 16, 67, 50000};
    for (int i = 0; i < 5; i++) {
        sn_resample_args a = {.dtype = SN_F32, .outer = 1 + 100000 / inner[i] / 16, .size = 9, .inner = inner[i], .outputs = 17};
        random_matrix(&a, 5, 0);
        const int64_t out = a.outer * a.outputs * a.inner;
        a.x = check_floats(a.outer * a.size * a.inner), a.y = check_alloc(out * 4);
        FOR_EACH_ISA(isa) check_threads(SN_OP_RESAMPLE, &a, isa, a.y, out * 4, "resample");
        check_free_all();
    }
}

static void errors(void) {
    int64_t offset[] = {0, 1, 3}, index[] = {0, 1, 2};
    double weight[] = {1, 2, 3};
    float *x = check_floats(24), *y = check_alloc(64);
    const sn_resample_args good = {.dtype = SN_F32, .outer = 2, .size = 3, .inner = 4, .outputs = 2, .terms = 3, .offset = offset,
                                   .index = index, .weight = weight, .x = x, .y = y};
    sn_resample_args a = good;
#define EXPECT(status)                                \
    do {                                              \
        CHECK_ERROR(sn_resample, a, status, y, 64);   \
        a = good;                                     \
    } while (0)
    CHECK(sn_resample(NULL) == SN_ERR_NULL, "null");
    a.x = NULL;
    EXPECT(SN_ERR_NULL);
    a.y = NULL;
    EXPECT(SN_ERR_NULL);
    a.offset = NULL;
    EXPECT(SN_ERR_NULL);
    a.index = NULL;
    EXPECT(SN_ERR_NULL);
    a.weight = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    int64_t *const sizes[] = {&a.outer, &a.size, &a.inner, &a.outputs};
    for (int i = 0; i < 4; i++) {
        *sizes[i] = 0;
        EXPECT(SN_ERR_SIZE);
        *sizes[i] = -3;
        EXPECT(SN_ERR_SIZE);
        *sizes[i] = INT64_MAX;
        EXPECT(SN_ERR_SIZE);
    }
    a.terms = -1;
    EXPECT(SN_ERR_SIZE);
    a.terms = 2;
    EXPECT(SN_ERR_VALUE);
    a.terms = 4;
    EXPECT(SN_ERR_VALUE);
    a.size = 2;
    EXPECT(SN_ERR_VALUE);
    index[1] = -1;
    EXPECT(SN_ERR_VALUE);
    index[1] = 1, offset[0] = 1;
    EXPECT(SN_ERR_VALUE);
    offset[0] = 0, offset[1] = -1;
    EXPECT(SN_ERR_VALUE);
    offset[1] = 4;
    EXPECT(SN_ERR_VALUE);
    check_free_all();
}

int main(void) {
    RUN(shapes);
    RUN(special_values);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
