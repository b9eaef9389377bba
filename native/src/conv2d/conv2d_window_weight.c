/* The weight gradient for few channels on both sides: the register tile's vectors run over the kw pixels of a window's row,
 * whose channels lie side by side in x, and its rows are the output channels; with few of these, vectors over them would
 * be half empty. Units sum over a slot, a fixed share of the pixels, into partial[slot][ky][output channel][column],
 * column = kx * c + channel, then a row for the bias; the slots are then added in order. Columns beyond kw * c are never
 * written nor used. */
#include <string.h>

#include "conv2d/conv2d_tiled.h"
#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { SLOTS = 16, ROWS_MOST = 128, KERNEL_MOST = 16 };

typedef struct {
    const sn_correlation *k;
    const sn_conv_plan *p;
    sn_tile_kernel tile;
    sn_conv_bias_kernel bias; /* NULL: no bias gradient */
    const float *dy;
    float *partial;
    int64_t slots;
} job;

static int64_t tiles_of(const sn_conv_plan *p) { return p->tiles_n * p->tiles_h * p->tiles_w; }
static int64_t columns_of(const sn_conv_plan *p) { return 2 * p->lanes; }
static int64_t slot_floats(const sn_correlation *k, const sn_conv_plan *p) { return k->kh * k->oc * columns_of(p) + sn_ceil_div(k->oc, 16) * 16; }

int64_t sn_window_weight_floats(const sn_correlation *k, const sn_conv_plan *p) {
    const int64_t width = k->kw * k->c;
    if (k->groups != 1 || k->dw != 1 || p->blocks != 1 || width > 2 * p->lanes || k->oc > sn_min(ROWS_MOST, 2 * p->lanes) || k->kh > KERNEL_MOST) return -1;
    /* Multiply-adds of vectors for a pixel; a tile of one vector waits for its loads. */
    const double windows = (double)(k->kh * k->oc * sn_ceil_div(width, p->lanes)) * (width > p->lanes ? 1 : 1.25);
    const double columns = (double)(k->kh * width * sn_ceil_div(k->oc, p->lanes)) * (k->oc > p->lanes ? 1 : 1.25);
    return windows * 1.1 < columns ? sn_min(SLOTS, tiles_of(p)) * slot_floats(k, p) : -1;
}

/* Adds a unit's pixels. */
static void add_unit(const job *j, const sn_conv_unit *u, float *partial, int fresh) {
    const sn_correlation *k = j->k;
    const sn_conv_plan *p = j->p;
    float patch[PATCH];
    int64_t row_x[ROWS_MOST], row_y[ROWS_MOST], run_x[PIXELS_MOST], run_v[PIXELS_MOST];
    const sn_conv_input in = sn_conv_input_of(k, p, u, 0, k->ic, patch);
    sn_tile t = {.x = j->dy, .row_x = row_x, .rows = k->oc, .run_x = run_x, .run_v = run_v, .runs = u->images * u->rows, .length = u->cols, .x_step = k->oc,
        .v_step = k->sw * in.pixel, .width = k->kw * k->c, .row_y = row_y, .beta = !fresh, .act = SN_IDENTITY};
    for (int64_t o = 0; o < k->oc; o++) row_x[o] = o, row_y[o] = o * columns_of(p);
    for (int64_t r = 0; r < t.runs; r++) {
        const int64_t image = r / u->rows, row = r % u->rows;
        run_x[r] = (((u->image + image) * k->oh + u->oy + row) * k->ow + u->ox) * k->oc;
        run_v[r] = image * in.image + row * k->sh * in.row;
    }
    for (int64_t ky = 0; ky < k->kh; ky++) {
        t.v = in.x + ky * k->dh * in.row;
        t.base = t.y = partial + ky * k->oc * columns_of(p);
        j->tile(&t);
    }
    float *sum = partial + k->kh * k->oc * columns_of(p);
    if (fresh) memset(sum, 0, (size_t)k->oc * sizeof *sum);
    for (int64_t r = 0; j->bias && r < t.runs; r++) j->bias(j->dy + run_x[r], k->oc, u->cols, k->oc, sum, NULL);
}

static void slots(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const int64_t tiles = tiles_of(j->p);
    for (int64_t slot = begin; slot < end; slot++) {
        const int64_t first = tiles * slot / j->slots, last = tiles * (slot + 1) / j->slots;
        for (int64_t tile = first; tile < last; tile++) {
            const sn_conv_unit u = sn_conv_unit_at(j->k, j->p, tile);
            add_unit(j, &u, j->partial + slot * slot_floats(j->k, j->p), tile == first);
        }
    }
}

void sn_window_weight(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, const float *dy, float *dweight, float *dbias, float *workspace) {
    enum { CHUNK = 1 << 18 };
    job j = {k, p, sn_tiles_of(isa).tile, dbias ? sn_conv_bias_of(isa) : NULL, dy, workspace, sn_min(SLOTS, tiles_of(p))};
    const double work = (double)(k->n * k->oh * k->ow) * (double)(k->kh * k->oc * columns_of(p)) / (double)j.slots;
    sn_parallel_for(j.slots, (int64_t)(CHUNK / work) + 1, slots, &j);
    const int64_t floats = slot_floats(k, p);
    for (int64_t slot = 1; slot < j.slots; slot++)
        for (int64_t i = 0; i < floats; i++) workspace[i] += workspace[slot * floats + i];
    for (int64_t o = 0; o < k->oc; o++)
        for (int64_t ky = 0; ky < k->kh; ky++)
            for (int64_t i = 0; i < k->kw * k->c; i++)
                dweight[((o * k->c + i % k->c) * k->kh + ky) * k->kw + i / k->c] = workspace[(ky * k->oc + o) * columns_of(p) + i];
    if (dbias) memcpy(dbias, workspace + k->kh * k->oc * columns_of(p), (size_t)k->oc * sizeof *dbias);
}
