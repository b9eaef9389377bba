/* batchnorm: argument checks, and the three passes over fixed parts of the rows: sums of each part, their combination
 * in the order of the parts, and the elementwise rest. */
#include "batchnorm/batchnorm.h"

#include <string.h>

#include "batchnorm/channels.h"
#include "core/check.h"
#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"

/* PART: elements worth a chunk; LINES: the least lines of a part, if there are as many; CHANNELS: chunk of the
 * combination. */
enum { PART = 16384, LINES = 64, CHANNELS = 32 };

static const sn_batchnorm_kernels *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(&sn_f32_batchnorm__generic, &sn_f32_batchnorm__generic, &sn_f32_batchnorm__generic);

typedef struct {
    int64_t group, width, lines; /* rows of a line, its elements, whole lines */
    int64_t spare;               /* rows beyond them, taken with the last part */
    int64_t cols, chunks;        /* columns of a chunk of a line */
    int64_t part, parts;         /* lines of a part */
    int64_t units, grain;        /* units are [parts][chunks] */
} batchnorm_plan;

typedef struct {
    const sn_batchnorm_args *a;
    batchnorm_plan plan;
    const sn_batchnorm_kernels *kernels;
    const sn_batchnorm_channels *channels;
    int64_t size;            /* of an element */
    double *first, *second;  /* [parts][c]: mean and m2, or sums of dy and dy * (x - mean) */
    char *scale;             /* [c], then slope and shift */
} batchnorm_job;

/* Columns of one unit, for either dtype. */
typedef union {
    float f32[SN_BATCHNORM_COLS];
    double f64[SN_BATCHNORM_COLS];
} columns;

/* Lines are whole vectors, or so long that the last one's idle lanes matter little. */
static int64_t group_of(int64_t rows, int64_t c) {
    int64_t group = 1;
    while (group * c < 4 * SN_BATCHNORM_WIDE && (group * c < SN_BATCHNORM_WIDE || group * c % 16 != 0)) group++;
    return sn_min(group, rows);
}

static batchnorm_plan make_plan(const sn_batchnorm_args *a) {
    batchnorm_plan p = {.group = group_of(a->rows, a->c)};
    p.width = p.group * a->c;
    p.lines = a->rows / p.group;
    p.spare = a->rows % p.group;
    p.cols = sn_ceil_div(p.width, sn_ceil_div(p.width, SN_BATCHNORM_COLS));
    if (p.cols < p.width) p.cols = sn_ceil_div(p.cols, 16) * 16;
    p.chunks = sn_ceil_div(p.width, p.cols);
    p.part = sn_min(p.lines, sn_max(LINES, PART / p.cols));
    p.parts = sn_ceil_div(p.lines, p.part);
    p.units = p.parts * p.chunks;
    p.grain = sn_max(1, PART / (p.part * p.cols));
    return p;
}

typedef struct {
    int64_t part, line, lines, col, cols;
} unit_range;

static unit_range range_of(const batchnorm_plan *p, int64_t unit) {
    const int64_t part = unit / p->chunks, line = part * p->part, col = unit % p->chunks * p->cols;
    return (unit_range){part, line, sn_min(p->part, p->lines - line), col, sn_min(p->cols, p->width - col)};
}

/* The block of the unit, or, with `spare`, of the spare rows. */
static sn_batchnorm_block block_of(const batchnorm_job *j, const unit_range *u, int spare) {
    const batchnorm_plan *p = &j->plan;
    const int64_t offset = ((spare ? p->lines : u->line) * p->width + u->col) * j->size;
    sn_batchnorm_block b = {.stride = p->width, .relu = j->a->act == SN_RELU, .x = (const char *)j->a->x + offset};
    b.lines = spare ? 1 : u->lines;
    b.cols = spare ? p->spare * j->a->c : u->cols;
    if (j->a->dy) b.dy = (const char *)j->a->dy + offset;
    if (b.relu && j->a->y) b.y = (const char *)j->a->y + offset;
    return b;
}

static int with_spare(const batchnorm_job *j, const unit_range *u) { return j->plan.spare > 0 && u->part == j->plan.parts - 1; }

/* The factors of the unit's columns: `from` [c] itself, or repeated for each row of a line. */
static const void *repeat(const batchnorm_job *j, const unit_range *u, columns *to, const void *from) {
    if (j->plan.group == 1) return (const char *)from + u->col * j->size;
    const size_t row = (size_t)(j->a->c * j->size), all = row * (size_t)j->plan.group;
    memcpy(to, from, row);
    for (size_t done = row; done < all; done *= 2) memcpy((char *)to + done, to, done < all - done ? done : all - done);
    return to;
}

/* ---- sums ---- */

/* Mean and m2 of nb more rows go into those of n rows (Chan, Golub, LeVeque 1979). */
static void merge(double *mean, double *m2, double n, const double *mean_b, const double *m2_b, double nb, int64_t count) {
    const double share = nb / (n + nb), weight = n * share;
    for (int64_t i = 0; i < count; i++) {
        const double delta = mean_b[i] - mean[i];
        mean[i] += delta * share;
        m2[i] += m2_b[i] + delta * delta * weight;
    }
}

static void stats_body(void *context, int64_t begin, int64_t end) {
    const batchnorm_job *j = context;
    const int64_t c = j->a->c;
    for (int64_t unit = begin; unit < end; unit++) {
        const unit_range u = range_of(&j->plan, unit);
        double mean[SN_BATCHNORM_COLS], m2[SN_BATCHNORM_COLS];
        double *first = j->first + u.part * c + u.col, *second = j->second + u.part * c + u.col;
        const int64_t count = j->plan.group == 1 ? u.cols : c;
        sn_batchnorm_block b = block_of(j, &u, 0);
        j->kernels->stats(&b, mean, m2);
        memcpy(first, mean, (size_t)count * sizeof *mean);
        memcpy(second, m2, (size_t)count * sizeof *m2);
        const double n = (double)u.lines;
        for (int64_t g = 1; g < j->plan.group; g++)
            merge(first, second, n * (double)g, mean + g * c, m2 + g * c, n, c);
        if (!with_spare(j, &u)) continue;
        b = block_of(j, &u, 1);
        j->kernels->stats(&b, mean, m2);
        for (int64_t g = 0; g < j->plan.spare; g++)
            merge(first, second, n * (double)j->plan.group + (double)g, mean + g * c, m2 + g * c, 1, c);
    }
}

static void train_body(void *context, int64_t begin, int64_t end) {
    const batchnorm_job *j = context;
    const int64_t c = j->a->c, rows = j->plan.part * j->plan.group;
    for (int64_t part = 1; part < j->plan.parts; part++) {
        const int64_t before = part * rows, n = part + 1 < j->plan.parts ? rows : j->a->rows - before, from = part * c + begin;
        merge(j->first + begin, j->second + begin, (double)before, j->first + from, j->second + from, (double)n, end - begin);
    }
    j->channels->train(j->a, j->first, j->second, j->scale, j->scale + 2 * c * j->size, begin, end);
}

static void sums_body(void *context, int64_t begin, int64_t end) {
    const batchnorm_job *j = context;
    const int64_t c = j->a->c;
    for (int64_t unit = begin; unit < end; unit++) {
        const unit_range u = range_of(&j->plan, unit);
        columns space;
        double dy[SN_BATCHNORM_COLS], dyx[SN_BATCHNORM_COLS];
        double *first = j->first + u.part * c + u.col, *second = j->second + u.part * c + u.col;
        const int64_t count = j->plan.group == 1 ? u.cols : c;
        sn_batchnorm_block b = block_of(j, &u, 0);
        const void *mean = repeat(j, &u, &space, j->a->save_mean);
        for (int64_t i = 0; i < count; i++) first[i] = second[i] = 0;
        for (int spare = 0; spare <= with_spare(j, &u); spare++) {
            if (spare) b = block_of(j, &u, 1);
            b.mean = mean;
            j->kernels->sums(&b, dy, dyx);
            for (int64_t g = 0; g < b.cols; g += count)
                for (int64_t i = 0; i < count; i++) first[i] += dy[g + i], second[i] += dyx[g + i];
        }
    }
}

static void factors_body(void *context, int64_t begin, int64_t end) {
    const batchnorm_job *j = context;
    const int64_t c = j->a->c;
    for (int64_t part = 1; part < j->plan.parts; part++)
        for (int64_t i = begin; i < end; i++) {
            j->first[i] += j->first[part * c + i];
            j->second[i] += j->second[part * c + i];
        }
    j->channels->backward(j->a, j->first, j->second, j->scale, begin, end);
}

/* ---- elementwise ---- */

static void run_block(const batchnorm_job *j, const unit_range *u, sn_batchnorm_block factors, void (*kernel)(const sn_batchnorm_block *), char *out) {
    for (int spare = 0; spare <= with_spare(j, u); spare++) {
        sn_batchnorm_block b = block_of(j, u, spare);
        b.out = out + ((const char *)b.x - (const char *)j->a->x);
        b.mean = factors.mean, b.scale = factors.scale, b.slope = factors.slope, b.shift = factors.shift;
        kernel(&b);
    }
}

static void apply_body(void *context, int64_t begin, int64_t end) {
    const batchnorm_job *j = context;
    for (int64_t unit = begin; unit < end; unit++) {
        const unit_range u = range_of(&j->plan, unit);
        columns mean, scale, shift;
        sn_batchnorm_block f = {.mean = repeat(j, &u, &mean, j->a->save_mean)};
        f.scale = repeat(j, &u, &scale, j->scale);
        f.shift = repeat(j, &u, &shift, j->scale + 2 * j->a->c * j->size);
        run_block(j, &u, f, j->kernels->apply, j->a->y);
    }
}

static void infer_body(void *context, int64_t begin, int64_t end) {
    const batchnorm_job *j = context;
    for (int64_t unit = begin; unit < end; unit++) {
        const unit_range u = range_of(&j->plan, unit);
        columns mean, scale, shift;
        sn_batchnorm_block f = {.mean = repeat(j, &u, &mean, j->a->running_mean), .scale = &scale, .shift = &shift};
        if (j->plan.group == 1) {
            j->channels->infer(j->a, &scale, &shift, u.col, u.col + u.cols);
        } else {
            columns one_scale, one_shift;
            j->channels->infer(j->a, &one_scale, &one_shift, 0, j->a->c);
            repeat(j, &u, &scale, &one_scale);
            repeat(j, &u, &shift, &one_shift);
        }
        run_block(j, &u, f, j->kernels->apply, j->a->y);
    }
}

static void backward_body(void *context, int64_t begin, int64_t end) {
    const batchnorm_job *j = context;
    const int64_t bytes = j->a->c * j->size;
    for (int64_t unit = begin; unit < end; unit++) {
        const unit_range u = range_of(&j->plan, unit);
        columns mean, scale, slope, shift;
        sn_batchnorm_block f = {.mean = repeat(j, &u, &mean, j->a->save_mean)};
        f.scale = repeat(j, &u, &scale, j->scale);
        f.slope = repeat(j, &u, &slope, j->scale + bytes);
        f.shift = repeat(j, &u, &shift, j->scale + 2 * bytes);
        run_block(j, &u, f, j->kernels->backward, j->a->dx);
    }
}

/* ---- the operations ---- */

static sn_status check(const sn_batchnorm_args *a, int64_t least_rows) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->act == SN_IDENTITY || a->act == SN_RELU, SN_ERR_CODE);
    SN_REQUIRE(a->rows >= least_rows && a->c >= 1 && sn_mul(a->rows, a->c) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

static int64_t workspace_of(const sn_batchnorm_args *a, int64_t least_rows) {
    const sn_status status = check(a, least_rows);
    return status == SN_OK ? (2 * make_plan(a).parts + 3) * a->c * (int64_t)sizeof(double) : -status;
}

int64_t sn_batchnorm_train_workspace(const sn_batchnorm_args *a) { return workspace_of(a, 2); }
int64_t sn_batchnorm_backward_workspace(const sn_batchnorm_args *a) { return workspace_of(a, 1); }

static batchnorm_job make_job(const sn_batchnorm_args *a) {
    const int f64 = a->dtype == SN_F64;
    batchnorm_job j = {.a = a, .plan = make_plan(a), .size = sn_size_of(a->dtype)};
    j.kernels = f64 ? &sn_f64_batchnorm__generic : table[sn_isa_current()];
    j.channels = f64 ? &sn_f64_batchnorm_channels : &sn_f32_batchnorm_channels;
    j.first = a->workspace;
    if (j.first) {
        j.second = j.first + j.plan.parts * a->c;
        j.scale = (char *)(j.second + j.plan.parts * a->c);
    }
    return j;
}

/* The grain of the combination of the parts. */
static int64_t combination(const batchnorm_plan *p) { return sn_max(1, PART / 4 / CHANNELS / p->parts) * CHANNELS; }

sn_status sn_batchnorm_train(const sn_batchnorm_args *a) {
    const sn_status status = check(a, 2);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->x && a->y && a->save_mean && a->save_invstd && a->workspace, SN_ERR_NULL);
    SN_REQUIRE(!a->running_mean == !a->running_var, SN_ERR_NULL);
    SN_REQUIRE(a->eps >= 0 && a->momentum >= 0 && a->momentum <= 1, SN_ERR_VALUE);
    SN_REQUIRE(a->workspace_bytes >= workspace_of(a, 2), SN_ERR_MEMORY);
    batchnorm_job j = make_job(a);
    sn_parallel_for(j.plan.units, j.plan.grain, stats_body, &j);
    sn_parallel_for(a->c, combination(&j.plan), train_body, &j);
    sn_parallel_for(j.plan.units, j.plan.grain, apply_body, &j);
    return SN_OK;
}

sn_status sn_batchnorm_infer(const sn_batchnorm_args *a) {
    const sn_status status = check(a, 1);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->x && a->y && a->running_mean && a->running_var, SN_ERR_NULL);
    SN_REQUIRE(a->eps >= 0, SN_ERR_VALUE);
    batchnorm_job j = make_job(a);
    sn_parallel_for(j.plan.units, j.plan.grain, infer_body, &j);
    return SN_OK;
}

sn_status sn_batchnorm_backward(const sn_batchnorm_args *a) {
    const sn_status status = check(a, 1);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->x && a->dy && a->save_mean && a->save_invstd && a->workspace, SN_ERR_NULL);
    SN_REQUIRE(a->act == SN_IDENTITY || a->y, SN_ERR_NULL);
    SN_REQUIRE(a->workspace_bytes >= workspace_of(a, 1), SN_ERR_MEMORY);
    batchnorm_job j = make_job(a);
    sn_parallel_for(j.plan.units, j.plan.grain, sums_body, &j);
    sn_parallel_for(a->c, combination(&j.plan), factors_body, &j);
    if (a->dx) sn_parallel_for(j.plan.units, j.plan.grain, backward_body, &j);
    return SN_OK;
}
