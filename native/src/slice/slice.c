/* slice: every step-th index of the middle dimension of [outer][size][inner], and its adjoint. Copies only: no kernels by
 * ISA. Chunks are ranges of the output, whatever the sizes. */
#include <string.h>

#include "core/check.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

typedef struct {
    const sn_slice_args *a;
    int64_t element;
} slice_context;

/* n elements from x[i * stride] to y[i], or with scatter from x[i] to y[i * stride]. */
static void copy_strided(const void *x_, void *y_, int64_t n, int64_t x_stride, int64_t y_stride, int64_t element) {
    if (element == 4) {
        const uint32_t *x = x_;
        uint32_t *y = y_;
        for (int64_t i = 0; i < n; i++) y[i * y_stride] = x[i * x_stride];
    } else {
        const uint64_t *x = x_;
        uint64_t *y = y_;
        for (int64_t i = 0; i < n; i++) y[i * y_stride] = x[i * x_stride];
    }
}

/* y[begin, end): rows of `inner` elements, of which the first and last may be cut. */
static void forward_body(void *context, int64_t begin, int64_t end) {
    const slice_context *c = context;
    const sn_slice_args *a = c->a;
    const unsigned char *x = a->x;
    unsigned char *y = a->y;
    /* One copy serves the rest of an outer position when the slices are adjacent, else one index. */
    const int64_t together = a->step == 1 || a->inner == 1 ? a->length : 1;
    while (begin < end) {
        const int64_t row = begin / a->inner, skip = begin - row * a->inner, outer = row / a->length, i = row - outer * a->length;
        const int64_t n = sn_min(end - begin, sn_min(together, a->length - i) * a->inner - skip);
        const int64_t from = (outer * a->size + a->start + i * a->step) * a->inner + skip;
        if (a->step == 1 || a->inner > 1) memcpy(y + begin * c->element, x + from * c->element, (size_t)(n * c->element));
        else copy_strided(x + from * c->element, y + begin * c->element, n, a->step, 1, c->element);
        begin += n;
    }
}

/* dx[begin, end) of one outer position: zeros, then the part of dy that falls there. */
static void backward_part(const slice_context *c, int64_t outer, int64_t begin, int64_t end) {
    const sn_slice_args *a = c->a;
    unsigned char *dx = (unsigned char *)a->dx + outer * a->size * a->inner * c->element;
    const unsigned char *dy = (const unsigned char *)a->dy + outer * a->length * a->inner * c->element;
    memset(dx + begin * c->element, 0, (size_t)((end - begin) * c->element));
    /* The first index that ends behind `begin`. */
    const int64_t gap = begin / a->inner - a->start;
    int64_t i = gap <= 0 ? 0 : sn_ceil_div(gap, a->step);
    while (i < a->length) {
        const int64_t first = (a->start + i * a->step) * a->inner;
        if (first >= end) break;
        if (a->inner == 1) {
            const int64_t n = sn_min(a->length - i, sn_ceil_div(end - first, a->step));
            copy_strided(dy + i * c->element, dx + first * c->element, n, 1, a->step, c->element);
            break;
        }
        const int64_t together = a->step == 1 ? a->length - i : 1;
        const int64_t from = sn_max(first, begin), to = sn_min(first + together * a->inner, end);
        memcpy(dx + from * c->element, dy + (i * a->inner + from - first) * c->element, (size_t)((to - from) * c->element));
        i += together;
    }
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const slice_context *c = context;
    const int64_t row = c->a->size * c->a->inner;
    while (begin < end) {
        const int64_t outer = begin / row, skip = begin - outer * row, n = sn_min(end - begin, row - skip);
        backward_part(c, outer, skip, skip + n);
        begin += n;
    }
}

static sn_status check(const sn_slice_args *a) {
    SN_REQUIRE(sn_size_of(a->dtype) != 0, SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(sn_mul(a->outer, a->size), a->inner) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->start >= 0 && a->step >= 1 && a->step <= SN_MAX_ELEMENTS && a->length >= 0, SN_ERR_SIZE);
    if (a->length == 0) return SN_OK;
    SN_REQUIRE(a->start < a->size && a->length - 1 <= (a->size - 1 - a->start) / a->step, SN_ERR_SIZE);
    return SN_OK;
}

sn_status sn_slice_forward(const sn_slice_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    slice_context c = {a, sn_size_of(a->dtype)};
    sn_parallel_for(a->outer * a->length * a->inner, GRAIN, forward_body, &c);
    return SN_OK;
}

sn_status sn_slice_backward(const sn_slice_args *a) {
    SN_REQUIRE(a && a->dy && a->dx, SN_ERR_NULL);
    const sn_status status = check(a);
    if (status != SN_OK) return status;
    slice_context c = {a, sn_size_of(a->dtype)};
    sn_parallel_for(a->outer * a->size * a->inner, GRAIN, backward_body, &c);
    return SN_OK;
}
