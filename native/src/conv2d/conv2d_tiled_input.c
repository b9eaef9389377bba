/* Backward input on register tiles: a correlation for each phase of the strides. The weights of all phases are packed in
 * one pass, in the order in which they lie in memory. */
#include "conv2d/conv2d_tiled.h"

#include <string.h>

#include "conv2d/conv2d_planar.h"
#include "core/check.h"
#include "core/compiler.h"
#include "pool/pool.h"

typedef struct {
    sn_correlation k;
    sn_conv_plan p;
    sn_planar_plan planes;
    int planar;
    float *packed;
} phase;

typedef struct {
    const sn_conv2d_args *a;
    sn_tiles tiles;
    const phase *phases;
    int64_t count;
} job;

enum { ROUND = 16 };

static int64_t rounded(int64_t floats) { return sn_ceil_div(floats, ROUND) * ROUND; }

static int64_t phases_of(const sn_conv2d_args *a) { return a->stride_h * a->stride_w; }

/* Floats of the workspace that hold the descriptions. */
static int64_t described(const sn_conv2d_args *a) { return rounded(sn_ceil_div(phases_of(a) * (int64_t)sizeof(phase), (int64_t)sizeof(float))); }

int64_t sn_conv_input_floats(const sn_conv2d_args *a, int64_t lanes) {
    int64_t sum = described(a);
    for (int64_t i = 0; i < phases_of(a); i++) {
        sn_conv_plan p;
        const sn_correlation k = sn_conv_backward_input(a, i);
        if (!sn_conv_plan_make(&k, lanes, &p)) return -1;
        sum += rounded(sn_conv_packed_floats(&k, &p));
    }
    return sum;
}

/* rows[tap - first_tap][column] of channel i of a group to where the phase wants them. */
static void place(const phase *f, int64_t group, int64_t i, int64_t panel, int64_t width, int64_t first_tap, int64_t taps, const float *rows) {
    const sn_correlation *k = &f->k;
    if (k->oh == 0 || k->ow == 0) return; /* a phase beyond a small dx */
    const int64_t channel = i / f->p.block * f->p.block, block = sn_min(f->p.block, k->ic - channel);
    float *out = f->packed + k->kh * k->kw * (f->p.columns * (group * k->ic + channel) + panel * 2 * f->p.lanes * block) + (i - channel) * width;
    for (int64_t ty = 0; ty < k->kh; ty++)
        for (int64_t tx = 0; tx < k->kw; tx++, out += block * width) {
            const int64_t tap = k->tap + ty * k->ty_step + tx * k->tx_step - first_tap;
            if (tap >= 0 && tap < taps) memcpy(out, rows + tap * width, (size_t)width * sizeof *out);
        }
}

/* weight[o][i][ky][kx], rows [begin, end) of all groups' o. */
static void pack_rows(void *context, int64_t begin, int64_t end) {
    enum { TAPS = 64, LINE = 16, AHEAD = 1024 };
    const job *j = context;
    const sn_conv2d_args *a = j->a;
    const int64_t taps = a->kh * a->kw, icg = a->c / a->groups, ocg = a->oc / a->groups, lanes = j->tiles.lanes, columns = sn_ceil_div(icg, lanes) * lanes;
    float rows[TAPS * SN_TILE_WIDTH_MAX];
    memset(rows, 0, sizeof rows);
    for (int64_t row = begin; row < end; row++)
        for (int64_t column = 0; column < icg; column += 2 * lanes) {
            const int64_t width = sn_min(2 * lanes, columns - column), valid = sn_min(width, icg - column);
            const float *from = (const float *)a->weight + (row * icg + column) * taps;
            for (int64_t l = 0; l < valid * taps; l += LINE) SN_PREFETCH(from + AHEAD + l); /* the rows follow each other */
            for (int64_t tap = 0; tap < taps; tap += TAPS) {
                const int64_t here = sn_min(TAPS, taps - tap);
                if (taps == 1) memcpy(rows, from, (size_t)valid * sizeof *rows);
                else j->tiles.transpose(from + tap, taps, valid, here, rows, width);
                for (int64_t i = 0; i < j->count; i++)
                    if (!j->phases[i].planar) place(&j->phases[i], row / ocg, row % ocg, column / (2 * lanes), width, tap, here, rows);
            }
        }
}

void sn_conv_input_gradient(const sn_conv2d_args *a, int32_t isa, float *workspace) {
    enum { CHUNK = 1 << 14 };
    phase *phases = (phase *)(void *)workspace;
    job j = {a, sn_tiles_of(isa), phases, phases_of(a)};
    float *packed = workspace + described(a);
    for (int64_t i = 0; i < j.count; i++) {
        phase *f = &phases[i];
        f->k = sn_conv_backward_input(a, i);
        f->planar = sn_planar_takes(&f->k, j.tiles.lanes, &f->planes);
        f->packed = packed;
        sn_conv_plan_make(&f->k, j.tiles.lanes, &f->p);
        packed += rounded(sn_conv_packed_floats(&f->k, &f->p));
        if (f->planar) sn_planar_pack(&f->k, f->packed);
    }
    const int64_t floats = a->kh * a->kw * (a->c / a->groups); /* of a row */
    sn_parallel_for(a->oc, CHUNK / floats + 1, pack_rows, &j);
    for (int64_t i = 0; i < j.count; i++) {
        if (phases[i].planar) sn_planar_correlate(&phases[i].k, &phases[i].planes, isa, phases[i].packed);
        else sn_conv_correlate(&phases[i].k, &phases[i].p, isa, phases[i].packed);
    }
}
