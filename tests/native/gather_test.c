/* gather: against loops, forward and backward, by list and element by element; sums have the same bits on every ISA. */
#include "arrays.h"

static int32_t *random_index(int64_t count, int64_t size) {
    int32_t *index = check_alloc(count * 4);
    for (int64_t i = 0; i < count; i++) index[i] = (int32_t)check_int(0, size - 1);
    return index;
}

static int64_t chosen(const sn_gather_args *a, int64_t o, int64_t i, int64_t k) {
    return a->index[a->elementwise ? (o * a->count + i) * a->inner + k : i];
}

/* y, and dx with the sums of the sizes of its terms, in double. */
static int reference(const sn_gather_args *a, double *dx, double *size) {
    int same = 1;
    for (int64_t o = 0; o < a->outer; o++)
        for (int64_t i = 0; i < a->count; i++)
            for (int64_t k = 0; k < a->inner; k++) {
                const int64_t j = chosen(a, o, i, k), from = (o * a->size + j) * a->inner + k, to = (o * a->count + i) * a->inner + k;
                same &= array_get(a->dtype, a->y, to) == array_get(a->dtype, a->x, from);
                if (j != a->skip) dx[from] += array_get(a->dtype, a->dy, to), size[from] += fabs(array_get(a->dtype, a->dy, to));
            }
    return same;
}

static void one_shape(sn_gather_args a) {
    const int64_t nx = a.outer * a.size * a.inner, ny = a.outer * a.count * a.inner;
    a.index = random_index(a.elementwise ? ny : a.count, a.size);
    a.x = array_random(a.dtype, nx), a.dy = array_random(a.dtype, ny), a.y = array_new(a.dtype, ny), a.dx = array_new(a.dtype, nx);
    void *first = malloc((size_t)bytes_of(a.dtype, nx) + 1);
    FOR_EACH_ISA(isa) {
        double *dx = calloc((size_t)nx + 1, 8), *size = calloc((size_t)nx + 1, 8);
        memset(a.y, 0xcb, (size_t)bytes_of(a.dtype, ny)), memset(a.dx, 0xcb, (size_t)bytes_of(a.dtype, nx));
        CHECK_RUN(SN_OP_GATHER_FORWARD, a, isa);
        CHECK_RUN(SN_OP_GATHER_BACKWARD, a, isa);
        CHECK(reference(&a, dx, size), "gather of %lld x %lld on %s", (long long)a.size, (long long)a.inner, sn_isa_name(isa));
        double worst = 0;
        for (int64_t i = 0; i < nx; i++)
            worst = fmax(worst, fabs(array_get(a.dtype, a.dx, i) - dx[i]) - unit_of(a.dtype) * (double)(a.count + 1) * size[i]);
        CHECK(worst <= 0, "dx of %lld x %lld on %s: %g too far away", (long long)a.size, (long long)a.inner, sn_isa_name(isa), worst);
        if (isa == SN_ISA_GENERIC) memcpy(first, a.dx, (size_t)bytes_of(a.dtype, nx));
        CHECK(!memcmp(first, a.dx, (size_t)bytes_of(a.dtype, nx)), "dx on %s has other bits", sn_isa_name(isa));
        if (ny > 0) check_threads(SN_OP_GATHER_BACKWARD, &a, isa, a.dx, bytes_of(a.dtype, nx), "dx");
        if (ny > 0) check_threads(SN_OP_GATHER_FORWARD, &a, isa, a.y, bytes_of(a.dtype, ny), "y");
        free(dx), free(size);
    }
    free(first);
    check_free_all();
}

static void random_shapes(void) {
    const int64_t shapes[][4] = {{1, 1, 1, 1}, {1, 7, 5, 9}, {3, 4, 1, 6}, {2, 50, 70, 33}, {1, 3000, 70, 200}, {5, 2, 130, 3}, {2, 3, 4,
        0}, {0, 3, 4, 2}, {2, 3, 0, 2}, {3, 90, 1, 41}, {1, 9, 16, 40}, {2, 5, 33, 17}, {1, 6, 515, 7}, {1, 4, 1024, 3}, {7, 3, 23, 1}};
    for (int32_t elementwise = 0; elementwise <= 1; elementwise++)
        for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
            for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
                one_shape((sn_gather_args){.dtype = dtype, .elementwise = elementwise, .outer = shapes[s][0], .size = shapes[s][1],
                    .inner = shapes[s][2], .count = shapes[s][3], .skip = s % 2 ? 1 : -1});
}

/* An index that is skipped beyond what int32 holds is none. */
static void far_skip(void) {
    float dy[6] = {1, 2, 3, 4, 5, 6}, dx[8];
    int32_t index[6] = {0, 0, 1, 0, 1, 0};
    sn_gather_args a = {.dtype = SN_F32, .outer = 1, .size = 2, .inner = 4, .count = 1, .skip = INT64_C(1) << 32, .index = index, .dy = dy,
        .dx = dx};
    FOR_EACH_ISA(isa) {
        CHECK_RUN(SN_OP_GATHER_BACKWARD, a, isa);
        CHECK(dx[0] == 1 && dx[3] == 4 && dx[4] == 0, "skip of 2^32 on %s", sn_isa_name(isa));
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

/* Sizes that no array has beside one of 0: there is nothing to do, and it is done at once. */
static void nothing(void) {
    int32_t *index = random_index(2, 3);
    void *x = check_alloc(0), *y = check_alloc(0);
    for (int32_t elementwise = 0; elementwise <= 1; elementwise++) {
        sn_gather_args a = {.dtype = SN_F32, .elementwise = elementwise, .outer = INT64_C(1) << 45, .size = 3, .inner = 0, .count = 2, .skip = -1,
            .x = x, .index = index, .y = y, .dy = y, .dx = x};
        FOR_EACH_ISA(isa) {
            CHECK_RUN(SN_OP_GATHER_FORWARD, a, isa);
            CHECK_RUN(SN_OP_GATHER_BACKWARD, a, isa);
        }
    }
    check_free_all();
}

int main(void) {
    RUN(random_shapes);
    RUN(nothing);
    RUN(far_skip);
    RUN(integers);
    RUN(errors);
    return check_summary();
}
