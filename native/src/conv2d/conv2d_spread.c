#include "conv2d/conv2d_spread.h"

#include <math.h>
#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"
#include "tile/tile.h"

typedef void (*spread_kernel)(const sn_spread *s);
static const spread_kernel kernels[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, sn_f32_spread__avx2, sn_f32_spread__avx512, sn_f32_spread__neon);

/* Floats of what the tile makes of the pixels of dy; of a row of windows added up; pixels; rows and width of a kernel. */
enum { MADE = 5760, ROW = 5120, PIXELS = 320, KERNEL_MOST = 16, WIDTH_MOST = 128 };

/* How dx is cut into units: a row of several images, to which the tile adds all rows of dy; or, whole, many rows of one
 * image, the tile making whole windows of each pixel. */
typedef struct {
    int whole;
    int64_t width;         /* of a row of a window */
    int64_t made;          /* what the tile makes of a pixel, in whole vectors */
    int64_t panels, panel;
    int64_t images, rows;  /* of a unit */
    int64_t tiles_n, tiles_h;
    int64_t segment;       /* pixels of dy at a time */
} plan;

/* Cycles a pixel of dy, where two vector multiply-adds a cycle are the peak: fitted to 168 shapes on Zen 5. An array
 * of dy beyond the second cache costs planes twice their time, which read each pixel's line in parts. */
typedef struct {
    double planes, rows, windows;
} costs;

static costs costs_of(const sn_conv2d_args *a, int64_t lanes) {
    enum { CACHE = 1 << 19 };
    static const double planes_share[] = {1, 0.3, 0.45, 0.55, 0.62};
    const double share = a->c == 1 && (a->kh == 3 || a->kh == 5) ? 0.5 : planes_share[sn_min(a->c, 4)]; /* by blocks of rows */
    const double oc = (double)a->oc, pixels = (double)(a->oh * a->ow), row = (double)sn_ceil_div(a->kw * a->c, lanes);
    const double window = (double)sn_ceil_div(a->kh * a->kw * a->c, lanes), kh = (double)a->kh;
    const int strides = a->stride_h * a->stride_w > 1, large = (double)a->n * pixels * oc > CACHE;
    const double taps = (double)(a->kh * a->kw) * (double)(a->h * a->w) / pixels / (double)(a->stride_h * a->stride_w);
    const double planes = taps * (double)a->c * oc / (double)(2 * lanes) / share * (strides ? 1 + 2.4 / (double)a->kw : 1);
    const double rows = kh * (row * oc / (row == 1 ? 1.44 : 1.7) + 3 + (row > 2 ? 6 : 2) * row);
    const double windows = a->kh * a->kw * a->c <= MADE / 12 - lanes ? window * oc / 1.7 + kh * (6 + 5 * row) : INFINITY;
    return (costs){large ? 2 * planes : planes, large ? 1.25 * rows : rows, windows};
}

static plan plan_make(const sn_conv2d_args *a, int64_t lanes) {
    enum { UNITS = 16, AHEAD = 4096 };
    const costs cost = costs_of(a, lanes);
    plan p = {.whole = cost.windows < cost.rows, .width = a->kw * a->c, .panel = 2 * lanes};
    p.made = sn_ceil_div(p.whole ? a->kh * p.width : p.width, lanes) * lanes;
    p.panels = sn_ceil_div(p.made, p.panel);
    int64_t most = sn_min(sn_min(PIXELS, MADE / p.made), (ROW - 2 * WIDTH_MOST) / (a->stride_w * a->c));
    if (p.whole) most = sn_min(most, sn_max(12, AHEAD / a->oc / 12 * 12));
    p.segment = sn_even_share(a->ow, most);
    p.images = p.rows = 1;
    if (p.whole) p.rows = sn_even_share(a->h, sn_max(sn_min(a->h, 8 * a->kh), a->h * a->n / UNITS));
    else if (p.segment == a->ow) p.images = sn_even_share(a->n, sn_min(a->n, most / a->ow));
    p.tiles_n = sn_ceil_div(a->n, p.images);
    p.tiles_h = sn_ceil_div(a->h, p.rows);
    return p;
}

int sn_spread_takes(const sn_conv2d_args *a, int64_t lanes) {
    enum { CHANNELS_MOST = 8, STRIDE_MOST = 8 };
    if (a->groups != 1 || a->dilation_w != 1 || a->c > CHANNELS_MOST || a->kh > KERNEL_MOST || a->kw > KERNEL_MOST || a->kw == 1) return 0;
    if (a->stride_h > STRIDE_MOST || a->stride_w > STRIDE_MOST || a->kw * a->c > WIDTH_MOST) return 0;
    const costs cost = costs_of(a, lanes);
    return cost.rows < cost.planes || cost.windows < cost.planes;
}

int64_t sn_spread_floats(const sn_conv2d_args *a, int64_t lanes) {
    const plan p = plan_make(a, lanes);
    return p.panels * p.panel * a->oc * (p.whole ? 1 : a->kh);
}

typedef struct {
    const sn_conv2d_args *a;
    plan p;
    sn_tile_kernel tile;
    spread_kernel spread;
    /* [panel][ky][output channel][column of the panel], column = kx * c + channel; whole: [panel][output channel][column],
     * column = (ky * kw + kx) * c + channel */
    const float *packed;
} job;

static void pack(const job *j, float *packed) {
    const sn_conv2d_args *a = j->a;
    const plan *p = &j->p;
    const int64_t rows = p->whole ? 1 : a->kh;
    const float *from = a->weight;
    memset(packed, 0, (size_t)sn_spread_floats(a, p->panel / 2) * sizeof *packed);
    for (int64_t o = 0; o < a->oc; o++)
        for (int64_t ch = 0; ch < a->c; ch++)
            for (int64_t ky = 0; ky < a->kh; ky++) {
                int64_t column = ch + (p->whole ? ky * p->width : 0), row = p->whole ? o : ky * a->oc + o;
                for (; column >= p->panel; column -= p->panel) row += rows * a->oc;
                for (int64_t kx = 0; kx < a->kw; kx++, column += a->c) {
                    for (; column >= p->panel; column -= p->panel) row += rows * a->oc;
                    packed[row * p->panel + column] = *from++;
                }
            }
}

/* What a thread works with. */
typedef struct {
    _Alignas(64) float made[MADE];
    _Alignas(64) float row[ROW];
    int64_t row_x[PIXELS], row_y[PIXELS];
} memory;

/* made from the runs of t, for all panels. */
static void make(const job *j, sn_tile *t, memory *m) {
    const plan *p = &j->p;
    for (int64_t panel = 0; panel < p->panels; panel++) {
        t->width = sn_min(p->panel, p->made - panel * p->panel); /* whole vectors: what is too much is not added */
        t->v = j->packed + panel * (p->whole ? 1 : j->a->kh) * j->a->oc * p->panel;
        t->y = m->made + panel * p->panel;
        j->tile(t);
        if (t->next) t->next += t->next_floats;
    }
}

/* Adds the windows of pixels of dy from ox on, of which `made` holds a row, to row iy of dx. */
static void add(const job *j, int64_t image, int64_t iy, int64_t ox, int64_t pixels, const float *made, memory *m) {
    const sn_conv2d_args *a = j->a;
    const int64_t begin = (ox * a->stride_w - a->pad_w) * a->c, end = begin + ((pixels - 1) * a->stride_w + a->kw) * a->c; /* in the row of dx */
    const int64_t first = sn_max(0, begin), last = sn_min(a->w * a->c, end);
    if (first >= last) return;
    const sn_spread s = {.made = made, .made_step = j->p.made, .pixels = pixels, .width = j->p.width, .step = a->stride_w * a->c, .row = m->row,
        .skip = first - begin, .count = last - first, .to = (float *)a->dx + (image * a->h + iy) * a->w * a->c + first};
    j->spread(&s);
}

static void clear(const sn_conv2d_args *a, int64_t image, int64_t iy, int64_t rows) {
    memset((float *)a->dx + (image * a->h + iy) * a->w * a->c, 0, (size_t)(rows * a->w * a->c) * sizeof(float));
}

/* Row iy of `images` images. */
static void one_row(const job *j, int64_t image, int64_t images, int64_t iy, memory *m) {
    const sn_conv2d_args *a = j->a;
    const plan *p = &j->p;
    int64_t run_x[KERNEL_MOST], run_v[KERNEL_MOST];
    sn_tile t = {.row_x = m->row_x, .row_y = m->row_y, .run_x = run_x, .run_v = run_v, .length = a->oc, .x_step = 1, .v_step = p->panel,
        .act = SN_IDENTITY};
    for (int64_t ky = 0; ky < a->kh; ky++) {
        const int64_t at = iy + a->pad_h - ky * a->dilation_h;
        if (at < 0 || at % a->stride_h != 0 || at / a->stride_h >= a->oh) continue;
        run_x[t.runs] = at / a->stride_h * a->ow * a->oc;
        run_v[t.runs++] = ky * a->oc * p->panel;
    }
    for (int64_t i = 0; i < images; i++) clear(a, image + i, iy, 1);
    for (int64_t ox = 0; ox < a->ow && t.runs > 0; ox += p->segment) {
        const int64_t pixels = sn_min(p->segment, a->ow - ox);
        t.rows = images * pixels;
        t.x = (const float *)a->dy + (image * a->oh * a->ow + ox) * a->oc;
        make(j, &t, m);
        for (int64_t i = 0; i < images; i++) add(j, image + i, iy, ox, pixels, m->made + i * pixels * p->made, m);
    }
}

/* The rows [iy, end) of an image. */
static void many_rows(const job *j, int64_t image, int64_t iy, int64_t end, memory *m) {
    const sn_conv2d_args *a = j->a;
    const plan *p = &j->p;
    const int64_t zero = 0, reach = (a->kh - 1) * a->dilation_h, top = iy + a->pad_h - reach;
    const int64_t first = top > 0 ? sn_ceil_div(top, a->stride_h) : 0, last = sn_min(a->oh - 1, (end - 1 + a->pad_h) / a->stride_h);
    sn_tile t = {.row_x = m->row_x, .row_y = m->row_y, .run_x = &zero, .run_v = &zero, .runs = 1, .length = a->oc, .x_step = 1,
        .v_step = p->panel, .act = SN_IDENTITY};
    clear(a, image, iy, end - iy);
    for (int64_t oy = first; oy <= last; oy++)
        for (int64_t ox = 0; ox < a->ow; ox += p->segment) {
            t.rows = sn_min(p->segment, a->ow - ox);
            t.x = (const float *)a->dy + ((image * a->oh + oy) * a->ow + ox) * a->oc;
            t.next = t.x + t.rows * a->oc;
            t.next_floats = t.rows * a->oc / p->panels;
            make(j, &t, m);
            for (int64_t ky = 0; ky < a->kh; ky++) {
                const int64_t at = oy * a->stride_h - a->pad_h + ky * a->dilation_h;
                if (at >= iy && at < end) add(j, image, at, ox, t.rows, m->made + ky * p->width, m);
            }
        }
}

static void units(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_conv2d_args *a = j->a;
    const plan *p = &j->p;
    memory m;
    int64_t row = 0;
    for (int64_t image = 0; image < p->images; image++)
        for (int64_t ox = 0; ox < p->segment; ox++, row++) {
            m.row_x[row] = (image * a->oh * a->ow + ox) * a->oc;
            m.row_y[row] = row * p->made;
        }
    for (int64_t u = begin; u < end; u++) {
        const int64_t image = u / p->tiles_h * p->images, iy = u % p->tiles_h * p->rows;
        if (p->whole) many_rows(j, image, iy, sn_min(iy + p->rows, a->h), &m);
        else one_row(j, image, sn_min(p->images, a->n - image), iy, &m);
    }
}

void sn_spread_backward_input(const sn_conv2d_args *a, int32_t isa, float *packed) {
    enum { CHUNK = 1 << 18 };
    const sn_tiles tiles = sn_tiles_of(isa);
    job j = {a, plan_make(a, tiles.lanes), tiles.tile, kernels[isa], packed};
    pack(&j, packed);
    const double work = (double)(a->oh * a->ow * a->oc * a->kh * j.p.width) / (double)j.p.tiles_h * (double)j.p.images;
    sn_parallel_for(j.p.tiles_n * j.p.tiles_h, (int64_t)(CHUNK / work) + 1, units, &j);
}
