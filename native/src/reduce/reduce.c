/* reduce: sum, mean, maximum or its position over some dimensions of a dense array.
 *
 * Adjacent dimensions that are both reduced or both kept become one. If the innermost is reduced, an output is a
 * reduction of `rows` contiguous runs of `run` elements; if it is kept, `inner` outputs at a time are a reduction over
 * `rows` rows. Where there are too few outputs to keep threads busy, the reduction is split, by the shape alone, and the
 * partial results are combined in order. */
#include "reduce/reduce.h"

#include <math.h>

#include "core/check.h"
#include "core/collapse.h"
#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"

/* SPLIT: the least elements of a part of a split reduction; UNITS: no splitting from there on; PARTS: about how many
 * parts are wanted in all; WIDE: rows narrower than this are taken several at a time. */
enum { GRAIN = 16384, SPLIT = 32768, UNITS = 64, PARTS = 256, WIDE = 64 };

static const sn_reduce_kernels *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(&sn_f32_reduce__generic, &sn_f32_reduce__avx2, &sn_f32_reduce__avx512, &sn_f32_reduce__neon);

typedef struct {
    sn_space kept;     /* without the innermost dimension if that is kept */
    sn_space reduced;  /* without the innermost dimension if that is reduced */
    int64_t outer, rows, run, inner;
    int64_t width, chunks;   /* outputs of a unit: all or SN_REDUCE_COLS of `inner` */
    int64_t part, parts;     /* length and number of the parts of a reduction over rows * run */
} reduce_plan;

typedef struct {
    reduce_plan plan;
    int32_t kind;
    int f64;
    const sn_reduce_kernels *kernels;
    const sn_argmax_kernels *argmax;
    const unsigned char *x;
    void *y;
    double *partial; /* [parts][outer][inner], if parts > 1 */
} reduce_context;

static void split(reduce_plan *p) {
    const int64_t positions = p->rows * p->run, units = p->outer * p->chunks;
    p->part = sn_max(positions, 1);
    p->parts = 1;
    if (units >= UNITS || positions * p->width < 2 * SPLIT) return;
    const int64_t parts = sn_min(sn_ceil_div(positions * p->width, SPLIT), sn_ceil_div(PARTS, units));
    const int64_t block = p->inner > 1 ? SN_REDUCE_ROWS * sn_max(1, WIDE / p->width) : SN_REDUCE_BLOCK;
    p->part = sn_ceil_div(sn_ceil_div(positions, parts), block) * block;
    p->parts = sn_ceil_div(positions, p->part);
}

/* SN_OK, or what is wrong with the arguments apart from the pointers. */
static sn_status make_plan(const sn_reduce_args *a, reduce_plan *p) {
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->kind >= SN_SUM && a->kind <= SN_ARGMAX, SN_ERR_CODE);
    SN_REQUIRE(a->dims >= 0 && a->dims <= SN_MAX_DIMS, SN_ERR_SIZE);
    const int64_t count = sn_shape_count(a->shape, a->dims);
    SN_REQUIRE(count >= 0, SN_ERR_SIZE);
    int64_t outputs = 1, positions = 1;
    for (int32_t d = 0; d < a->dims; d++) {
        int64_t *product = a->reduced[d] ? &positions : &outputs;
        *product = sn_mul(*product, a->shape[d]);
    }
    SN_REQUIRE(outputs >= 0 && positions >= 0, SN_ERR_SIZE); /* the count of all may be 0 nevertheless */
    SN_REQUIRE(positions > 0 || outputs == 0 || a->kind == SN_SUM || a->kind == SN_MEAN, SN_ERR_SIZE);
    SN_REQUIRE(positions <= INT32_MAX || a->kind != SN_ARGMAX, SN_ERR_SIZE);
    *p = (reduce_plan){.outer = outputs, .rows = positions, .run = 1, .inner = 1, .width = 1, .chunks = 1, .part = 1, .parts = 1};
    if (count == 0) return SN_OK;

    int64_t stride = count;
    int inner_reduced = 1; /* of the last dimension that counts */
    for (int32_t d = 0; d < a->dims; d++) {
        stride /= a->shape[d];
        if (a->shape[d] == 1) continue;
        inner_reduced = a->reduced[d] != 0;
        sn_space_append(inner_reduced ? &p->reduced : &p->kept, a->shape[d], stride, 0);
    }
    sn_space *last = inner_reduced ? &p->reduced : &p->kept;
    if (last->dims > 0) {
        const int64_t size = last->shape[--last->dims];
        *(inner_reduced ? &p->run : &p->inner) = size;
    }
    p->outer /= p->inner;
    p->rows /= p->run;
    p->width = sn_min(p->inner, SN_REDUCE_COLS);
    p->chunks = sn_ceil_div(p->inner, p->width);
    if (a->kind != SN_ARGMAX) split(p);
    else p->part = positions;
    return SN_OK;
}

static int64_t workspace(const reduce_plan *p) { return p->parts > 1 ? p->parts * p->outer * p->inner * 8 : 0; }

int64_t sn_reduce_workspace(const sn_reduce_args *a) {
    reduce_plan p;
    const sn_status status = make_plan(a, &p);
    return status == SN_OK ? workspace(&p) : -status;
}

static void finish(const reduce_context *c, int64_t output, double value) {
    if (c->kind == SN_MEAN) value /= (double)(c->plan.rows * c->plan.run);
    if (c->f64) ((double *)c->y)[output] = value;
    else ((float *)c->y)[output] = (float)value;
}

static const void *at(const reduce_context *c, int64_t offset) { return c->x + offset * (c->f64 ? 8 : 4); }

static int64_t offset_of(const sn_space *s, int64_t position) {
    int64_t offset[2];
    sn_space_offsets(s, s->dims, position, offset);
    return offset[0];
}

static double larger(double a, double b) { return b > a || b != b ? b : a; }

/* Outputs [begin, end), each from one contiguous run, where the runs are equally spaced: with short runs the way
 * through the general case would cost more than the sums. */
static void reduce_spaced_runs(const reduce_context *c, int64_t begin, int64_t end) {
    const int64_t stride = c->plan.kept.dims == 1 ? c->plan.kept.stride[0][0] : 0, run = c->plan.run;
    double (*const kernel)(const void *, int64_t) = c->kind == SN_MAX ? c->kernels->row_max : c->kernels->row_sum;
    for (int64_t i = begin; i < end; i++) finish(c, i, kernel(at(c, i * stride), run));
}

/* One output from positions [begin, end) of its rows * run elements. */
static double reduce_runs(const reduce_context *c, int64_t base, int64_t begin, int64_t end) {
    const reduce_plan *p = &c->plan;
    const int max = c->kind == SN_MAX;
    double value = max ? -INFINITY : 0;
    while (begin < end) {
        const int64_t skip = begin % p->run, n = sn_min(end - begin, p->run - skip);
        const void *x = at(c, base + offset_of(&p->reduced, begin / p->run) + skip);
        if (max) value = larger(value, c->kernels->row_max(x, n));
        else value += c->kernels->row_sum(x, n);
        begin += n;
    }
    return value;
}

/* acc[cols] from rows [begin, end). */
static void reduce_columns(const reduce_context *c, double *acc, int64_t base, int64_t begin, int64_t end, int64_t cols) {
    const reduce_plan *p = &c->plan;
    const int max = c->kind == SN_MAX;
    void (*const kernel)(double *, const void *, int64_t, int64_t, int64_t) = max ? c->kernels->column_max : c->kernels->column_sum;
    const int32_t last = p->reduced.dims - 1;
    const int64_t stride = last < 0 ? 0 : p->reduced.stride[0][last], length = last < 0 ? 1 : p->reduced.shape[last];
    const int64_t together = cols == p->inner && stride == cols ? WIDE / cols : 1;
    for (int64_t i = 0; i < cols; i++) acc[i] = max ? -INFINITY : 0;
    while (begin < end) {
        int64_t n = sn_min(end - begin, length - begin % length);
        const int64_t offset = base + offset_of(&p->reduced, begin);
        if (together > 1 && n >= 4 * together) {
            double wide[WIDE];
            n = n / together * together;
            for (int64_t i = 0; i < together * cols; i++) wide[i] = max ? -INFINITY : 0;
            kernel(wide, at(c, offset), n / together, together * cols, together * cols);
            for (int64_t i = 0; i < together; i++)
                for (int64_t j = 0; j < cols; j++) acc[j] = max ? larger(acc[j], wide[i * cols + j]) : acc[j] + wide[i * cols + j];
        } else {
            kernel(acc, at(c, offset), n, stride, cols);
        }
        begin += n;
    }
}

/* Units are [parts][outer][chunks]. */
static void body(void *context, int64_t begin_unit, int64_t end_unit) {
    const reduce_context *c = context;
    const reduce_plan *p = &c->plan;
    if (p->inner == 1 && p->rows == 1 && p->parts == 1 && p->kept.dims <= 1) {
        reduce_spaced_runs(c, begin_unit, end_unit);
        return;
    }
    for (int64_t unit = begin_unit; unit < end_unit; unit++) {
        const int64_t chunk = unit % p->chunks, outer = unit / p->chunks % p->outer, part = unit / p->chunks / p->outer;
        const int64_t col = chunk * p->width, cols = sn_min(p->width, p->inner - col);
        const int64_t begin = part * p->part, end = sn_min(begin + p->part, p->rows * p->run);
        const int64_t base = offset_of(&p->kept, outer) + col, output = outer * p->inner + col;
        double acc[SN_REDUCE_COLS];
        if (p->inner == 1) acc[0] = reduce_runs(c, base, begin, end);
        else reduce_columns(c, acc, base, begin, end, cols);
        for (int64_t i = 0; i < cols; i++) {
            if (p->parts > 1) c->partial[part * p->outer * p->inner + output + i] = acc[i];
            else finish(c, output + i, acc[i]);
        }
    }
}

static void combine(void *context, int64_t begin, int64_t end) {
    const reduce_context *c = context;
    const int64_t outputs = c->plan.outer * c->plan.inner;
    for (int64_t i = begin; i < end; i++) {
        double value = c->partial[i];
        for (int64_t part = 1; part < c->plan.parts; part++) {
            const double next = c->partial[part * outputs + i];
            value = c->kind == SN_MAX ? larger(value, next) : value + next;
        }
        finish(c, i, value);
    }
}

/* A long run is searched only where a fast look at the maximum of a block says that it holds a better one. */
static void argmax_run(const reduce_context *c, double *best, int32_t *index, const void *x_, int64_t first) {
    const int64_t run = c->plan.run, size = c->f64 ? 8 : 4;
    const unsigned char *x = x_;
    for (int64_t i = 0; i < run; i += SN_REDUCE_BLOCK) {
        const int64_t n = sn_min(SN_REDUCE_BLOCK, run - i);
        if (n > SN_REDUCE_LANES && c->kernels->row_max(x + i * size, n) <= *best) continue;
        c->argmax->row(best, index, x + i * size, n, first + i);
    }
}

/* Units are [outer][chunks]. */
static void argmax_body(void *context, int64_t begin_unit, int64_t end_unit) {
    const reduce_context *c = context;
    const reduce_plan *p = &c->plan;
    for (int64_t unit = begin_unit; unit < end_unit; unit++) {
        const int64_t outer = unit / p->chunks, col = unit % p->chunks * p->width, cols = sn_min(p->width, p->inner - col);
        const int64_t base = offset_of(&p->kept, outer) + col;
        int32_t *index = (int32_t *)c->y + outer * p->inner + col;
        double best[SN_REDUCE_COLS];
        for (int64_t i = 0; i < cols; i++) best[i] = -INFINITY, index[i] = 0;
        for (int64_t r = 0; r < p->rows; r++) {
            const void *x = at(c, base + offset_of(&p->reduced, r));
            if (p->inner == 1) argmax_run(c, best, index, x, r * p->run);
            else c->argmax->column(best, index, x, 1, 0, cols, r);
        }
    }
}

/* A small matrix's column sums, such as the gradient of a bias: what the general case does, without its plan. */
static int small_column_sums(const sn_reduce_args *a) {
    if (a->dims != 2 || !a->reduced[0] || a->reduced[1] || a->kind > SN_MEAN || a->kind < SN_SUM || !sn_is_float(a->dtype)) return 0;
    const int64_t rows = a->shape[0], cols = a->shape[1];
    if (rows < 1 || rows > SN_REDUCE_ROWS || cols < 1 || cols > WIDE) return 0;
    const int f64 = a->dtype == SN_F64;
    double sum[WIDE] = {0};
    (f64 ? &sn_f64_reduce__generic : table[sn_isa_current()])->column_sum(sum, a->x, rows, cols, cols);
    for (int64_t i = 0; i < cols; i++) {
        const double value = a->kind == SN_MEAN ? sum[i] / (double)rows : sum[i];
        if (f64) ((double *)a->y)[i] = value;
        else ((float *)a->y)[i] = (float)value;
    }
    return 1;
}

sn_status sn_reduce(const sn_reduce_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    if (small_column_sums(a)) return SN_OK;
    reduce_context c = {.kind = a->kind, .f64 = a->dtype == SN_F64, .x = a->x, .y = a->y, .partial = a->workspace};
    const sn_status status = make_plan(a, &c.plan);
    if (status != SN_OK) return status;
    const reduce_plan *p = &c.plan;
    SN_REQUIRE(workspace(p) == 0 || a->workspace, SN_ERR_NULL);
    SN_REQUIRE(a->workspace_bytes >= workspace(p), SN_ERR_MEMORY);
    c.kernels = c.f64 ? &sn_f64_reduce__generic : table[sn_isa_current()];
    c.argmax = c.f64 ? &sn_f64_argmax__generic : &sn_f32_argmax__generic;
    const int64_t units = p->outer * p->chunks * p->parts;
    const int64_t grain = GRAIN / sn_max(1, sn_min(GRAIN, p->part * p->width));
    sn_parallel_for(units, grain, a->kind == SN_ARGMAX ? argmax_body : body, &c);
    if (p->parts > 1) sn_parallel_for(p->outer * p->inner, sn_max(1, GRAIN / p->parts), combine, &c);
    return SN_OK;
}
