/* How the passes of conv2d are seen as correlations, and how a correlation is cut into units. */
#include <string.h>

#include "conv2d/conv2d_tiled.h"
#include "core/check.h"
#include "core/compiler.h"

/* A 1x1 window at stride 1 makes no difference between images, rows and pixels: one long row. */
static void flatten(sn_correlation *k) {
    if (k->kh != 1 || k->kw != 1 || k->sh != 1 || k->sw != 1 || k->ph != 0 || k->pw != 0 || k->h != k->oh || k->w != k->ow) return;
    if (k->y_row != k->ow * k->y_pixel || k->y_image != k->oh * k->y_row) return;
    k->w = k->ow = k->n * k->h * k->w;
    k->n = k->h = k->oh = 1;
}

sn_correlation sn_conv_forward(const sn_conv2d_args *a) {
    const int64_t taps = a->kh * a->kw, icg = a->c / a->groups, ocg = a->oc / a->groups;
    const int64_t pool_h = a->pool == SN_POOL_NONE ? 1 : a->pool_h, pool_w = a->pool == SN_POOL_NONE ? 1 : a->pool_w, row = a->ow / pool_w * a->oc;
    sn_correlation k = {.x = a->x, .n = a->n, .h = a->h, .w = a->w, .c = a->c, .groups = a->groups, .ic = icg, .oc = ocg,
        .kh = a->kh, .kw = a->kw, .dh = a->dilation_h, .dw = a->dilation_w, .sh = a->stride_h, .sw = a->stride_w, .ph = a->pad_h, .pw = a->pad_w,
        .oh = a->oh, .ow = a->ow, .residual = a->residual, .y = a->y, .y_image = a->oh / pool_h * row, .y_row = row, .y_pixel = a->oc,
        .weight = a->weight, .group_step = ocg * icg * taps, .col_step = icg * taps, .ic_step = taps, .ty_step = a->kw, .tx_step = 1,
        .bias = a->bias, .act = a->act, .act_alpha = a->act_alpha, .pool = a->pool, .pool_h = pool_h, .pool_w = pool_w};
    flatten(&k);
    return k;
}

static int64_t gcd(int64_t a, int64_t b) {
    while (b != 0) {
        const int64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

/* One axis of a phase: the pixels p, p + stride, ... of dx meet the taps first, first + step, ... of the kernel, and tap
 * number j of them meets dy at t + base - j * dilation, t being the pixel's number. */
typedef struct {
    int64_t pixels, taps, first, step, dilation, base;
} phase_axis;

static phase_axis axis_of(int64_t p, int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation) {
    const int64_t common = gcd(stride, dilation);
    phase_axis x = {.pixels = p < size ? (size - p + stride - 1) / stride : 0, .step = stride / common, .dilation = dilation / common};
    while (x.first < kernel && (p + pad - x.first * dilation) % stride != 0 && x.first < x.step) x.first++;
    if (x.first < kernel && x.first < x.step) {
        x.taps = (kernel - x.first + x.step - 1) / x.step;
        x.base = (p + pad - x.first * dilation) / stride;
    }
    return x;
}

sn_correlation sn_conv_backward_input(const sn_conv2d_args *a, int64_t phase) {
    const int64_t taps = a->kh * a->kw, icg = a->c / a->groups, ocg = a->oc / a->groups, py = phase / a->stride_w, px = phase % a->stride_w;
    const phase_axis v = axis_of(py, a->h, a->kh, a->stride_h, a->pad_h, a->dilation_h);
    const phase_axis u = axis_of(px, a->w, a->kw, a->stride_w, a->pad_w, a->dilation_w);
    sn_correlation k = {.x = a->dy, .n = a->n, .h = a->oh, .w = a->ow, .c = a->oc, .groups = a->groups, .ic = ocg, .oc = icg,
        .dh = v.dilation, .dw = u.dilation, .sh = 1, .sw = 1, .oh = v.pixels, .ow = u.pixels,
        .y = a->dx ? (float *)a->dx + (py * a->w + px) * a->c : NULL, .y_image = a->h * a->w * a->c, .y_row = a->stride_h * a->w * a->c,
        .y_pixel = a->stride_w * a->c, .weight = a->weight, .group_step = ocg * icg * taps, .col_step = taps, .ic_step = icg * taps,
        .act = SN_IDENTITY, .pool_h = 1, .pool_w = 1};
    if (v.taps == 0 || u.taps == 0) return k;
    /* The last tap of the kernel comes first in dy. */
    k.kh = v.taps;
    k.kw = u.taps;
    k.ph = (v.taps - 1) * v.dilation - v.base;
    k.pw = (u.taps - 1) * u.dilation - u.base;
    k.tap = (v.first + (v.taps - 1) * v.step) * a->kw + u.first + (u.taps - 1) * u.step;
    k.ty_step = -v.step * a->kw;
    k.tx_step = -u.step;
    flatten(&k);
    return k;
}

/* ---- the plan ---- */

/* Pixels of a unit: fewer where a small image and few panels would make one or two units, too few for several threads. */
static int64_t pixels_most(const sn_correlation *k, int64_t panels) {
    enum { LEAST = 48, UNITS = 4 };
    const double share = (double)k->n * (double)(k->oh * k->ow) * (double)panels / UNITS;
    return share >= PIXELS_MOST ? PIXELS_MOST : sn_max(LEAST, (int64_t)share);
}

static void plan_direct(const sn_correlation *k, sn_conv_plan *p) {
    const int64_t pixels = sn_min(192, pixels_most(k, p->panels));
    p->direct = 1;
    p->block = k->ic;
    p->tw = sn_even_share(k->ow, sn_min(k->ow, pixels));
    p->th = sn_even_share(k->oh, sn_min(k->oh, sn_max(1, pixels / p->tw)));
    p->tn = 1;
    if (p->tw == k->ow && p->th == k->oh) p->tn = sn_even_share(k->n, sn_min(k->n, sn_max(1, pixels / (p->tw * p->th))));
}

/* The best patch for blocks of this many channels: much output for the input copied and for the weights read. Returns
 * the pixels of a unit, 0 when not even one fits. Rows may be cut into pieces. */
static int64_t plan_patch(const sn_correlation *k, int64_t block, int cut, sn_conv_plan *p) {
    enum { PIECES = 64 };
    const int64_t reach_h = (k->kh - 1) * k->dh + 1, reach_w = (k->kw - 1) * k->dw + 1, room = PATCH / block, most = pixels_most(k, p->panels);
    if (room / reach_h < reach_w) return 0;
    const int64_t columns = sn_min(most, (room / reach_h - reach_w) / k->sw + 1); /* that fit */
    const int64_t pieces = cut ? sn_max(PIECES, 2 * sn_ceil_div(k->ow, columns)) : 1;
    double best = 1e30;
    int64_t pixels = 0, before = 0;
    for (int64_t split = 1; split <= pieces; split += split < 4 ? 1 : split / 2) {
        const int64_t tw = sn_ceil_div(k->ow, split), patch_w = (tw - 1) * k->sw + reach_w;
        if ((double)(patch_w * sn_min(k->sh, reach_h)) >= best * (double)tw) break; /* narrower ones cost more, however high they are */
        if (tw == before || tw > columns) continue;
        before = tw;
        const int64_t th = sn_even_share(k->oh, sn_min(sn_min(k->oh, (room / patch_w - reach_h) / k->sh + 1), sn_max(1, most / tw)));
        const int64_t patch_h = (th - 1) * k->sh + reach_h;
        int64_t tn = 1;
        if (tw == k->ow && th == k->oh) tn = sn_even_share(k->n, sn_max(1, sn_min(k->n, sn_min(most / (tw * th), room / (patch_h * patch_w)))));
        const double cost = (double)(tn * patch_h * patch_w + 32) / (double)(tn * th * tw);
        if (cost >= best) continue;
        best = cost;
        pixels = tn * th * tw;
        p->block = block;
        p->tn = tn, p->th = th, p->tw = tw;
        p->patch_h = patch_h, p->patch_w = patch_w;
    }
    return pixels;
}

static int inside(int64_t size, int64_t out, int64_t kernel, int64_t dilation, int64_t stride, int64_t pad) {
    return pad <= 0 && (out - 1) * stride - pad + (kernel - 1) * dilation < size;
}

enum { BLOCK_MOST = 128, BLOCK_LEAST = 32, TERMS_MOST = 2048, PIXELS_ENOUGH = 96, UNITS_LEAST = 8, UNITS_ENOUGH = 32, PANELS_LEAST = 4 };

static void count_units(const sn_correlation *k, sn_conv_plan *p) {
    p->blocks = sn_ceil_div(k->ic, p->block);
    p->tiles_n = sn_ceil_div(k->n, p->tn);
    p->tiles_h = sn_ceil_div(k->oh, p->th);
    p->tiles_w = sn_ceil_div(k->ow, p->tw);
    /* Each part copies the patch: not for less than some panels, unless there were too few units for any threads. */
    const int64_t units = p->tiles_n * p->tiles_h * p->tiles_w * k->groups, enough = sn_ceil_div(UNITS_ENOUGH, units);
    p->parts = p->direct ? enough : sn_max(sn_ceil_div(UNITS_LEAST, units), sn_min(enough, p->panels / PANELS_LEAST));
    p->parts = sn_min(p->panels, p->parts);
}

int sn_conv_plan_make(const sn_correlation *k, int64_t lanes, sn_conv_plan *p) {
    memset(p, 0, sizeof *p);
    if (k->oh == 0 || k->ow == 0) return 1; /* a phase beyond a small dx: nothing to do */
    p->lanes = lanes;
    p->panels = sn_ceil_div(k->oc, 2 * lanes);
    p->columns = sn_ceil_div(k->oc, lanes) * lanes;
    const int64_t across = k->dw == 1 && k->groups == 1 ? 1 : k->kw; /* runs of a row of a window */
    if (k->kh * across > RUNS_MOST || k->ic > INT32_MAX || k->oc > INT32_MAX) return 0;
    /* Pixels 4 KiB apart share one set of the first cache: better copied. */
    const int in_place = inside(k->h, k->oh, k->kh, k->dh, k->sh, k->ph) && inside(k->w, k->ow, k->kw, k->dw, k->sw, k->pw);
    if (k->kh == 0 || k->kw == 0 || (in_place && k->c * k->sw % 1024 != 0 && k->ic * k->kh * k->kw <= TERMS_MOST)) {
        plan_direct(k, p);
    } else {
        const int64_t most = pixels_most(k, p->panels);
        const int64_t enough = sn_min(PIXELS_ENOUGH, (double)k->n * (double)(k->oh * k->ow) < (double)most ? k->n * k->oh * k->ow : most);
        /* a tile's sums are chains, which err the more the longer they are */
        const int64_t channels = k->kh * k->kw > RUNS_MOST ? sn_max(1, TERMS_MOST / (k->kh * k->kw)) : BLOCK_MOST;
        int64_t pixels = 0, block = sn_even_share(k->ic, sn_min(k->ic, channels));
        for (;; block = (block + 1) / 2) {
            pixels = plan_patch(k, block, 1, p);
            if (pixels >= enough || (pixels > 0 && block < 2 * BLOCK_LEAST) || block <= 4) break;
        }
        if (pixels == 0) return 0;
    }
    count_units(k, p);
    return 1;
}

/* Cycles for each multiply-add of a vector, about: a tile of 12 rows begins and ends, a run begins, and what is copied. */
static double weight_cost(const sn_correlation *k, const sn_conv_plan *p) {
    enum { TILE_ROWS = 12, TILE = 110, RUN = 7, PIECE = 4, PANELS = 4 };
    const int64_t rows = p->block * k->kh * k->kw, runs = p->tn * p->th, pixels = runs * p->tw, tiles = sn_ceil_div(rows, TILE_ROWS);
    const int64_t patch = p->tn * p->patch_h * p->patch_w, pieces = p->block == k->c ? p->tn * p->patch_h : patch;
    const double copied = ((double)(pieces * PIECE) + (double)(patch * p->block) / 8) / (double)sn_min(PANELS, p->panels);
    return 1 + ((double)(tiles * (TILE + RUN * runs)) + copied) / (double)(rows * pixels);
}

int sn_conv_weight_plan_make(const sn_correlation *k, int64_t lanes, sn_conv_plan *p) {
    enum { LEAST = 8 };
    if (!sn_conv_plan_make(k, lanes, p)) return 0;
    if (p->direct || k->oh == 0 || k->ow == 0) return 1;
    double best = weight_cost(k, p);
    for (int64_t block = sn_even_share(k->ic, sn_min(k->ic, BLOCK_MOST));; block = (block + 1) / 2) {
        sn_conv_plan other = *p;
        if (plan_patch(k, block, 0, &other) != 0 || plan_patch(k, block, 1, &other) != 0) {
            const double cost = weight_cost(k, &other);
            if (cost < best) best = cost, *p = other;
        }
        if (block < 2 * LEAST) break;
    }
    count_units(k, p);
    return 1;
}

/* ---- units ---- */

sn_conv_unit sn_conv_unit_at(const sn_correlation *k, const sn_conv_plan *p, int64_t index) {
    sn_conv_unit u = {.ox = index % p->tiles_w * p->tw, .oy = index / p->tiles_w % p->tiles_h * p->th, .image = index / p->tiles_w / p->tiles_h * p->tn};
    u.cols = sn_min(p->tw, k->ow - u.ox);
    u.rows = sn_min(p->th, k->oh - u.oy);
    u.images = sn_min(p->tn, k->n - u.image);
    return u;
}

sn_conv_reach sn_conv_unit_reach(const sn_correlation *k, const sn_conv_plan *p, int64_t index) {
    if (k->groups > 1 || index >= p->tiles_n * p->tiles_h * p->tiles_w) return (sn_conv_reach){0};
    const sn_conv_unit u = sn_conv_unit_at(k, p, index);
    const int one_row = k->n == 1 && k->oh == 1;
    if (!one_row && u.ox > 0) return (sn_conv_reach){0};
    const int64_t row = sn_min(k->h - 1, sn_max(0, u.oy * k->sh - k->ph)), rows = sn_min(k->h - row, u.rows * k->sh);
    const int64_t column = one_row ? sn_min(k->w - 1, sn_max(0, u.ox * k->sw - k->pw)) : 0;
    return (sn_conv_reach){
        .x = ((u.image * k->h + row) * k->w + column) * k->c,
        .x_floats = u.images * rows * (one_row ? sn_min(k->w - column, u.cols * k->sw) : k->w) * k->c,
        .y = ((u.image * k->oh + u.oy) * k->ow + u.ox) * k->oc,
        .y_floats = u.images * u.rows * (one_row ? u.cols : k->ow) * k->oc,
    };
}

/* block is a constant at each call but the last. */
static SN_INLINE void copy_each(const float *from, int64_t step, int64_t count, const int64_t block, float *to) {
    for (int64_t i = 0; i < count; i++, from += step, to += block) memcpy(to, from, (size_t)block * sizeof *to);
}

/* Copies count pixels of block channels that lie step apart. */
static void copy_pixels(const float *from, int64_t step, int64_t count, int64_t block, float *to) {
    if (step == block) memcpy(to, from, (size_t)(count * block) * sizeof *to);
    else if (block == 8) copy_each(from, step, count, 8, to);
    else if (block == 16) copy_each(from, step, count, 16, to);
    else if (block == 32) copy_each(from, step, count, 32, to);
    else copy_each(from, step, count, block, to);
}

void sn_conv_fill_patch(const sn_correlation *k, const sn_conv_plan *p, const sn_conv_unit *u, int64_t channel, int64_t block, float *patch) {
    const int64_t ix = u->ox * k->sw - k->pw, row = p->patch_w * block;
    const int64_t used_h = (u->rows - 1) * k->sh + (k->kh - 1) * k->dh + 1, used_w = (u->cols - 1) * k->sw + (k->kw - 1) * k->dw + 1;
    const int64_t left = sn_min(sn_max(0, -ix), used_w), right = sn_max(left, sn_min(used_w, k->w - ix));
    for (int64_t image = 0; image < u->images; image++)
        for (int64_t r = 0; r < used_h; r++) {
            const int64_t iy = u->oy * k->sh - k->ph + r;
            float *to = patch + (image * p->patch_h + r) * row;
            if (iy < 0 || iy >= k->h || left == right) {
                memset(to, 0, (size_t)(used_w * block) * sizeof *to);
                continue;
            }
            const float *from = k->x + (((u->image + image) * k->h + iy) * k->w + ix + left) * k->c + channel;
            memset(to, 0, (size_t)(left * block) * sizeof *to);
            copy_pixels(from, k->c, right - left, block, to + left * block);
            memset(to + right * block, 0, (size_t)((used_w - right) * block) * sizeof *to);
        }
}

sn_conv_input sn_conv_input_of(const sn_correlation *k, const sn_conv_plan *p, const sn_conv_unit *u, int64_t channel, int64_t block, float *patch) {
    if (!p->direct) {
        sn_conv_fill_patch(k, p, u, channel, block, patch);
        return (sn_conv_input){patch, p->patch_h * p->patch_w * block, p->patch_w * block, block};
    }
    const int64_t iy = u->oy * k->sh - k->ph, ix = u->ox * k->sw - k->pw;
    return (sn_conv_input){k->x + ((u->image * k->h + iy) * k->w + ix) * k->c + channel, k->h * k->w * k->c, k->w * k->c, k->c};
}
