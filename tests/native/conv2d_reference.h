/* The reference of conv2d's tests, double-precision loops written from the definition in sinew.h, and what every kernel must do. */
#ifndef SN_TESTS_CONV2D_REFERENCE_H
#define SN_TESTS_CONV2D_REFERENCE_H

#include "conv2d_bounds.h"

typedef struct {
    int64_t n, c, h, w, oc, kh, kw, sh, sw, ph, pw, dh, dw, groups;
} shape;

static inline double activation(double x, int32_t act, double alpha) {
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
static inline void reference(const sn_conv2d_args *a, double *y, double *dx, double *dweight, double *dbias) {
    const int64_t icg = a->c / a->groups, ocg = a->oc / a->groups;
    for (int64_t i = 0; i < x_count(a); i++) dx[i] = 0;
    for (int64_t i = 0; i < w_count(a); i++) dweight[i] = 0;
    for (int64_t i = 0; i < a->oc; i++) dbias[i] = 0;
    for (int64_t n = 0; n < a->n; n++)
        for (int64_t oy = 0; oy < a->oh; oy++)
            for (int64_t ox = 0; ox < a->ow; ox++)
                for (int64_t o = 0; o < a->oc; o++) {
                    const int64_t out = ((n * a->oh + oy) * a->ow + ox) * a->oc + o;
                    const double d = array_get(a->dtype, a->dy, out);
                    double sum = (a->bias ? array_get(a->dtype, a->bias, o) : 0) + (a->residual ? array_get(a->dtype, a->residual, out) : 0);
                    dbias[o] += d;
                    for (int64_t i = 0; i < icg; i++)
                        for (int64_t ky = 0; ky < a->kh; ky++)
                            for (int64_t kx = 0; kx < a->kw; kx++) {
                                const int64_t iy = oy * a->stride_h - a->pad_h + ky * a->dilation_h, ix = ox * a->stride_w - a->pad_w + kx * a->dilation_w;
                                if (iy < 0 || iy >= a->h || ix < 0 || ix >= a->w) continue;
                                const int64_t in = ((n * a->h + iy) * a->w + ix) * a->c + o / ocg * icg + i, w = ((o * icg + i) * a->kh + ky) * a->kw + kx;
                                sum += array_get(a->dtype, a->x, in) * array_get(a->dtype, a->weight, w);
                                dx[in] += d * array_get(a->dtype, a->weight, w);
                                dweight[w] += d * array_get(a->dtype, a->x, in);
                            }
                    y[out] = activation(sum, a->act, a->act_alpha);
                }
}

static inline sn_conv2d_args make(shape s, int32_t dtype) {
    sn_conv2d_args a = {.dtype = dtype, .n = s.n, .c = s.c, .h = s.h, .w = s.w, .oc = s.oc, .kh = s.kh, .kw = s.kw, .stride_h = s.sh, .stride_w = s.sw,
        .pad_h = s.ph, .pad_w = s.pw, .dilation_h = s.dh, .dilation_w = s.dw, .groups = s.groups};
    a.oh = (s.h + 2 * s.ph - s.dh * (s.kh - 1) - 1) / s.sh + 1;
    a.ow = (s.w + 2 * s.pw - s.dw * (s.kw - 1) - 1) / s.sw + 1;
    a.x = array_random(dtype, x_count(&a));
    a.weight = array_random(dtype, w_count(&a));
    a.bias = array_random(dtype, a.oc);
    a.dy = array_random(dtype, y_count(&a));
    a.y = array_new(dtype, y_count(&a));
    a.dx = array_new(dtype, x_count(&a));
    a.dweight = array_new(dtype, w_count(&a));
    a.dbias = array_new(dtype, a.oc);
    return a;
}

/* The workspace is filled with NaNs: nothing may be read from it before it is written. */
static inline void run(sn_conv2d_args *a, int32_t code, int isa) {
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
static inline double distance(const sn_conv2d_args *a, const void *actual, const double *expected, int64_t count, sum_bound bound) {
    return array_distance(a->dtype, actual, expected, count, bound.rtol, bound.atol);
}

static inline void compare(sn_conv2d_args a, const char *what) {
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

/* Minimal filtering spreads a NaN at (image, iy, ix) of its input over the tiles of output whose 6x6 windows hold it: where the
 * result is a NaN there, one is expected. */
static inline void allow_tiles(int64_t tile, const float *actual, double *expected, int64_t at, int64_t h, int64_t w, int64_t c, int64_t oh, int64_t ow, int64_t oc, int64_t ph, int64_t pw) {
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
static inline void not_finite(const shape *list, size_t count) {
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

/* The same bits with any number of threads. */
static inline void same_bits(const shape *list, size_t count) {
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

#endif
