/* gather: against loops, forward and backward, by list and element by element. */
#include "arrays.h"

static int32_t *random_index(int64_t count, int64_t size) {
    int32_t *index = check_alloc(count * 4);
    for (int64_t i = 0; i < count; i++) index[i] = (int32_t)check_int(0, size - 1);
    return index;
}

static int64_t chosen(const sn_gather_args *a, int64_t o, int64_t i, int64_t k) {
    return a->index[a->elementwise ? (o * a->count + i) * a->inner + k : i];
}

static void random_shapes(void) {
    const int64_t shapes[][4] = {{1, 1, 1, 1}, {1, 7, 5, 9}, {3, 4, 1, 6}, {2, 50, 70, 33}, {1, 3000, 70, 200}, {5, 2, 130, 3}, {2, 3, 4,
        0}, {0, 3, 4, 2}};
    for (int32_t elementwise = 0; elementwise <= 1; elementwise++)
        for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
            for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
                sn_gather_args a = {.dtype = dtype, .elementwise = elementwise, .outer = shapes[s][0], .size = shapes[s][1],
                    .inner = shapes[s][2],
                    .count = shapes[s][3], .skip = s % 2 ? 1 : -1};
                const int64_t nx = a.outer * a.size * a.inner, ny = a.outer * a.count * a.inner;
                a.index = random_index(elementwise ? ny : a.count, a.size);
                a.x = array_random(dtype, nx), a.dy = array_random(dtype, ny), a.y = array_new(dtype, ny), a.dx = array_new(dtype, nx);
                double *dx = calloc((size_t)nx + 1, 8), *size = calloc((size_t)nx + 1, 8);
                FOR_EACH_ISA(isa) {
                    CHECK_RUN(SN_OP_GATHER_FORWARD, a, isa);
                    CHECK_RUN(SN_OP_GATHER_BACKWARD, a, isa);
                }
                int same = 1;
                for (int64_t o = 0; o < a.outer; o++)
                    for (int64_t i = 0; i < a.count; i++)
                        for (int64_t k = 0; k < a.inner; k++) {
                            const int64_t j = chosen(&a, o, i, k), from = (o * a.size + j) * a.inner + k, to = (o * a.count + i) * a.inner
                                + k;
                            same &= array_get(dtype, a.y, to) == array_get(dtype, a.x, from);
                            if (j != a.skip) dx[from] += array_get(dtype, a.dy, to), size[from] += fabs(array_get(dtype, a.dy, to));
                        }
                CHECK(same, "gather of shape %zu", s);
                for (int64_t i = 0; i < nx; i++) {
                    const double bound = unit_of(dtype) * (double)(a.count + 1) * size[i];
                    CHECK(fabs(array_get(dtype, a.dx, i) - dx[i]) <= bound, "dx[%lld] of shape %zu: %g, not %g", (long long)i, s,
                        array_get(dtype, a.dx, i), dx[i]);
                }
                if (ny > 0) check_threads(SN_OP_GATHER_BACKWARD, &a, SN_ISA_GENERIC, a.dx, bytes_of(dtype, nx), "dx");
                if (ny > 0) check_threads(SN_OP_GATHER_FORWARD, &a, SN_ISA_GENERIC, a.y, bytes_of(dtype, ny), "y");
                free(dx), free(size);
                check_free_all();
            }
}

static void integers(void) {
    int32_t x[] = {7, -3, 5}, index[] = {2, 2, 0}, y[3];
    sn_gather_args a = {.dtype = SN_I32, .outer = 1, .size = 3, .inner = 1, .count = 3, .skip = -1, .index = index, .x = x, .y = y};
    CHECK_RUN(SN_OP_GATHER_FORWARD, a, SN_ISA_GENERIC);
    CHECK(y[0] == 5 && y[1] == 5 && y[2] == 7, "int32");
}

static void errors(void) {
    float *x = check_floats(6), *y = check_floats(6);
    int32_t *index = random_index(6, 3);
    const sn_gather_args good = {.dtype = SN_F32, .outer = 1, .size = 3, .inner = 2, .count = 3, .skip = -1, .index = index, .x = x,
        .y = y, .dy = x, .dx = y};
    sn_gather_args a = good;
    CHECK(sn_gather_forward(NULL) == SN_ERR_NULL && sn_gather_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                     \
    do {                                                   \
        CHECK_ERROR(sn_gather_forward, a, status, y, 24);  \
        CHECK_ERROR(sn_gather_backward, a, status, y, 24); \
        a = good;                                          \
    } while (0)
    a.index = NULL;
    EXPECT(SN_ERR_NULL);
    a.x = a.dy = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = 7;
    EXPECT(SN_ERR_DTYPE);
    a.dtype = SN_I32;
    CHECK_ERROR(sn_gather_backward, a, SN_ERR_DTYPE, y, 24);
    a = good;
    a.elementwise = 2;
    EXPECT(SN_ERR_VALUE);
    a.size = 0;
    EXPECT(SN_ERR_SIZE);
    a.count = -1;
    EXPECT(SN_ERR_SIZE);
    a.outer = a.inner = INT64_C(1) << 40;
    EXPECT(SN_ERR_SIZE);
    index[2] = 3;
    EXPECT(SN_ERR_VALUE);
    index[2] = -1;
    EXPECT(SN_ERR_VALUE);
    check_free_all();
}

int main(void) {
    RUN(random_shapes);
    RUN(integers);
    RUN(errors);
    return check_summary();
}
