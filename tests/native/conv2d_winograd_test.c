/* Minimal filtering: the three passes against double sums from the definition, on data that favour it and data that do
 * not; equal bits for any number of threads and for weights transformed beforehand; what it takes and what it does not. */
#include "arrays.h"
#include "conv2d_bounds.h"

typedef struct {
    int64_t n, c, h, w, oc, ph, pw, k;
} shape;

static sn_conv2d_args make(shape s) {
    sn_conv2d_args a = {.dtype = SN_F32, .n = s.n, .c = s.c, .h = s.h, .w = s.w, .oc = s.oc, .kh = s.k, .kw = s.k, .stride_h = 1, .stride_w = 1, .pad_h = s.ph,
        .pad_w = s.pw, .dilation_h = 1, .dilation_w = 1, .groups = 1, .oh = s.h + 2 * s.ph - s.k + 1,
        .ow = s.w + 2 * s.pw - s.k + 1};
    a.x = check_floats(x_count(&a));
    a.weight = check_floats(w_count(&a));
    a.bias = check_floats(a.oc);
    a.residual = check_floats(y_count(&a));
    a.dy = check_floats(y_count(&a));
    a.y = check_alloc(y_count(&a) * 4);
    a.dx = check_alloc(x_count(&a) * 4);
    a.dweight = check_alloc(w_count(&a) * 4);
    a.dbias = check_alloc(a.oc * 4);
    for (int code = SN_OP_CONV2D_FORWARD; code <= SN_OP_CONV2D_BACKWARD_WEIGHT; code++) {
        const int64_t bytes = sn_workspace_bytes(code, &a);
        CHECK(bytes > 0, "workspace: %lld", (long long)bytes);
        if (bytes > a.workspace_bytes) a.workspace_bytes = bytes;
    }
    a.workspace = check_alloc(a.workspace_bytes);
    return a;
}

typedef struct {
    double *y, *dx, *dweight, *dbias;
} results;

/* By gathering, from x in a frame of zeros. */
static results reference(const sn_conv2d_args *a) {
    const float *x = a->x, *weight = a->weight, *dy = a->dy;
    const int64_t taps = a->kh * a->kw;
    results r = {calloc((size_t)y_count(a), 8), calloc((size_t)x_count(a), 8), calloc((size_t)w_count(a), 8), calloc((size_t)a->oc, 8)};
    for (int64_t n = 0; n < a->n; n++)
        for (int64_t iy = 0; iy < a->h; iy++)
            for (int64_t ix = 0; ix < a->w; ix++)
                for (int64_t tap = 0; tap < taps; tap++) {
                    const int64_t oy = iy + a->pad_h - tap / a->kw, ox = ix + a->pad_w - tap % a->kw;
                    if (oy < 0 || oy >= a->oh || ox < 0 || ox >= a->ow) continue;
                    const int64_t in = ((n * a->h + iy) * a->w + ix) * a->c, out = ((n * a->oh + oy) * a->ow + ox) * a->oc;
                    for (int64_t o = 0; o < a->oc; o++)
                        for (int64_t i = 0; i < a->c; i++) {
                            const int64_t w = (o * a->c + i) * taps + tap;
                            r.y[out + o] += (double)x[in + i] * weight[w];
                            r.dx[in + i] += (double)dy[out + o] * weight[w];
                            r.dweight[w] += (double)dy[out + o] * x[in + i];
                        }
                }
    for (int64_t i = 0; i < y_count(a); i++) {
        r.dbias[i % a->oc] += dy[i];
        r.y[i] += (a->bias ? ((const float *)a->bias)[i % a->oc] : 0) + (a->residual ? (double)((const float *)a->residual)[i] : 0);
        if (a->act == SN_RELU && r.y[i] < 0) r.y[i] = 0;
        if (a->act == SN_LEAKY_RELU && r.y[i] < 0) r.y[i] *= a->act_alpha;
        if (a->act == SN_TANH) r.y[i] = tanh(r.y[i]);
    }
    return r;
}

static void forget(results r) { free(r.y), free(r.dx), free(r.dweight), free(r.dbias); }

static void run(sn_conv2d_args *a, int32_t code, int isa) {
    memset(a->workspace, 0xff, (size_t)a->workspace_bytes);
    CHECK_RUN(code, *a, isa);
}

/* Whether forward runs on tiles of 2x2: few tiles, and weights for no cache. Both gradients are direct sums then. */
static int small(const sn_conv2d_args *a) { return a->kh == 3 && a->n * ((a->oh + 3) / 4) * ((a->ow + 3) / 4) < 16 && a->c * a->oc * 36 > 1 << 20; }

static void compare(sn_conv2d_args a, const char *what) {
    const results r = reference(&a);
    CHECK(sn_winograd_takes(&a, SN_WINOGRAD_FORWARD), "another kernel runs");
    CHECK(sn_winograd_takes(&a, SN_WINOGRAD_INPUT) == (a.kh == 3 ? !small(&a) : a.c == 16 || a.c >= 32), "another kernel runs");
    FOR_EACH_ISA(isa) {
        if (isa == SN_ISA_GENERIC) continue;
        memset(a.y, 0xcb, (size_t)y_count(&a) * 4);
        memset(a.dx, 0xcb, (size_t)x_count(&a) * 4);
        memset(a.dweight, 0xcb, (size_t)w_count(&a) * 4);
        run(&a, SN_OP_CONV2D_FORWARD, isa);
        run(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa);
        run(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa);
        char text[200];
        snprintf(text, sizeof text, "%s on %s, n%lld c%lld %lldx%lld oc%lld k%lld p%lld,%lld", what, sn_isa_name(isa), (long long)a.n, (long long)a.c, (long long)a.h,
                 (long long)a.w, (long long)a.oc, (long long)a.kh, (long long)a.pad_h, (long long)a.pad_w);
        const sum_bound y = conv2d_bound(&a, SN_OP_CONV2D_FORWARD, isa), dx = conv2d_bound(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa),
            dweight = conv2d_bound(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa), dbias = conv2d_bias_bound(&a);
        CHECK_CLOSE(a.y, r.y, y_count(&a), y.rtol, y.atol, "y, %s", text);
        CHECK_CLOSE(a.dx, r.dx, x_count(&a), dx.rtol, dx.atol, "dx, %s", text);
        if (sn_winograd_takes(&a, SN_WINOGRAD_WEIGHT)) CHECK_CLOSE(a.dweight, r.dweight, w_count(&a), dweight.rtol, dweight.atol, "dweight, %s", text);
        if (a.dbias) CHECK_CLOSE(a.dbias, r.dbias, a.oc, dbias.rtol, dbias.atol, "dbias, %s", text);
    }
    forget(r);
}

static const shape shapes[] = {
    {1, 16, 1, 1, 16, 1, 1, 3},     {1, 32, 1, 1, 33, 2, 2, 3},    {3, 33, 2, 3, 40, 1, 1, 3},   {1, 100, 3, 4, 32, 1, 0, 3},   {3, 32, 3, 3, 100, 0, 0, 3},
    {130, 16, 4, 4, 32, 1, 1, 3},   {32, 48, 4, 4, 72, 1, 1, 3},   {1, 64, 5, 6, 65, 1, 1, 3},   {3, 40, 6, 5, 35, 2, 2, 3},    {5, 130, 7, 7, 64, 1, 1, 3},
    {3, 64, 8, 8, 130, 1, 1, 3},    {1, 32, 9, 9, 32, 0, 0, 3},    {3, 49, 9, 7, 47, 1, 2, 3},   {2, 16, 29, 31, 16, 1, 1, 3},  {1, 36, 4, 70, 33, 2, 0, 3},
    {4, 32, 28, 28, 32, 1, 1, 3},   {2, 300, 6, 6, 33, 1, 1, 3},   {1, 33, 17, 9, 300, 0, 1, 3}, {9, 32, 13, 11, 32, 1, 1, 3},  {130, 33, 3, 2, 17 * 2, 1, 1, 3},
    {1, 172, 8, 8, 176, 1, 1, 3},   {1, 180, 7, 7, 170, 1, 1, 3},  {1, 201, 5, 6, 150, 2, 1, 3}, {1, 100, 9, 7, 300, 2, 0, 3},  {2, 190, 4, 7, 160, 1, 1, 3},
    {1, 330, 5, 14, 97, 0, 1, 3},   {3, 65, 4, 4, 470, 1, 1, 3},
    /* 5x5: 16 outputs of few channels, side by side in a vector or not; panels; blocks of channels; borders and odd sizes */
    {1, 6, 14, 14, 16, 0, 0, 5}, {5, 6, 9, 8, 16, 2, 2, 5},  {1, 7, 8, 7, 16, 1, 2, 5},  {3, 8, 11, 12, 16, 2, 0, 5}, {2, 9, 9, 8, 16, 2, 2, 5},
    {1, 15, 6, 9, 16, 2, 1, 5},  {2, 16, 8, 8, 16, 2, 2, 5}, {1, 6, 12, 12, 33, 0, 2, 5}, {3, 33, 7, 6, 70, 2, 2, 5}, {1, 130, 8, 9, 40, 2, 2, 5},
    {2, 12, 9, 20, 100, 1, 1, 5}, {9, 32, 4, 4, 32, 2, 2, 5}, {1, 200, 6, 6, 180, 2, 2, 5},
    /* and the weight gradient of these, of tiles enough */
    {9, 6, 14, 14, 16, 0, 0, 5}, {11, 7, 9, 8, 16, 2, 2, 5}, {7, 8, 11, 12, 16, 2, 0, 5},
};

static void test_shapes(void) {
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        compare(make(shapes[s]), "shape");
        check_free_all();
    }
}

static void test_random_shapes(void) {
    for (int r = 0; r < 60; r++) {
        const shape s = {check_int(1, 6), check_int(0, 5) ? check_int(32, 80) : 16, check_int(3, 14), check_int(3, 14), check_int(0, 5) ? check_int(32, 80) : 16,
            check_int(0, 2), check_int(0, 2), 3};
        compare(make(s), "random shape");
        check_free_all();
        const shape five = {check_int(1, 6), check_int(6, 40), check_int(8, 14), check_int(8, 14), check_int(0, 2) ? 16 : check_int(32, 80), check_int(0, 2), check_int(0, 2), 5};
        compare(make(five), "random shape of 5x5");
        check_free_all();
    }
}

/* Activations in registers and after, with and without bias and residual, the residual also in y itself. */
static void test_epilogue(void) {
    static const int32_t acts[] = {SN_IDENTITY, SN_RELU, SN_LEAKY_RELU, SN_TANH};
    static const shape some[] = {{2, 32, 7, 6, 50, 1, 1, 3}, {1, 177, 7, 6, 178, 1, 1, 3}, {2, 6, 9, 10, 16, 2, 2, 5}, {1, 16, 10, 7, 16, 1, 1, 3}};
    for (int i = 0; i < 64; i++) {
        sn_conv2d_args a = make(some[i / 16]);
        a.act = acts[i / 4 % 4];
        a.act_alpha = 0.3;
        if (i % 2) a.bias = NULL, a.dbias = NULL;
        if (i / 2 % 2) a.residual = NULL;
        compare(a, "epilogue");
        if (a.residual) {
            const results r = reference(&a);
            FOR_EACH_ISA(isa) {
                if (isa == SN_ISA_GENERIC) continue;
                sn_conv2d_args in_place = a;
                memcpy(a.y, a.residual, (size_t)y_count(&a) * 4);
                in_place.residual = a.y;
                run(&in_place, SN_OP_CONV2D_FORWARD, isa);
                const sum_bound y = conv2d_bound(&a, SN_OP_CONV2D_FORWARD, isa);
                CHECK_CLOSE(a.y, r.y, y_count(&a), y.rtol, y.atol, "residual in y on %s", sn_isa_name(isa));
            }
            forget(r);
        }
        check_free_all();
    }
}

/* Errors follow the largest values of a window: a mean of 100 beside which the rest is small, single large values among
 * zeros, magnitudes far apart. */
static void test_data(void) {
    static const shape some[] = {{2, 64, 14, 14, 64, 1, 1, 3}, {4, 32, 8, 8, 48, 1, 1, 3}, {2, 16, 14, 14, 16, 2, 2, 5}};
    for (int i = 0; i < 9; i++) {
        sn_conv2d_args a = make(some[i % 3]);
        float *data[2] = {(float *)a.x, (float *)a.dy};
        const int64_t counts[2] = {x_count(&a), y_count(&a)};
        for (int d = 0; d < 2; d++)
            for (int64_t j = 0; j < counts[d]; j++) {
                float *v = data[d] + j;
                if (i / 3 == 0) *v += 100;
                else if (i / 3 == 1) *v = check_int(0, 9) ? 0 : 10 * *v;
                else *v *= powf(10, (float)check_int(-6, 2));
            }
        compare(a, i / 3 == 0 ? "mean of 100" : i / 3 == 1 ? "sparse" : "magnitudes");
        check_free_all();
    }
}

static void test_zero_in_zero_out(void) {
    sn_conv2d_args a = make((shape){3, 32, 9, 9, 32, 1, 1, 3});
    memset((float *)a.x, 0, (size_t)x_count(&a) * 4);
    memset((float *)a.dy, 0, (size_t)y_count(&a) * 4);
    a.bias = a.residual = NULL;
    FOR_EACH_ISA(isa) {
        run(&a, SN_OP_CONV2D_FORWARD, isa);
        run(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa);
        run(&a, SN_OP_CONV2D_BACKWARD_WEIGHT, isa);
        CHECK(largest(SN_F32, a.y, y_count(&a)) == 0 && largest(SN_F32, a.dx, x_count(&a)) == 0 && largest(SN_F32, a.dweight, w_count(&a)) == 0
                  && largest(SN_F32, a.dbias, a.oc) == 0, "%s",
              sn_isa_name(isa));
    }
    check_free_all();
}

/* Units share slots of scratch, in an order that changes with the threads. */
static void test_threads(void) {
    static const shape some[] = {{20, 32, 28, 28, 32, 1, 1, 3}, {9, 64, 8, 8, 64, 1, 1, 3}, {8, 160, 7, 7, 300, 1, 1, 3}, {1, 64, 56, 56, 64, 1, 1, 3}, {64, 16, 32, 32, 16, 1, 1, 3}, {1, 190, 7, 8, 260, 1, 1, 3},
        {64, 6, 14, 14, 16, 0, 0, 5}, {9, 16, 14, 14, 40, 2, 2, 5}};
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        sn_conv2d_args a = make(some[s]);
        CHECK(sn_winograd_takes(&a, small(&a) || a.kh == 5 ? SN_WINOGRAD_FORWARD : SN_WINOGRAD_WEIGHT), "another kernel runs");
        FOR_EACH_ISA(isa) {
            if (isa == SN_ISA_GENERIC) continue;
            check_threads(SN_OP_CONV2D_FORWARD, &a, isa, a.y, y_count(&a) * 4, "forward");
            check_threads(SN_OP_CONV2D_BACKWARD_INPUT, &a, isa, a.dx, x_count(&a) * 4, "backward input");
            check_threads(SN_OP_CONV2D_BACKWARD_WEIGHT, &a, isa, a.dweight, w_count(&a) * 4, "backward weight");
            check_threads(SN_OP_CONV2D_BACKWARD_WEIGHT, &a, isa, a.dbias, a.oc * 4, "bias");
        }
        sn_set_threads(sn_cpus());
        check_free_all();
    }
}

/* Weights transformed beforehand give the same bits, in a workspace that is smaller, where slots are not rounded up by as much. */
static void test_packed(void) {
    static const shape some[] = {{1, 32, 9, 9, 40, 1, 1, 3}, {20, 100, 13, 14, 70, 1, 1, 3}, {1, 180, 7, 7, 200, 1, 1, 3}, {1, 6, 14, 14, 16, 0, 0, 5}, {2, 40, 9, 9, 50, 2, 2, 5}};
    for (size_t s = 0; s < sizeof some / sizeof *some; s++) {
        sn_conv2d_args a = make(some[s]);
        const int64_t floats = sn_winograd_packed_floats(&a);
        float *packed = check_alloc(floats * 4), *expected = check_alloc(y_count(&a) * 4);
        FOR_EACH_ISA(isa) {
            if (isa == SN_ISA_GENERIC) continue;
            run(&a, SN_OP_CONV2D_FORWARD, isa);
            memcpy(expected, a.y, (size_t)y_count(&a) * 4);
            memset(a.y, 0xcb, (size_t)y_count(&a) * 4);
            memset(packed, 0xff, (size_t)floats * 4);
            sn_winograd_pack(&a, isa, packed);
            sn_conv2d_args given = a;
            given.packed_bytes = floats * 4;
            const int64_t bytes = 4 * sn_winograd_floats(&given, SN_WINOGRAD_FORWARD);
            const int64_t whole = 4 * sn_winograd_floats(&a, SN_WINOGRAD_FORWARD);
            CHECK(bytes < whole || (bytes == whole && floats < sn_winograd_slot(0)), "workspace with packed weights: %lld of %lld, weights %lld",
                  (long long)bytes, (long long)whole, (long long)floats * 4);
            sn_winograd_forward(&given, isa, packed, check_alloc(bytes));
            CHECK(!memcmp(expected, a.y, (size_t)y_count(&a) * 4), "packed on %s", sn_isa_name(isa));
        }
        check_free_all();
    }
}

/* The input gradient to few channels: images that are no multiple of four, one and two vectors, borders, odd sizes, blocks. */
static void test_spread(void) {
    static const shape some[] = {{8, 4, 6, 7, 16, 2, 2, 5},   {12, 5, 9, 8, 32, 2, 1, 5},  {13, 6, 14, 14, 16, 0, 0, 5}, {15, 7, 5, 12, 48, 3, 1, 5}, {16, 8, 13, 6, 16, 4, 2, 5},
        {14, 8, 3, 20, 64, 2, 5, 5}, {21, 4, 31, 30, 16, 2, 2, 5}, {128, 6, 14, 14, 16, 0, 0, 5}};
    for (size_t i = 0; i < 4 * sizeof some / sizeof *some; i++) {
        sn_conv2d_args a = make(some[i / 4]);
        float *dy = (float *)a.dy;
        for (int64_t j = 0; j < y_count(&a); j++) {
            if (i % 4 == 1) dy[j] += 100;
            else if (i % 4 == 2) dy[j] = check_int(0, 9) ? 0 : 10 * dy[j];
            else if (i % 4 == 3) dy[j] *= powf(10, (float)check_int(-6, 2));
        }
        const results r = reference(&a);
        CHECK(sn_winograd_spread_takes(&a, SPREAD_LANES), "another kernel runs");
        FOR_EACH_ISA(isa) {
            if (isa == SN_ISA_GENERIC) continue;
            memset(a.dx, 0xcb, (size_t)x_count(&a) * 4);
            run(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa);
            const int near_largest = i % 4 == 1 && conv2d_minimal(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa); /* not a third of its square, as the bound has it */
            const sum_bound dx = conv2d_bound(&a, SN_OP_CONV2D_BACKWARD_INPUT, isa);
            CHECK_CLOSE(a.dx, r.dx, x_count(&a), dx.rtol, (near_largest ? sqrt(3) : 1) * dx.atol,
                        "dx on %s, n%lld c%lld %lldx%lld oc%lld p%lld,%lld, data %d", sn_isa_name(isa), (long long)a.n, (long long)a.c, (long long)a.h, (long long)a.w,
                        (long long)a.oc, (long long)a.pad_h, (long long)a.pad_w, (int)(i % 4));
            check_threads(SN_OP_CONV2D_BACKWARD_INPUT, &a, isa, a.dx, x_count(&a) * 4, "backward input");
        }
        sn_set_threads(sn_cpus());
        forget(r);
        check_free_all();
    }
    sn_conv2d_args good = make(some[2]), a;
#define NOT_SPREAD(change) (a = good, (change), CHECK(!sn_winograd_spread_takes(&a, SPREAD_LANES), "%s", #change))
    NOT_SPREAD(a.dtype = SN_F64);
    NOT_SPREAD(a.kw = 3);
    NOT_SPREAD(a.stride_w = 2);
    NOT_SPREAD(a.dilation_h = 2);
    NOT_SPREAD(a.groups = 2);
    NOT_SPREAD(a.c = 3);
    NOT_SPREAD(a.c = 9);
    NOT_SPREAD(a.oc = 17);
    NOT_SPREAD(a.n = 7);
    NOT_SPREAD((a.oh = 1000, a.ow = 1000));
    CHECK(!sn_winograd_spread_takes(&good, SPREAD_LANES / 2), "half a vector");
    check_free_all();
}

static void test_takes(void) {
    sn_conv2d_args good = make((shape){4, 32, 12, 12, 32, 1, 1, 3}), a;
    for (int pass = SN_WINOGRAD_FORWARD; pass <= SN_WINOGRAD_WEIGHT; pass++) {
        CHECK(sn_winograd_takes(&good, pass), "pass %d", pass);
#define NOT_TAKEN(change) (a = good, (change), CHECK(!sn_winograd_takes(&a, pass), "%s, pass %d", #change, pass))
        NOT_TAKEN(a.dtype = SN_F64);
        NOT_TAKEN(a.kh = 5);
        NOT_TAKEN((a.kh = 7, a.kw = 7));
        NOT_TAKEN(a.kw = 1);
        NOT_TAKEN(a.stride_h = 2);
        NOT_TAKEN(a.stride_w = 2);
        NOT_TAKEN(a.dilation_h = 2);
        NOT_TAKEN(a.dilation_w = 2);
        NOT_TAKEN(a.groups = 2);
        NOT_TAKEN(a.c = 3);
        NOT_TAKEN(a.oc = 3);
    }
    a = good, a.pad_w = 3, a.ow += 4;
    CHECK(sn_winograd_takes(&a, SN_WINOGRAD_FORWARD) && !sn_winograd_takes(&a, SN_WINOGRAD_INPUT), "padding of 3");
    a = make((shape){1, 180, 8, 8, 180, 1, 1, 3});
    CHECK(sn_winograd_takes(&a, SN_WINOGRAD_FORWARD) && !sn_winograd_takes(&a, SN_WINOGRAD_INPUT) && !sn_winograd_takes(&a, SN_WINOGRAD_WEIGHT), "small tiles");
    a = make((shape){1, 180, 4, 4, 180, 1, 1, 3});
    CHECK(!sn_winograd_takes(&a, SN_WINOGRAD_FORWARD), "four small tiles");
    a = make((shape){4, 16, 12, 12, 16, 2, 2, 5});
    for (int pass = SN_WINOGRAD_FORWARD; pass <= SN_WINOGRAD_WEIGHT; pass++) CHECK(sn_winograd_takes(&a, pass), "5x5, pass %d", pass);
    a.c = 5;
    CHECK(!sn_winograd_takes(&a, SN_WINOGRAD_FORWARD) && !sn_winograd_takes(&a, SN_WINOGRAD_INPUT), "5x5 of 5 channels");
    a = make((shape){4, 16, 7, 7, 16, 0, 0, 5});
    CHECK(!sn_winograd_takes(&a, SN_WINOGRAD_FORWARD) && sn_winograd_takes(&a, SN_WINOGRAD_INPUT), "5x5 to 3x3 pixels");
    check_free_all();
}

int main(void) {
    RUN(test_shapes);
    RUN(test_random_shapes);
    RUN(test_epilogue);
    RUN(test_data);
    RUN(test_zero_in_zero_out);
    RUN(test_threads);
    RUN(test_packed);
    RUN(test_spread);
    RUN(test_takes);
    return check_summary();
}
