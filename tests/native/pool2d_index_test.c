/* pool2d's gather and scatter against direct loops, on every ISA. */
#include "arrays.h"

static void compare(sn_pool2d_index_args a) {
    const int64_t image = a.n * a.size * a.c, noted = a.n * a.outputs * a.c;
    int32_t *index = check_alloc(noted * 4);
    for (int64_t i = 0; i < noted; i++) index[i] = (int32_t)check_int(-2, a.size + 1);
    if (noted > 1) index[noted - 1] = INT32_MIN, index[0] = INT32_MAX;
    a.index = index;
    void *x = array_random(a.dtype, image), *dy = array_random(a.dtype, noted), *y = array_new(a.dtype, noted), *dx = array_new(a.dtype, image);
    double *gathered = check_alloc(noted * 8), *added = check_alloc(image * 8), *last = check_alloc(image * 8);
    memset(added, 0, (size_t)image * 8);
    memset(last, 0, (size_t)image * 8);
    for (int64_t i = 0; i < noted; i++) {
        const int64_t n = i / a.c / a.outputs, at = (n * a.size + index[i]) * a.c + i % a.c;
        const int inside = index[i] >= 0 && index[i] < a.size;
        gathered[i] = inside ? array_get(a.dtype, x, at) : 0;
        if (inside) added[at] += array_get(a.dtype, dy, i), last[at] = array_get(a.dtype, dy, i);
    }
    FOR_EACH_ISA(isa) {
        a.x = x, a.y = y;
        CHECK_RUN(SN_OP_POOL2D_GATHER, a, isa);
        CHECK_ARRAY(a.dtype, y, gathered, noted, 0, 0, isa, "gather");
        a.x = dy, a.y = dx, a.overwrite = 0;
        memset(dx, 0xcb, (size_t)bytes_of(a.dtype, image));
        CHECK_RUN(SN_OP_POOL2D_SCATTER, a, isa);
        CHECK_ARRAY(a.dtype, dx, added, image, 0, (double)a.outputs * (double)a.outputs * unit_of(a.dtype), isa, "scatter");
        a.overwrite = 1;
        memset(dx, 0xcb, (size_t)bytes_of(a.dtype, image));
        CHECK_RUN(SN_OP_POOL2D_SCATTER, a, isa);
        CHECK_ARRAY(a.dtype, dx, last, image, 0, 0, isa, "scatter, the last");
    }
    check_free_all();
}

static void shapes(void) {
    static const int64_t c[] = {1, 2, 3, 7, 8, 16, 31, 32, 33, 65};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int i = 0; i < 10; i++)
            for (int k = 0; k < 5; k++)
                compare((sn_pool2d_index_args){.dtype = dtype, .n = check_int(1, 4), .c = c[i], .size = check_int(1, 30), .outputs = check_int(1, 12)});
}

/* Places are moved as they are, too. */
static void integers(void) {
    static const int32_t index[] = {2, 0, 1, 3};
    static const int32_t x[] = {INT32_MIN, 0x7fc00001, -1};
    int32_t y[4];
    sn_pool2d_index_args a = {.dtype = SN_I32, .n = 1, .c = 1, .size = 3, .outputs = 4, .x = x, .index = index, .y = y};
    FOR_EACH_ISA(isa) {
        CHECK_RUN(SN_OP_POOL2D_GATHER, a, isa);
        CHECK(y[0] == -1 && y[1] == INT32_MIN && y[2] == 0x7fc00001 && y[3] == 0, "%d %d %d %d", y[0], y[1], y[2], y[3]);
    }
}

static void threads(void) {
    static const int64_t c[] = {1, 5, 100};
    for (int i = 0; i < 3; i++) {
        sn_pool2d_index_args a = {.dtype = SN_F32, .n = 1 + 60 / c[i], .c = c[i], .size = 900, .outputs = 400};
        const int64_t image = a.n * a.size * a.c, noted = a.n * a.outputs * a.c;
        int32_t *index = check_alloc(noted * 4);
        for (int64_t k = 0; k < noted; k++) index[k] = (int32_t)check_int(0, a.size - 1);
        a.index = index;
        FOR_EACH_ISA(isa) {
            a.x = check_floats(image), a.y = check_alloc(noted * 4);
            check_threads(SN_OP_POOL2D_GATHER, &a, isa, a.y, noted * 4, "gather");
            a.x = check_floats(noted), a.y = check_alloc(image * 4);
            check_threads(SN_OP_POOL2D_SCATTER, &a, isa, a.y, image * 4, "scatter");
        }
        check_free_all();
    }
}

static void errors(void) {
    float *y = check_alloc(48);
    sn_pool2d_index_args good = {.dtype = SN_F32, .n = 1, .c = 2, .size = 6, .outputs = 6, .x = check_floats(12), .index = check_alloc(48), .y = y}, a = good;
#define EXPECT(status)                                        \
    do {                                                      \
        CHECK_ERROR(sn_pool2d_gather, a, status, y, 48);      \
        CHECK_ERROR(sn_pool2d_scatter, a, status, y, 48);     \
        a = good;                                             \
    } while (0)
    CHECK(sn_pool2d_gather(NULL) == SN_ERR_NULL && sn_pool2d_scatter(NULL) == SN_ERR_NULL, "null");
    a.x = NULL;
    EXPECT(SN_ERR_NULL);
    a.y = NULL;
    EXPECT(SN_ERR_NULL);
    a.index = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = 9;
    EXPECT(SN_ERR_DTYPE);
    a.dtype = SN_I32;
    CHECK_ERROR(sn_pool2d_scatter, a, SN_ERR_DTYPE, y, 48);
    a = good;
    int64_t *const sizes[] = {&a.n, &a.c, &a.size, &a.outputs};
    for (int i = 0; i < 4; i++) {
        *sizes[i] = 0;
        EXPECT(SN_ERR_SIZE);
        *sizes[i] = -4;
        EXPECT(SN_ERR_SIZE);
        *sizes[i] = INT64_MAX;
        EXPECT(SN_ERR_SIZE);
    }
    check_free_all();
}

int main(void) {
    RUN(shapes);
    RUN(integers);
    RUN(threads);
    RUN(errors);
    return check_summary();
}
