/* Forward and the input gradient by minimal filtering. A unit is a block of tiles times a share of the columns (output
 * channels): it transforms its windows, multiplies them by transformed weights panel by panel of columns, and transforms
 * each panel back, all in a slot of scratch that stays in the L2 cache. Units of the same tiles follow each other and find
 * the windows there. */
#include "conv2d/conv2d_winograd.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/stream.h"
#include "pool/pool.h"
#include "pool2d/pool2d.h"
#include "tile/epilogue.h"
#include "tile/tile.h"

enum {
    TILES_MOST = 96,
    TILES_TOGETHER = 12, /* their points stay in the first cache */
    PAD = 16,       /* floats between points, lest 36 of them share a cache set */
    CHUNK = 1 << 13 /* multiplications at a point: some 3 microseconds */
};

typedef struct {
    sn_winograd_grid from, to;      /* windows of x, tiles of y */
    const float *x, *weight, *bias, *residual;
    float *y;
    int backward;                   /* weight[i][o], taps reversed, instead of weight[o][i] */
    int64_t ic, oc, points;
    int32_t isa, act, pool;         /* windows as large as a tile of y */
    double act_alpha;
    sn_tiles tiles;
    sn_winograd_kernels kernels;

    int64_t lanes, width, panels;   /* columns go in panels of two vectors */
    int64_t block, blocks;          /* input channels go in blocks */
    int64_t count, group, groups;   /* tiles, and those of a unit */
    int past_caches;                /* y is stored past them */
    int together;                   /* products and the transform back in one kernel: one vector in, one out */
    int keep;                       /* all blocks of a unit's windows are kept, not made again for each panel and unit of the group */
    int prepared;                   /* weights are transformed before the units run, not in them */
    int64_t parts;                  /* the panels are shared out among so many units */
    int64_t beside;                 /* panels of a unit that use a block of windows before it is made again */
    int64_t v_tile, v_point, v_block, m_point, m_block, u_point, u_block, made, slot_floats;
    const float *u;                 /* [panel][block] of [point][channel of the block][column of the panel] */
    float *scratch;
    sn_winograd_slots slots;
} job;

sn_winograd_kernels sn_winograd_kernels_of(int32_t isa) {
    static const sn_winograd_input_kernel input[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_winograd_input__avx2, sn_f32_winograd_input__avx512, sn_f32_winograd_input__neon);
    static const sn_winograd_gradient_kernel gradient[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_winograd_gradient__avx2, sn_f32_winograd_gradient__avx512, sn_f32_winograd_gradient__neon);
    static const sn_winograd_output_kernel output[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_winograd_output__avx2, sn_f32_winograd_output__avx512, sn_f32_winograd_output__neon);
    static const sn_winograd_weight_kernel weight[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_winograd_weight__avx2, sn_f32_winograd_weight__avx512, sn_f32_winograd_weight__neon);
    static const sn_winograd_inverse_kernel inverse[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_winograd_inverse__avx2, sn_f32_winograd_inverse__avx512, sn_f32_winograd_inverse__neon);
    static const sn_winograd_product_kernel product[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_winograd_product__avx2, sn_f32_winograd_product__avx512, sn_f32_winograd_product__neon);
    static const sn_winograd_together_kernel together[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, NULL, sn_f32_winograd_together__avx512, NULL);
    static const sn_winograd_weight_together_kernel weight_together[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, NULL, sn_f32_winograd_weight_together__avx512, NULL);
    return (sn_winograd_kernels){product[isa], together[isa], weight_together[isa], input[isa], gradient[isa], output[isa], weight[isa], inverse[isa]};
}

int64_t sn_winograd_claim(sn_winograd_slots *s) {
    for (int64_t slot = sn_thread_number() % s->count;; slot = (slot + 1) % s->count) {
        int taken = 0;
        if (atomic_compare_exchange_strong_explicit(&s->slot[slot].taken, &taken, 1, memory_order_acquire, memory_order_relaxed)) return slot;
    }
}

void sn_winograd_release(sn_winograd_slots *s, int64_t slot) { atomic_store_explicit(&s->slot[slot].taken, 0, memory_order_release); }

static int64_t round_up(int64_t value, int64_t step) { return sn_ceil_div(value, step) * step; }

/* Whether tiles are made apart from y, for an activation over all of them or to be pooled. */
static int apart(const job *j) { return !sn_epilogue_in_register(j->act) || j->pool != SN_POOL_NONE; }

/* Cuts the work for vectors of this length. */
static void plan(job *j, int64_t lanes, int packed) {
    enum {
        BLOCK = 64,
        BLOCK_MADE_AGAIN = 32,
        FLOATS = 2048,    /* tiles times channels of a block in a unit, */
        KEPT = 160 << 10, /* or floats of all its windows, which stay in the second cache */
        BESIDE = 224 << 10, /* or floats of a block of windows and the points of all panels beside it */
        KEPT_TILES = 12,  /* fewer are too few for the weights they read */
        PREPARE = 3,
        UNITS = 8,
        FEW = 4           /* units of small work, of at least CHUNK */
    };
    j->lanes = lanes;
    j->width = sn_min(2 * lanes, round_up(j->oc, lanes));
    j->panels = sn_ceil_div(j->oc, j->width);
    j->points = j->to.window * j->to.window;
    const int64_t kept = KEPT / (j->points * round_up(j->ic, lanes));
    j->keep = j->ic <= BLOCK || kept >= sn_min(KEPT_TILES, j->count);
    j->blocks = sn_ceil_div(j->ic, j->keep ? BLOCK : BLOCK_MADE_AGAIN);
    j->block = sn_ceil_div(j->ic, j->blocks);
    j->v_tile = round_up(j->block, lanes);
    j->together = j->ic <= lanes && j->oc <= lanes; /* 16 of them: of AVX-512 alone */
    if (j->together && 2 * j->ic <= lanes) j->v_tile = lanes / 2;
    const double chunks = (double)j->count * (double)(j->ic + 32) * (double)j->oc / CHUNK;
    const int64_t few = sn_ceil_div(chunks < FEW ? (int64_t)chunks : FEW, j->panels);
    const int64_t most = j->together ? TILES_TOGETHER : sn_min(TILES_MOST, j->keep && j->blocks > 1 ? kept : FLOATS / j->v_tile);
    j->groups = sn_max(sn_ceil_div(j->count, most), sn_min(few, j->count / FEW));
    j->group = sn_ceil_div(j->count, j->groups);
    j->groups = sn_ceil_div(j->count, j->group);
    j->prepared = packed || j->groups >= PREPARE;
    j->v_point = j->group * j->v_tile + PAD;
    j->v_block = j->points * j->v_point;
    j->m_point = j->group * j->width + PAD;
    j->u_point = j->block * j->width + PAD;
    j->u_block = j->points * j->u_point;
    j->m_block = j->together ? 0 : j->points * j->m_point;
    j->beside = j->keep ? 1 : sn_max(1, sn_min((BESIDE - j->v_block) / j->m_block, j->panels * j->groups / UNITS));
    j->parts = j->keep ? sn_min(j->panels, sn_ceil_div(UNITS, j->groups)) : sn_ceil_div(j->panels, j->beside);
    j->made = j->backward ? 0 : j->group * (j->to.tile * j->to.tile + 1) * j->width; /* used or not: workspace is a matter of the sizes alone */
    j->slot_floats = sn_winograd_slot((j->keep ? j->blocks : 1) * j->v_block + j->beside * j->m_block + (j->prepared ? 0 : j->u_block) + j->made);
    j->slots.count = sn_min(WINOGRAD_SLOTS, j->groups * j->parts);
}

/* Few channels gain little, and a vector that is not full nothing. */
static int enough(int64_t channels) { return channels >= 32 || channels == 16; }

static int64_t tiles_in(const sn_conv2d_args *a, int pass, int64_t tile) {
    const int64_t h = pass == SN_WINOGRAD_INPUT ? a->h : a->oh, w = pass == SN_WINOGRAD_INPUT ? a->w : a->ow;
    return a->n * sn_ceil_div(h, tile) * sn_ceil_div(w, tile);
}

/* 5x5: where few channels are transformed for the 36 products, or few pixels of tiles are in the image, the direct sum is faster. */
static int64_t tile_of_five(const sn_conv2d_args *a, int pass) {
    enum { CHANNELS = 6, CACHED = 1 << 20, TILES = 4, SUMMED = 128 };
    const int input = pass == SN_WINOGRAD_INPUT;
    const int64_t from = input ? a->oc : a->c, to = input ? a->c : a->oc, tiles = tiles_in(a, pass, 2);
    const double direct = 25.0 * (double)a->n * (double)(input ? a->h * a->w : a->oh * a->ow);
    if (from < CHANNELS || !enough(to) || (double)tiles * WINOGRAD_POINTS > direct * 3 / 5) return 0;
    if (pass == SN_WINOGRAD_WEIGHT) return tiles >= SUMMED ? 2 : 0;
    return tiles >= TILES || WINOGRAD_POINTS * a->c * a->oc <= CACHED ? 2 : 0;
}

/* The size of the tiles, 0 where the direct sum is faster: a function of the sizes. */
static int64_t tile_of(const sn_conv2d_args *a, int pass) {
    enum {
        CACHED = 1 << 20, /* transformed weights, four times the weights; when they come from memory, */
        TILES = 16,       /* so many tiles pay for them, */
        SMALL = 12,       /* or so many small ones */
        SUMMED = 24       /* tiles of a weight gradient: the transform back is paid once for all */
    };
    if (a->dtype != SN_F32 || (a->kh != 3 && a->kh != 5) || a->kw != a->kh || a->groups != 1) return 0;
    if (a->stride_h != 1 || a->stride_w != 1 || a->dilation_h != 1 || a->dilation_w != 1) return 0;
    if (pass == SN_WINOGRAD_INPUT && (a->pad_h >= a->kh || a->pad_w >= a->kw)) return 0;
    if (a->kh == 5) return tile_of_five(a, pass);
    if (!enough(a->c) || !enough(a->oc)) return 0;
    const int64_t tiles = tiles_in(a, pass, 4);
    if (pass == SN_WINOGRAD_WEIGHT) return tiles >= SUMMED ? 4 : 0;
    if (tiles >= TILES || WINOGRAD_POINTS * a->c * a->oc <= CACHED) return 4;
    return pass == SN_WINOGRAD_FORWARD && tiles_in(a, pass, 2) >= SMALL ? 2 : 0;
}

int sn_winograd_takes(const sn_conv2d_args *a, int pass) { return tile_of(a, pass) != 0; }

int sn_winograd_pools(const sn_conv2d_args *a) {
    const int64_t tile = tile_of(a, SN_WINOGRAD_FORWARD);
    return tile != 0 && a->pool_h == tile && a->pool_w == tile;
}

static job job_of(const sn_conv2d_args *a, int pass) {
    job j = {.backward = pass == SN_WINOGRAD_INPUT, .weight = a->weight};
    const sn_winograd_grid x = {.h = a->h, .w = a->w, .c = a->c}, y = {.h = a->oh, .w = a->ow, .c = a->oc};
    j.from = j.backward ? y : x;
    j.to = j.backward ? x : y;
    j.from.pad_h = j.backward ? a->kh - 1 - a->pad_h : a->pad_h;
    j.from.pad_w = j.backward ? a->kw - 1 - a->pad_w : a->pad_w;
    j.from.tile = j.to.tile = tile_of(a, pass);
    j.from.window = j.to.window = j.to.tile + a->kh - 1;
    j.from.high = j.to.high = sn_ceil_div(j.to.h, j.to.tile);
    j.from.wide = j.to.wide = sn_ceil_div(j.to.w, j.to.tile);
    j.count = a->n * j.to.high * j.to.wide;
    j.ic = j.from.c;
    j.oc = j.to.c;
    j.x = j.backward ? a->dy : a->x;
    j.y = j.backward ? a->dx : a->y;
    j.act = SN_IDENTITY;
    j.pool = SN_POOL_NONE;
    if (!j.backward) {
        j.bias = a->bias;
        j.residual = a->residual;
        j.act = a->act;
        j.act_alpha = a->act_alpha;
        if (a->pool != SN_POOL_NONE && sn_winograd_pools(a)) j.pool = a->pool;
    }
    return j;
}

static int64_t block_of(const job *j, int64_t b) { return sn_min(j->block, j->ic - b * j->block); }
/* Columns of a panel, as whole vectors. */
static int64_t width_of(const job *j, int64_t panel) { return sn_min(j->width, round_up(j->oc - panel * j->width, j->lanes)); }

/* Transforms the weights of a block of channels and a panel of columns. */
static void transform_weights(const job *j, int64_t panel, int64_t b, float *u) {
    enum { PIECE = 126 };
    float piece[PIECE * SN_TILE_WIDTH_MAX];
    const int64_t side = j->to.window + 1 - j->to.tile, taps = side * side, channels = PIECE / taps; /* that a piece holds */
    const int64_t first = panel * j->width, width = width_of(j, panel), valid = sn_min(width, j->oc - first), channel = b * j->block, block = block_of(j, b);
    if (valid < width) memset(piece, 0, sizeof piece);
    if (j->backward) {
        for (int64_t i = 0; i < block; i++) {
            j->tiles.transpose(j->weight + ((channel + i) * j->oc + first) * taps, taps, valid, taps, piece, width);
            j->kernels.weight(&j->to, piece + (taps - 1) * width, -width, width, u + i * width, j->u_point);
        }
        return;
    }
    for (int64_t i0 = 0; i0 < block; i0 += channels) {
        const int64_t here = sn_min(channels, block - i0);
        j->tiles.transpose(j->weight + (first * j->ic + channel + i0) * taps, j->ic * taps, valid, here * taps, piece, width);
        for (int64_t i = 0; i < here; i++) j->kernels.weight(&j->to, piece + i * taps * width, width, width, u + (i0 + i) * width, j->u_point);
    }
}

static void prepare(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t i = begin; i < end; i++) transform_weights(j, i / j->blocks, i % j->blocks, (float *)j->u + i * j->u_block);
}

/* Tiles made apart lie side by side, in as many rows as a tile has: copied from an image like y, or (back) to it. */
static void move_tiles(const job *j, float *made, float *image, int64_t first, int64_t tiles, int64_t columns, int back) {
    const sn_winograd_grid *g = &j->to;
    const int64_t row = tiles * g->tile * columns, end = first + tiles;
    for (int64_t t = first, count; t < end; t += count, made += count * g->tile * columns) { /* tiles beside each other in the image, too */
        const int64_t n = t / (g->high * g->wide), y = t / g->wide % g->high * g->tile, column = t % g->wide, x = column * g->tile;
        count = sn_min(end - t, g->wide - column);
        const int64_t rows = sn_min(g->tile, g->h - y), pixels = sn_min(count * g->tile, g->w - x);
        const int64_t pieces = columns == g->c ? 1 : pixels, piece = pixels / pieces * columns;
        for (int64_t i = 0; i < rows; i++)
            for (int64_t k = 0; k < pieces; k++) {
                float *there = image + (((n * g->h + y + i) * g->w) + x + k) * g->c, *here = made + i * row + k * piece;
                memcpy(back ? there : here, back ? here : there, (size_t)piece * sizeof *made);
            }
    }
}

/* Tiles of y or made apart, of the points that the products make or made. */
static void make_tiles(const job *j, const sn_winograd_grid *to, const sn_winograd_product *p, int64_t first, int64_t columns,
                       const sn_winograd_epilogue *e) {
    if (j->together) j->kernels.together(to, p, first, columns, e);
    else j->kernels.output(to, p->m, p->m_point, p->width, first, p->rows, columns, e);
}

/* The tiles of a panel. */
static void finish(const job *j, const sn_winograd_product *p, float *made, int64_t first, int64_t column) {
    const int64_t columns = sn_min(j->width, j->oc - column), size = j->to.tile, tiles = p->rows;
    const int in_register = sn_epilogue_in_register(j->act);
    sn_winograd_epilogue e = {j->y + column, j->residual ? j->residual + column : NULL, j->bias ? j->bias + column : NULL,
                              in_register ? j->act : SN_IDENTITY, (float)j->act_alpha, 0};
    if (!apart(j)) {
        e.past_caches = j->past_caches;
        make_tiles(j, &j->to, p, first, columns, &e);
        return;
    }
    const sn_winograd_grid beside = {.h = size, .w = tiles * size, .c = columns, .high = 1, .wide = tiles, .tile = size, .window = j->to.window};
    if (e.residual) move_tiles(j, made, (float *)e.residual, first, tiles, columns, 0), e.residual = made;
    e.y = made;
    make_tiles(j, &beside, p, 0, columns, &e);
    const int64_t floats = tiles * size * size * columns;
    if (!in_register) sn_epilogue_rows(SN_F32, j->isa, j->act, j->act_alpha, made, 1, floats, floats);
    if (j->pool == SN_POOL_NONE) {
        move_tiles(j, made, j->y + column, first, tiles, columns, 1);
        return;
    }
    float *const pooled = columns == j->oc ? j->y + first * columns : made + floats; /* not in place: some channels are done twice */
    const sn_pool2d_args windows = {.dtype = SN_F32, .n = 1, .c = columns, .h = size, .w = tiles * size, .oh = 1, .ow = tiles, .kh = size, .kw = size,
        .stride_h = size, .stride_w = size, .dilation_h = 1, .dilation_w = 1, .x = made, .y = pooled};
    sn_pool2d_rows(&windows, j->pool == SN_POOL_MAX, j->isa);
    if (columns < j->oc)
        for (int64_t t = 0; t < tiles; t++) memcpy(j->y + (first + t) * j->oc + column, pooled + t * columns, (size_t)columns * sizeof *made);
}

static void one_unit(job *j, int64_t index, int64_t slot) {
    float *const scratch = j->scratch + slot * j->slot_floats;
    const int64_t part = index % j->parts, first = index / j->parts * j->group, tiles = sn_min(j->group, j->count - first);
    const int64_t begin = j->panels * part / j->parts, end = j->panels * (part + 1) / j->parts;
    float *const m = scratch + (j->keep ? j->blocks : 1) * j->v_block, *const own = m + j->beside * j->m_block, *const made = own + (j->prepared ? 0 : j->u_block);
    const int transformed = j->slots.slot[slot].holds == index / j->parts + 1;
    j->slots.slot[slot].holds = j->keep ? index / j->parts + 1 : 0; /* the windows of this group of tiles */
    for (int64_t panel = begin; panel < end; panel += j->beside) {
        const int64_t count = sn_min(j->beside, end - panel);
        sn_winograd_product product = {0};
        for (int64_t b = 0; b < j->blocks; b++) {
            float *v = scratch + (j->keep ? b * j->v_block : 0);
            if (!j->keep || (!transformed && panel == begin)) j->kernels.input(&j->from, j->x + b * j->block, first, tiles, block_of(j, b), v, j->v_point, j->v_tile);
            for (int64_t i = 0; i < count; i++) {
                const float *u = j->u + ((panel + i) * j->blocks + b) * j->u_block;
                if (!j->prepared) transform_weights(j, panel + i, b, own), u = own;
                product = (sn_winograd_product){v, u, m + i * j->m_block, j->v_point, j->u_point, j->m_point, j->v_tile, j->points, tiles, block_of(j, b),
                    width_of(j, panel + i), 1, b > 0};
                if (!j->together) j->kernels.product(&product);
            }
        }
        for (int64_t i = 0; i < count; i++) {
            product.m = m + i * j->m_block;
            product.width = width_of(j, panel + i);
            finish(j, &product, made, first, (panel + i) * j->width);
        }
    }
}

static void units(void *context, int64_t begin, int64_t end) {
    job *j = context;
    const int64_t slot = sn_winograd_claim(&j->slots);
    for (int64_t i = begin; i < end; i++) one_unit(j, i, slot);
    sn_winograd_release(&j->slots, slot);
}

static void run(job *j, int32_t isa, const float *packed, float *workspace) {
    enum { PREPARE_CHUNK = 1 << 12 };
    j->isa = isa;
    j->tiles = sn_tiles_of(isa);
    j->kernels = sn_winograd_kernels_of(isa);
    plan(j, j->tiles.lanes, packed != NULL);
    j->past_caches = j->oc % 16 == 0 && j->residual != j->y && sn_past_caches(j->y, j->count / (j->to.high * j->to.wide) * j->to.h * j->to.w * j->oc * 4);
    j->u = packed ? packed : workspace;
    j->scratch = workspace;
    if (j->prepared && !packed) {
        sn_parallel_for(j->panels * j->blocks, PREPARE_CHUNK / (j->block * j->width) + 1, prepare, j);
        j->scratch += sn_winograd_slot(j->panels * j->blocks * j->u_block);
    }
    const int64_t work = j->group * (j->ic + 32) * sn_min(j->oc, j->width * sn_ceil_div(j->panels, j->parts));
    sn_parallel_for(j->groups * j->parts, CHUNK / work + 1, units, j);
}

static int64_t floats(const sn_conv2d_args *a, int pass, int64_t lanes) {
    const int packed = pass == SN_WINOGRAD_FORWARD && a->packed_bytes > 0;
    job j = job_of(a, pass);
    plan(&j, lanes, packed);
    return j.slots.count * j.slot_floats + (j.prepared && !packed ? sn_winograd_slot(j.panels * j.blocks * j.u_block) : 0);
}

int64_t sn_winograd_floats(const sn_conv2d_args *a, int pass) {
    if (pass == SN_WINOGRAD_WEIGHT) return sn_max(sn_winograd_weight_floats(a, SN_TILE_LANES_SHORT), sn_winograd_weight_floats(a, SN_TILE_LANES_LONG));
    return sn_max(floats(a, pass, SN_TILE_LANES_SHORT), floats(a, pass, SN_TILE_LANES_LONG));
}

static int64_t packed_floats(const sn_conv2d_args *a, int64_t lanes) {
    job j = job_of(a, SN_WINOGRAD_FORWARD);
    plan(&j, lanes, 1);
    return j.panels * j.blocks * j.u_block;
}

int64_t sn_winograd_packed_floats(const sn_conv2d_args *a) {
    return sn_max(packed_floats(a, SN_TILE_LANES_SHORT), packed_floats(a, SN_TILE_LANES_LONG));
}

void sn_winograd_pack(const sn_conv2d_args *a, int32_t isa, float *packed) {
    job j = job_of(a, SN_WINOGRAD_FORWARD);
    j.tiles = sn_tiles_of(isa);
    j.kernels = sn_winograd_kernels_of(isa);
    plan(&j, j.tiles.lanes, 1);
    j.u = packed;
    sn_parallel_for(j.panels * j.blocks, 1, prepare, &j);
}

void sn_winograd_forward(const sn_conv2d_args *a, int32_t isa, const float *packed, float *workspace) {
    job j = job_of(a, SN_WINOGRAD_FORWARD);
    run(&j, isa, packed, workspace);
}

void sn_winograd_backward_input(const sn_conv2d_args *a, int32_t isa, float *workspace) {
    job j = job_of(a, SN_WINOGRAD_INPUT);
    run(&j, isa, NULL, workspace);
}
