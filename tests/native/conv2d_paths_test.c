/* conv2d's three passes against their reference, on every ISA: shapes that kernels of their own run, and results too large for
 * the caches. */
#include "conv2d_reference.h"

/* Few columns of output run on planes of pixels. */
static void test_few_columns(void) {
    static const shape some[] = {
        {2, 5, 150, 150, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1},    /* few columns: rows and columns in several units */
        {1, 3, 120, 130, 40, 7, 7, 2, 2, 3, 3, 1, 1, 1},   /* several blocks of channels in backward input, phases */
        {1, 40, 7, 600, 2, 3, 5, 1, 1, 1, 2, 1, 1, 1},
        {3, 1, 9, 1500, 4, 7, 1, 1, 1, 3, 0, 1, 1, 1},
        {37, 7, 5, 4, 5, 3, 4, 1, 1, 2, 3, 1, 1, 1},       /* images that share their padding */
        {11, 2, 6, 6, 12, 5, 5, 1, 1, 4, 4, 1, 1, 1},
    };
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        sn_conv2d_args a = make(some[s], SN_F32);
        compare(a, "few columns");
        a.act = s % 2 ? SN_RELU : SN_ELU;
        a.act_alpha = 0.2;
        a.residual = array_random(SN_F32, y_count(&a));
        compare(a, "few columns, residual");
        check_free_all();
    }
    not_finite(some, sizeof some / sizeof *some);
}

/* The input gradient of few channels: rows of windows or whole windows are made and added up. */
static void test_few_channels(void) {
    static const shape some[] = {
        {21, 6, 14, 14, 16, 5, 5, 1, 1, 0, 0, 1, 1, 1},    /* rows of several images */
        {2, 3, 70, 60, 64, 7, 7, 2, 2, 3, 3, 1, 1, 1},     /* whole windows, several units an image */
        {3, 3, 33, 34, 70, 3, 3, 1, 1, 1, 1, 1, 1, 1},
        {1, 6, 3, 700, 33, 3, 5, 1, 1, 1, 2, 1, 1, 1},     /* rows in several pieces */
        {1, 3, 5, 900, 66, 3, 3, 1, 2, 1, 0, 1, 1, 1},
        {2, 8, 12, 40, 17, 4, 16, 3, 2, 2, 9, 1, 1, 1},    /* windows wider than two vectors */
        {2, 5, 23, 21, 19, 2, 3, 5, 4, 0, 1, 1, 1, 1},     /* stride beyond the kernel: pixels without taps */
        {1, 8, 9, 33, 20, 2, 2, 1, 7, 1, 1, 1, 1, 1},
        {3, 4, 25, 11, 16, 3, 4, 2, 1, 4, 5, 3, 1, 1},     /* rows apart, padding beyond the kernel */
        {1, 1, 200, 11, 64, 5, 5, 1, 1, 2, 2, 1, 1, 1},
        {40, 2, 7, 3, 48, 7, 3, 2, 2, 3, 1, 1, 1, 1},
    };
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        compare(make(some[s], SN_F32), "few channels");
        check_free_all();
    }
    not_finite(some, sizeof some / sizeof *some);
    static const shape both[] = { /* and the weight gradient where both sides have few */
        {20, 6, 14, 14, 16, 5, 5, 1, 1, 0, 0, 1, 1, 1}, {5, 5, 20, 70, 15, 4, 6, 2, 3, 2, 3, 1, 1, 1},
        {3, 8, 40, 12, 16, 3, 4, 1, 2, 1, 1, 2, 1, 1}, {2, 3, 9, 300, 13, 3, 10, 1, 1, 1, 4, 1, 1, 1},
    };
    for (size_t s = 0; s < sizeof both / sizeof *both; s++) {
        sn_conv2d_args a = make(both[s], SN_F32);
        compare(a, "few channels");
        a.dbias = NULL;
        compare(a, "few channels, no bias");
        check_free_all();
    }
    not_finite(both, sizeof both / sizeof *both);
}

/* Results that no cache holds are stored past the caches: the same bits as of single images. */
static void compare_large_result(int32_t code, shape s, int32_t act, int residual) {
    enum { MOST = 64 << 20 };
    const int64_t cache = sn_cache_bytes(3), wanted = cache > 0 && cache < MOST ? cache : MOST / 2;
    sn_conv2d_args a = make((s.n = 1, s), SN_F32);
    const int64_t x = x_count(&a), y = y_count(&a), image = code == SN_OP_CONV2D_FORWARD ? y : x;
    a = make((s.n = wanted / 2 / 4 / image + 2, s), SN_F32);
    a.act = act;
    if (residual) a.residual = array_random(SN_F32, y_count(&a));
    FOR_EACH_ISA(isa) {
        sn_conv2d_args one = a;
        float *made = malloc((size_t)image * 4);
        run(&a, code, isa);
        one.n = 1, one.y = one.dx = made;
        for (int64_t i = 0; i < a.n; i++) {
            one.x = (const float *)a.x + i * x, one.dy = (const float *)a.dy + i * y;
            if (residual) one.residual = (const float *)a.residual + i * y;
            run(&one, code, isa);
            const float *large = code == SN_OP_CONV2D_FORWARD ? a.y : a.dx;
            CHECK(memcmp(made, large + i * image, (size_t)image * 4) == 0, "image %d of %d x %d, %d to %d channels, of a large result of %d on %s", (int)i,
                  (int)s.h, (int)s.w, (int)s.c, (int)s.oc, (int)code, sn_isa_name(isa));
        }
        free(made);
    }
    check_free_all();
}

static void test_large_results(void) {
    const int32_t forward = SN_OP_CONV2D_FORWARD, input = SN_OP_CONV2D_BACKWARD_INPUT;
    compare_large_result(forward, (shape){1, 3, 67, 67, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_RELU, 0);
    compare_large_result(forward, (shape){1, 3, 67, 67, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_TANH, 0);
    compare_large_result(forward, (shape){1, 3, 5, 5, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_LEAKY_RELU, 1); /* units of several images */
    compare_large_result(forward, (shape){1, 48, 31, 33, 96, 1, 1, 1, 1, 0, 0, 1, 1, 1}, SN_RELU, 0);
    compare_large_result(forward, (shape){1, 64, 31, 33, 64, 1, 1, 1, 1, 0, 0, 1, 1, 2}, SN_RELU, 1);
    compare_large_result(forward, (shape){1, 16, 30, 45, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_RELU, 1); /* by minimal filtering */
    compare_large_result(forward, (shape){1, 32, 45, 30, 80, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_RELU, 0);
    compare_large_result(forward, (shape){1, 32, 45, 30, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_TANH, 1);
    compare_large_result(input, (shape){1, 48, 45, 30, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1}, SN_IDENTITY, 0);
    compare_large_result(input, (shape){1, 48, 67, 61, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1}, SN_IDENTITY, 0);
}

/* Large enough for an inner piece that is read in place and borders that are not. */
static void test_borders_apart(void) {
    static const shape some[] = {
        {4, 3, 96, 90, 40, 7, 7, 2, 2, 3, 3, 1, 1, 1}, {6, 16, 60, 71, 34, 5, 5, 2, 2, 2, 1, 1, 1, 1}, {3, 12, 64, 60, 40, 3, 3, 1, 1, 2, 2, 2, 2, 1},
        {3, 10, 50, 52, 40, 4, 4, 1, 1, 2, 1, 1, 1, 1}, {8, 24, 62, 64, 64, 3, 3, 2, 2, 1, 1, 1, 1, 2}, {2, 9, 90, 80, 33, 1, 7, 1, 1, 0, 3, 1, 1, 1},
    };
    static const int32_t acts[] = {SN_RELU, SN_TANH, SN_IDENTITY};
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        sn_conv2d_args a = make(some[s], SN_F32);
        a.act = acts[s % 3];
        if (s % 2) a.residual = array_random(SN_F32, y_count(&a));
        compare(a, "borders apart");
        check_free_all();
    }
}

/* Rows of any length are cut for the register tiles and for planes, and so are long windows: else plain C would run, many
 * times slower. The packed weights of 33 columns tell: only there they are whole vectors, 36 columns and more. */
static void test_long_rows(void) {
    static const shape some[] = {{1, 20, 1, 20000, 33, 1, 3, 1, 1, 0, 1, 1, 1, 1}, {1, 3, 1, 40000, 4, 1, 5, 1, 1, 0, 2, 1, 1, 1},
        {1, 3, 1, 900, 20, 1, 251, 1, 1, 0, 125, 1, 1, 1}, {2, 1, 1, 2000, 50, 1, 400, 1, 7, 0, 0, 1, 1, 1}, {1, 2, 1, 700, 17, 1, 130, 1, 1, 0, 0, 1, 2, 1},
        {2, 5, 30, 20, 18, 13, 13, 1, 1, 6, 6, 1, 1, 1}, {1, 4, 30, 22, 18, 12, 13, 1, 2, 6, 6, 1, 1, 2}, {1, 2, 200, 9, 18, 150, 3, 1, 1, 0, 1, 1, 1, 1}};
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        sn_conv2d_args a = make(some[s], SN_F32);
        compare(a, "long rows");
        check_free_all();
    }
    sn_conv2d_args a = {.dtype = SN_F32, .n = 1, .c = 20, .h = 1, .w = 200, .oc = 33, .kh = 1, .kw = 3, .oh = 1, .ow = 200, .stride_h = 1, .stride_w = 1,
        .pad_w = 1, .dilation_h = 1, .dilation_w = 1, .groups = 1};
    const int64_t rows = sn_packed_bytes(SN_OP_CONV2D_PACK, &a);
    CHECK(rows >= 4 * 60 * 36, "no whole vectors: %lld", (long long)rows);
    a.w = a.ow = 1 << 20;
    CHECK(sn_packed_bytes(SN_OP_CONV2D_PACK, &a) == rows, "a long row: %lld for %lld", (long long)sn_packed_bytes(SN_OP_CONV2D_PACK, &a), (long long)rows);
    a.c = 241, a.kw = 1, a.pad_w = 0;
    const int64_t terms = sn_packed_bytes(SN_OP_CONV2D_PACK, &a);
    CHECK(terms >= 4 * 241 * 36, "no whole vectors: %lld", (long long)terms);
    a.c = 1, a.kw = 241, a.pad_w = 120;
    CHECK(sn_packed_bytes(SN_OP_CONV2D_PACK, &a) == terms, "a long window: %lld for %lld", (long long)sn_packed_bytes(SN_OP_CONV2D_PACK, &a), (long long)terms);
    a.c = 1024, a.h = a.oh = a.w = a.ow = 14, a.kw = 1, a.pad_w = 0;
    const int64_t pixels = sn_packed_bytes(SN_OP_CONV2D_PACK, &a);
    CHECK(pixels >= 4 * 1024 * 36, "no whole vectors: %lld", (long long)pixels);
    a.n = 128;
    CHECK(sn_packed_bytes(SN_OP_CONV2D_PACK, &a) == pixels, "many pixels: %lld for %lld", (long long)sn_packed_bytes(SN_OP_CONV2D_PACK, &a), (long long)pixels);
}

/* To one channel, by blocks of rows: rows and vectors that blocks do not divide, several images in a unit, two blocks of
 * channels, and every activation. */
static void test_one_column(void) {
    static const int32_t acts[] = {SN_IDENTITY, SN_RELU, SN_LEAKY_RELU, SN_TANH, SN_ELU};
    static const shape some[] = {{3, 2, 30, 40, 1, 5, 5, 1, 1, 2, 2, 1, 1, 1}, {2, 20, 19, 33, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 4, 16, 1, 5, 5, 1, 1, 2, 2, 1, 1, 1},
        {5, 3, 7, 9, 1, 3, 5, 1, 1, 0, 0, 1, 1, 1}, {4, 2, 13, 18, 1, 5, 3, 1, 1, 2, 1, 1, 1, 1}, {2, 1, 60, 70, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1}};
    for (size_t s = 0; s < sizeof some / sizeof *some; s++)
        for (size_t f = 0; f < sizeof acts / sizeof *acts; f++) {
            sn_conv2d_args a = make(some[s], SN_F32);
            a.act = acts[f];
            a.act_alpha = 0.2;
            compare(a, "one column");
            check_free_all();
        }
}

/* Far fewer channels of output than of input: for the weight gradient x and dy change roles. Padding beyond the kernel, too. */
static void test_few_outputs(void) {
    static const shape some[] = {{2, 33, 9, 12, 4, 3, 2, 1, 1, 4, 3, 1, 1, 1}, {3, 17, 12, 10, 2, 3, 3, 1, 1, 2, 4, 2, 3, 1}, {3, 40, 11, 9, 7, 1, 1, 1, 1, 0, 0, 1, 1, 1},
        {6, 64, 30, 31, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1}};
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        sn_conv2d_args a = make(some[s], SN_F32);
        compare(a, "few outputs");
        a.dbias = NULL;
        compare(a, "few outputs, no bias");
        check_free_all();
    }
    not_finite(some, sizeof some / sizeof *some);
    same_bits(some, sizeof some / sizeof *some);
}

int main(void) {
    RUN(test_few_columns);
    RUN(test_few_channels);
    RUN(test_borders_apart);
    RUN(test_one_column);
    RUN(test_long_rows);
    RUN(test_few_outputs);
    RUN(test_large_results);
    return check_summary();
}
