/* gather: places of one dimension chosen by indices, and the adjoint, which adds what comes from one place in the order of
 * the indices. Copies and one addition an element: no kernels by ISA. */
#include <string.h>

#include "core/check.h"
#include "pool/pool.h"

enum { GRAIN = 16384, COLUMNS = 64, PARTS = 32, PART = 65536 };

typedef struct {
    const sn_gather_args *a;
    int64_t element;
    int64_t parts; /* backward: of one outer position, by rows or by columns */
} job;

/* y rows [begin, end) of [outer * count]. */
static void copy_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    const int64_t bytes = a->inner * j->element;
    for (int64_t r = begin; r < end; r++) {
        const int64_t outer = r / a->count;
        memcpy((char *)a->y + r * bytes, (const char *)a->x + (outer * a->size + a->index[r - outer * a->count]) * bytes, (size_t)bytes);
    }
}

static void copy_elements(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    for (int64_t i = begin; i < end; i++) {
        const int64_t outer = i / (a->count * a->inner), from = (outer * a->size + a->index[i]) * a->inner + i % a->inner;
        if (j->element == 4) ((uint32_t *)a->y)[i] = ((const uint32_t *)a->x)[from];
        else ((uint64_t *)a->y)[i] = ((const uint64_t *)a->x)[from];
    }
}

static void add_to(const job *j, int64_t to, int64_t from, int64_t n) {
    const sn_gather_args *a = j->a;
    if (a->dtype == SN_F64) {
        double *dx = (double *)a->dx + to;
        const double *dy = (const double *)a->dy + from;
        for (int64_t i = 0; i < n; i++) dx[i] += dy[i];
    } else {
        float *dx = (float *)a->dx + to;
        const float *dy = (const float *)a->dy + from;
        for (int64_t i = 0; i < n; i++) dx[i] += dy[i];
    }
}

/* A part: a range of dx's rows; it looks for its own among all indices. */
static void add_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    for (int64_t p = begin; p < end; p++) {
        const int64_t outer = p / j->parts, part = p % j->parts, row = a->size * part / j->parts, last = a->size * (part + 1) / j->parts;
        memset((char *)a->dx + (outer * a->size + row) * a->inner * j->element, 0, (size_t)((last - row) * a->inner * j->element));
        for (int64_t i = 0; i < a->count; i++)
            if (a->index[i] >= row && a->index[i] < last && a->index[i] != a->skip)
                add_to(j, (outer * a->size + a->index[i]) * a->inner, (outer * a->count + i) * a->inner, a->inner);
    }
}

/* A part: a range of columns with all of their rows. */
static void add_elements(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    for (int64_t p = begin; p < end; p++) {
        const int64_t outer = p / j->parts, column = p % j->parts * COLUMNS, width = sn_min(COLUMNS, a->inner - column);
        for (int64_t r = 0; r < a->size; r++)
            memset((char *)a->dx + ((outer * a->size + r) * a->inner + column) * j->element, 0, (size_t)(width * j->element));
        for (int64_t i = 0; i < a->count; i++)
            for (int64_t k = column; k < column + width; k++) {
                const int64_t from = (outer * a->count + i) * a->inner + k;
                if (a->index[from] != a->skip) add_to(j, (outer * a->size + a->index[from]) * a->inner + k, from, 1);
            }
    }
}

static sn_status check(const sn_gather_args *a) {
    SN_REQUIRE(a->elementwise == 0 || a->elementwise == 1, SN_ERR_VALUE);
    SN_REQUIRE(a->size >= 1, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->outer, a->size), a->inner) >= 0 && sn_mul(sn_mul(a->outer, a->count), a->inner) >= 0, SN_ERR_SIZE);
    const int64_t indices = a->elementwise ? a->outer * a->count * a->inner : a->count;
    int wrong = 0;
    for (int64_t i = 0; i < indices; i++) wrong |= a->index[i] < 0 || a->index[i] >= a->size;
    return wrong ? SN_ERR_VALUE : SN_OK;
}

sn_status sn_gather_forward(const sn_gather_args *a) {
    SN_REQUIRE(a && a->x && a->index && a->y, SN_ERR_NULL);
    SN_REQUIRE(sn_size_of(a->dtype) != 0, SN_ERR_DTYPE);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    job j = {.a = a, .element = sn_size_of(a->dtype)};
    if (a->elementwise) sn_parallel_for(a->outer * a->count * a->inner, GRAIN, copy_elements, &j);
    else sn_parallel_for(a->outer * a->count, GRAIN / sn_max(a->inner, 1) + 1, copy_rows, &j);
    return SN_OK;
}

sn_status sn_gather_backward(const sn_gather_args *a) {
    SN_REQUIRE(a && a->dy && a->index && a->dx, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    job j = {.a = a, .element = sn_size_of(a->dtype)};
    j.parts = a->elementwise ? sn_ceil_div(a->inner, COLUMNS) : sn_max(1, sn_min(sn_min(PARTS, a->size), a->size * a->inner / PART));
    const int64_t work = (a->size + a->count) * a->inner / sn_max(j.parts, 1) + 1;
    sn_parallel_for(a->outer * j.parts, GRAIN / work + 1, a->elementwise ? add_elements : add_rows, &j);
    return SN_OK;
}
