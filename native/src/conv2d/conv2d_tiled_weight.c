/* The weight gradient on register tiles. Units sum over a slot, a fixed share of the pixels, into
 * partial[slot][group][row][column], row = channel * taps + tap or, by taps, tap * channels + channel, then a last row for
 * the bias; the slots are then added in order and transposed to dweight. */
#include "conv2d/conv2d_tiled.h"

#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

sn_conv_bias_kernel sn_conv_bias_of(int32_t isa) {
    static const sn_conv_bias_kernel kernels[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_conv2d_bias__avx2, sn_f32_conv2d_bias__avx512, sn_f32_conv2d_bias__neon);
    return kernels[isa];
}

typedef struct {
    const sn_correlation *k;
    const sn_conv_plan *p;
    sn_tiles tiles;
    sn_conv_bias_kernel bias;
    const float *dy;
    float *dweight, *dbias, *partial;
    int64_t slots, parts;
    int sums_by_tile; /* whether the register tile can add up dy */
    int by_taps;      /* a row of a window lies in one piece in x, and so do its rows in partial: tiles like even distances */
} job;

static int64_t rows_of(const sn_correlation *k) { return k->ic * k->kh * k->kw + 1; }
static int64_t row_of(const job *j, int64_t channel, int64_t tap) { return j->by_taps ? tap * j->k->ic + channel : channel * j->k->kh * j->k->kw + tap; }

/* Enough units for many cores, but no more memory than the caches like. */
static void choose_slots(const sn_correlation *k, const sn_conv_plan *p, int64_t *slots, int64_t *parts) {
    enum { UNITS = 32, FLOATS = 1 << 20 };
    const int64_t tiles = p->tiles_n * p->tiles_h * p->tiles_w, independent = k->groups * p->blocks;
    const double room = FLOATS / ((double)(k->groups * rows_of(k)) * (double)p->columns);
    *slots = sn_max(1, sn_min(tiles, sn_ceil_div(UNITS, independent)));
    if ((double)*slots > room) *slots = sn_max(1, (int64_t)room);
    *parts = sn_min(p->panels, sn_ceil_div(UNITS, independent * *slots));
}

/* What the next tile of pixels reads is brought near by `shares` tiles of registers: dy, and x where it is read in place. */
static void ahead(const job *j, int64_t tile, int64_t share, int64_t shares, sn_tile *t) {
    const sn_conv_reach r = sn_conv_unit_reach(j->k, j->p, tile);
    const int64_t floats = r.y_floats + (j->p->direct ? r.x_floats : 0), from = floats / shares * share;
    if (floats == 0) return;
    t->next_floats = floats / shares;
    t->next = from < r.y_floats ? j->dy + r.y + from : j->k->x + r.x + from - r.y_floats;
}

/* Where columns of dy are copied to, so that the tiles of registers of many rows find them side by side: pixels many channels
 * apart share a few sets of the first cache. NULL: they are read where they are. */
static float *copy_of(const job *j, const sn_conv_unit *u, int64_t rows, int64_t block, float *patch) {
    enum { ROWS_LEAST = 96, ROWS_LEAST_8 = 48, ROUND = 16 }; /* 8 tiles; of AVX2 where pixels of x are read in place, each of them */
    const sn_conv_plan *p = j->p;
    const int64_t used = p->direct ? 0 : sn_ceil_div(u->images * p->patch_h * p->patch_w * block, ROUND) * ROUND;
    if (rows < (p->direct && j->k->sw == 1 && p->lanes == 8 ? ROWS_LEAST_8 : ROWS_LEAST) || j->k->groups * j->k->oc <= 2 * p->lanes) return NULL;
    return used + u->images * u->rows * u->cols * 2 * p->lanes <= PATCH ? patch + used : NULL;
}

/* Adds up columns of dy in the runs at `at` and copies them. */
static void add_bias(const job *j, const sn_tile *t, const float *dy, const int64_t *at, int64_t step, float *sum, float *copy) {
    for (int64_t r = 0; r < t->runs; r++) j->bias(dy + at[r], step, t->length, t->width, sum, copy ? copy + r * t->length * 2 * j->p->lanes : NULL);
}

/* Adds the tile's pixels to the rows of the channels [channel, channel + block). */
static void add_tile(const job *j, int64_t tile, int64_t group, int64_t channel, int64_t block, int64_t panel_begin, int64_t panel_end,
                     float *partial, int fresh) {
    enum { ROWS = 240 };
    const sn_correlation *k = j->k;
    const sn_conv_plan *p = j->p;
    _Alignas(64) float patch[PATCH];
    float unused[SN_TILE_WIDTH_MAX] = {0};
    int64_t row_x[ROWS], row_y[ROWS], run_x[PIXELS_MOST], run_dy[PIXELS_MOST], run_copy[PIXELS_MOST];
    const int64_t taps = k->kh * k->kw, channels = k->groups * k->oc;
    const sn_conv_unit u = sn_conv_unit_at(k, p, tile);
    const sn_conv_input in = sn_conv_input_of(k, p, &u, group * k->ic + channel, block, patch);
    sn_tile t = {.x = in.x, .row_x = row_x, .run_x = run_x, .runs = u.images * u.rows, .length = u.cols,
        .x_step = k->sw * in.pixel, .row_y = row_y, .beta = !fresh, .act = SN_IDENTITY};
    for (int64_t r = 0; r < t.runs; r++) {
        const int64_t image = r / u.rows, row = r % u.rows;
        run_x[r] = image * in.image + row * k->sh * in.row;
        run_dy[r] = (((u.image + image) * k->oh + u.oy + row) * k->ow + u.ox) * channels;
        run_copy[r] = r * u.cols * 2 * p->lanes;
    }
    const int64_t chunks = sn_ceil_div(taps * block, ROWS), at_once = j->by_taps ? sn_min(ROWS, k->kw * block) : ROWS;
    for (int64_t first = 0; first < taps * block; first += ROWS) {
        const int64_t rows = sn_min(ROWS, taps * block - first), parts = sn_ceil_div(rows, at_once);
        int64_t tap = first / block, i = first % block;
        for (int64_t r = 0; r < rows; tap++, i = 0) {
            const int64_t x = tap / k->kw * k->dh * in.row + tap % k->kw * k->dw * in.pixel;
            for (; i < block && r < rows; i++, r++) {
                row_x[r] = x + i;
                row_y[r] = row_of(j, channel + i, tap) * p->columns;
            }
        }
        for (int64_t panel = panel_begin; panel < panel_end; panel++) {
            const int64_t col = panel * 2 * p->lanes;
            const float *dy = j->dy + group * k->oc + col;
            float *sum = partial + (rows_of(k) - 1) * p->columns + col, *copy = copy_of(j, &u, rows, block, patch);
            const int with_bias = channel == 0 && first == 0 && j->dbias;
            t.width = sn_min(2 * p->lanes, k->oc - col);
            if (with_bias && fresh) memset(sum, 0, (size_t)t.width * sizeof *sum);
            t.sum_v = with_bias && !copy && j->sums_by_tile ? sum : NULL;
            if ((with_bias && !t.sum_v) || copy) add_bias(j, &t, dy, run_dy, channels, with_bias ? sum : unused, copy);
            t.v = copy ? copy : dy;
            t.run_v = copy ? run_copy : run_dy;
            t.v_step = copy ? 2 * p->lanes : channels;
            t.base = t.y = partial + col;
            for (int64_t r = 0; r < rows; r += at_once, t.sum_v = NULL) {
                t.row_x = row_x + r, t.row_y = row_y + r;
                t.rows = sn_min(at_once, rows - r);
                ahead(j, tile + 1, (first / ROWS * (panel_end - panel_begin) + panel - panel_begin) * parts + r / at_once, chunks * (panel_end - panel_begin) * parts, &t);
                j->tiles.tile(&t);
            }
        }
    }
}

static void units(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_correlation *k = j->k;
    const sn_conv_plan *p = j->p;
    const int64_t tiles = p->tiles_n * p->tiles_h * p->tiles_w;
    for (int64_t index = begin; index < end; index++) {
        const int64_t part = index % j->parts, channel = index / j->parts % p->blocks * p->block;
        const int64_t group = index / j->parts / p->blocks % k->groups, slot = index / j->parts / p->blocks / k->groups;
        const int64_t first = tiles * slot / j->slots, last = tiles * (slot + 1) / j->slots;
        float *partial = j->partial + (slot * k->groups + group) * rows_of(k) * p->columns;
        for (int64_t tile = first; tile < last; tile++) {
            add_tile(j, tile, group, channel, sn_min(p->block, k->ic - channel), p->panels * part / j->parts, p->panels * (part + 1) / j->parts,
                     partial, tile == first);
        }
    }
}

/* dweight[col][row] = sum over slots of partial[slot][row][col], for blocks of rows of all groups; the last row of a
 * group is dbias. */
enum { SUM_ROWS = 64, SUM_COLS = 64 };

static void add_slots(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_correlation *k = j->k;
    const int64_t rows = rows_of(k), taps = k->kh * k->kw, columns = j->p->columns, step = k->groups * rows * columns, blocks = sn_ceil_div(rows, SUM_ROWS);
    float sum[SUM_ROWS * SUM_COLS];
    for (int64_t index = begin; index < end; index++) {
        const int64_t group = index / blocks, first = index % blocks * SUM_ROWS, count = sn_min(SUM_ROWS, rows - first);
        const int has_bias = first + count == rows;
        for (int64_t col = 0; col < k->oc; col += SUM_COLS) {
            const int64_t cols = sn_min(SUM_COLS, k->oc - col);
            const float *from = j->partial + (group * rows + first) * columns + col;
            if (j->slots > 1)
                for (int64_t r = 0; r < count; r++) {
                    const int64_t row = first + r, at = row < rows - 1 ? row_of(j, row / taps, row % taps) - first : r;
                    float *to = sum + r * SUM_COLS;
                    for (int64_t c = 0; c < cols; c++) to[c] = from[at * columns + c];
                    for (int64_t slot = 1; slot < j->slots; slot++)
                        for (int64_t c = 0; c < cols; c++) to[c] += from[slot * step + at * columns + c];
                }
            const float *all = j->slots > 1 ? sum : from;
            const int64_t all_step = j->slots > 1 ? SUM_COLS : columns;
            j->tiles.transpose(all, all_step, count - has_bias, cols, j->dweight + (group * k->oc + col) * (rows - 1) + first, rows - 1);
            if (has_bias && j->dbias) memcpy(j->dbias + group * k->oc + col, all + (count - 1) * all_step, (size_t)cols * sizeof *sum);
        }
    }
}

int64_t sn_conv_weight_floats(const sn_correlation *k, const sn_conv_plan *p) {
    int64_t slots, parts;
    choose_slots(k, p, &slots, &parts);
    return slots * k->groups * rows_of(k) * p->columns;
}

void sn_conv_weight(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, const float *dy, float *dweight, float *dbias,
                    float *workspace) {
    enum { CHUNK = 1 << 18, ADD_CHUNK = 1 << 14, CHANNELS_MOST = 8, ROWS_LEAST = 8, RUN_LEAST = 48 };
    job j = {k, p, sn_tiles_of(isa), sn_conv_bias_of(isa), dy, dweight, dbias, workspace, 0, 0, isa == SN_ISA_AVX512, 0};
    choose_slots(k, p, &j.slots, &j.parts);
    j.by_taps = k->ic <= CHANNELS_MOST && k->kw * k->ic >= ROWS_LEAST && p->tw >= RUN_LEAST && k->dw == 1 && k->groups == 1 && p->blocks == 1 && j.slots > 1;
    const int64_t count = j.slots * k->groups * p->blocks * j.parts;
    const double work = (double)(k->n * k->oh * k->ow) * (double)(k->groups * rows_of(k)) * (double)p->columns / (double)count;
    sn_parallel_for(count, (int64_t)(CHUNK / work) + 1, units, &j);
    sn_parallel_for(k->groups * sn_ceil_div(rows_of(k), SUM_ROWS), ADD_CHUNK / (SUM_ROWS * p->columns * j.slots) + 1, add_slots, &j);
}
