#include "conv2d/conv2d_planar.h"

#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"
#include "tile/epilogue.h"

typedef void (*planar_kernel)(const sn_planar *p);
static const planar_kernel kernels[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, sn_f32_planar__avx2, sn_f32_planar__avx512, sn_f32_planar__neon);

typedef void (*pool_kernel)(const sn_planar_pool *p);
static const pool_kernel pool_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(NULL, sn_f32_planar_pool__avx2, sn_f32_planar_pool__avx512, sn_f32_planar_pool__neon);

typedef int (*move_kernel)(const sn_planar_image *m);
static const move_kernel split_kernels[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, sn_f32_planar_split__avx2, sn_f32_planar_split__avx512, NULL);
static const move_kernel join_kernels[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, sn_f32_planar_join__avx2, sn_f32_planar_join__avx512, NULL);

static int moved(const sn_planar_image *m, move_kernel kernel) { return kernel && m->pixel_step == m->channels && kernel(m); }

void sn_planar_split(const sn_planar_image *m, int32_t isa) {
    if (moved(m, split_kernels[isa])) return;
    const sn_tiles tiles = sn_tiles_of(isa);
    for (int64_t r = 0; r < m->rows; r++) {
        const float *from = m->pixels + r * m->row_step;
        float *to = m->planes + r * m->pitch;
        if (m->pixel_step == 1) memcpy(to, from, (size_t)m->cols * sizeof *to);
        else tiles.transpose(from, m->pixel_step, m->cols, m->channels, to, m->plane);
    }
}

void sn_planar_join(const sn_planar_image *m, int32_t isa) {
    if (moved(m, join_kernels[isa])) return;
    const sn_tiles tiles = sn_tiles_of(isa);
    for (int64_t r = 0; r < m->rows; r++) {
        const float *from = m->planes + r * m->pitch;
        float *to = m->pixels + r * m->row_step;
        if (m->pixel_step == 1) memcpy(to, from, (size_t)m->cols * sizeof *to);
        else tiles.transpose(from, m->plane, m->channels, m->cols, to, m->pixel_step);
    }
}

/* The zeros that one stretch of out + kernel - 1 and the next can share. */
static int64_t shared(int64_t size, int64_t out, int64_t kernel, int64_t pad) {
    const int64_t before = sn_max(0, pad), after = sn_max(0, out + kernel - 1 - pad - size);
    return sn_min(kernel - 1, sn_min(before, after));
}

static int64_t whole(int64_t floats) { return sn_ceil_div(floats, SN_PLANAR_LANES) * SN_PLANAR_LANES; }

int sn_planar_plan_make(const sn_correlation *k, sn_planar_plan *p) {
    enum { CHANNELS = 16, PIECES = 64 };
    p->block = sn_even_share(k->ic, CHANNELS);
    const int64_t room = (SN_PLANAR_INPUT - SN_PLANAR_SLACK) / p->block - SN_PLANAR_LANES, results = sn_min(SN_PLANAR_RESULTS / k->oc, SN_PLANAR_PIXELS) - SN_PLANAR_SLACK;
    const int64_t columns = sn_min(results, (room - k->kw) / k->kh) - k->kw + 1; /* more never fit */
    if (columns < 1) return 0;
    const int64_t first = sn_ceil_div(k->ow, columns);
    double best = 1e30;
    for (int64_t split = first; split < first + PIECES; split++) {
        const int64_t tw = sn_ceil_div(sn_ceil_div(k->ow, split), k->pool_w) * k->pool_w, reach = tw + k->kw - 1;
        if ((double)reach >= best * (double)tw) break; /* narrower ones cost more, however high they are */
        const int64_t most = sn_min(k->oh, sn_min((room - k->kw) / reach - k->kh + 1, results / reach));
        if (most < k->pool_h) continue;
        const int64_t th = sn_even_share(k->oh, most) / k->pool_h * k->pool_h;
        if (th == 0) continue;
        const double cost = (double)((th + k->kh - 1) * reach + 64) / (double)(th * tw);
        if (cost >= best) continue;
        best = cost;
        p->tw = tw, p->th = th;
    }
    if (best == 1e30) return 0;
    /* one image that would be one unit: two, for two threads */
    if (k->n == 1 && p->th == k->oh && p->tw == k->ow && k->oh * k->ow * k->oc * k->ic * k->kh * k->kw >= 2 * SN_CONV_CHUNK_LEAST)
        p->th = sn_ceil_div(k->oh / k->pool_h, 2) * k->pool_h;
    const int64_t reach = p->tw + k->kw - 1;
    p->pitch = reach - (p->tw == k->ow ? shared(k->w, k->ow, k->kw, k->pw) : 0);
    p->image_rows = p->th + k->kh - 1 - (p->th == k->oh ? shared(k->h, k->oh, k->kh, k->ph) : 0);
    const int64_t image = p->image_rows * p->pitch, edge = (k->kh - 1) * reach + k->kw;
    p->tn = 1;
    if (p->tw == k->ow && p->th == k->oh) p->tn = sn_even_share(k->n, sn_max(1, sn_min(k->n, sn_min((room - edge) / image, results / image))));
    /* whole vectors, so that a plane begins where a cache line does */
    p->plane = whole(((p->tn - 1) * p->image_rows + p->th) * p->pitch + edge);
    p->y_plane = whole(((p->tn - 1) * p->image_rows + p->th) * p->pitch);
    p->tiles_n = sn_ceil_div(k->n, p->tn);
    p->tiles_h = sn_ceil_div(k->oh, p->th);
    p->tiles_w = sn_ceil_div(k->ow, p->tw);
    return 1;
}

enum { POOL_LEAST = 4 }; /* numbers in a window: pooled results are so much fewer */

int sn_planar_takes(const sn_correlation *k, int64_t lanes, sn_planar_plan *p) {
    if (k->pool != SN_POOL_NONE && k->pool_h * k->pool_w < POOL_LEAST) return 0;
    return k->groups == 1 && 4 * k->oc <= 3 * sn_max(lanes, 8) && k->sh == 1 && k->sw == 1 && k->dh == 1 && k->dw == 1 && k->kh * k->kw > 1 &&
        k->ic * k->kh * k->kw <= 4096 && k->oh > 0 && k->ow > 0 && sn_planar_plan_make(k, p);
}

typedef struct {
    const sn_correlation *k;
    sn_planar_plan p;
    int32_t isa;
    const float *weight; /* [channel][ty][tx][column] */
} job;

sn_conv_unit sn_planar_unit_at(const sn_correlation *k, const sn_planar_plan *p, int64_t index) {
    sn_conv_unit u = {.ox = index % p->tiles_w * p->tw, .oy = index / p->tiles_w % p->tiles_h * p->th, .image = index / p->tiles_w / p->tiles_h * p->tn};
    u.cols = sn_min(p->tw, k->ow - u.ox);
    u.rows = sn_min(p->th, k->oh - u.oy);
    u.images = sn_min(p->tn, k->n - u.image);
    return u;
}

void sn_planar_fill(const sn_correlation *k, const sn_planar_plan *p, int32_t isa, const sn_conv_unit *u, int64_t channel, int64_t block, float *planes) {
    const int64_t iy = u->oy - k->ph, ix = u->ox - k->pw;
    const int64_t top = sn_max(0, iy), bottom = sn_min(k->h, iy + u->rows + k->kh - 1);
    const int64_t left = sn_max(0, ix), count = sn_min(k->w, ix + u->cols + k->kw - 1) - left;
    if (count <= 0) return;
    for (int64_t image = 0; image < u->images; image++) {
        const float *from = k->x + (((u->image + image) * k->h + top) * k->w + left) * k->c + channel;
        float *to = planes + (image * p->image_rows + top - iy) * p->pitch + left - ix;
        const sn_planar_image m = {.pixels = (float *)from, .planes = to, .rows = bottom - top, .cols = count, .channels = block, .row_step = k->w * k->c,
            .pixel_step = k->c, .pitch = p->pitch, .plane = p->plane};
        sn_planar_split(&m, isa);
    }
}

/* The results of image number `image` of a unit, and where they lie in an array like y. */
static sn_planar_image results_of(const sn_correlation *k, const sn_planar_plan *p, const sn_conv_unit *u, int64_t image, const float *y, const float *results) {
    return (sn_planar_image){.pixels = (float *)y + (u->image + image) * k->y_image + u->oy * k->y_row + u->ox * k->y_pixel,
        .planes = (float *)results + image * p->image_rows * p->pitch, .rows = u->rows, .cols = u->cols, .channels = k->oc, .row_step = k->y_row,
        .pixel_step = k->y_pixel, .pitch = p->pitch, .plane = p->y_plane};
}

void sn_planar_fill_results(const sn_correlation *k, const sn_planar_plan *p, int32_t isa, const sn_conv_unit *u, const float *y, float *results) {
    for (int64_t image = 0; image < u->images; image++) {
        const sn_planar_image m = results_of(k, p, u, image, y, results);
        sn_planar_split(&m, isa);
    }
}

enum { POOLED = SN_PLANAR_RESULTS / POOL_LEAST + 256 }; /* each plane a whole number of vectors */

static void put_pooled(const job *j, const sn_conv_unit *u, const float *results, float *pooled) {
    const sn_correlation *k = j->k;
    const sn_planar_plan *p = &j->p;
    sn_planar_pool w = {.x = results, .x_plane = p->y_plane, .pitch = p->pitch, .image_rows = p->image_rows, .columns = k->oc, .images = u->images,
        .rows = u->rows / k->pool_h, .cols = u->cols / k->pool_w, .h = k->pool_h, .w = k->pool_w, .max = k->pool == SN_POOL_MAX,
        .scale = (float)(1 / (double)(k->pool_h * k->pool_w)), .y = pooled};
    const int64_t pixels = w.images * w.rows * w.cols, whole_rows = w.cols * k->oc == k->y_row;
    w.y_plane = whole(pixels);
    pool_kernels[j->isa](&w);
    const sn_planar_image m = {.pixels = k->y + u->image * k->y_image + u->oy / k->pool_h * k->y_row + u->ox / k->pool_w * k->y_pixel, .planes = pooled,
        .rows = whole_rows ? 1 : w.rows, .cols = whole_rows ? pixels : w.cols, .channels = k->oc, .row_step = k->y_row, .pixel_step = k->y_pixel,
        .pitch = w.cols, .plane = w.y_plane};
    sn_planar_join(&m, j->isa);
}

static void put(const job *j, const sn_conv_unit *u, const float *results) {
    const sn_correlation *k = j->k;
    for (int64_t image = 0; image < u->images; image++) {
        const sn_planar_image m = results_of(k, &j->p, u, image, k->y, results);
        sn_planar_join(&m, j->isa);
    }
}

/* fresh: the zeros around the input are not there yet. */
static void one_unit(const job *j, int64_t index, int fresh, float *planes, float *results, float *pooled) {
    const sn_correlation *k = j->k;
    const sn_planar_plan *p = &j->p;
    const sn_conv_unit u = sn_planar_unit_at(k, p, index);
    if (fresh) memset(planes, 0, (size_t)(p->block * p->plane + SN_PLANAR_SLACK) * sizeof *planes);
    sn_planar c = {.x = planes, .x_plane = p->plane, .kh = k->kh, .kw = k->kw, .pitch = p->pitch, .columns = k->oc, .y = results, .y_plane = p->y_plane,
        .slope = (float)k->act_alpha, .pixels = sn_planar_pixels(p, &u)};
    if (k->residual) {
        memset(results, 0, (size_t)(k->oc * p->y_plane) * sizeof *results);
        sn_planar_fill_results(k, p, j->isa, &u, k->residual, results); /* the sums begin with it */
    }
    const int in_kernel = sn_epilogue_in_register(k->act);
    for (int64_t channel = 0; channel < k->ic; channel += p->block) {
        c.channels = sn_min(p->block, k->ic - channel);
        sn_planar_fill(k, p, j->isa, &u, channel, c.channels, planes);
        const int last = channel + c.channels == k->ic;
        c.weight = j->weight + channel * k->kh * k->kw * k->oc;
        c.add = channel > 0 || k->residual;
        c.bias = last ? k->bias : NULL;
        c.act = last && in_kernel ? k->act : SN_IDENTITY;
        kernels[j->isa](&c);
    }
    if (!in_kernel) {
        const int64_t floats = (k->oc - 1) * p->y_plane + c.pixels;
        sn_epilogue_rows(SN_F32, j->isa, k->act, k->act_alpha, results, 1, floats, floats);
    }
    if (k->pool == SN_POOL_NONE) put(j, &u, results);
    else put_pooled(j, &u, results, pooled);
}

static void units(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    _Alignas(64) float planes[SN_PLANAR_INPUT], results[SN_PLANAR_RESULTS], pooled[POOLED];
    for (int64_t u = begin; u < end; u++) one_unit(j, u, u == begin || j->p.tiles_h * j->p.tiles_w > 1, planes, results, pooled);
}

void sn_planar_pack(const sn_correlation *k, float *out) {
    for (int64_t i = 0; i < k->ic; i++)
        for (int64_t ty = 0; ty < k->kh; ty++)
            for (int64_t tx = 0; tx < k->kw; tx++) {
                const float *from = k->weight + i * k->ic_step + k->tap + ty * k->ty_step + tx * k->tx_step;
                for (int64_t col = 0; col < k->oc; col++) *out++ = from[col * k->col_step];
            }
}

void sn_planar_correlate(const sn_correlation *k, const sn_planar_plan *p, int32_t isa, const float *packed) {
    job j = {.k = k, .p = *p, .isa = isa, .weight = packed};
    const int64_t work = j.p.tn * j.p.th * j.p.tw * k->ic * k->kh * k->kw * k->oc, count = j.p.tiles_n * j.p.tiles_h * j.p.tiles_w;
    sn_parallel_for(count, sn_conv_grain(count, (double)work), units, &j);
}
