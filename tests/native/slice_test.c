#include "check.h"

static void check_slice(int64_t outer, int64_t size, int64_t inner, int64_t start, int64_t step, int64_t length) {
    char text[120];
    snprintf(text, sizeof text, "[%lld][%lld][%lld], %lld indices from %lld by %lld", (long long)outer, (long long)size, (long long)inner, (long long)length, (long long)start, (long long)step);
    const int64_t nx = outer * size * inner, ny = outer * length * inner;
    float *x = check_floats(nx), *y = check_alloc(ny * 4), *dy = check_floats(ny), *dx = check_alloc(nx * 4), *ey = check_alloc(ny * 4), *ex = check_alloc(nx * 4);
    double *x64 = check_doubles(nx), *y64 = check_alloc(ny * 8), *dy64 = check_doubles(ny), *dx64 = check_alloc(nx * 8), *ey64 = check_alloc(ny * 8), *ex64 = check_alloc(nx * 8);
    for (int64_t i = 0; i < nx; i++) ex[i] = 0, ex64[i] = 0;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < length; i++)
            for (int64_t k = 0; k < inner; k++) {
                const int64_t from = (o * size + start + i * step) * inner + k, to = (o * length + i) * inner + k;
                ey[to] = x[from], ey64[to] = x64[from];
                ex[from] = dy[to], ex64[from] = dy64[to];
            }
    sn_slice_args a = {.dtype = SN_F32, .outer = outer, .size = size, .inner = inner, .start = start, .step = step, .length = length, .x = x, .y = y, .dy = dy, .dx = dx}, b = a;
    b.dtype = SN_F64, b.x = x64, b.y = y64, b.dy = dy64, b.dx = dx64;
    for (int32_t threads = 1; threads <= 3; threads++) {
        sn_set_threads(threads);
        a.dtype = threads == 2 ? SN_I32 : SN_F32;
        memset(y, 0xcb, (size_t)ny * 4), memset(y64, 0xcb, (size_t)ny * 8), memset(dx, 0xcb, (size_t)nx * 4), memset(dx64, 0xcb, (size_t)nx * 8);
        CHECK_RUN(SN_OP_SLICE_FORWARD, a, 0);
        CHECK_RUN(SN_OP_SLICE_FORWARD, b, 0);
        CHECK_RUN(SN_OP_SLICE_BACKWARD, a, 0);
        CHECK_RUN(SN_OP_SLICE_BACKWARD, b, 0);
        CHECK(memcmp(y, ey, (size_t)ny * 4) == 0 && memcmp(y64, ey64, (size_t)ny * 8) == 0, "forward %s", text);
        CHECK(memcmp(dx, ex, (size_t)nx * 4) == 0 && memcmp(dx64, ex64, (size_t)nx * 8) == 0, "backward %s", text);
    }
    check_free_all();
}

static void test_shapes(void) {
    for (int k = 0; k < 400; k++) {
        const int64_t size = check_int(1, 40), start = check_int(0, size - 1), step = check_int(1, 5), most = (size - 1 - start) / step + 1;
        check_slice(check_int(1, 9), size, check_int(0, 2) ? check_int(1, 9) : 1, start, step, check_int(0, most));
    }
    check_slice(1, 100003, 1, 5, 1, 90001);
    check_slice(1, 100003, 1, 5, 3, 30001);
    check_slice(3, 5, 20011, 1, 2, 2);
    check_slice(3, 5, 20011, 1, 1, 3);
    check_slice(2, 20011, 3, 7, 2, 9000);
    check_slice(2, 50001, 1, 50000, INT64_C(1) << 40, 1);
    check_slice(0, 3, 2, 1, 1, 1);
    check_slice(3, 0, 2, 0, 1, 0);
    check_slice(3, 4, 0, 1, 1, 2);
    check_slice(3, 4, 5, 9, 1, 0);
}

static void test_errors(void) {
    float x[8] = {0}, y[8] = {7};
    const sn_slice_args good = {.dtype = SN_F32, .outer = 1, .size = 8, .inner = 1, .start = 1, .step = 2, .length = 4, .x = x, .y = y, .dy = x, .dx = y};
    sn_slice_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_slice_forward(&a) == (status) && sn_slice_backward(&a) == (status), #change))
    CHECK(sn_slice_forward(NULL) == SN_ERR_NULL && sn_slice_backward(NULL) == SN_ERR_NULL, "null args");
    ERROR((a.x = NULL, a.dy = NULL), SN_ERR_NULL);
    ERROR((a.y = NULL, a.dx = NULL), SN_ERR_NULL);
    ERROR(a.dtype = 3, SN_ERR_DTYPE);
    ERROR(a.outer = -1, SN_ERR_SIZE);
    ERROR(a.size = -1, SN_ERR_SIZE);
    ERROR(a.inner = -1, SN_ERR_SIZE);
    ERROR(a.inner = INT64_MAX, SN_ERR_SIZE);
    ERROR(a.start = -1, SN_ERR_SIZE);
    ERROR(a.start = 2, SN_ERR_SIZE);
    ERROR(a.start = INT64_MAX, SN_ERR_SIZE);
    ERROR(a.step = 0, SN_ERR_SIZE);
    ERROR(a.step = 3, SN_ERR_SIZE);
    ERROR(a.step = INT64_MAX, SN_ERR_SIZE);
    ERROR(a.length = 5, SN_ERR_SIZE);
    ERROR(a.length = -1, SN_ERR_SIZE);
    ERROR(a.length = INT64_MAX, SN_ERR_SIZE);
    CHECK(y[0] == 7, "an error wrote");
}

int main(void) {
    RUN(test_shapes);
    RUN(test_errors);
    return check_summary();
}
