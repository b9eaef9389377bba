/* pool2d against direct double loops (gradients by scattering), on every ISA. */
#include "arrays.h"

static int64_t windows(int64_t size, int64_t k, int64_t stride, int64_t pad, int64_t dilation, int ceil_mode) {
    const int64_t room = size + 2 * pad - dilation * (k - 1) - 1;
    if (room < 0) return ceil_mode && room > -stride ? 1 : 0;
    int64_t o = room / stride + 1;
    if (ceil_mode && room % stride && o * stride - pad < size) o++;
    return o;
}

typedef struct {
    double *y, *max_dx, *avg_y, *avg_dx;
    int32_t *index;
} results;

static results reference(const sn_pool2d_args *a) {
    const int64_t in = a->n * a->h * a->w * a->c, out = a->n * a->oh * a->ow * a->c;
    results r = {check_alloc(out * 8), check_alloc(in * 8), check_alloc(out * 8), check_alloc(in * 8), check_alloc(out * 4)};
    memset(r.max_dx, 0, (size_t)in * 8);
    memset(r.avg_dx, 0, (size_t)in * 8);
    for (int64_t o = 0; o < out; o++) {
        const int64_t ch = o % a->c, ox = o / a->c % a->ow, oy = o / a->c / a->ow % a->oh, n = o / a->c / a->ow / a->oh;
        double best = -INFINITY, sum = 0;
        int64_t at = -1, inside = 0, padded = 0;
        for (int64_t ky = 0; ky < a->kh; ky++)
            for (int64_t kx = 0; kx < a->kw; kx++) {
                const int64_t iy = oy * a->stride_h - a->pad_h + ky * a->dilation_h, ix = ox * a->stride_w - a->pad_w + kx * a->dilation_w;
                padded += iy < a->h + a->pad_h && ix < a->w + a->pad_w;
                if (iy < 0 || iy >= a->h || ix < 0 || ix >= a->w) continue;
                const double v = array_get(a->dtype, a->x, ((n * a->h + iy) * a->w + ix) * a->c + ch);
                if (at < 0 || (isnan(v) && !isnan(best)) || v > best) best = v, at = iy * a->w + ix;
                sum += v;
                inside++;
            }
        r.y[o] = best;
        r.index[o] = (int32_t)at;
        const double dy = array_get(a->dtype, a->dy, o);
        if (at >= 0) r.max_dx[(n * a->h * a->w + at) * a->c + ch] += dy;
        const double divisor = (double)(a->count_include_pad ? padded : inside);
        r.avg_y[o] = sum / divisor;
        if (a->dilation_h == 1 && a->dilation_w == 1)
            for (int64_t ky = 0; ky < a->kh; ky++)
                for (int64_t kx = 0; kx < a->kw; kx++) {
                    const int64_t iy = oy * a->stride_h - a->pad_h + ky, ix = ox * a->stride_w - a->pad_w + kx;
                    if (iy >= 0 && iy < a->h && ix >= 0 && ix < a->w) r.avg_dx[((n * a->h + iy) * a->w + ix) * a->c + ch] += dy / divisor;
                }
    }
    return r;
}

/* Values on a coarse grid, so that there are equal ones, and some NaNs. */
static void *image(int32_t dtype, int64_t count, int with_nan) {
    void *x = array_random(dtype, count);
    for (int64_t i = 0; i < count; i++) {
        double v = round(array_get(dtype, x, i) * 8) / 8;
        if (with_nan && check_int(0, 20) == 0) v = NAN;
        if (with_nan && check_int(0, 20) == 0) v = -INFINITY;
        array_set(dtype, x, i, v);
    }
    return x;
}

static void compare(sn_pool2d_args a, int with_nan) {
    const int32_t dtype = a.dtype;
    const int64_t in = a.n * a.h * a.w * a.c, out = a.n * a.oh * a.ow * a.c;
    char what[200];
    snprintf(what, sizeof what, "n%lld h%lld w%lld c%lld k%lldx%lld s%lld,%lld p%lld,%lld d%lld,%lld o%lldx%lld", (long long)a.n, (long long)a.h, (long long)a.w,
             (long long)a.c, (long long)a.kh, (long long)a.kw, (long long)a.stride_h, (long long)a.stride_w, (long long)a.pad_h, (long long)a.pad_w,
             (long long)a.dilation_h, (long long)a.dilation_w, (long long)a.oh, (long long)a.ow);
    a.x = image(dtype, in, with_nan);
    a.dy = array_random(dtype, out);
    const results r = reference(&a);
    void *y = array_new(dtype, out), *dx = array_new(dtype, in);
    int32_t *index = check_alloc(out * 4);
    const double u = unit_of(dtype), taps = (double)(a.kh * a.kw);
    FOR_EACH_ISA(isa) {
        memset(y, 0xcb, (size_t)bytes_of(dtype, out));
        memset(index, 0xcb, (size_t)out * 4);
        memset(dx, 0xcb, (size_t)bytes_of(dtype, in));
        a.y = y, a.dx = dx, a.index = index;
        CHECK_RUN(SN_OP_MAXPOOL2D_FORWARD, a, isa);
        CHECK_ARRAY(dtype, y, r.y, out, 0, 0, isa, "max %s", what);
        CHECK(!memcmp(index, r.index, (size_t)out * 4), "%s %s: index, %s", dtype_name(dtype), sn_isa_name(isa), what);
        CHECK_RUN(SN_OP_MAXPOOL2D_BACKWARD, a, isa);
        CHECK_ARRAY(dtype, dx, r.max_dx, in, 0, taps * u, isa, "max gradient %s", what);
        a.index = NULL;
        memset(y, 0xcb, (size_t)bytes_of(dtype, out));
        CHECK_RUN(SN_OP_MAXPOOL2D_FORWARD, a, isa);
        CHECK_ARRAY(dtype, y, r.y, out, 0, 0, isa, "max without index %s", what);
        if (a.dilation_h != 1 || a.dilation_w != 1) continue;
        CHECK_RUN(SN_OP_AVGPOOL2D_FORWARD, a, isa);
        CHECK_ARRAY(dtype, y, r.avg_y, out, 4 * u, 2 * u * sqrt(taps), isa, "avg %s", what);
        CHECK_RUN(SN_OP_AVGPOOL2D_BACKWARD, a, isa);
        CHECK_ARRAY(dtype, dx, r.avg_dx, in, 4 * u, 2 * u * sqrt(taps), isa, "avg gradient %s", what);
    }
    check_free_all();
}

static sn_pool2d_args square(int32_t dtype, int64_t n, int64_t c, int64_t size, int64_t k, int64_t stride, int64_t pad, int64_t dilation) {
    const int64_t o = windows(size, k, stride, pad, dilation, 0);
    return (sn_pool2d_args){.dtype = dtype, .n = n, .c = c, .h = size, .w = size, .oh = o, .ow = o, .kh = k, .kw = k, .stride_h = stride,
                            .stride_w = stride, .pad_h = pad, .pad_w = pad, .dilation_h = dilation, .dilation_w = dilation};
}

static void channels(void) {
    static const int64_t c[] = {1, 2, 3, 4, 6, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 67, 100, 130};
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
        for (int i = 0; i < (int)(sizeof c / sizeof *c); i++) {
            compare(square(dtype, 2, c[i], 6, 2, 2, 0, 1), 0);
            compare(square(dtype, 1, c[i], 7, 2, 2, 0, 1), 1);
            compare(square(dtype, 2, c[i], 7, 3, 2, 1, 1), 0);
            compare(square(dtype, 1, c[i], 5, 3, 1, 1, 1), 1);
            compare(square(dtype, 1, c[i], 6, 6, 6, 0, 1), 0);
        }
}

static void random_shapes(void) {
    int done = 0;
    while (done < 400) {
        sn_pool2d_args a = {.dtype = (int32_t)check_int(0, 1), .count_include_pad = (int32_t)check_int(0, 1), .n = check_int(1, 3), .c = check_int(1, 20),
                            .h = check_int(1, 12), .w = check_int(1, 12), .kh = check_int(1, 5), .kw = check_int(1, 5), .stride_h = check_int(1, 4),
                            .stride_w = check_int(1, 4), .dilation_h = check_int(1, 3), .dilation_w = check_int(1, 3)};
        if (done % 2) a.dilation_h = a.dilation_w = 1;
        a.pad_h = check_int(0, a.kh / 2), a.pad_w = check_int(0, a.kw / 2);
        a.oh = windows(a.h, a.kh, a.stride_h, a.pad_h, a.dilation_h, (int)check_int(0, 1));
        a.ow = windows(a.w, a.kw, a.stride_w, a.pad_w, a.dilation_w, (int)check_int(0, 1));
        if (a.oh < 1 || a.ow < 1) continue;
        compare(a, done % 3 == 0);
        done++;
    }
}

static void threads_of(sn_pool2d_args a) {
    const int64_t in = a.n * a.h * a.w * a.c, out = a.n * a.oh * a.ow * a.c;
    a.x = check_floats(in), a.dy = check_floats(out), a.y = check_alloc(out * 4), a.dx = check_alloc(in * 4), a.index = check_alloc(out * 4);
    FOR_EACH_ISA(isa) {
        check_threads(SN_OP_AVGPOOL2D_FORWARD, &a, isa, a.y, out * 4, "avg");
        check_threads(SN_OP_AVGPOOL2D_BACKWARD, &a, isa, a.dx, in * 4, "avg gradient");
        check_threads(SN_OP_MAXPOOL2D_FORWARD, &a, isa, a.y, out * 4, "max");
        check_threads(SN_OP_MAXPOOL2D_BACKWARD, &a, isa, a.dx, in * 4, "max gradient");
    }
    check_free_all();
}

/* Several chunks, whose rows end within a vector of few channels. */
static void threads(void) {
    static const int64_t c[] = {1, 3, 6, 13, 19};
    for (int i = 0; i < 5; i++) {
        threads_of(square(SN_F32, 3 + 60 / c[i], c[i], 40, 3, 2, 1, 1));
        threads_of(square(SN_F32, 3 + 60 / c[i], c[i], 41, 2, 2, 0, 1));
        threads_of(square(SN_F32, 3 + 60 / c[i], c[i], 40, 2, 1, 0, 1));
    }
}

/* Images large enough to be prefetched and cut into chunks, right up to the ends of the arrays. */
static void large(void) {
    static const int64_t c[] = {5, 6, 16, 24};
    for (int i = 0; i < 4; i++) {
        const int64_t n = 1 + (1 << 18) / (86 * 86 * c[i]);
        compare(square(SN_F32, n, c[i], 86, 2, 2, 0, 1), 0);
        compare(square(SN_F32, n, c[i], 87, 3, 2, 1, 1), 1);
        compare(square(SN_F32, n, c[i], 86, 2, 3, 1, 1), 0);
    }
}

/* Indices that no window can have written must not be followed out of the image. */
static void wrong_indices(void) {
    sn_pool2d_args a = square(SN_F32, 2, 5, 6, 2, 2, 0, 1);
    a.dy = check_floats(90), a.dx = check_alloc(360 * 4), a.index = check_alloc(90 * 4);
    for (int i = 0; i < 90; i++) a.index[i] = i % 3 == 0 ? -1 : i % 3 == 1 ? INT32_MAX : 36;
    FOR_EACH_ISA(isa) {
        CHECK_RUN(SN_OP_MAXPOOL2D_BACKWARD, a, isa);
        for (int i = 0; i < 360; i++) CHECK(((float *)a.dx)[i] == 0, "a wrong index was followed");
    }
    check_free_all();
}

static void errors(void) {
    sn_pool2d_args good = square(SN_F32, 1, 3, 4, 2, 2, 0, 1);
    good.x = check_floats(48), good.dy = check_floats(12), good.y = check_alloc(48), good.dx = check_alloc(192), good.index = check_alloc(48);
    sn_pool2d_args a = good;
#define EXPECT(status) /* in all four */                                  \
    do {                                                                  \
        CHECK_ERROR(sn_maxpool2d_forward, a, status, good.y, 48);         \
        CHECK_ERROR(sn_avgpool2d_forward, a, status, good.y, 48);         \
        CHECK_ERROR(sn_maxpool2d_backward, a, status, good.dx, 192);      \
        CHECK_ERROR(sn_avgpool2d_backward, a, status, good.dx, 192);      \
        a = good;                                                         \
    } while (0)
    CHECK(sn_maxpool2d_forward(NULL) == SN_ERR_NULL && sn_maxpool2d_backward(NULL) == SN_ERR_NULL, "null");
    CHECK(sn_avgpool2d_forward(NULL) == SN_ERR_NULL && sn_avgpool2d_backward(NULL) == SN_ERR_NULL, "null");
    a.x = NULL, a.dy = NULL;
    EXPECT(SN_ERR_NULL);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    int64_t *const sizes[] = {&a.n, &a.c, &a.h, &a.w, &a.oh, &a.ow, &a.kh, &a.kw, &a.stride_h, &a.stride_w, &a.dilation_h, &a.dilation_w};
    for (int i = 0; i < 12; i++) {
        *sizes[i] = 0;
        EXPECT(SN_ERR_SIZE);
        *sizes[i] = -5;
        EXPECT(SN_ERR_SIZE);
        *sizes[i] = INT64_MAX;
        EXPECT(SN_ERR_SIZE);
    }
    a.pad_h = 2;
    EXPECT(SN_ERR_SIZE);
    a.pad_w = -1;
    EXPECT(SN_ERR_SIZE);
    a.oh = 3; /* would start below the image */
    EXPECT(SN_ERR_SIZE);
    a.h = a.w = 65536;
    CHECK_ERROR(sn_maxpool2d_forward, a, SN_ERR_SIZE, good.y, 48);
    CHECK_ERROR(sn_maxpool2d_backward, a, SN_ERR_SIZE, good.dx, 192);
    a = good, a.index = NULL;
    CHECK_ERROR(sn_maxpool2d_backward, a, SN_ERR_NULL, good.dx, 192);
    a = good, a.dilation_h = 2, a.oh = 1;
    CHECK_ERROR(sn_avgpool2d_forward, a, SN_ERR_VALUE, good.y, 48);
    check_free_all();
}

int main(void) {
    RUN(channels);
    RUN(random_shapes);
    RUN(large);
    RUN(threads);
    RUN(wrong_indices);
    RUN(errors);
    return check_summary();
}
