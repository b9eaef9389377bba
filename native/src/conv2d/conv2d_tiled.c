/* A correlation on register tiles: forward, and each phase of backward input. */
#include "conv2d/conv2d_tiled.h"

#include <string.h>

#include "core/check.h"
#include "core/stream.h"
#include "pool/pool.h"
#include "pool2d/pool2d.h"
#include "tile/epilogue.h"

typedef struct {
    const sn_correlation *k;
    const sn_conv_plan *p;
    sn_tiles tiles;
    int32_t isa;
    int past_caches; /* y is stored past them */
    int y_far;       /* y is larger than a second cache, but not that large */
    const float *packed; /* [group][block of channels][panel][ty][tx][channel of the block][column of the panel] */
} job;

static int64_t panel_width(const job *j, int64_t panel) {
    return sn_min(2 * j->p->lanes, j->p->columns - panel * 2 * j->p->lanes);
}

static const float *panel_at(const job *j, int64_t group, int64_t channel, int64_t block, int64_t panel) {
    const int64_t taps = j->k->kh * j->k->kw;
    return j->packed + taps * (j->p->columns * (group * j->k->ic + channel) + panel * 2 * j->p->lanes * block);
}

/* A column's weights of a block lie contiguous, [i][ty][tx]. They are transposed piece by piece and the rows
 * then moved to [ty][tx][i]. */
static void pack_contiguous(const job *j, const float *from, int64_t block, int64_t valid, int64_t width, float *out) {
    enum { PIECE = 128 };
    float piece[PIECE * SN_TILE_WIDTH_MAX];
    const int64_t taps = j->k->kh * j->k->kw, count = block * taps;
    memset(piece, 0, sizeof piece);
    for (int64_t e0 = 0; e0 < count; e0 += PIECE) {
        const int64_t here = sn_min(PIECE, count - e0);
        j->tiles.transpose(from + e0, j->k->col_step, valid, here, piece, width);
        int64_t i = e0 / taps, tap = e0 % taps;
        for (int64_t e = 0; e < here; e++) {
            memcpy(out + (tap * block + i) * width, piece + e * width, (size_t)width * sizeof *out);
            if (++tap == taps) tap = 0, i++;
        }
    }
}

static void pack_panel(const job *j, int64_t group, int64_t channel, int64_t block, int64_t panel) {
    const sn_correlation *k = j->k;
    const int64_t width = panel_width(j, panel), first = panel * 2 * j->p->lanes, valid = sn_min(width, k->oc - first);
    pack_contiguous(j, k->weight + group * k->group_step + first * k->col_step + channel * k->ic_step, block, valid, width,
                    (float *)panel_at(j, group, channel, block, panel));
}

static void pack_panels(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_conv_plan *p = j->p;
    for (int64_t u = begin; u < end; u++) {
        const int64_t channel = u / p->panels % p->blocks * p->block;
        pack_panel(j, u / p->panels / p->blocks, channel, sn_min(p->block, j->k->ic - channel), u % p->panels);
    }
}

/* Offsets of the unit's pixels from its first one, in an array of these strides. */
static void pixel_offsets(const sn_conv_unit *u, int64_t image, int64_t row, int64_t pixel, int64_t *offsets) {
    const int64_t cols = u->cols; /* what is stored might be this */
    for (int64_t i = 0; i < u->images; i++)
        for (int64_t r = 0; r < u->rows; r++, offsets += cols)
            for (int64_t c = 0; c < cols; c++) offsets[c] = i * image + r * row + c * pixel;
}

/* Where the windows of the unit's pixels begin in its input. */
static void window_offsets(const sn_correlation *k, const sn_conv_unit *u, sn_conv_input in, int64_t *offsets) {
    pixel_offsets(u, in.image, k->sh * in.row, k->sw * in.pixel, offsets);
}

/* The parts of a window that lie contiguous in the input: whole rows of it when the columns are neighbours. */
static void window_runs(const sn_correlation *k, sn_conv_input in, int64_t block, int64_t width, sn_tile *t, int64_t *run_x, int64_t *run_v) {
    const int rows = k->kw == 1 || (k->dw == 1 && in.pixel == block);
    const int64_t across = rows ? 1 : k->kw;
    t->length = rows ? k->kw * block : block;
    t->runs = k->kh * across;
    if (k->kw == 0) t->runs = 0;
    for (int64_t u = 0; u < t->runs; u++) {
        run_x[u] = u / across * k->dh * in.row + u % across * k->dw * in.pixel;
        run_v[u] = u * t->length * width;
    }
}

/* What is read or copied next of x, `channel` being its first: a share of it with each panel. */
static void input_ahead(const sn_correlation *k, const sn_conv_plan *p, int64_t unit, int64_t channel, int64_t share, int64_t shares, sn_tile *t) {
    enum { PAIR = 32 }; /* floats of two cache lines */
    const sn_conv_reach r = sn_conv_unit_reach(k, p, unit);
    if (r.x_floats == 0 || (p->blocks > 1 && share * PAIR >= p->block)) return;
    t->next_floats = p->blocks > 1 ? r.x_floats / k->c * PAIR : r.x_floats / shares;
    t->next_stride = p->blocks > 1 ? k->c : 0;
    t->next = k->x + r.x + (p->blocks > 1 ? channel + share * PAIR : share * t->next_floats);
}

static void one_unit(const job *j, int64_t index) {
    enum { WEIGHTS_NEAR = 1 << 16 }; /* floats of packed weights that stay in the second cache beside the rest */
    const sn_correlation *k = j->k;
    const sn_conv_plan *p = j->p;
    float patch[PATCH];
    int64_t row_x[PIXELS_MOST], row_y[PIXELS_MOST], run_x[RUNS_MOST], run_v[RUNS_MOST];
    /* one after the other: the units that read the same weights */
    const int64_t tiles = p->tiles_n * p->tiles_h * p->tiles_w, part = index / tiles % p->parts, group = index / tiles / p->parts;
    const sn_conv_unit u = sn_conv_unit_at(k, p, index % tiles);
    const int64_t panel_end = p->panels * (part + 1) / p->parts, panel_begin = p->panels * part / p->parts;
    const int64_t pixels = u.images * u.rows * u.cols, y = u.image * k->y_image + u.oy * k->y_row + u.ox * k->y_pixel + group * k->oc;
    pixel_offsets(&u, k->y_image, k->y_row, k->y_pixel, row_y);
    for (int64_t channel = 0; channel < k->ic; channel += p->block) {
        const int64_t block = sn_min(p->block, k->ic - channel);
        const int last = channel + block == k->ic;
        const sn_conv_input in = sn_conv_input_of(k, p, &u, group * k->ic + channel, block, patch);
        window_offsets(k, &u, in, row_x);
        sn_tile t = {.x = in.x, .row_x = row_x, .rows = pixels, .run_x = run_x, .run_v = run_v, .x_step = 1, .row_y = row_y,
            .beta = channel > 0 || k->residual, .act = last && sn_epilogue_in_register(k->act) ? k->act : SN_IDENTITY, .slope = (float)k->act_alpha,
            .past_caches = j->past_caches, .y_far = j->y_far && channel == 0};
        for (int64_t panel = panel_begin; panel < panel_end; panel++) {
            const int64_t col = panel * 2 * p->lanes;
            t.v_step = panel_width(j, panel);
            window_runs(k, in, block, t.v_step, &t, run_x, run_v);
            t.v = panel_at(j, group, channel, block, panel);
            if (panel + 1 < panel_end) t.next = panel_at(j, group, channel, block, panel + 1);
            else if (!last) t.next = panel_at(j, group, channel + block, sn_min(p->block, k->ic - channel - block), panel_begin);
            else t.next = panel_at(j, group, 0, p->block, tiles == 1 && panel_end < p->panels ? panel_end : panel_begin);
            t.next_floats = t.runs * t.length * t.v_step;
            t.next_stride = 0;
            /* where one patch has all pixels, it is the weights that come from afar */
            if ((p->blocks > 1 && tiles > 1) || k->kh * k->kw * k->ic * p->columns <= WEIGHTS_NEAR)
                input_ahead(k, p, index % tiles + last, last ? 0 : channel + block, panel - panel_begin, panel_end - panel_begin, &t);
            t.width = sn_min(2 * p->lanes, k->oc - col);
            t.y = k->y + y + col;
            t.base = channel == 0 && k->residual ? k->residual + y + col : t.y;
            t.bias = last && k->bias ? k->bias + group * k->oc + col : NULL;
            j->tiles.tile(&t);
        }
    }
    if (sn_epilogue_in_register(k->act)) return;
    const int64_t col = panel_begin * 2 * p->lanes, cols = sn_min(panel_end * 2 * p->lanes, k->oc) - col;
    const int64_t rows = cols * u.cols == k->y_row ? u.rows : 1; /* whole rows lie one after the other */
    for (int64_t r = 0; r < pixels; r += rows * u.cols)
        sn_epilogue_rows(SN_F32, j->isa, k->act, k->act_alpha, k->y + y + row_y[r] + col, rows * u.cols, cols, k->y_pixel);
}

/* ---- results that are pooled, made in strips that stay in the first cache ---- */

enum { STRIP = 2048 };

/* Pixels of a strip of whole windows, rows of cols pixels. */
static int64_t strip_pixels(const sn_correlation *k, int64_t cols) { return STRIP / k->oc / (k->pool_h * cols) * k->pool_h * cols; }

/* The windows of pixels [first, first + count) of a unit, which are whole rows of them. */
static void pool_strip(const job *j, const sn_conv_unit *u, int64_t first, int64_t count, const float *made) {
    const sn_correlation *k = j->k;
    const int64_t each = k->pool_h * u->cols, band = first / each, bands = count / each;
    const int64_t step = u->cols == k->ow ? bands : 1; /* those that lie one after the other in y */
    for (int64_t b = 0; b < bands; b += step) {
        const sn_pool2d_args windows = {.dtype = SN_F32, .n = 1, .c = k->oc, .h = step * k->pool_h, .w = u->cols, .oh = step, .ow = u->cols / k->pool_w,
            .kh = k->pool_h, .kw = k->pool_w, .stride_h = k->pool_h, .stride_w = k->pool_w, .dilation_h = 1, .dilation_w = 1,
            .x = made + b * each * k->oc,
            .y = k->y + u->image * k->y_image + (u->oy / k->pool_h + band + b) * k->y_row + u->ox / k->pool_w * k->y_pixel};
        sn_pool2d_rows(&windows, k->pool == SN_POOL_MAX, j->isa);
    }
}

static void strip_unit(const job *j, int64_t index) {
    const sn_correlation *k = j->k;
    const sn_conv_plan *p = j->p;
    float patch[PATCH];
    _Alignas(64) float made[STRIP];
    int64_t row_x[PIXELS_MOST], row_made[PIXELS_MOST], run_x[RUNS_MOST], run_v[RUNS_MOST];
    const sn_conv_unit u = sn_conv_unit_at(k, p, index);
    const sn_conv_input in = sn_conv_input_of(k, p, &u, 0, k->ic, patch);
    const int64_t pixels = u.images * u.rows * u.cols, most = strip_pixels(k, u.cols);
    window_offsets(k, &u, in, row_x);
    for (int64_t i = 0; i < sn_min(most, pixels); i++) row_made[i] = i * k->oc;
    sn_tile t = {.x = in.x, .row_y = row_made, .run_x = run_x, .run_v = run_v, .x_step = 1, .act = sn_epilogue_in_register(k->act) ? k->act : SN_IDENTITY,
        .slope = (float)k->act_alpha};
    for (int64_t first = 0; first < pixels; first += most) {
        t.row_x = row_x + first;
        t.rows = sn_min(most, pixels - first);
        for (int64_t panel = 0; panel < p->panels; panel++) {
            const int64_t col = panel * 2 * p->lanes;
            t.v_step = panel_width(j, panel);
            window_runs(k, in, k->ic, t.v_step, &t, run_x, run_v);
            t.v = panel_at(j, 0, 0, k->ic, panel);
            t.width = sn_min(2 * p->lanes, k->oc - col);
            t.y = made + col;
            t.bias = k->bias ? k->bias + col : NULL;
            j->tiles.tile(&t);
        }
        if (t.act != k->act) sn_epilogue_rows(SN_F32, j->isa, k->act, k->act_alpha, made, 1, t.rows * k->oc, t.rows * k->oc);
        pool_strip(j, &u, first, t.rows, made);
    }
}

static void strip_units(void *context, int64_t begin, int64_t end) {
    for (int64_t u = begin; u < end; u++) strip_unit(context, u);
}

static void units(void *context, int64_t begin, int64_t end) {
    for (int64_t u = begin; u < end; u++) one_unit(context, u);
}

int sn_conv_plan_pool(const sn_correlation *k, sn_conv_plan *p) {
    p->th -= p->th % k->pool_h;
    p->tw -= p->tw % k->pool_w;
    if (k->groups != 1 || p->blocks != 1 || p->parts != 1 || p->th == 0 || p->tw == 0 || strip_pixels(k, p->tw) == 0) return 0;
    p->tiles_h = sn_ceil_div(k->oh, p->th);
    p->tiles_w = sn_ceil_div(k->ow, p->tw);
    return 1;
}

int64_t sn_conv_packed_floats(const sn_correlation *k, const sn_conv_plan *p) {
    return k->groups * k->kh * k->kw * k->ic * p->columns;
}

void sn_conv_pack(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, float *packed) {
    enum { CHUNK = 1 << 14 };
    job j = {k, p, sn_tiles_of(isa), isa, 0, 0, packed};
    if (k->oh == 0 || k->ow == 0 || k->kh * k->kw == 0) return;
    const int64_t panels = k->groups * p->blocks * p->panels;
    const double floats = (double)(k->kh * k->kw * k->ic) * (double)p->columns * (double)k->groups;
    sn_parallel_for(panels, (int64_t)(CHUNK / (floats / (double)panels)) + 1, pack_panels, &j);
}

/* Whether no cache would hold all of y, of which this may be a part, until it is used: stores that first read the lines they
 * fill move as much again. Tiles store each element once then, in whole lines. */
static int past_caches(const sn_correlation *k, const sn_conv_plan *p) {
    return p->blocks == 1 && k->residual != k->y && sn_epilogue_in_register(k->act) && k->oc % 16 == 0 && k->y_pixel % 16 == 0 && k->y_row % 16 == 0 &&
           k->y_image % 16 == 0 && sn_past_caches(k->y, sn_mul(k->n, k->y_image * (int64_t)sizeof(float)));
}

static void correlate(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, const float *packed) {
    enum { FAR = 1 << 18 }; /* floats */
    const int past = past_caches(k, p);
    job j = {k, p, sn_tiles_of(isa), isa, past, !past && !k->residual && sn_mul(k->n, k->y_image) > FAR, packed};
    if (k->oh == 0 || k->ow == 0) return;
    const double work = (double)(k->kh * k->kw * k->ic + 8) * (double)p->columns / (double)p->parts * (double)(p->tn * p->th * p->tw);
    const int64_t count = k->groups * p->tiles_n * p->tiles_h * p->tiles_w * p->parts;
    sn_parallel_for(count, sn_conv_grain(count, work), k->pool != SN_POOL_NONE ? strip_units : units, &j);
}

/* ---- borders apart ---- */

/* Some rows and columns of a result. */
static sn_correlation piece_of(const sn_correlation *k, int64_t row, int64_t rows, int64_t column, int64_t columns) {
    sn_correlation piece = *k;
    piece.oh = rows, piece.ow = columns;
    piece.ph -= row * k->sh, piece.pw -= column * k->sw;
    piece.y += row * k->y_row + column * k->y_pixel;
    if (k->residual) piece.residual += row * k->y_row + column * k->y_pixel;
    return piece;
}

/* The outputs of an axis, from first up to end, whose windows are inside the image. */
typedef struct {
    int64_t first, end;
} whole_windows;

static whole_windows windows_inside(int64_t size, int64_t out, int64_t kernel, int64_t dilation, int64_t stride, int64_t pad) {
    const int64_t last = size + pad - ((kernel - 1) * dilation + 1);
    const int64_t end = last < 0 ? 0 : sn_min(out, last / stride + 1), first = pad <= 0 ? 0 : sn_min(end, sn_ceil_div(pad, stride));
    return (whole_windows){first, sn_max(first, end)};
}

enum { PIECES = 5 };

/* The inner piece, whose input is read in place, and the borders, which need a patch with zeros: copying all of the input costs
 * more. They share the weights, packed in one block. 0 where it is not worth while. */
static int64_t cut(const sn_correlation *k, const sn_conv_plan *p, sn_correlation pieces[PIECES], sn_conv_plan plans[PIECES]) {
    const double work = (double)(k->kh * k->kw * k->ic * k->groups) * (double)p->columns * (double)(k->n * k->oh) * (double)k->ow;
    if (p->direct || p->blocks > 1 || k->pool != SN_POOL_NONE || work < 1 << 25) return 0;
    const whole_windows v = windows_inside(k->h, k->oh, k->kh, k->dh, k->sh, k->ph), u = windows_inside(k->w, k->ow, k->kw, k->dw, k->sw, k->pw);
    const int64_t rows = v.end - v.first, columns = u.end - u.first;
    if (4 * rows * columns < 3 * k->oh * k->ow) return 0;
    pieces[0] = piece_of(k, v.first, rows, u.first, columns);
    pieces[1] = piece_of(k, 0, v.first, 0, k->ow);
    pieces[2] = piece_of(k, v.end, k->oh - v.end, 0, k->ow);
    pieces[3] = piece_of(k, v.first, rows, 0, u.first);
    pieces[4] = piece_of(k, v.first, rows, u.end, k->ow - u.end);
    for (int i = 0; i < PIECES; i++)
        if (!sn_conv_plan_make(&pieces[i], p->lanes, &plans[i]) || (plans[i].block != p->block && pieces[i].oh * pieces[i].ow > 0)) return 0;
    return plans[0].direct ? PIECES : 0;
}

void sn_conv_correlate(const sn_correlation *k, const sn_conv_plan *p, int32_t isa, const float *packed) {
    sn_correlation pieces[PIECES];
    sn_conv_plan plans[PIECES];
    const int64_t count = cut(k, p, pieces, plans);
    for (int64_t i = 0; i < count; i++) correlate(&pieces[i], &plans[i], isa, packed);
    if (count == 0) correlate(k, p, isa, packed);
}
