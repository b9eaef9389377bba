/* Connectionist temporal classification (Graves et al. 2006): the probability of a labelling summed over all of its
 * alignments, by the forward variables, and its gradient by forward and backward variables. Logarithms, in double. The
 * labels stand with a blank before, between and behind them: places = 2 length + 1. */
#include <math.h>
#include <string.h>

#include "core/check.h"
#include "core/partial_sum.h"
#include "core/workspace.h"
#include "pool/pool.h"

enum { ALIGNMENT = 64 };

typedef struct {
    const sn_ctc_args *a;
    double *memory;      /* [batch][doubles] */
    double *losses;      /* [batch] */
    int64_t doubles;     /* a sample's */
    int backward;
} job;

static double log_add(double a, double b) {
    if (a == -INFINITY) return b;
    if (b == -INFINITY) return a;
    const double m = a > b ? a : b;
    return m + log(exp(a - m) + exp(b - m));
}

static int32_t label(const sn_ctc_args *a, int64_t n, int64_t place) {
    return place % 2 == 0 ? (int32_t)a->blank : a->targets[n * a->longest + place / 2];
}

/* From place - 2 directly to place: over a blank, between labels that differ. */
static int may_skip(const sn_ctc_args *a, int64_t n, int64_t place) {
    return place >= 2 && place % 2 == 1 && label(a, n, place) != label(a, n, place - 2);
}

static double log_prob(const sn_ctc_args *a, int64_t t, int64_t n, int64_t class) {
    const int64_t i = (t * a->batch + n) * a->classes + class;
    return a->dtype == SN_F64 ? ((const double *)a->log_probs)[i] : (double)((const float *)a->log_probs)[i];
}

/* alpha[place] of step t from those of step t - 1 (equation 6); places from which the end cannot be reached stay out. */
static void forward_step(const sn_ctc_args *a, int64_t n, int64_t t, int64_t places, const double *before, double *alpha) {
    const int64_t least = places - 2 * (a->input_lengths[n] - t);
    for (int64_t s = 0; s < places; s++) {
        double sum = -INFINITY;
        if (s >= least && s <= 2 * t + 1) {
            if (t == 0) sum = 0;
            else {
                sum = s > 0 ? log_add(before[s], before[s - 1]) : before[s];
                if (may_skip(a, n, s)) sum = log_add(sum, before[s - 2]);
            }
            sum += log_prob(a, t, n, label(a, n, s));
        }
        alpha[s] = sum;
    }
}

/* beta[place] of step t, without the probability at t itself, from beta plus that probability at t + 1 (equation 10). */
static void backward_step(const sn_ctc_args *a, int64_t n, int64_t places, const double *after, double *beta) {
    for (int64_t s = 0; s < places; s++) {
        double sum = after[s];
        if (s + 1 < places) sum = log_add(sum, after[s + 1]);
        if (s + 2 < places && may_skip(a, n, s + 2)) sum = log_add(sum, after[s + 2]);
        beta[s] = sum;
    }
}

static double end_loss(int64_t steps, int64_t places, const double *alpha) {
    if (steps == 0) return places == 1 ? 0 : INFINITY;
    return -(places > 1 ? log_add(alpha[places - 1], alpha[places - 2]) : alpha[0]);
}

static int64_t places_of(const sn_ctc_args *a, int64_t n) { return 2 * (int64_t)a->target_lengths[n] + 1; }

static double loss_of(const sn_ctc_args *a, int64_t n, double *memory) {
    const int64_t places = places_of(a, n), steps = a->input_lengths[n];
    double *rows[2] = {memory, memory + places};
    for (int64_t t = 0; t < steps; t++) forward_step(a, n, t, places, rows[(t + 1) & 1], rows[t & 1]);
    return end_loss(steps, places, rows[(steps + 1) & 1]);
}

static void store_row(const sn_ctc_args *a, int64_t t, int64_t n, const double *row, double scale) {
    const int64_t at = (t * a->batch + n) * a->classes;
    for (int64_t k = 0; k < a->classes; k++) {
        const double g = row && row[k] != 0 ? -scale * row[k] : 0;
        if (a->dtype == SN_F64) ((double *)a->dlog_probs)[at + k] = g;
        else ((float *)a->dlog_probs)[at + k] = (float)g;
    }
}

/* dlog_probs[t][n][class] = -scale times the probability that the alignment is at the class at t (equation 15). */
static void gradient_of(const sn_ctc_args *a, int64_t n, double *memory, double scale) {
    const int64_t places = places_of(a, n), steps = a->input_lengths[n], width = 2 * a->longest + 1;
    double *posterior = memory, *rows[2] = {memory + a->classes, memory + a->classes + width}, *alpha = memory + a->classes + 2 * width;
    for (int64_t t = 0; t < steps; t++) forward_step(a, n, t, places, alpha + (t - 1) * width, alpha + t * width);
    const double loss = end_loss(steps, places, alpha + (steps - 1) * width);
    const int none = a->zero_infinity && loss == INFINITY;
    for (int64_t t = a->steps - 1; t >= 0; t--) {
        if (t >= steps || none) {
            store_row(a, t, n, NULL, 0);
            continue;
        }
        double *after = rows[0], *beta = rows[1];
        for (int64_t s = 0; t == steps - 1 && s < places; s++) beta[s] = s >= places - 2 ? 0 : -INFINITY;
        if (t < steps - 1) backward_step(a, n, places, after, beta);
        memset(posterior, 0, (size_t)a->classes * sizeof *posterior);
        for (int64_t s = 0; s < places; s++) {
            const int32_t class = label(a, n, s);
            posterior[class] += exp(alpha[t * width + s] + beta[s] + loss);
            after[s] = beta[s] + log_prob(a, t, n, class);
        }
        store_row(a, t, n, posterior, scale);
    }
}

static double divisor(const sn_ctc_args *a, int64_t n) {
    return a->reduction == SN_REDUCTION_MEAN ? (double)sn_max(1, a->target_lengths[n]) * (double)a->batch : 1;
}

static void samples(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_ctc_args *a = j->a;
    for (int64_t n = begin; n < end; n++) {
        double *memory = j->memory + n * j->doubles;
        if (j->backward) {
            const int64_t element = sn_size_of(a->dtype);
            const double dloss = sn_load_scalar(a->dtype, (const char *)a->dloss + (a->reduction == SN_REDUCTION_NONE ? n * element : 0));
            gradient_of(a, n, memory, dloss / divisor(a, n));
            continue;
        }
        const double loss = loss_of(a, n, memory);
        j->losses[n] = a->zero_infinity && loss == INFINITY ? 0 : loss;
    }
}

static sn_status check_sizes(const sn_ctc_args *a) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_is_reduction(a->reduction), SN_ERR_CODE);
    SN_REQUIRE(a->steps >= 1 && a->batch >= 1 && a->classes >= 1 && a->classes <= INT32_MAX && a->longest >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->steps, a->batch), a->classes) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->steps + 2, a->batch), sn_mul(a->longest + 1, 2)) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->blank >= 0 && a->blank < a->classes, SN_ERR_VALUE);
    return SN_OK;
}

static int64_t doubles_of(const sn_ctc_args *a, int backward) {
    const int64_t width = 2 * a->longest + 1;
    return backward ? a->classes + (a->steps + 2) * width : 2 * width;
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
