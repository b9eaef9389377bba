/* What the regression gate measures of kernels; tests/java/dev/sinew/gate runs it and judges.
 *   gate_bench machine                              the CPU and the compiler, for which baselines hold
 *   gate_bench names                                the list
 *   gate_bench time ISA THREADS SECONDS [NAME...]   the peaks, then a line per kernel: what it reaches beside its yardstick
 *   gate_bench count NAME                           runs it once, small, in counted_run(), for callgrind
 * A kernel and its yardstick take turns many times, in rounds over the whole list, and the median of the quotients counts:
 * what slows the machine down for a while slows both. Each answer is first checked against the generic kernels. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "core/compiler.h"
#include "gate_jobs.h"
#include "gemm/gemm.h"
#include "peak.h"

enum { MOST_ROUNDS = 4000, COPY_BYTES = 96 << 20, COPY_PIECE = 8 << 20, EVICT_BYTES = 64 << 20 };
static const double SHORTEST = 0.4e-3; /* a turn takes at least that long: the clock and the call cost nothing beside it */

static void stop(const char *what, const char *why) {
    fprintf(stderr, "gate_bench: %s: %s\n", what, why);
    exit(2);
}

static void run(gate_job *job, int32_t isa) {
    sn_call call = {.code = job->code, .args = &job->args};
    const sn_status status = sn_run(&call, 1, isa, NULL);
    if (status != SN_OK) stop(job->name, sn_status_text(status));
}

/* ---- check ---- */

static void swap(gate_output *output) {
    unsigned char *a = output->now, *b = output->other;
    for (int64_t i = 0; i < output->count * 4; i++) {
        const unsigned char t = a[i];
        a[i] = b[i], b[i] = t;
    }
}

static double furthest(const gate_output *output) {
    const float *x = output->now, *y = output->other;
    double largest = 1e-30, worst = 0;
    for (int64_t i = 0; i < output->count; i++) {
        const double d = output->integers ? (double)(((const int32_t *)x)[i] != ((const int32_t *)y)[i]) : fabs((double)x[i] - y[i]);
        if (!(d <= worst)) worst = isnan(d) ? INFINITY : d;
        if (!output->integers && fabs(y[i]) > largest) largest = fabs(y[i]);
    }
    return output->integers ? worst : worst / largest;
}

/* The generic answer, then the kernels' own from the same start; rounding stays far below the bound. */
static void check(gate_job *job, int32_t isa) {
    for (int o = 0; o < job->outputs; o++) memcpy(job->output[o].other, job->output[o].now, (size_t)job->output[o].count * 4);
    gate_unpack(job);
    run(job, SN_ISA_GENERIC);
    gate_pack(job, isa);
    for (int o = 0; o < job->outputs; o++) swap(&job->output[o]);
    run(job, isa);
    for (int o = 0; o < job->outputs; o++)
        if (!(furthest(&job->output[o]) < 1e-4)) stop(job->name, "the answer is not that of the generic kernels");
}

/* ---- time ---- */

static unsigned char *copy_from, *copy_to, *evict;

/* The caches are full of something else before each turn: a kernel measured alone finds what it finds in the list. */
static void evict_caches(void) {
    for (int64_t i = 0; i < EVICT_BYTES; i += 64) evict[i]++;
}

static double yardstick(const gate_job *job, int32_t isa) {
    static int64_t at;
    if (job->yardstick == GATE_FMA) return sn_measure_flops(isa);
    if (job->yardstick == GATE_COPY) {
        at = (at + COPY_PIECE) % COPY_BYTES;
        return sn_measure_copy(copy_to + at, copy_from + at, COPY_PIECE, isa);
    }
    const sn_gemm_args *g = &job->args.gemm;
    const int64_t repeats = 1 + (int64_t)(1e7 / job->flops);
    const double start = bench_seconds();
    for (int64_t i = 0; i < repeats; i++) sn_f32_gemm__openblas(g, (sn_gemm_part){0, g->m, 0, g->n});
    return (double)repeats * job->flops / (bench_seconds() - start);
}

static double seconds_of(gate_job *job, int32_t isa, int64_t repeats) {
    const double start = bench_seconds();
    for (int64_t i = 0; i < repeats; i++) run(job, isa);
    return (bench_seconds() - start) / (double)repeats;
}

static int rising(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int count) {
    qsort(x, (size_t)count, sizeof *x, rising);
    return x[count / 2];
}

typedef struct {
    int64_t repeats;
    double rate[MOST_ROUNDS], ratio[MOST_ROUNDS], peak[MOST_ROUNDS];
} series;

static void turn(gate_job *job, series *s, int round, int32_t isa) {
    const double work = job->yardstick == GATE_COPY ? job->bytes : job->flops;
    evict_caches();
    run(job, isa);
    const double before = yardstick(job, isa), rate = work / seconds_of(job, isa, s->repeats), after = yardstick(job, isa);
    s->rate[round] = rate;
    s->ratio[round] = rate / (before > after ? before : after);
    s->peak[round] = job->yardstick == GATE_GEMM ? rate / sn_measure_flops(isa) : s->ratio[round];
}

static void print_machine(void) {
    unsigned family = 0, model = 0;
    char vendor[13] = "unknown";
#if defined(__x86_64__)
    unsigned a, b, c, d;
    if (__get_cpuid(0, &a, &b, &c, &d)) {
        memcpy(vendor, &b, 4), memcpy(vendor + 4, &d, 4), memcpy(vendor + 8, &c, 4);
        vendor[12] = 0;
    }
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        family = ((a >> 8) & 15) + ((a >> 20) & 255);
        model = ((a >> 4) & 15) + ((a >> 12) & 240);
    }
#endif
#if defined(__clang__)
    const char *compiler = "";
#else
    const char *compiler = "gcc ";
#endif
    printf("%s family %u model %u\t%s%s\n", vendor, family, model, compiler, __VERSION__);
}

static void print_peaks(int32_t isa) {
    static double flops[31], copy[31];
    for (int i = 0; i < 31; i++) {
        const int64_t at = i % (COPY_BYTES / COPY_PIECE) * (int64_t)COPY_PIECE;
        flops[i] = sn_measure_flops(isa);
        copy[i] = sn_measure_copy(copy_to + at, copy_from + at, COPY_PIECE, isa);
    }
    printf("%.1f\t%.1f\n", median(flops, 31) * 1e-9, median(copy, 31) * 1e-9);
}

static void time_all(gate_job *jobs, int count, int32_t isa, double seconds) {
    static const char *const yardsticks[] = {"fma", "copy", "sgemm"};
    copy_from = sn_alloc(COPY_BYTES), copy_to = sn_alloc(COPY_BYTES), evict = sn_alloc(EVICT_BYTES);
    series *all = calloc((size_t)count, sizeof *all);
    if (!copy_from || !copy_to || !evict || !all) stop("memory", "exhausted");
    memset(copy_from, 1, COPY_BYTES), memset(copy_to, 2, COPY_BYTES), memset(evict, 3, EVICT_BYTES);
    print_peaks(isa);
    for (int j = 0; j < count; j++) {
        check(&jobs[j], isa);
        all[j].repeats = 1 + (int64_t)(SHORTEST / seconds_of(&jobs[j], isa, 3));
    }
    const double start = bench_seconds();
    int rounds = 0;
    for (; rounds < MOST_ROUNDS && (rounds < 5 || bench_seconds() - start < seconds); rounds++)
        for (int j = 0; j < count; j++) turn(&jobs[j], &all[j], rounds, isa);
    for (int j = 0; j < count; j++)
        printf("%s\t%s\t%.3f\t%s\t%.6f\t%s\t%.6f\n", jobs[j].name, jobs[j].shape, median(all[j].rate, rounds) * 1e-9,
               jobs[j].yardstick == GATE_COPY ? "GB/s" : "GFLOP/s", median(all[j].peak, rounds), yardsticks[jobs[j].yardstick], median(all[j].ratio, rounds));
    free(all);
}

/* ---- count ---- */

SN_NOINLINE void counted_run(sn_call *call, int32_t isa) {
    if (sn_run(call, 1, isa, NULL) != SN_OK) stop("counted_run", sn_status_text(call->status));
}

static void count_one(gate_job *job, int32_t isa) {
    check(job, isa); /* and what happens at the first call alone has happened */
    sn_call call = {.code = job->code, .args = &job->args};
    counted_run(&call, isa);
    printf("%s\n", job->shape);
}

static int chosen(const char *name, int count, char **names) {
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return 1;
    return count == 0;
}

int main(int count, char **arguments) {
    static gate_job jobs[GATE_MOST_JOBS];
    const char *mode = count > 1 ? arguments[1] : "";
    if (strcmp(mode, "machine") == 0) {
        print_machine();
        return 0;
    }
    if (strcmp(mode, "names") == 0) {
        for (int i = 0; i < gate_kernel_count; i++) printf("%s\n", gate_kernels[i].name);
        return 0;
    }
    const int timed = strcmp(mode, "time") == 0 && count >= 5, first = timed ? 5 : 2;
    if (!timed && !(strcmp(mode, "count") == 0 && count == 3)) stop("usage", "machine, names, time ISA THREADS SECONDS [NAME...], or count NAME");
    int32_t isa = timed ? -1 : sn_isa_active();
    for (int32_t i = 0; timed && i <= sn_isa_detected(); i++)
        if (strcmp(arguments[2], sn_isa_name(i)) == 0) isa = i;
    if (isa < 0) stop(arguments[2], "this CPU has no such instruction set");
    if (sn_set_threads(timed ? atoi(arguments[3]) : 1) != SN_OK) stop(arguments[3], "not a number of threads");
    sn_set_max_isa(isa); /* workspaces are made for it */
    int chosen_count = 0;
    for (int i = 0; i < gate_kernel_count; i++)
        if (chosen(gate_kernels[i].name, count - first, arguments + first)) gate_make(&jobs[chosen_count++], &gate_kernels[i], !timed);
    if (chosen_count == 0) stop(arguments[first], "there is no such kernel: see gate_bench names");
    if (timed) time_all(jobs, chosen_count, isa, atof(arguments[4]));
    else count_one(jobs, isa);
    return 0;
}
