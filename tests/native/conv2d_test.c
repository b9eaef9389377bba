/* conv2d's three passes against double-precision loops written from the definition in sinew.h, on every ISA. */
#include "arrays.h"
#include "conv2d_bounds.h"

typedef struct {
    int64_t n, c, h, w, oc, kh, kw, sh, sw, ph, pw, dh, dw, groups;
} shape;

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

/* All four results at once by scattering: y, dx, dweight and dbias in double. Padding is not visited. */
static void reference(const sn_conv2d_args *a, double *y, double *dx, double *dweight, double *dbias) {
    const int64_t icg = a->c / a->groups, ocg = a->oc / a->groups;
    for (int64_t i = 0; i < x_count(a); i++) dx[i] = 0;
    for (int64_t i = 0; i < w_count(a); i++) dweight[i] = 0;
    for (int64_t i = 0; i < a->oc; i++) dbias[i] = 0;
    for (int64_t n = 0; n < a->n; n++)
        for (int64_t oy = 0; oy < a->oh; oy++)
            for (int64_t ox = 0; ox < a->ow; ox++)
                for (int64_t o = 0; o < a->oc; o++) {
                    const int64_t out = ((n * a->oh + oy) * a->ow + ox) * a->oc + o;
                    const double d = at(a->dtype, a->dy, out);
                    double sum = (a->bias ? at(a->dtype, a->bias, o) : 0) + (a->residual ? at(a->dtype, a->residual, out) : 0);
                    dbias[o] += d;
                    for (int64_t i = 0; i < icg; i++)
                        for (int64_t ky = 0; ky < a->kh; ky++)
                            for (int64_t kx = 0; kx < a->kw; kx++) {
                                const int64_t iy = oy * a->stride_h - a->pad_h + ky * a->dilation_h, ix = ox * a->stride_w - a->pad_w + kx * a->dilation_w;
                                if (iy < 0 || iy >= a->h || ix < 0 || ix >= a->w) continue;
                                const int64_t in = ((n * a->h + iy) * a->w + ix) * a->c + o / ocg * icg + i, w = ((o * icg + i) * a->kh + ky) * a->kw + kx;
                                sum += at(a->dtype, a->x, in) * at(a->dtype, a->weight, w);
                                dx[in] += d * at(a->dtype, a->weight, w);
                                dweight[w] += d * at(a->dtype, a->x, in);
                            }
                    y[out] = activation(sum, a->act, a->act_alpha);
                }
}

static void *values(int32_t dtype, int64_t count) { return dtype == SN_F32 ? (void *)check_floats(count) : (void *)check_doubles(count); }

static sn_conv2d_args make(shape s, int32_t dtype) {
    sn_conv2d_args a = {.dtype = dtype, .n = s.n, .c = s.c, .h = s.h, .w = s.w, .oc = s.oc, .kh = s.kh, .kw = s.kw, .stride_h = s.sh, .stride_w = s.sw,
        .pad_h = s.ph, .pad_w = s.pw, .dilation_h = s.dh, .dilation_w = s.dw, .groups = s.groups};
    const int64_t size = dtype == SN_F32 ? 4 : 8;
    a.oh = (s.h + 2 * s.ph - s.dh * (s.kh - 1) - 1) / s.sh + 1;
    a.ow = (s.w + 2 * s.pw - s.dw * (s.kw - 1) - 1) / s.sw + 1;
    a.x = values(dtype, x_count(&a));
    a.weight = values(dtype, w_count(&a));
    a.bias = values(dtype, a.oc);
    a.dy = values(dtype, y_count(&a));
    a.y = check_alloc(y_count(&a) * size);
    a.dx = check_alloc(x_count(&a) * size);
    a.dweight = check_alloc(w_count(&a) * size);
    a.dbias = check_alloc(a.oc * size);
    return a;
}

/* The workspace is filled with NaNs: nothing may be read from it before it is written. */
static void run(sn_conv2d_args *a, int32_t code, int isa) {
    a->workspace_bytes = sn_workspace_bytes(code, a);
    CHECK(a->workspace_bytes >= 0, "workspace: %lld", (long long)a->workspace_bytes);
    const int buffers = check_buffer_count;
    a->workspace = check_alloc(a->workspace_bytes);
    memset(a->workspace, 0xff, (size_t)a->workspace_bytes);
    CHECK_RUN(code, *a, isa);
    while (check_buffer_count > buffers) { /* freed early: the tests make many */
        check_buffer_count--;
        system_unmap(check_buffers[check_buffer_count].map, check_buffers[check_buffer_count].map_bytes);
    }
}

/* At most 1 is a pass. */
static double distance(const sn_conv2d_args *a, const void *actual, const double *expected, int64_t count, sum_bound bound) {
    return array_distance(a->dtype, actual, expected, count, bound.rtol, bound.atol);
}

static void compare(sn_conv2d_args a, const char *what) {
    double *y = malloc((size_t)y_count(&a) * 8), *dx = malloc((size_t)x_count(&a) * 8), *dw = malloc((size_t)w_count(&a) * 8), *db = malloc((size_t)a.oc * 8);
    const size_t size = a.dtype == SN_F32 ? 4 : 8;
    reference(&a, y, dx, dw, db);
    void *before = malloc((size_t)y_count(&a) * size);
    memcpy(before, a.y, (size_t)y_count(&a) * size);
    FOR_EACH_ISA(isa) {
        if (a.residual == a.y) memcpy(a.y, before, (size_t)y_count(&a) * size);
        else memset(a.y, 0xcb, (size_t)y_count(&a) * size);
        memset(a.dx, 0xcb, (size_t)x_count(&a) * size);
        memset(a.dweight, 0xcb, (size_t)w_count(&a) * size);
        if (a.dbias) memset(a.dbias, 0xcb, (size_t)a.oc * size);
        run(&a, SN_OP_CONV2D_FORWARD, isa);
        run(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa);
        run(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa);
        const double d[4] = {distance(&a, a.y, y, y_count(&a), conv2d_bound(&a, SN_OP_CONV2D_FORWARD, isa)),
            distance(&a, a.dx, dx, x_count(&a), conv2d_bound(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa)),
            distance(&a, a.dweight, dw, w_count(&a), conv2d_bound(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa)),
            a.dbias ? distance(&a, a.dbias, db, a.oc, conv2d_bias_bound(&a)) : 0};
        static const char *const names[4] = {"y", "dx", "dweight", "dbias"};
        for (int i = 0; i < 4; i++)
            CHECK(d[i] <= 1, "%s %s %s on %s: %g times the tolerance; n%lld c%lld %lldx%lld oc%lld k%lldx%lld s%lld,%lld p%lld,%lld d%lld,%lld g%lld", what,
                  a.dtype == SN_F32 ? "f32" : "f64", names[i], sn_isa_name(isa), d[i], (long long)a.n, (long long)a.c, (long long)a.h, (long long)a.w,
                  (long long)a.oc, (long long)a.kh, (long long)a.kw, (long long)a.stride_h, (long long)a.stride_w, (long long)a.pad_h, (long long)a.pad_w,
                  (long long)a.dilation_h, (long long)a.dilation_w, (long long)a.groups);
    }
    free(y), free(dx), free(dw), free(db), free(before);
}

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
                    a.residual = values(dtype, y_count(&a));
                    compare(a, "residual");
                    memcpy(a.y, a.residual, (size_t)(y_count(&a) * (dtype == SN_F32 ? 4 : 8)));
                    a.residual = a.y;
                    compare(a, "residual in place");
                }
                check_free_all();
            }
}

/* Minimal filtering spreads a NaN at (image, iy, ix) of its input over the tiles of output whose 6x6 windows hold it: where the
 * result is a NaN there, one is expected. */
static void allow_tiles(int64_t tile, const float *actual, double *expected, int64_t at, int64_t h, int64_t w, int64_t c, int64_t oh, int64_t ow, int64_t oc, int64_t ph, int64_t pw) {
    const int64_t image = at / c / (h * w), iy = at / c / w % h + ph, ix = at / c % w + pw;
    for (int64_t oy = 0; oy < oh; oy++)
        for (int64_t ox = 0; ox < ow; ox++) {
            const int64_t y = iy - oy / tile * tile, x = ix - ox / tile * tile;
            if (y < 0 || y >= 6 || x < 0 || x >= 6) continue;
            for (int64_t i = ((image * oh + oy) * ow + ox) * oc, end = i + oc; i < end; i++)
                if (isnan(actual[i])) expected[i] = NAN;
        }
}

/* A NaN of x must spoil exactly the outputs whose window holds it, through ReLU too, and likewise for the gradients. */
static void not_finite(const shape *list, size_t count) {
    for (size_t s = 0; s < count; s++) {
        sn_conv2d_args a = make(list[s], SN_F32);
        a.act = SN_RELU;
        ((float *)a.x)[x_count(&a) / 2] = NAN;
        ((float *)a.dy)[y_count(&a) / 3] = NAN;
        /* a window that meets padding multiplies the NaN of dy by 0, or leaves it out: generic dweight of that channel is NaN as a whole */
        const int64_t o = y_count(&a) / 3 % a.oc, each = w_count(&a) / a.oc;
        double *y = malloc((size_t)y_count(&a) * 8), *dx = malloc((size_t)x_count(&a) * 8), *dw = malloc((size_t)w_count(&a) * 8), *db = malloc((size_t)a.oc * 8);
        reference(&a, y, dx, dw, db);
        double *expected = malloc((size_t)w_count(&a) * 8);
        FOR_EACH_ISA(isa) { /* generic comes first: it is held to the strict rule */
            run(&a, SN_OP_CONV2D_FORWARD, isa);
            run(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa);
            run(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa);
            memcpy(expected, dw, (size_t)w_count(&a) * 8);
            for (int64_t i = o * each; i < (o + 1) * each; i++)
                if (isa == SN_ISA_GENERIC || isnan(((float *)a.dweight)[i])) expected[i] = NAN;
            if (conv2d_minimal(&a, SN_OP_CONV2D_FORWARD, isa))
                allow_tiles(7 - a.kh, a.y, y, x_count(&a) / 2, a.h, a.w, a.c, a.oh, a.ow, a.oc, a.pad_h, a.pad_w);
            if (conv2d_minimal(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa))
                allow_tiles(7 - a.kh, a.dx, dx, y_count(&a) / 3, a.oh, a.ow, a.oc, a.h, a.w, a.c, a.kh - 1 - a.pad_h, a.kw - 1 - a.pad_w);
            if (conv2d_minimal(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa))
                for (int64_t i = 0; i < w_count(&a); i++) /* the taps of the channel that holds the NaN */
                    if (i / (a.kh * a.kw) % a.c == x_count(&a) / 2 % a.c && isnan(((float *)a.dweight)[i])) expected[i] = NAN;
            const sum_bound of_y = conv2d_bound(&a, SN_OP_CONV2D_FORWARD, isa), of_dx = conv2d_bound(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa),
                of_dweight = conv2d_bound(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa);
            CHECK(distance(&a, a.y, y, y_count(&a), of_y) <= 1, "NaN in x, y, shape %d on %s", (int)s, sn_isa_name(isa));
            CHECK(distance(&a, a.dx, dx, x_count(&a), of_dx) <= 1, "NaN in dy, dx, shape %d on %s", (int)s, sn_isa_name(isa));
            CHECK(distance(&a, a.dweight, expected, w_count(&a), of_dweight) <= 1, "NaN, dweight, shape %d on %s", (int)s, sn_isa_name(isa));
            CHECK(distance(&a, a.dbias, db, a.oc, conv2d_bias_bound(&a)) <= 1, "NaN, dbias, shape %d on %s", (int)s, sn_isa_name(isa));
        }
        free(y), free(dx), free(dw), free(db), free(expected);
        check_free_all();
    }
}

static void test_not_finite(void) {
    static const shape five[] = {{3, 17, 9, 11, 16, 5, 5, 1, 1, 2, 2, 1, 1, 1}, {1, 16, 12, 9, 35, 5, 5, 1, 1, 1, 2, 1, 1, 1}, {2, 6, 12, 12, 16, 5, 5, 1, 1, 0, 1, 1, 1, 1}};
    not_finite(shapes, sizeof shapes / sizeof *shapes);
    not_finite(five, sizeof five / sizeof *five);
}

static void same_bits(const shape *list, size_t count) {
    for (size_t s = 0; s < count; s++) {
        sn_conv2d_args a = make(list[s], SN_F32);
        a.act = SN_RELU;
        void *out[4] = {a.y, a.dx, a.dweight, a.dbias}, *first[4];
        const int64_t bytes[4] = {y_count(&a) * 4, x_count(&a) * 4, w_count(&a) * 4, a.oc * 4};
        for (int i = 0; i < 4; i++) first[i] = check_alloc(bytes[i]);
        FOR_EACH_ISA(isa) {
            for (int threads = 1; threads <= 3; threads++) {
                sn_set_threads(threads);
                for (int i = 0; i < 4; i++) memset(out[i], 0xcb, (size_t)bytes[i]);
                run(&a, SN_OP_CONV2D_FORWARD, isa);
                run(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa);
                run(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa);
                for (int i = 0; i < 4; i++) {
                    if (threads == 1) memcpy(first[i], out[i], (size_t)bytes[i]);
                    CHECK(memcmp(first[i], out[i], (size_t)bytes[i]) == 0, "output %d differs with %d threads on %s, shape %d", i, threads, sn_isa_name(isa), (int)s);
                }
            }
            sn_set_threads(sn_cpus());
        }
        check_free_all();
    }
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
        a.residual = values(SN_F32, y_count(&a));
        compare(a, "few columns, residual");
        check_free_all();
    }
    not_finite(some, sizeof some / sizeof *some);
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
        a.residual = values(SN_F32, y_count(&a));
        a.bias = NULL, a.dbias = NULL;
        compare(a, "depthwise, residual, no bias");
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
    if (residual) a.residual = values(SN_F32, y_count(&a));
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
        if (s % 2) a.residual = values(SN_F32, y_count(&a));
        compare(a, "borders apart");
        check_free_all();
    }
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
    RUN(test_shapes);
    RUN(test_random_shapes);
    RUN(test_epilogue);
    RUN(test_not_finite);
    RUN(test_threads);
    RUN(test_packed);
    RUN(test_arguments);
    RUN(test_few_columns);
    RUN(test_few_channels);
    RUN(test_borders_apart);
    RUN(test_one_column);
    RUN(test_long_rows);
    RUN(test_depthwise);
    RUN(test_few_outputs);
    RUN(test_large_results);
    return check_summary();
}
