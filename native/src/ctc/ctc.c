/* Connectionist temporal classification (Graves et al. 2006): the probability of a labelling summed over all of its
 * alignments, by the forward variables, and its gradient by forward and backward variables, as logarithms in double. The
 * labels stand with a blank before, between and behind them: places = 2 length + 1. */
#include <math.h>
#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/partial_sum.h"
#include "core/workspace.h"
#include "ctc/ctc.h"
#include "pool/pool.h"

static sn_ctc_forward_kernel *const forward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_ctc_forward__generic, sn_f32_ctc_forward__avx2, sn_f32_ctc_forward__avx512, sn_f32_ctc_forward__neon);
static sn_ctc_backward_kernel *const backward_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_ctc_backward__generic, sn_f32_ctc_backward__avx2, sn_f32_ctc_backward__avx512, sn_f32_ctc_backward__neon);

enum { ALIGNMENT = 64 };

typedef struct {
    const sn_ctc_args *a;
    sn_ctc_forward_kernel *forward_kernel;
    sn_ctc_backward_kernel *backward_kernel;
    double *memory;      /* [batch][doubles] */
    double *losses;      /* [batch] */
    int64_t doubles;     /* a sample's */
    int backward;
} job;

/* One sample: its labels, then rows of `width` doubles. */
typedef struct {
    const job *j;
    int64_t n, places, steps, width;
    sn_ctc_labels labels;
    double *rows; /* place 0 of the first row */
} sample;

/* Doubles of the two arrays of labels, and of a row. */
static int64_t label_width(const sn_ctc_args *a) { return 2 * a->longest + 1 + SN_CTC_BACK; }
static int64_t row_width(const sn_ctc_args *a) { return SN_CTC_FRONT + label_width(a); }

/* A place is reached directly from two places before over a blank, between labels that differ. */
static sample sample_of(const job *j, int64_t n) {
    const sn_ctc_args *a = j->a;
    double *memory = j->memory + n * j->doubles;
    int32_t *classes = (int32_t *)memory, *skips = classes + label_width(a);
    const int64_t places = 2 * (int64_t)a->target_lengths[n] + 1;
    for (int64_t s = 0; s < places + SN_CTC_BACK; s++) {
        const int label = s < places && s % 2;
        classes[s] = label ? a->targets[n * a->longest + s / 2] : (int32_t)a->blank;
        skips[s] = label && s >= 2 && classes[s] != classes[s - 2] ? -1 : 0;
    }
    return (sample){.j = j, .n = n, .places = places, .steps = a->input_lengths[n], .width = row_width(a),
        .labels = {.classes = classes, .skips = skips}, .rows = memory + label_width(a) + SN_CTC_FRONT};
}

static const void *log_probs(const sample *p, int64_t t) {
    const sn_ctc_args *a = p->j->a;
    return (const char *)a->log_probs + (t * a->batch + p->n) * a->classes * sn_size_of(a->dtype);
}

/* Places that an alignment can be at, at step t: the first, and one behind the last. */
static int64_t first_place(const sample *p, int64_t t) { return sn_max(0, p->places - 2 * (p->steps - t)); }
static int64_t end_place(const sample *p, int64_t t) { return sn_min(p->places, 2 * t + 2); }

static void no_alignment(double *row, int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; s++) row[s] = -INFINITY;
}

/* The places of a row that are read, but those from begin to end - 1. */
static void close_row(const sample *p, double *row, int64_t begin, int64_t end) {
    no_alignment(row, -SN_CTC_FRONT, begin);
    no_alignment(row, end, p->places + 2);
}

/* alpha of step t from that of step t - 1. */
static void forward_step(const sample *p, int64_t t, const double *before, double *alpha) {
    const sn_ctc_args *a = p->j->a;
    const int64_t begin = first_place(p, t), end = end_place(p, t);
    if (t > 0) p->j->forward_kernel(&p->labels, log_probs(p, t), begin, end, before, alpha);
    else
        for (int64_t s = begin; s < end; s++)
            alpha[s] = sn_load_scalar(a->dtype, (const char *)log_probs(p, t) + p->labels.classes[s] * sn_size_of(a->dtype));
    close_row(p, alpha, begin, end);
}

static double end_loss(const sample *p, const double *alpha) {
    if (p->steps == 0) return p->places == 1 ? 0 : INFINITY;
    if (p->places == 1) return -alpha[0];
    const double a = alpha[p->places - 1], b = alpha[p->places - 2], m = a > b ? a : b;
    return m == -INFINITY ? INFINITY : -(m + log(exp(a - m) + exp(b - m)));
}

static double loss_of(const job *j, int64_t n) {
    const sample p = sample_of(j, n);
    double *rows[2] = {p.rows, p.rows + p.width};
    for (int64_t t = 0; t < p.steps; t++) forward_step(&p, t, rows[(t + 1) & 1], rows[t & 1]);
    return end_loss(&p, rows[(p.steps + 1) & 1]);
}

static void *gradient_row(const sample *p, int64_t t) {
    const sn_ctc_args *a = p->j->a;
    void *row = (char *)a->dlog_probs + (t * a->batch + p->n) * a->classes * sn_size_of(a->dtype);
    memset(row, 0, (size_t)(a->classes * sn_size_of(a->dtype)));
    return row;
}

/* dlog_probs[t][n][class] = -scale times the probability that the alignment is at the class at t (equation 15), which is
 * the sum over its places. sums: 0 for every class, before and after. */
static void store_gradient(const sample *p, int64_t t, int64_t begin, int64_t end, const double *posterior, double scale, double *sums) {
    const int32_t dtype = p->j->a->dtype, *classes = p->labels.classes;
    char *row = gradient_row(p, t);
    for (int64_t s = begin; s < end; s++) sums[classes[s]] += posterior[s];
    for (int64_t s = begin; s < end; s++) {
        const double sum = sums[classes[s]];
        if (sum != 0) sn_store_scalar(dtype, row + classes[s] * sn_size_of(dtype), -scale * sum);
    }
    for (int64_t s = begin; s < end; s++) sums[classes[s]] = 0;
}

/* Beyond the places that alignments can be at the posterior is 0, unless the loss is no number: there it is none either.
 * What follows the last step: certainly the last blank, which the last label leads to as well. */
static void gradient_of(const job *j, int64_t n, double scale) {
    const sample p = sample_of(j, n);
    double *alpha = p.rows, *rows[2] = {p.rows + j->a->steps * p.width, p.rows + (j->a->steps + 1) * p.width};
    double *posterior = p.rows + (j->a->steps + 2) * p.width, *sums = posterior + p.width - SN_CTC_FRONT;
    memset(sums, 0, (size_t)j->a->classes * sizeof *sums);
    for (int64_t t = 0; t < p.steps; t++) forward_step(&p, t, alpha + (t - 1) * p.width, alpha + t * p.width);
    const double loss = end_loss(&p, alpha + (p.steps - 1) * p.width);
    const int none = j->a->zero_infinity && loss == INFINITY, everywhere = !isfinite(loss);
    close_row(&p, rows[0], p.places - 1, p.places);
    rows[0][p.places - 1] = 0;
    for (int64_t t = j->a->steps - 1; t >= 0; t--) {
        if (t >= p.steps || none) {
            gradient_row(&p, t);
            continue;
        }
        const int64_t begin = everywhere ? 0 : first_place(&p, t), end = everywhere ? p.places : end_place(&p, t);
        double *after = rows[(p.steps - 1 - t) & 1], *now = rows[(p.steps - t) & 1];
        j->backward_kernel(&p.labels, log_probs(&p, t), begin, end, alpha + t * p.width, loss, after, now, posterior);
        close_row(&p, now, begin, end);
        store_gradient(&p, t, begin, end, posterior, scale, sums);
    }
}

static double divisor(const sn_ctc_args *a, int64_t n) {
    return a->reduction == SN_REDUCTION_MEAN ? (double)sn_max(1, a->target_lengths[n]) * (double)a->batch : 1;
}

static void samples(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_ctc_args *a = j->a;
    for (int64_t n = begin; n < end; n++) {
        if (j->backward) {
            const int64_t element = sn_size_of(a->dtype);
            const double dloss = sn_load_scalar(a->dtype, (const char *)a->dloss + (a->reduction == SN_REDUCTION_NONE ? n * element : 0));
            gradient_of(j, n, dloss / divisor(a, n));
            continue;
        }
        const double loss = loss_of(j, n);
        j->losses[n] = a->zero_infinity && loss == INFINITY ? 0 : loss;
    }
}

static sn_status check_sizes(const sn_ctc_args *a) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->steps >= 1 && a->batch >= 1 && a->classes >= 1 && a->classes <= INT32_MAX && a->longest >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->steps <= SN_MAX_ELEMENTS && a->longest <= SN_MAX_ELEMENTS, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->steps, a->batch), a->classes) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->steps + 4, a->batch), sn_mul(a->longest + SN_CTC_BACK, 2)) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->blank >= 0 && a->blank < a->classes, SN_ERR_VALUE);
    return SN_OK;
}

static int64_t doubles_of(const sn_ctc_args *a, int backward) {
    return label_width(a) + (backward ? a->classes + (a->steps + 3) * row_width(a) : 2 * row_width(a));
}

static int64_t workspace_of(const sn_ctc_args *a, int backward) {
    const sn_status status = check_sizes(a);
    return status != SN_OK ? -status : ALIGNMENT + 8 * a->batch * (doubles_of(a, backward) + 1);
}

int64_t sn_ctc_forward_workspace(const sn_ctc_args *a) { return workspace_of(a, 0); }
int64_t sn_ctc_backward_workspace(const sn_ctc_args *a) { return workspace_of(a, 1); }

/* Lengths within the arrays; labels are classes other than the blank. */
static sn_status check_values(const sn_ctc_args *a) {
    for (int64_t n = 0; n < a->batch; n++) {
        SN_REQUIRE(a->input_lengths[n] >= 0 && a->input_lengths[n] <= a->steps, SN_ERR_VALUE);
        SN_REQUIRE(a->target_lengths[n] >= 0 && a->target_lengths[n] <= a->longest, SN_ERR_VALUE);
        for (int64_t i = 0; i < a->target_lengths[n]; i++) {
            const int32_t class = a->targets[n * a->longest + i];
            SN_REQUIRE(class >= 0 && class < a->classes && class != a->blank, SN_ERR_VALUE);
        }
    }
    return SN_OK;
}

static sn_status run(const sn_ctc_args *a, int backward) {
    SN_REQUIRE(a, SN_ERR_NULL);
    const int64_t bytes = workspace_of(a, backward);
    SN_REQUIRE(bytes >= 0, (sn_status)-bytes);
    SN_REQUIRE(a->log_probs && a->input_lengths && a->target_lengths && (a->targets || a->longest == 0), SN_ERR_NULL);
    SN_REQUIRE(backward ? a->dloss && a->dlog_probs : a->loss != NULL, SN_ERR_NULL);
    SN_REQUIRE(a->workspace_bytes >= bytes, SN_ERR_MEMORY);
    SN_REQUIRE(a->workspace, SN_ERR_NULL);
    const sn_status status = check_values(a);
    SN_REQUIRE(status == SN_OK, status);
    job j = {.a = a, .doubles = doubles_of(a, backward), .backward = backward};
    j.forward_kernel = a->dtype == SN_F64 ? sn_f64_ctc_forward__generic : forward_f32[sn_isa_current()];
    j.backward_kernel = a->dtype == SN_F64 ? sn_f64_ctc_backward__generic : backward_f32[sn_isa_current()];
    j.losses = (double *)(((uintptr_t)a->workspace + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
    j.memory = j.losses + a->batch;
    sn_parallel_for(a->batch, 1, samples, &j);
    if (backward) return SN_OK;
    double sum = 0;
    for (int64_t n = 0; n < a->batch; n++) {
        if (a->reduction == SN_REDUCTION_NONE) sn_store_scalar(a->dtype, (char *)a->loss + n * sn_size_of(a->dtype), j.losses[n]);
        else sum += j.losses[n] / divisor(a, n);
    }
    if (a->reduction != SN_REDUCTION_NONE) sn_store_scalar(a->dtype, a->loss, sum);
    return SN_OK;
}

sn_status sn_ctc_forward(const sn_ctc_args *a) { return run(a, 0); }
sn_status sn_ctc_backward(const sn_ctc_args *a) { return run(a, 1); }
