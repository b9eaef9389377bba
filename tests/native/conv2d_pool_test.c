/* conv2d with pooling against conv2d and pooling one after the other: the same bits, on every ISA, with any number of threads. */
#include "check.h"

typedef struct {
    int64_t n, c, h, w, oc, k, pad, stride, groups, pool_h, pool_w;
} shape;

static void *values(int32_t dtype, int64_t count) { return dtype == SN_F32 ? (void *)check_floats(count) : (void *)check_doubles(count); }

static int64_t y_bytes(const sn_conv2d_args *a) {
    const int64_t windows = a->pool == SN_POOL_NONE ? 1 : a->pool_h * a->pool_w;
    return a->n * a->oc * (a->oh * a->ow / windows) * (a->dtype == SN_F32 ? 4 : 8);
}

static sn_conv2d_args make(shape s, int32_t dtype, int32_t act, int64_t pool) {
    sn_conv2d_args a = {.dtype = dtype, .act = act, .act_alpha = 0.3, .n = s.n, .c = s.c, .h = s.h, .w = s.w, .oc = s.oc, .kh = s.k, .kw = s.k,
        .oh = (s.h + 2 * s.pad - s.k) / s.stride + 1, .ow = (s.w + 2 * s.pad - s.k) / s.stride + 1, .stride_h = s.stride, .stride_w = s.stride,
        .pad_h = s.pad, .pad_w = s.pad, .dilation_h = 1, .dilation_w = 1, .groups = s.groups, .pool = pool, .pool_h = s.pool_h, .pool_w = s.pool_w};
    a.x = values(dtype, s.n * s.h * s.w * s.c);
    a.weight = values(dtype, s.oc * (s.c / s.groups) * s.k * s.k);
    a.bias = values(dtype, s.oc);
    a.y = check_alloc(y_bytes(&a));
    return a;
}

static void *workspace(sn_conv2d_args *a) {
    a->workspace_bytes = sn_workspace_bytes(SN_OP_CONV2D_FORWARD, a);
    CHECK(a->workspace_bytes >= 0, "workspace: %lld", (long long)a->workspace_bytes);
    a->workspace = check_alloc(a->workspace_bytes);
    return memset(a->workspace, 0xff, (size_t)a->workspace_bytes);
}

/* What conv2d and pooling make of it. */
static void *apart(const sn_conv2d_args *a, int isa) {
    sn_conv2d_args conv = *a;
    conv.pool = SN_POOL_NONE;
    conv.packed = NULL, conv.packed_bytes = 0;
    conv.y = check_alloc(y_bytes(&conv));
    workspace(&conv);
    CHECK_RUN(SN_OP_CONV2D_FORWARD, conv, isa);
    sn_pool2d_args pool = {.dtype = a->dtype, .n = a->n, .c = a->oc, .h = a->oh, .w = a->ow, .oh = a->oh / a->pool_h, .ow = a->ow / a->pool_w,
        .kh = a->pool_h, .kw = a->pool_w, .stride_h = a->pool_h, .stride_w = a->pool_w, .dilation_h = 1, .dilation_w = 1, .x = conv.y,
        .y = check_alloc(y_bytes(a))};
    CHECK_RUN(a->pool == SN_POOL_MAX ? SN_OP_MAXPOOL2D_FORWARD : SN_OP_AVGPOOL2D_FORWARD, pool, isa);
    return pool.y;
}

static void compare(shape s, int32_t dtype, int32_t act, int64_t pool) {
    sn_conv2d_args a = make(s, dtype, act, pool);
    if (dtype == SN_F32 && s.n > 1) ((float *)a.x)[s.h * s.w * s.c / 2] = NAN;
    const size_t bytes = (size_t)y_bytes(&a);
    FOR_EACH_ISA(isa) {
        const int buffers = check_buffer_count;
        const void *expected = apart(&a, isa);
        for (int packed = 0; packed < 2; packed++)
            for (int threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                a.packed_bytes = 0;
                a.packed = NULL;
                if (packed) {
                    a.packed_bytes = sn_packed_bytes(SN_OP_CONV2D_PACK, &a);
                    a.packed = check_alloc(a.packed_bytes);
                    CHECK_RUN(SN_OP_CONV2D_PACK, a, isa);
                }
                workspace(&a);
                memset(a.y, 0xcb, bytes);
                CHECK_RUN(SN_OP_CONV2D_FORWARD, a, isa);
                CHECK(memcmp(expected, a.y, bytes) == 0,
                      "%s %s, act %d, on %s, %d threads%s: n%lld c%lld %lldx%lld oc%lld k%lld p%lld s%lld g%lld pool %lldx%lld", dtype == SN_F32 ? "f32" : "f64",
                      pool == SN_POOL_MAX ? "max" : "average", act, sn_isa_name(isa), threads, packed ? ", packed" : "", (long long)s.n, (long long)s.c,
                      (long long)s.h, (long long)s.w, (long long)s.oc, (long long)s.k, (long long)s.pad, (long long)s.stride, (long long)s.groups,
                      (long long)s.pool_h, (long long)s.pool_w);
            }
        while (check_buffer_count > buffers) { /* freed early: the tests make many */
            check_buffer_count--;
            system_unmap(check_buffers[check_buffer_count].map, check_buffers[check_buffer_count].map_bytes);
        }
    }
    sn_set_threads(sn_cpus());
    check_free_all();
}

static void test_shapes(void) {
    static const shape shapes[] = {
        /* n, c, h, w, oc, k, pad, stride, groups, pool */
        {1, 1, 28, 28, 6, 5, 2, 1, 1, 2, 2},      /* lenet */
        {9, 1, 28, 28, 6, 5, 2, 1, 1, 2, 2},
        {1, 6, 14, 14, 16, 5, 0, 1, 1, 2, 2},
        {9, 6, 14, 14, 16, 5, 0, 1, 1, 2, 2},
        {2, 3, 32, 32, 16, 3, 1, 1, 1, 2, 2},     /* cifar */
        {2, 3, 64, 64, 9, 5, 2, 1, 1, 4, 4},
        {1, 2, 12, 70, 5, 3, 1, 1, 1, 3, 2},      /* rows in several pieces */
        {3, 1, 9, 9, 3, 2, 0, 1, 1, 2, 2},        /* several images a unit */
        {7, 4, 8, 8, 12, 3, 1, 1, 1, 4, 2},
        {3, 2, 15, 21, 4, 3, 1, 1, 1, 3, 3},
        {2, 2, 10, 10, 4, 3, 1, 1, 1, 10, 10},    /* one window */
        {2, 2, 6, 8, 4, 3, 1, 1, 1, 1, 2},        /* too small a window for units */
        {2, 2, 6, 8, 4, 3, 1, 1, 1, 1, 1},
        {2, 5, 300, 200, 7, 3, 1, 1, 1, 100, 2},  /* too high a window */
        {20, 8, 4, 4, 20, 3, 1, 1, 1, 2, 2},      /* small images */
        {160, 8, 4, 4, 60, 3, 1, 1, 1, 2, 2},     /* several strips of some images */
        {2, 8, 20, 24, 40, 3, 1, 1, 1, 2, 2},
        {2, 8, 20, 24, 40, 3, 1, 1, 1, 5, 3},
        {2, 8, 25, 41, 33, 5, 2, 2, 1, 13, 7},
        {3, 40, 12, 14, 5, 3, 1, 1, 1, 2, 2},     /* planes: several blocks of channels */
        {3, 2, 30, 40, 1, 5, 2, 1, 1, 2, 2},      /* one column */
        {1, 3, 2, 4000, 5, 3, 1, 1, 1, 2, 2},     /* long rows */
        {1, 20, 2, 20000, 33, 3, 1, 1, 1, 2, 2},
        {1, 32, 14, 14, 64, 3, 1, 1, 1, 2, 2},    /* minimal filtering */
        {3, 7, 10, 14, 16, 5, 2, 1, 1, 2, 2},
        {2, 20, 10, 12, 70, 5, 1, 1, 1, 2, 2},    /* panels, windows as large as its tiles */
        {2, 20, 10, 12, 50, 5, 1, 1, 1, 2, 2},    /* the last one of whole vectors and a rest */
        {2, 20, 10, 12, 43, 5, 1, 1, 1, 2, 2},
        {2, 20, 12, 12, 40, 5, 2, 1, 1, 3, 2},    /* and others */
        {2, 12, 8, 8, 18, 3, 1, 1, 3, 2, 2},      /* groups */
        {2, 6, 8, 8, 6, 3, 1, 1, 6, 2, 2},        /* depthwise */
        {2, 24, 8, 8, 40, 1, 0, 1, 1, 2, 2},      /* 1x1 */
        {1, 160, 8, 8, 72, 5, 2, 1, 1, 2, 2},     /* several blocks of channels */
    };
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int64_t pool = SN_POOL_MAX; pool <= SN_POOL_AVERAGE; pool++) {
            compare(shapes[s], SN_F32, SN_TANH, pool);
            compare(shapes[s], SN_F32, SN_IDENTITY, pool);
            if (s % 3 == 0) compare(shapes[s], SN_F64, SN_RELU, pool);
        }
}

static void test_acts(void) {
    static const int32_t acts[] = {SN_RELU, SN_LEAKY_RELU, SN_SIGMOID, SN_ELU};
    for (size_t f = 0; f < sizeof acts / sizeof *acts; f++)
        for (int64_t pool = SN_POOL_MAX; pool <= SN_POOL_AVERAGE; pool++) {
            compare((shape){2, 1, 12, 14, 5, 3, 1, 1, 1, 2, 2}, SN_F32, acts[f], pool);
            compare((shape){2, 5, 12, 14, 19, 3, 1, 1, 1, 2, 2}, SN_F32, acts[f], pool);
        }
}

static void test_random_shapes(void) {
    for (int r = 0; r < 120; r++) {
        shape s = {.n = check_int(1, 6), .c = check_int(1, 12), .oc = check_int(1, r % 2 ? 12 : 40), .k = check_int(1, 5), .pad = check_int(0, 2), .stride = 1, .groups = 1,
            .pool_h = check_int(1, 4), .pool_w = check_int(1, 4)};
        s.h = s.pool_h * check_int(1, 9) + s.k - 1 - 2 * s.pad;
        s.w = s.pool_w * check_int(1, 12) + s.k - 1 - 2 * s.pad;
        if (s.h < 1 || s.w < 1) continue;
        compare(s, SN_F32, SN_TANH, r % 3 == 0 ? SN_POOL_MAX : SN_POOL_AVERAGE);
    }
}

#define REFUSED(change, status)                                                                     \
    do {                                                                                            \
        sn_conv2d_args a = good;                                                                    \
        change;                                                                                     \
        CHECK(sn_conv2d_forward(&a) == (status), "%s: %d", #change, (int)sn_conv2d_forward(&a));    \
    } while (0)

static void test_arguments(void) {
    sn_conv2d_args good = make((shape){1, 2, 8, 8, 4, 3, 1, 1, 1, 2, 2}, SN_F32, SN_TANH, SN_POOL_MAX);
    workspace(&good);
    REFUSED((void)a, SN_OK);
    REFUSED(a.pool = 3, SN_ERR_VALUE);
    REFUSED(a.pool = -1, SN_ERR_VALUE);
    REFUSED(a.pool_h = 0, SN_ERR_SIZE);
    REFUSED(a.pool_w = -2, SN_ERR_SIZE);
    REFUSED(a.pool_h = 3, SN_ERR_SIZE);
    REFUSED(a.pool_w = INT64_MAX, SN_ERR_SIZE);
    REFUSED(a.residual = a.x, SN_ERR_VALUE);
    REFUSED(a.workspace_bytes--, SN_ERR_MEMORY);
    sn_conv2d_args a = good;
    a.dy = a.x, a.dx = a.dweight = a.y;
    CHECK(sn_conv2d_backward_input(&a) == SN_ERR_VALUE && sn_conv2d_backward_weight(&a) == SN_ERR_VALUE, "gradients");
    CHECK(sn_workspace_bytes(SN_OP_CONV2D_BACKWARD_INPUT, &a) == -SN_ERR_VALUE, "their workspace");
    check_free_all();
}

int main(void) {
    RUN(test_shapes);
    RUN(test_acts);
    RUN(test_random_shapes);
    RUN(test_arguments);
    return check_summary();
}
