#include "check.h"

static int32_t as_i32(double v) { return isnan(v) ? 0 : v >= 2147483647.0 ? INT32_MAX : v <= -2147483648.0 ? INT32_MIN : (int32_t)v; }

static void check_pad(int32_t dims, const int64_t *shape, const int64_t *before, const int64_t *after, double value) {
    char text[400] = "";
    int64_t nx = 1, ny = 1, out[8];
    for (int32_t d = 0; d < dims; d++) {
        out[d] = shape[d] + before[d] + after[d];
        nx *= shape[d], ny *= out[d];
        snprintf(text + strlen(text), sizeof text - strlen(text), " %lld+%lld+%lld", (long long)before[d], (long long)shape[d], (long long)after[d]);
    }
    float *x = check_floats(nx), *y = check_alloc(ny * 4), *e = check_alloc(ny * 4);
    int32_t *xi = check_alloc(nx * 4), *yi = check_alloc(ny * 4), *ei = check_alloc(ny * 4);
    double *x64 = check_doubles(nx), *y64 = check_alloc(ny * 8), *e64 = check_alloc(ny * 8);
    for (int64_t i = 0; i < nx; i++) xi[i] = (int32_t)check_next();
    for (int64_t i = 0; i < ny; i++) {
        int64_t rest = i, from = 0, stride = 1;
        int inside = 1;
        for (int32_t d = dims - 1; d >= 0; d--) {
            const int64_t k = rest % out[d] - before[d];
            rest /= out[d];
            inside &= k >= 0 && k < shape[d];
            from += k * stride, stride *= shape[d];
        }
        e[i] = inside ? x[from] : (float)value;
        e64[i] = inside ? x64[from] : value;
        ei[i] = inside ? xi[from] : as_i32(value);
    }
    sn_pad_args a = {.dtype = SN_F32, .dims = dims, .value = value, .x = x, .y = y}, b, c;
    for (int32_t d = 0; d < dims; d++) a.shape[d] = shape[d], a.before[d] = before[d], a.after[d] = after[d];
    b = a, b.dtype = SN_F64, b.x = x64, b.y = y64;
    c = a, c.dtype = SN_I32, c.x = xi, c.y = yi;
    for (int32_t threads = 1; threads <= 3; threads++) {
        sn_set_threads(threads);
        memset(y, 0xcb, (size_t)ny * 4), memset(y64, 0xcb, (size_t)ny * 8), memset(yi, 0xcb, (size_t)ny * 4);
        CHECK_RUN(SN_OP_PAD, a, 0);
        CHECK_RUN(SN_OP_PAD, b, 0);
        CHECK_RUN(SN_OP_PAD, c, 0);
        CHECK(memcmp(y, e, (size_t)ny * 4) == 0, "f32%s", text);
        CHECK(memcmp(y64, e64, (size_t)ny * 8) == 0, "f64%s", text);
        CHECK(memcmp(yi, ei, (size_t)ny * 4) == 0, "i32%s", text);
    }
    check_free_all();
}

static void test_shapes(void) {
    static const double values[] = {0, -1.5, INFINITY, -INFINITY, 1e20, NAN};
    check_pad(0, NULL, NULL, NULL, 3);
    for (int k = 0; k < 800; k++) {
        int64_t shape[8], before[8], after[8];
        const int32_t dims = (int32_t)check_int(1, k % 4 ? 4 : 8);
        for (int32_t d = 0; d < dims; d++) {
            shape[d] = check_int(dims > 4 ? 1 : 0, dims > 4 ? 3 : 9);
            before[d] = after[d] = 0;
            if (check_int(0, 2) == 0) continue;
            before[d] = check_int(-shape[d] - 1, 3);
            after[d] = check_int(-shape[d] - 1, 3);
            if (shape[d] + before[d] + after[d] < 0) after[d] = -shape[d] - before[d];
        }
        check_pad(dims, shape, before, after, values[k % 6]);
    }
    check_pad(1, (int64_t[]){100003}, (int64_t[]){17}, (int64_t[]){20001}, 2);
    check_pad(1, (int64_t[]){100003}, (int64_t[]){-17}, (int64_t[]){-20001}, 2);
    check_pad(4, (int64_t[]){5, 13, 17, 31}, (int64_t[]){0, 1, 1, 0}, (int64_t[]){0, 1, 1, 0}, 0);
    check_pad(4, (int64_t[]){5, 13, 17, 31}, (int64_t[]){0, 0, 2, 3}, (int64_t[]){0, 0, -2, 0}, 0);
    check_pad(2, (int64_t[]){3, 5}, (int64_t[]){100, 0}, (int64_t[]){-90, 0}, 4);
}

static void test_errors(void) {
    float x[4] = {1, 2, 3, 4}, y[9] = {7};
    const sn_pad_args good = {.dtype = SN_F32, .dims = 2, .shape = {2, 2}, .before = {1, 0}, .after = {0, 1}, .value = 5, .x = x, .y = y};
    sn_pad_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_pad(&a) == (status), #change))
    CHECK(sn_pad(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.x = NULL, SN_ERR_NULL);
    ERROR(a.y = NULL, SN_ERR_NULL);
    ERROR(a.dtype = 3, SN_ERR_DTYPE);
    ERROR(a.dims = 9, SN_ERR_SIZE);
    ERROR(a.dims = -1, SN_ERR_SIZE);
    ERROR(a.shape[0] = -1, SN_ERR_SIZE);
    ERROR(a.before[0] = -3, SN_ERR_SIZE);
    ERROR(a.before[0] = INT64_MAX, SN_ERR_SIZE);
    ERROR(a.after[1] = INT64_MIN, SN_ERR_SIZE);
    ERROR(a.after[1] = INT64_C(1) << 48, SN_ERR_SIZE);
    ERROR(a.after[1] = -2, SN_OK);
    CHECK(y[0] == 7, "an error wrote");
    /* Everything is cropped away on one side and padded on the other: nothing of x is left, and nothing overflows. */
    a = good, a.before[0] = INT64_C(1) << 47, a.after[0] = -(INT64_C(1) << 47), a.after[1] = 0;
    CHECK(sn_pad(&a) == SN_OK && y[0] == 5 && y[3] == 5, "far away");
    a = good, a.before[0] = -(INT64_C(1) << 47), a.after[0] = INT64_C(1) << 47, a.after[1] = 0, y[0] = 0;
    CHECK(sn_pad(&a) == SN_OK && y[0] == 5 && y[3] == 5, "far away on the other side");
}

int main(void) {
    RUN(test_shapes);
    RUN(test_errors);
    return check_summary();
}
