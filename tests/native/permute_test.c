#include "check.h"

/* Both element sizes, on all ISAs and 1 to 3 threads, against index arithmetic. */
static void check_permute(int32_t dims, const int64_t *shape, const int64_t *stride, const char *what) {
    int64_t count = 1, extent = 1;
    for (int32_t d = 0; d < dims; d++) count *= shape[d], extent += (shape[d] - 1) * stride[d];
    uint32_t *x = check_alloc(extent * 4), *y = check_alloc(count * 4), *e = check_alloc(count * 4);
    uint64_t *x64 = check_alloc(extent * 8), *y64 = check_alloc(count * 8), *e64 = check_alloc(count * 8);
    for (int64_t i = 0; i < extent; i++) x[i] = (uint32_t)check_next(), x64[i] = check_next();
    for (int64_t i = 0; i < count; i++) {
        int64_t offset = 0, rest = i;
        for (int32_t d = dims - 1; d >= 0; d--) offset += rest % shape[d] * stride[d], rest /= shape[d];
        e[i] = x[offset], e64[i] = x64[offset];
    }
    sn_permute_args a = {.dtype = SN_F32, .dims = dims, .x = x, .y = y}, b;
    for (int32_t d = 0; d < dims; d++) a.shape[d] = shape[d], a.stride[d] = stride[d];
    b = a, b.dtype = SN_F64, b.x = x64, b.y = y64;
    FOR_EACH_ISA(isa)
        for (int32_t threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            a.dtype = threads == 2 ? SN_I32 : SN_F32;
            memset(y, 0xcb, (size_t)count * 4), memset(y64, 0xcb, (size_t)count * 8);
            CHECK_RUN(SN_OP_PERMUTE, a, isa);
            CHECK_RUN(SN_OP_PERMUTE, b, isa);
            CHECK(memcmp(y, e, (size_t)count * 4) == 0, "%s, 4 bytes, %s, %d threads", what, sn_isa_name(isa), threads);
            CHECK(memcmp(y64, e64, (size_t)count * 8) == 0, "%s, 8 bytes, %d threads", what, threads);
        }
    check_free_all();
}

/* y of shape shape[order[0]], ... from dense x. */
static void check_order(int32_t dims, const int64_t *shape, const int32_t *order) {
    int64_t dense[8], y_shape[8], y_stride[8], next = 1;
    char text[200] = "";
    for (int32_t d = dims - 1; d >= 0; d--) dense[d] = next, next *= shape[d];
    for (int32_t d = 0; d < dims; d++) {
        y_shape[d] = shape[order[d]], y_stride[d] = dense[order[d]];
        snprintf(text + strlen(text), sizeof text - strlen(text), " %d:%lld", order[d], (long long)y_shape[d]);
    }
    check_permute(dims, y_shape, y_stride, text);
}

static const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 101, 257};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void test_transposes(void) {
    static const int32_t swap[] = {1, 0}, batch[] = {0, 2, 1}, reverse[] = {2, 1, 0}, rotate[] = {1, 2, 0}, back[] = {2, 0, 1}, front[] = {1, 0, 2};
    for (int i = 0; i < SIZES; i++)
        for (int j = 0; j < SIZES; j++) {
            check_order(2, (int64_t[]){sizes[i], sizes[j]}, swap);
            const int64_t s[] = {3, sizes[i], sizes[j]}, t[] = {sizes[i], sizes[j], 5};
            check_order(3, s, batch);
            check_order(3, s, reverse);
            check_order(3, t, rotate);
            check_order(3, t, back);
            check_order(3, t, front);
        }
    check_order(2, (int64_t[]){3, 50001}, swap);
    check_order(2, (int64_t[]){50001, 3}, swap);
    check_order(2, (int64_t[]){700, 601}, swap);
}

static void test_layouts(void) {
    static const int32_t to_last[] = {0, 2, 3, 1}, to_first[] = {0, 3, 1, 2};
    static const int64_t channels[] = {1, 2, 3, 4, 6, 16, 20, 64, 67};
    for (size_t c = 0; c < sizeof channels / sizeof *channels; c++) {
        check_order(4, (int64_t[]){3, channels[c], 13, 11}, to_last);
        check_order(4, (int64_t[]){3, 13, 11, channels[c]}, to_first);
        check_order(4, (int64_t[]){2, channels[c], 32, 32}, to_last);
        check_order(4, (int64_t[]){2, 32, 32, channels[c]}, to_first);
    }
}

static void test_all_orders_of_five(void) {
    for (int code = 0; code < 3125; code++) {
        int32_t order[5], seen = 0;
        for (int d = 0, c = code; d < 5; d++, c /= 5) order[d] = c % 5, seen |= 1 << order[d];
        if (seen == 31) check_order(5, (int64_t[]){2, 3, 4, 5, 7}, order);
    }
}

static void test_broadcasts_and_strides(void) {
    check_permute(0, NULL, NULL, "scalar");
    for (int i = 0; i < SIZES; i++) {
        const int64_t n = sizes[i];
        check_permute(1, (int64_t[]){n}, (int64_t[]){1}, "copy");
        check_permute(1, (int64_t[]){n}, (int64_t[]){0}, "repeat");
        check_permute(1, (int64_t[]){n}, (int64_t[]){3}, "every third");
        check_permute(2, (int64_t[]){n, 9}, (int64_t[]){0, 1}, "rows");
        check_permute(2, (int64_t[]){9, n}, (int64_t[]){1, 0}, "columns");
        check_permute(3, (int64_t[]){n, 3, 5}, (int64_t[]){5, 0, 1}, "middle");
        check_permute(3, (int64_t[]){5, n, 3}, (int64_t[]){0, 1, n}, "repeated transpose");
        check_permute(2, (int64_t[]){n, 6}, (int64_t[]){8, 1}, "crop");
        check_permute(2, (int64_t[]){n, 6}, (int64_t[]){2, 2 * n}, "transposed every other");
        check_permute(2, (int64_t[]){n, 6}, (int64_t[]){1, 1}, "overlapping windows");
    }
    check_permute(1, (int64_t[]){100003}, (int64_t[]){1}, "long copy");
    check_permute(1, (int64_t[]){100003}, (int64_t[]){2}, "long stride");
    for (int k = 0; k < 300; k++) {
        int64_t shape[8], stride[8];
        const int32_t dims = (int32_t)check_int(0, 8);
        for (int32_t d = 0; d < dims; d++) shape[d] = check_int(1, dims > 5 ? 3 : 6), stride[d] = check_int(0, 20);
        check_permute(dims, shape, stride, "random strides");
    }
}

static void test_errors(void) {
    float x[4] = {1, 2, 3, 4}, y[4] = {7, 7, 7, 7};
    const sn_permute_args good = {.dtype = SN_F32, .dims = 2, .shape = {2, 2}, .stride = {1, 2}, .x = x, .y = y};
    sn_permute_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_permute(&a) == (status), #change))
    CHECK(sn_permute(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.x = NULL, SN_ERR_NULL);
    ERROR(a.y = NULL, SN_ERR_NULL);
    ERROR(a.dtype = 3, SN_ERR_DTYPE);
    ERROR(a.dims = 9, SN_ERR_SIZE);
    ERROR(a.dims = -1, SN_ERR_SIZE);
    ERROR(a.shape[0] = -1, SN_ERR_SIZE);
    ERROR((a.shape[0] = 1 << 30, a.shape[1] = 1 << 30), SN_ERR_SIZE);
    ERROR(a.stride[0] = -1, SN_ERR_SIZE);
    ERROR(a.stride[0] = INT64_MAX, SN_ERR_SIZE);
    ERROR(a.shape[1] = 0, SN_OK);
    CHECK(y[0] == 7 && y[3] == 7, "an error wrote");
}

int main(void) {
    RUN(test_transposes);
    RUN(test_layouts);
    RUN(test_all_orders_of_five);
    RUN(test_broadcasts_and_strides);
    RUN(test_errors);
    return check_summary();
}
