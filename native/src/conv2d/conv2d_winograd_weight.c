/* The weight gradient by minimal filtering. A unit takes a block of input channels, some panels of output channels and a slot,
 * a fixed share of the tiles: it transforms windows of x and tiles of dy, adds up their products at each point over the
 * slot, and transforms the sums back, into partial[slot][row][o] with rows as in dweight (i * taps + tap) and a last one for
 * dbias. The slots are then added in order and transposed to dweight. */
#include "conv2d/conv2d_winograd.h"

#include <string.h>

#include "core/check.h"
#include "pool/pool.h"
#include "tile/tile.h"

enum { BLOCK = 64, WINDOW = 6, PAD = 16 };

typedef struct {
    sn_winograd_grid from, to;          /* x, dy */
    const float *x, *dy;
    float *dweight, *dbias, *partial, *scratch;
    int64_t ic, oc, taps;
    sn_tiles tiles;
    sn_winograd_kernels kernels;

    int64_t block, blocks, width, panels, columns; /* input channels; output channels; those rounded up to vectors */
    int64_t beside, parts;              /* panels of a unit, and the units that share them out */
    int64_t count, group, shares;       /* tiles, those transformed at once, slots of the sum */
    int together;                       /* tiles of dy are transformed where they are multiplied: one vector in, one out */
    int64_t v_tile, v_point, w_point, s_point, slot_floats;
    sn_winograd_slots slots;
} job;

static int64_t round_up(int64_t value, int64_t step) { return sn_ceil_div(value, step) * step; }

static job job_of(const sn_conv2d_args *a, int64_t lanes) {
    enum {
        UNITS = 32,
        GROUP = 2048,    /* tiles times channels of a block, transformed at once, */
        BESIDE = 1280,   /* fewer where panels beside each other use them */
        NEAR = 224 << 10, /* floats that stay in the second cache */
        SHARE = 128,
        PARTIAL = 1 << 20
    };
    job j = {.x = a->x, .dy = a->dy, .dweight = a->dweight, .dbias = a->dbias, .ic = a->c, .oc = a->oc, .taps = a->kh * a->kw};
    const int64_t tile = WINDOW + 1 - a->kh, high = sn_ceil_div(a->oh, tile), wide = sn_ceil_div(a->ow, tile);
    j.from = (sn_winograd_grid){a->h, a->w, a->c, high, wide, a->pad_h, a->pad_w, tile, WINDOW};
    j.to = (sn_winograd_grid){a->oh, a->ow, a->oc, high, wide, 0, 0, tile, WINDOW};
    j.count = a->n * high * wide;
    j.blocks = sn_ceil_div(j.ic, BLOCK);
    j.block = sn_ceil_div(j.ic, j.blocks);
    j.together = 2 * j.ic <= lanes && j.oc <= lanes; /* 16 of them: of AVX-512 alone */
    j.width = j.together ? lanes : 2 * lanes;
    j.panels = sn_ceil_div(j.oc, j.width);
    j.columns = round_up(j.oc, lanes);
    j.v_tile = round_up(j.block, lanes);
    j.shares = sn_ceil_div(UNITS, j.blocks * j.panels);
    j.shares = sn_max(1, sn_min(sn_min(j.shares, PARTIAL / (j.ic * j.taps * j.columns)), j.count / sn_min(SHARE, GROUP / j.v_tile)));
    if (j.together) j.v_tile = lanes / 2;
    const int64_t most = j.blocks * j.panels * j.shares / UNITS; /* panels of a unit, for so many units at least */
    j.group = sn_min(sn_ceil_div(j.count, j.shares), j.together ? SUM_TILES : (most > 1 ? BESIDE : GROUP) / j.v_tile);
    j.v_point = j.group * j.v_tile + PAD;
    j.w_point = j.together ? 0 : j.group * j.width + PAD;
    j.s_point = j.block * j.width + PAD;
    const int64_t room = (NEAR / WINOGRAD_POINTS - j.v_point - j.w_point) / j.s_point;
    j.beside = sn_max(1, sn_min(room, most));
    j.parts = sn_ceil_div(j.panels, j.beside);
    j.beside = sn_ceil_div(j.panels, j.parts);
    j.slot_floats = sn_winograd_slot(WINOGRAD_POINTS * (j.v_point + j.w_point + j.beside * j.s_point));
    j.slots.count = sn_min(WINOGRAD_SLOTS, j.blocks * j.parts * j.shares);
    return j;
}

static int64_t rows_of(const job *j) { return j->ic * j->taps + 1; }

int64_t sn_winograd_weight_floats(const sn_conv2d_args *a, int64_t lanes) {
    const job j = job_of(a, lanes);
    return sn_winograd_slot(j.shares * rows_of(&j) * j.columns) + j.slots.count * j.slot_floats;
}

static void one_unit(const job *j, int64_t index, float *scratch) {
    const int64_t part = index % j->parts, b = index / j->parts % j->blocks, share = index / j->parts / j->blocks;
    const int64_t first = j->count * share / j->shares, last = j->count * (share + 1) / j->shares;
    const int64_t begin = j->panels * part / j->parts, end = j->panels * (part + 1) / j->parts;
    const int64_t channel = b * j->block, block = sn_min(j->block, j->ic - channel), s_block = WINOGRAD_POINTS * j->s_point;
    float *v = scratch, *w = v + WINOGRAD_POINTS * j->v_point, *s = w + WINOGRAD_POINTS * j->w_point;
    float *out = j->partial + share * rows_of(j) * j->columns, *bias = b == 0 && j->dbias ? out + j->ic * j->taps * j->columns : NULL;
    if (bias) memset(bias + begin * j->width, 0, (size_t)(sn_min(end * j->width, j->oc) - begin * j->width) * sizeof *bias);
    for (int64_t t = first; t < last; t += j->group) {
        const int64_t tiles = sn_min(j->group, last - t);
        j->kernels.input(&j->from, j->x + channel, t, tiles, block, v, j->v_point, j->v_tile);
        for (int64_t panel = begin; panel < end; panel++) {
            const int64_t column = panel * j->width, columns = sn_min(j->width, j->oc - column), width = sn_min(j->width, j->columns - column);
            const sn_winograd_product product = {v, w, s + (panel - begin) * s_block, j->v_point, j->w_point, j->s_point, j->v_tile, WINOGRAD_POINTS,
                block, tiles, width, 0, t > first};
            float here[SN_TILE_WIDTH_MAX] = {0};
            if (j->together) j->kernels.weight_together(&j->to, j->dy, &product, t, here);
            else {
                j->kernels.gradient(&j->to, j->dy + column, t, tiles, columns, w, j->w_point, width, bias ? here : NULL);
                j->kernels.product(&product);
            }
            for (int64_t i = 0; bias && i < columns; i++) bias[column + i] += here[i];
        }
    }
    for (int64_t panel = begin; panel < end; panel++) {
        const int64_t column = panel * j->width, columns = sn_min(j->width, j->oc - column), width = sn_min(j->width, j->columns - column);
        j->kernels.inverse(&j->to, s + (panel - begin) * s_block, j->s_point, block, width, columns, out + channel * j->taps * j->columns + column, j->columns);
    }
}

static void units(void *context, int64_t begin, int64_t end) {
    job *j = context;
    const int64_t slot = sn_winograd_claim(&j->slots);
    for (int64_t i = begin; i < end; i++) one_unit(j, i, j->scratch + slot * j->slot_floats);
    sn_winograd_release(&j->slots, slot);
}

enum { SUM_ROWS = 16, SUM_COLS = 64 };

static void add_shares(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t rows = rows_of(j), step = rows * j->columns;
    float sum[SUM_ROWS * SUM_COLS];
    for (int64_t index = begin; index < end; index++) {
        const int64_t first = index * SUM_ROWS, count = sn_min(SUM_ROWS, rows - first);
        const int has_bias = first + count == rows;
        for (int64_t column = 0; column < j->oc; column += SUM_COLS) {
            const int64_t columns = sn_min(SUM_COLS, j->oc - column);
            const float *from = j->partial + first * j->columns + column;
            for (int64_t r = 0; r < count - (has_bias && !j->dbias); r++) {
                float *to = sum + r * SUM_COLS;
                for (int64_t c = 0; c < columns; c++) to[c] = from[r * j->columns + c];
                for (int64_t share = 1; share < j->shares; share++)
                    for (int64_t c = 0; c < columns; c++) to[c] += from[share * step + r * j->columns + c];
            }
            j->tiles.transpose(sum, SUM_COLS, count - has_bias, columns, j->dweight + column * (rows - 1) + first, rows - 1);
            if (has_bias && j->dbias) memcpy(j->dbias + column, sum + (count - 1) * SUM_COLS, (size_t)columns * sizeof *sum);
        }
    }
}

void sn_winograd_backward_weight(const sn_conv2d_args *a, int32_t isa, float *workspace) {
    enum { CHUNK = 1 << 13, ADD_CHUNK = 1 << 14 };
    const sn_tiles tiles = sn_tiles_of(isa);
    job j = job_of(a, tiles.lanes);
    j.tiles = tiles;
    j.kernels = sn_winograd_kernels_of(isa);
    j.partial = workspace;
    j.scratch = workspace + sn_winograd_slot(j.shares * rows_of(&j) * j.columns);
    const int64_t work = sn_ceil_div(j.count, j.shares) * (j.block + 32) * j.width * j.beside;
    sn_parallel_for(j.blocks * j.parts * j.shares, CHUNK / work + 1, units, &j);
    sn_parallel_for(sn_ceil_div(rows_of(&j), SUM_ROWS), ADD_CHUNK / (SUM_ROWS * j.columns * j.shares) + 1, add_shares, &j);
}
