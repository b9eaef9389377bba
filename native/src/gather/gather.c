/* gather: places of one dimension chosen by indices, and the adjoint, which adds what comes from one place in the order of
 * the indices. Float32 and float64 share the kernels that copy. */
#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "gather/gather.h"
#include "pool/pool.h"

static sn_gather_rows_kernel *const rows_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_gather_rows__generic, sn_gather_rows__avx2, sn_gather_rows__avx512, sn_gather_rows__neon);
static sn_gather_take_kernel *const take_b32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_b32_gather_take__generic, sn_b32_gather_take__avx2, sn_b32_gather_take__avx512, sn_b32_gather_take__generic);
static sn_gather_take_kernel *const take_b64[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_b64_gather_take__generic, sn_b64_gather_take__avx2, sn_b64_gather_take__avx512, sn_b64_gather_take__generic);
static sn_gather_add_kernel *const add_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_gather_add__generic, sn_f32_gather_add__avx2, sn_f32_gather_add__avx512, sn_f32_gather_add__neon);

enum { GRAIN = 16384, COLUMNS = 64, PARTS = 32, PART = 65536, NARROW = 4, SHORT = 16 };

typedef struct {
    const sn_gather_args *a;
    sn_gather_rows_kernel *copy;
    sn_gather_take_kernel *take;
    sn_gather_add_kernel *add;
    sn_gather_add_columns_kernel *add_columns;
    int64_t element, skip;
    int64_t parts; /* backward: of one outer position, by rows or by columns */
} job;

/* y rows [begin, end) of [outer * count]. */
static void copy_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    const int64_t bytes = a->inner * j->element;
    while (begin < end) {
        const int64_t outer = begin / a->count, first = begin % a->count, rows = sn_min(end - begin, a->count - first);
        j->copy((const char *)a->x + outer * a->size * bytes, a->index + first, (char *)a->y + begin * bytes, rows, bytes / 4);
        begin += rows;
    }
}

/* y elements [begin, end): runs of neighbours in y, whose sources are inner apart. */
static void copy_elements(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    const int64_t run = a->inner == 1 ? a->count : a->inner;
    while (begin < end) {
        const int64_t at = begin % run, outer = begin / (a->count * a->inner), n = sn_min(end - begin, run - at);
        const int64_t column = a->inner == 1 ? 0 : at;
        j->take((const char *)a->x + (outer * a->size * a->inner + column) * j->element, a->index + (a->elementwise ? begin : at),
            (char *)a->y + begin * j->element, n, a->inner, a->inner > 1);
        begin += n;
    }
}

/* A part: a range of dx's rows; it looks for its own among all indices. */
static void add_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    for (int64_t p = begin; p < end; p++) {
        const int64_t outer = p / j->parts, part = p % j->parts, row = a->size * part / j->parts, last = a->size * (part + 1) / j->parts;
        char *dx = (char *)a->dx + (outer * a->size + row) * a->inner * j->element;
        memset(dx, 0, (size_t)((last - row) * a->inner * j->element));
        const sn_gather_range range = {.index = a->index, .count = a->count, .first = row,
            .last = sn_min(last, INT64_C(1) << 31), .skip = j->skip, .inner = a->inner};
        if (row <= INT32_MAX) j->add(&range, (const char *)a->dy + outer * a->count * a->inner * j->element, dx);
    }
}

/* A part: a range of columns with all of their rows. Plain C: gathering, adding and scattering 16 columns at a time by
 * AVX-512 was slower. With one column, its elements follow each other in dy and the
 * indices: they are added one by one, since several may go to one place. */
static void add_elements(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_gather_args *a = j->a;
    for (int64_t p = begin; p < end; p++) {
        const int64_t outer = p / j->parts, column = p % j->parts * COLUMNS, width = sn_min(COLUMNS, a->inner - column);
        char *dx = (char *)a->dx + (outer * a->size * a->inner + column) * j->element;
        for (int64_t r = 0; r < a->size; r++) memset(dx + r * a->inner * j->element, 0, (size_t)(width * j->element));
        if (a->inner == 1) {
            const sn_gather_range range = {.index = a->index + outer * a->count, .count = a->count, .last = sn_min(a->size, INT64_C(1) << 31), .skip = j->skip, .inner = 1};
            j->add(&range, (const char *)a->dy + outer * a->count * j->element, dx);
            continue;
        }
        for (int64_t i = 0; i < a->count; i++) {
            const int64_t from = (outer * a->count + i) * a->inner + column;
            j->add_columns(a->index + from, j->skip, (const char *)a->dy + from * j->element, dx, width, a->inner);
        }
    }
}

static sn_status check(const sn_gather_args *a) {
    SN_REQUIRE(a->elementwise == 0 || a->elementwise == 1, SN_ERR_VALUE);
    SN_REQUIRE(a->size >= 1, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->outer, a->size), a->inner) >= 0 && sn_mul(sn_mul(a->outer, a->count), a->inner) >= 0, SN_ERR_SIZE);
    const int64_t indices = a->elementwise ? a->outer * a->count * a->inner : a->count;
    const int32_t last = (int32_t)sn_min(a->size - 1, INT32_MAX);
    int32_t wrong = 0;
    for (int64_t i = 0; i < indices; i++) wrong |= (a->index[i] < 0) | (a->index[i] > last);
    return wrong ? SN_ERR_VALUE : SN_OK;
}

sn_status sn_gather_forward(const sn_gather_args *a) {
    SN_REQUIRE(a && a->x && a->index && a->y, SN_ERR_NULL);
    SN_REQUIRE(sn_size_of(a->dtype) != 0, SN_ERR_DTYPE);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    if (a->outer * a->count * a->inner == 0) return SN_OK; /* though the other sizes may be beyond counting */
    job j = {.a = a, .copy = rows_kernels[sn_isa_current()], .element = sn_size_of(a->dtype)};
    const int64_t run = a->inner == 1 ? a->count : a->inner;
    const int32_t isa = run >= SHORT && a->size * a->inner <= INT32_MAX ? sn_isa_current() : SN_ISA_GENERIC;
    j.take = j.element == 4 ? take_b32[isa] : take_b64[isa];
    if (a->elementwise || a->inner == 1) sn_parallel_for(a->outer * a->count * a->inner, GRAIN, copy_elements, &j);
    else sn_parallel_for(a->outer * a->count, GRAIN / sn_max(a->inner, 1) + 1, copy_rows, &j);
    return SN_OK;
}

sn_status sn_gather_backward(const sn_gather_args *a) {
    SN_REQUIRE(a && a->dy && a->index && a->dx, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    if (a->outer * a->size * a->inner == 0) return SN_OK;
    job j = {.a = a, .element = sn_size_of(a->dtype), .skip = a->skip > INT32_MAX ? -1 : sn_max(a->skip, -1)};
    j.add = a->dtype == SN_F64 ? sn_f64_gather_add__generic : add_f32[a->inner < NARROW ? SN_ISA_GENERIC : sn_isa_current()];
    j.add_columns = a->dtype == SN_F64 ? sn_f64_gather_add_columns__generic : sn_f32_gather_add_columns__generic;
    j.parts = a->elementwise ? sn_ceil_div(a->inner, COLUMNS) : sn_max(1, sn_min(sn_min(PARTS, a->size), a->size * a->inner / PART));
    const int64_t work = (a->size + a->count) * a->inner / sn_max(j.parts, 1) + 1;
    sn_parallel_for(a->outer * j.parts, GRAIN / work + 1, a->elementwise ? add_elements : add_rows, &j);
    return SN_OK;
}
