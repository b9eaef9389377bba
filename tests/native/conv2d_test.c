/* conv2d's three passes against their reference, on every ISA: shapes, epilogues, threads, packed weights, arguments. */
#include "conv2d_reference.h"

static const shape shapes[] = {
    /* n, c, h, w, oc, k, stride, pad, dilation, groups */
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {2, 1, 28, 28, 6, 5, 5, 1, 1, 2, 2, 1, 1, 1},      /* lenet */
    {3, 6, 14, 14, 16, 5, 5, 1, 1, 0, 0, 1, 1, 1},
    {1, 1, 28, 28, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1},     /* cnn */
    {2, 32, 14, 14, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 3, 32, 32, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1},     /* resnet20 */
    {2, 16, 16, 16, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1},
    {2, 16, 16, 16, 32, 1, 1, 2, 2, 0, 0, 1, 1, 1},
    {5, 64, 8, 8, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {3, 160, 7, 7, 72, 3, 3, 1, 1, 1, 1, 1, 1, 1},     /* several blocks of channels */
    {1, 300, 7, 7, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 3, 40, 40, 20, 7, 7, 2, 2, 3, 3, 1, 1, 1},
    {2, 64, 9, 9, 50, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {7, 20, 30, 31, 40, 1, 1, 1, 1, 0, 0, 1, 1, 1},    /* weight gradient: units added to a sum of others, dy in place */
    {7, 100, 30, 31, 33, 1, 1, 1, 1, 0, 0, 1, 1, 1},   /* the same with dy copied */
    {2, 700, 3, 3, 10, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {1, 20, 6, 90, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 130, 4, 130, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1},    /* rows wider than a patch */
    {2, 5, 11, 13, 7, 3, 2, 2, 3, 1, 0, 1, 1, 1},      /* nothing divides anything */
    {2, 5, 17, 19, 9, 3, 3, 1, 1, 2, 2, 2, 2, 1},      /* dilation */
    {1, 4, 21, 20, 8, 3, 4, 2, 3, 3, 2, 3, 2, 1},      /* dilation, stride */
    {1, 6, 20, 20, 9, 3, 3, 4, 4, 1, 1, 2, 2, 3},      /* dilation and stride share a factor */
    {1, 3, 9, 9, 4, 2, 2, 5, 5, 0, 0, 1, 1, 1},        /* stride beyond the kernel: pixels without taps */
    {2, 3, 5, 5, 4, 1, 1, 1, 1, 3, 2, 1, 1, 1},        /* padding beyond the kernel */
    {1, 2, 6, 6, 3, 3, 3, 2, 2, 5, 4, 1, 1, 1},
    {2, 12, 9, 8, 18, 3, 3, 1, 1, 1, 1, 1, 1, 3},      /* groups */
    {1, 40, 8, 8, 80, 3, 3, 2, 2, 1, 1, 1, 1, 2},
    {2, 7, 9, 9, 7, 3, 3, 1, 1, 1, 1, 1, 1, 7},        /* depthwise */
    {1, 37, 12, 11, 37, 5, 3, 2, 1, 2, 1, 1, 1, 37},
    {1, 64, 10, 10, 64, 3, 3, 1, 1, 2, 2, 2, 2, 64},
    {2, 5, 8, 8, 15, 3, 3, 1, 1, 1, 1, 1, 1, 5},       /* channel multiplier */
    {1, 2, 70, 66, 3, 3, 3, 1, 1, 40, 30, 30, 20, 1},  /* a reach far larger than the map */
    {1, 24, 5, 5, 9, 5, 5, 1, 1, 2, 2, 1, 1, 1},
    {13, 4, 2, 2, 5, 2, 2, 1, 1, 0, 0, 1, 1, 1},       /* one pixel an image */
    {40, 8, 3, 4, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1},      /* many small images */
};

static void test_shapes(void) {
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int dtype = SN_F32; dtype <= SN_F64; dtype++) {
            compare(make(shapes[s], dtype), "shape");
            check_free_all();
        }
}

static void test_random_shapes(void) {
    for (int r = 0; r < 250; r++) {
        shape s;
        s.groups = r % 5 == 0 ? check_int(2, 4) : 1;
        s.n = check_int(1, 4);
        s.c = s.groups * (r % 3 == 0 ? check_int(1, 3) : check_int(1, r % 7 == 0 ? 90 : 20));
        s.oc = s.groups * (r % 11 == 0 ? check_int(30, 70) : check_int(1, 35));
        s.kh = check_int(1, 5), s.kw = check_int(1, 5);
        s.dh = r % 4 == 1 ? check_int(1, 3) : 1, s.dw = r % 4 == 1 ? check_int(1, 3) : 1;
        s.sh = check_int(1, 3), s.sw = check_int(1, 3);
        s.ph = check_int(0, 3), s.pw = check_int(0, 3);
        s.h = s.dh * (s.kh - 1) + check_int(1, 12), s.w = s.dw * (s.kw - 1) + check_int(1, 18);
        compare(make(s, SN_F32), "random shape");
        check_free_all();
    }
}

static void test_epilogue(void) {
    static const int32_t acts[] = {SN_IDENTITY, SN_RELU, SN_LEAKY_RELU, SN_SIGMOID, SN_TANH, SN_ELU};
    static const shape some[] = {{1, 2, 4, 5, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {2, 20, 15, 15, 50, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {1, 200, 7, 7, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1},
        {2, 6, 7, 7, 6, 3, 3, 1, 1, 1, 1, 1, 1, 6}, {1, 6, 9, 9, 8, 3, 3, 2, 2, 1, 1, 1, 1, 2}};
    for (size_t s = 0; s < sizeof some / sizeof *some; s++)
        for (size_t f = 0; f < sizeof acts / sizeof *acts; f++)
            for (int bias = 0; bias < 2; bias++) {
                sn_conv2d_args a = make(some[s], f % 2 ? SN_F32 : SN_F64);
                for (int dtype = SN_F32; dtype <= SN_F64; dtype++) {
                    a = make(some[s], dtype);
                    a.act = acts[f];
                    a.act_alpha = 0.2;
                    if (!bias) a.bias = NULL, a.dbias = NULL;
                    compare(a, "epilogue");
                    a.residual = array_random(dtype, y_count(&a));
                    compare(a, "residual");
                    memcpy(a.y, a.residual, (size_t)(y_count(&a) * (dtype == SN_F32 ? 4 : 8)));
                    a.residual = a.y;
                    compare(a, "residual in place");
                }
                check_free_all();
            }
}

static void test_not_finite(void) {
    static const shape five[] = {{3, 17, 9, 11, 16, 5, 5, 1, 1, 2, 2, 1, 1, 1}, {1, 16, 12, 9, 35, 5, 5, 1, 1, 1, 2, 1, 1, 1}, {2, 6, 12, 12, 16, 5, 5, 1, 1, 0, 1, 1, 1, 1}};
    not_finite(shapes, sizeof shapes / sizeof *shapes);
    not_finite(five, sizeof five / sizeof *five);
}

static void test_threads(void) {
    static const shape some[] = {{4, 16, 32, 32, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {2, 3, 64, 64, 24, 7, 7, 2, 2, 3, 3, 1, 1, 1}, {9, 64, 8, 8, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},
        {1, 256, 7, 7, 256, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {16, 32, 28, 28, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1}, {4, 32, 28, 28, 32, 3, 3, 1, 1, 1, 1, 1, 1, 32}, {128, 1, 28, 28, 6, 5, 5, 1, 1, 2, 2, 1, 1, 1},
        {40, 6, 14, 14, 16, 5, 5, 1, 1, 0, 0, 1, 1, 1}, {4, 3, 96, 90, 40, 7, 7, 2, 2, 3, 3, 1, 1, 1}};
    same_bits(some, sizeof some / sizeof *some);
}

/* good with a change must be refused. */
#define FORWARD_REFUSED(change, expected) (a = good, (change), CHECK(sn_conv2d_forward(&a) == (expected), "forward, %s: %d", #change, sn_conv2d_forward(&a)))

static void pack(sn_conv2d_args *a, int isa) {
    a->packed_bytes = sn_packed_bytes(SN_OP_CONV2D_PACK, a);
    CHECK(a->packed_bytes > 0, "packed: %lld", (long long)a->packed_bytes);
    a->packed = check_alloc(a->packed_bytes);
    memset(a->packed, 0xff, (size_t)a->packed_bytes);
    CHECK_RUN(SN_OP_CONV2D_PACK, *a, isa);
}

/* With weights packed before, the same bits; packed memory of something else is refused. */
static void test_packed(void) {
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int dtype = SN_F32; dtype <= SN_F64; dtype++) {
            sn_conv2d_args a = make(shapes[s], dtype);
            const int64_t bytes = y_count(&a) * (dtype == SN_F32 ? 4 : 8);
            void *y = a.y, *expected = check_alloc(bytes);
            a.act = SN_RELU;
            FOR_EACH_ISA(isa) {
                sn_conv2d_args b = a;
                b.y = expected;
                run(&b, SN_OP_CONV2D_FORWARD, isa);
                b.y = y;
                pack(&b, isa);
                run(&b, SN_OP_CONV2D_FORWARD, isa);
                CHECK(memcmp(y, expected, (size_t)bytes) == 0, "packed weights change the result of shape %d on %s", (int)s, sn_isa_name(isa));
                FOR_EACH_ISA(other) {
                    sn_call call = {.code = SN_OP_CONV2D_FORWARD, .args = &b};
                    CHECK(isa == other || sn_run(&call, 1, other, NULL) == SN_ERR_VALUE, "packed for %s, run on %s", sn_isa_name(isa), sn_isa_name(other));
                }
            }
            check_free_all();
        }
    sn_conv2d_args good = make((shape){2, 16, 9, 9, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_F32), a;
    run(&good, SN_OP_CONV2D_FORWARD, -1);
    good.workspace = check_alloc(good.workspace_bytes);
    const sn_conv2d_args unpacked = good;
    pack(&good, -1);
    FORWARD_REFUSED(a.packed_bytes--, SN_ERR_MEMORY);
    FORWARD_REFUSED(a.packed_bytes = -1, SN_ERR_MEMORY);
    FORWARD_REFUSED(a.packed = NULL, SN_ERR_NULL);
    FORWARD_REFUSED(a.packed_bytes = 0, SN_ERR_MEMORY);
    FORWARD_REFUSED((a.pad_h = a.pad_w = 0, a.oh = a.ow = 7), SN_ERR_VALUE);
    FORWARD_REFUSED(a.packed = (char *)a.packed + 4, SN_ERR_VALUE);
    memset(good.packed, 0, 64);
    FORWARD_REFUSED((void)a, SN_ERR_VALUE);
    a = good, a.packed_bytes--;
    CHECK(sn_conv2d_pack(&a) == SN_ERR_MEMORY, "pack with one byte too little");
    a = good, a.packed = NULL;
    CHECK(sn_conv2d_pack(&a) == SN_ERR_NULL && sn_conv2d_pack(NULL) == SN_ERR_NULL, "pack to nowhere");
    a = unpacked, a.c = -1;
    CHECK(sn_packed_bytes(SN_OP_CONV2D_PACK, &a) == -SN_ERR_SIZE && sn_packed_bytes(SN_OP_FILL, &a) == -SN_ERR_CODE, "packed bytes");
    check_free_all();
}

/* A channel a group, vectors of channels: more of them than are done at once and some, more rows than the weight gradient has
 * slots, as many taps as there can be and more, and windows apart, overlapping, outside. */
static void test_depthwise(void) {
    static const shape some[] = {
        {2, 83, 9, 10, 83, 3, 3, 1, 1, 1, 1, 1, 1, 83},
        {1, 150, 5, 4, 150, 3, 3, 2, 2, 1, 1, 1, 1, 150},
        {5, 20, 13, 7, 20, 3, 3, 1, 1, 1, 1, 1, 1, 20},
        {1, 2, 5, 6, 2, 5, 5, 1, 1, 2, 2, 1, 1, 2},
        {1, 35, 9, 11, 35, 8, 16, 1, 1, 4, 8, 1, 1, 35},
        {1, 35, 9, 11, 35, 11, 12, 1, 1, 5, 6, 1, 1, 35},
        {2, 33, 11, 13, 33, 2, 2, 5, 4, 0, 1, 1, 1, 33},
        {2, 24, 3, 4, 24, 3, 3, 1, 1, 4, 5, 1, 1, 24},
        {1, 16, 30, 29, 16, 3, 4, 3, 2, 3, 4, 3, 2, 16},
        {3, 70, 6, 300, 70, 1, 3, 1, 1, 0, 1, 1, 1, 70},
    };
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        sn_conv2d_args a = make(some[s], SN_F32);
        compare(a, "depthwise");
        a.act = s % 2 ? SN_LEAKY_RELU : SN_TANH;
        a.act_alpha = 0.2;
        a.residual = array_random(SN_F32, y_count(&a));
        a.bias = NULL, a.dbias = NULL;
        compare(a, "depthwise, residual, no bias");
        check_free_all();
    }
    not_finite(some, sizeof some / sizeof *some);
}

static void test_arguments(void) {
    sn_conv2d_args good = make((shape){2, 4, 6, 7, 6, 3, 3, 2, 1, 1, 1, 1, 1, 2}, SN_F32), a;
    good.workspace_bytes = 1 << 20;
    good.workspace = check_alloc(good.workspace_bytes);
    ((float *)good.y)[0] = ((float *)good.dx)[0] = ((float *)good.dweight)[0] = 42;
#define BACKWARD_REFUSED(change, expected)                                                                                                         \
    (a = good, (change), CHECK(sn_conv2d_backward_input(&a) == (expected), "input, %s: %d", #change, sn_conv2d_backward_input(&a)),            \
     CHECK(sn_conv2d_backward_weight(&a) == (expected), "weight, %s: %d", #change, sn_conv2d_backward_weight(&a)))
#define REFUSED(change, expected) (FORWARD_REFUSED(change, expected), BACKWARD_REFUSED(change, expected))
    REFUSED(a.dtype = SN_I32, SN_ERR_DTYPE);
    REFUSED(a.n = 0, SN_ERR_SIZE);
    REFUSED(a.c = 0, SN_ERR_SIZE);
    REFUSED(a.c = 3, SN_ERR_SIZE);
    REFUSED(a.oc = 5, SN_ERR_SIZE);
    REFUSED(a.groups = 0, SN_ERR_SIZE);
    REFUSED(a.groups = 4, SN_ERR_SIZE);
    REFUSED(a.h = 0, SN_ERR_SIZE);
    REFUSED(a.w = -1, SN_ERR_SIZE);
    REFUSED(a.oh = 4, SN_ERR_SIZE);
    REFUSED(a.ow = 6, SN_ERR_SIZE);
    REFUSED(a.kh = 0, SN_ERR_SIZE);
    REFUSED(a.kw = 99, SN_ERR_SIZE);
    REFUSED(a.stride_h = 0, SN_ERR_SIZE);
    REFUSED(a.stride_w = -2, SN_ERR_SIZE);
    REFUSED(a.pad_h = -1, SN_ERR_SIZE);
    REFUSED(a.pad_w = INT64_MAX, SN_ERR_SIZE);
    REFUSED(a.dilation_h = 0, SN_ERR_SIZE);
    REFUSED(a.dilation_w = INT64_MAX, SN_ERR_SIZE);
    REFUSED(a.n = INT64_MAX, SN_ERR_SIZE);
    REFUSED(a.workspace_bytes = 3, SN_ERR_MEMORY);
    REFUSED(a.workspace = NULL, SN_ERR_NULL);
    REFUSED(a.x = a.dy = NULL, SN_ERR_NULL);
    FORWARD_REFUSED(a.weight = NULL, SN_ERR_NULL);
    FORWARD_REFUSED(a.y = NULL, SN_ERR_NULL);
    FORWARD_REFUSED(a.act = SN_EXP, SN_ERR_CODE);
    FORWARD_REFUSED((a.act = SN_ELU, a.act_alpha = NAN), SN_ERR_VALUE);
    a = good, a.dx = a.dweight = NULL;
    CHECK(sn_conv2d_backward_input(&a) == SN_ERR_NULL && sn_conv2d_backward_weight(&a) == SN_ERR_NULL, "outputs");
    CHECK(sn_conv2d_forward(NULL) == SN_ERR_NULL && sn_conv2d_backward_input(NULL) == SN_ERR_NULL && sn_conv2d_backward_weight(NULL) == SN_ERR_NULL, "null");
    CHECK(((float *)good.y)[0] == 42 && ((float *)good.dx)[0] == 42 && ((float *)good.dweight)[0] == 42, "a refused call wrote");
    a = good, a.c = 3;
    CHECK(sn_workspace_bytes(SN_OP_CONV2D_FORWARD, &a) == -SN_ERR_SIZE, "workspace of a wrong shape");
    a = good, a.workspace_bytes = sn_workspace_bytes(SN_OP_CONV2D_BACKWARD_WEIGHT, &good) - 1;
    CHECK(sn_conv2d_backward_weight(&a) == SN_ERR_MEMORY, "one byte too little");
    check_free_all();
}

int main(void) {
    RUN(test_shapes);
    RUN(test_random_shapes);
    RUN(test_epilogue);
    RUN(test_not_finite);
    RUN(test_threads);
    RUN(test_packed);
    RUN(test_arguments);
    RUN(test_depthwise);
    return check_summary();
}
