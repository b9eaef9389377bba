#include "core/check.h"
#include "core/isa.h"
#include "core/platform.h"
#include "measure/measure.h"
#include "pool/pool.h"

enum { COPY_GRAIN = 256 * 1024, CHUNKS_PER_THREAD = 2, MAX_THREADS = 256 };

typedef float (*chains_kernel)(void);
typedef void (*stream_kernel)(unsigned char *, const unsigned char *, int64_t);

static const chains_kernel chains[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_measure_chains__generic, sn_measure_chains__avx2, sn_measure_chains__avx512, sn_measure_chains__neon);
static const double chain_width[SN_ISA_COUNT] = {4, 8, 16, 4};
static const stream_kernel stream[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_measure_stream__generic, sn_measure_stream__avx2, sn_measure_stream__avx512, sn_measure_stream__generic);

static double seconds(void) { return 1e-9 * (double)sn_nanoseconds(); }

static int is_isa(int32_t isa) { return isa == -1 || sn_isa_available(isa); }

typedef struct {
    chains_kernel run;
    float *sums; /* one a chunk: what nobody uses is not computed */
} chains_context;

static void chains_body(void *context, int64_t begin, int64_t end) {
    const chains_context *c = context;
    for (int64_t i = begin; i < end; i++) c->sums[i] = c->run();
}

double sn_measure_flops(int32_t isa) {
    float sums[CHUNKS_PER_THREAD * MAX_THREADS];
    if (!is_isa(isa)) return -SN_ERR_VALUE;
    if (isa < 0) isa = sn_isa_current();
    const int64_t count = CHUNKS_PER_THREAD * (int64_t)sn_threads();
    chains_context c = {chains[isa], sums};
    const double start = seconds();
    sn_parallel_for(count, 1, chains_body, &c);
    const double elapsed = seconds() - start;
    return 2.0 * SN_MEASURE_LOOPS * SN_MEASURE_CHAINS * chain_width[isa] * (double)count / elapsed;
}

typedef struct {
    stream_kernel run;
    unsigned char *to;
    const unsigned char *from;
} copy_context;

static void copy_body(void *context, int64_t begin, int64_t end) {
    const copy_context *c = context;
    c->run(c->to + begin, c->from + begin, end - begin);
}

double sn_measure_copy(void *to, const void *from, int64_t bytes, int32_t isa) {
    if (!to || !from) return -SN_ERR_NULL;
    if (bytes < 1) return -SN_ERR_SIZE;
    if (!is_isa(isa)) return -SN_ERR_VALUE;
    if (isa < 0) isa = sn_isa_current();
    copy_context c = {stream[isa], to, from};
    const double start = seconds();
    sn_parallel_for(bytes, COPY_GRAIN, copy_body, &c);
    const double elapsed = seconds() - start;
    const double tick = 1e-7; /* of the coarsest clock: so long at most has taken what took no time */
    return 2.0 * (double)bytes / (elapsed > 0 ? elapsed : tick);
}
