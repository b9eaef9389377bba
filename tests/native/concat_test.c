#include "check.h"

static void check_concat(int32_t count, const int64_t *size, int64_t outer, int64_t inner) {
    int64_t total = 0;
    for (int32_t i = 0; i < count; i++) total += size[i];
    for (int bytes = 4; bytes <= 8; bytes += 4) {
        const int64_t element = bytes;
        const void **x = check_alloc(count * (int64_t)sizeof *x);
        unsigned char *y = check_alloc(outer * total * inner * element), *e = check_alloc(outer * total * inner * element);
        int64_t first = 0;
        for (int32_t i = 0; i < count; i++) {
            const int64_t n = outer * size[i] * inner * element;
            unsigned char *in = check_alloc(n);
            for (int64_t k = 0; k < n; k++) in[k] = (unsigned char)check_next();
            x[i] = size[i] ? in : NULL;
            for (int64_t o = 0; o < outer; o++)
                for (int64_t k = 0; k < size[i] * inner * element; k++) e[(o * total + first) * inner * element + k] = in[o * size[i] * inner * element + k];
            first += size[i];
        }
        for (int32_t threads = 1; threads <= 3; threads++) {
            sn_set_threads(threads);
            memset(y, 0xcb, (size_t)(outer * total * inner * element));
            sn_concat_args a = {.dtype = bytes == 8 ? SN_F64 : threads == 2 ? SN_I32 : SN_F32, .count = count, .outer = outer, .inner = inner, .size = size, .x = x, .y = y};
            CHECK_RUN(SN_OP_CONCAT, a, 0);
            CHECK(memcmp(y, e, (size_t)(outer * total * inner * element)) == 0, "%d inputs, outer %lld, inner %lld, %d bytes", count, (long long)outer, (long long)inner, bytes);
        }
        check_free_all();
    }
}

static void test_shapes(void) {
    for (int64_t outer = 1; outer < 300; outer = outer * 4 + 1)
        for (int64_t inner = 1; inner < 600; inner = inner * 5 + 2) {
            check_concat(1, (int64_t[]){3}, outer, inner);
            check_concat(2, (int64_t[]){1, 1}, outer, inner);
            check_concat(3, (int64_t[]){2, 0, 5}, outer, inner);
            check_concat(5, (int64_t[]){0, 7, 1, 13, 0}, outer, inner);
        }
    check_concat(2, (int64_t[]){0, 0}, 3, 4);
    check_concat(2, (int64_t[]){1, 2}, 0, 4);
    check_concat(2, (int64_t[]){1, 2}, 4, 0);
    check_concat(2, (int64_t[]){40009, 70001}, 1, 1);
    check_concat(2, (int64_t[]){64, 64}, 3000, 1);
    int64_t many[200];
    for (int i = 0; i < 200; i++) many[i] = i % 4;
    check_concat(200, many, 7, 3);
}

static void test_errors(void) {
    float x0[2] = {1, 2}, y[4] = {7, 7, 7, 7};
    const void *x[] = {x0, x0}, *none[] = {x0, NULL};
    const int64_t size[] = {1, 1}, bad[] = {1, -1}, huge[] = {INT64_MAX, 1};
    const sn_concat_args good = {.dtype = SN_F32, .count = 2, .outer = 2, .inner = 1, .size = size, .x = x, .y = y};
    sn_concat_args a;
#define ERROR(change, status) (a = good, (change), CHECK(sn_concat(&a) == (status), #change))
    CHECK(sn_concat(NULL) == SN_ERR_NULL, "null args");
    ERROR(a.x = NULL, SN_ERR_NULL);
    ERROR(a.x = none, SN_ERR_NULL);
    ERROR(a.y = NULL, SN_ERR_NULL);
    ERROR(a.size = NULL, SN_ERR_NULL);
    ERROR(a.dtype = 3, SN_ERR_DTYPE);
    ERROR(a.count = 0, SN_ERR_SIZE);
    ERROR(a.outer = -1, SN_ERR_SIZE);
    ERROR(a.inner = -1, SN_ERR_SIZE);
    ERROR(a.inner = INT64_MAX, SN_ERR_SIZE);
    ERROR(a.outer = INT64_MAX, SN_ERR_SIZE);
    ERROR(a.size = bad, SN_ERR_SIZE);
    ERROR(a.size = huge, SN_ERR_SIZE);
    CHECK(y[0] == 7 && y[3] == 7, "an error wrote");
}

int main(void) {
    RUN(test_shapes);
    RUN(test_errors);
    return check_summary();
}
