/* The weight gradient on planes. Units sum over a slot, a fixed share of the pixels, into partial[slot][column][row][lane],
 * row = 1 + channel * taps + tap; row 0 is the bias, one more tap on an input of ones. Then the slots and lanes are added
 * in order. */
#include <string.h>

#include "conv2d/conv2d_planar.h"
#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { SLOTS = 16, TAPS_MOST = 128 };

typedef void (*weight_kernel)(const sn_planar_weight *p);
static const weight_kernel kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(NULL, sn_f32_planar_weight__avx2, sn_f32_planar_weight__avx512, sn_f32_planar_weight__neon);

typedef struct {
    const sn_correlation *k;
    sn_planar_plan p;
    int32_t isa;
    const float *dy;
    float *partial;
    int64_t slots;
    int with_bias, masked;
} job;

static int64_t tiles_of(const sn_planar_plan *p) { return p->tiles_n * p->tiles_h * p->tiles_w; }
static int64_t column_floats(const sn_correlation *k) { return (k->ic * k->kh * k->kw + 1) * SN_PLANAR_LANES; }

int64_t sn_planar_weight_floats(const sn_correlation *k, int64_t lanes) {
    enum { WEIGHTS_MOST = 1024 };
    sn_planar_plan p;
    if (!sn_planar_takes(k, lanes, &p) || k->kh * k->kw > TAPS_MOST || k->ic * k->kh * k->kw * k->oc > WEIGHTS_MOST) return -1;
    return sn_min(SLOTS, tiles_of(&p)) * k->oc * column_floats(k);
}

/* What a unit works on; behind the planes are ones. */
typedef struct {
    _Alignas(64) float planes[SN_PLANAR_INPUT + SN_PLANAR_PIXELS], dy[SN_PLANAR_RESULTS];
    int32_t mask[SN_PLANAR_PIXELS];
} memory;

/* The zeros around the input and between the rows of dy. */
static void prepare(const job *j, const sn_conv_unit *u, memory *m) {
    const sn_planar_plan *p = &j->p;
    memset(m->planes, 0, (size_t)(p->block * p->plane + SN_PLANAR_SLACK) * sizeof *m->planes);
    memset(m->dy, 0, (size_t)(j->k->oc * p->y_plane) * sizeof *m->dy);
    memset(m->mask, 0, sizeof m->mask);
    for (int64_t r = 0; r < u->images * u->rows; r++)
        memset(m->mask + (r / u->rows * p->image_rows + r % u->rows) * p->pitch, 0xff, (size_t)u->cols * sizeof *m->mask);
    for (int64_t i = 0; i < SN_PLANAR_PIXELS; i++) m->planes[SN_PLANAR_INPUT + i] = 1;
}

static void one_unit(const job *j, const sn_conv_unit *u, memory *m, float *partial) {
    const sn_correlation *k = j->k;
    const sn_planar_plan *p = &j->p;
    const int64_t taps = k->kh * k->kw;
    int64_t offset[1 + TAPS_MOST] = {SN_PLANAR_INPUT};
    for (int64_t t = 0; t < taps; t++) offset[1 + t] = t / k->kw * p->pitch + t % k->kw;
    sn_planar_fill_results(k, p, j->isa, u, j->dy, m->dy);
    sn_planar_weight c = {.dy = m->dy, .dy_plane = p->y_plane, .columns = k->oc, .mask = j->masked ? m->mask : NULL, .pixels = sn_planar_pixels(p, u),
        .sum_step = column_floats(k)};
    for (int64_t channel = 0; channel < k->ic; channel += p->block) {
        const int64_t block = sn_min(p->block, k->ic - channel);
        sn_planar_fill(k, p, j->isa, u, channel, block, m->planes);
        for (int64_t i = 0; i < block; i++) {
            const int64_t skip = channel + i > 0 || !j->with_bias; /* the bias */
            c.x = m->planes + i * p->plane;
            c.offset = offset + skip;
            c.taps = 1 - skip + taps;
            c.sum = partial + (skip + (channel + i) * taps) * SN_PLANAR_LANES;
            kernels[j->isa](&c);
        }
    }
}

static void slots(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t floats = j->k->oc * column_floats(j->k), tiles = tiles_of(&j->p), whole = j->p.tiles_h * j->p.tiles_w == 1;
    memory m;
    int prepared = 0;
    for (int64_t slot = begin; slot < end; slot++) {
        float *partial = j->partial + slot * floats;
        memset(partial, 0, (size_t)floats * sizeof *partial);
        for (int64_t tile = tiles * slot / j->slots; tile < tiles * (slot + 1) / j->slots; tile++) {
            const sn_conv_unit u = sn_planar_unit_at(j->k, &j->p, tile);
            if (!prepared || tile == tiles - 1) prepare(j, &u, &m);
            prepared = whole;
            one_unit(j, &u, &m, partial);
        }
    }
}

static int finite(const float *x, int64_t count) {
    int all = 1;
    for (int64_t i = 0; i < count; i++) all &= x[i] - x[i] == 0;
    return all;
}

static void sum_slots(job *j, float *dweight, float *dbias) {
    enum { CHUNK = 1 << 18 };
    const sn_correlation *k = j->k;
    const int64_t rows = k->ic * k->kh * k->kw, floats = k->oc * column_floats(k);
    const double work = (double)(k->n * k->oh * k->ow) * (double)(rows * k->oc) / (double)j->slots;
    sn_parallel_for(j->slots, (int64_t)(CHUNK / work) + 1, slots, j);
    for (int64_t slot = 1; slot < j->slots; slot++)
        for (int64_t i = 0; i < floats; i++) j->partial[i] += j->partial[slot * floats + i];
    for (int64_t i = 0; i < k->oc * (rows + 1); i++) {
        const float *lane = j->partial + i * SN_PLANAR_LANES;
        float sum = 0;
        for (int l = 0; l < SN_PLANAR_LANES; l++) sum += lane[l];
        if (i % (rows + 1) > 0) dweight[i / (rows + 1) * rows + i % (rows + 1) - 1] = sum;
        else if (dbias) dbias[i / (rows + 1)] = sum;
    }
}

void sn_planar_weight_gradient(const sn_correlation *k, int32_t isa, const float *dy, float *dweight, float *dbias, float *workspace) {
    job j = {.k = k, .isa = isa, .dy = dy, .partial = workspace, .with_bias = dbias != NULL};
    sn_planar_plan_make(k, &j.p);
    j.slots = sn_min(SLOTS, tiles_of(&j.p));
    sum_slots(&j, dweight, dbias);
    if (finite(dweight, k->oc * k->ic * k->kh * k->kw)) return;
    j.masked = 1; /* perhaps an infinity met a 0 between two rows */
    sum_slots(&j, dweight, dbias);
}
