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
#include "pool/pool.h"
#include "tile/epilogue.h"
#include "tile/tile.h"

enum {
    TILES_MOST = 96,
    TILES_IN_PLACE = 12, /* their points stay in the first cache */
    PAD = 16,       /* floats between points, lest 36 of them share a cache set */
    CHUNK = 1 << 13 /* multiplications at a point: some 3 microseconds */
};

typedef struct {
    sn_winograd_grid from, to;      /* windows of x, tiles of y */
    const float *x, *weight, *bias, *residual;
    float *y;
    int backward;                   /* weight[i][o], taps reversed, instead of weight[o][i] */
    int64_t ic, oc, points;
    int32_t isa, act;
    double act_alpha;
    sn_tiles tiles;
    sn_winograd_kernels kernels;

    int64_t lanes, width, panels;   /* columns go in panels of two vectors */
    int64_t block, blocks;          /* input channels go in blocks */
    int64_t count, group, groups;   /* tiles, and those of a unit */
    int in_place;                   /* the products take the place of the windows: one vector in, one out */
    int keep;                       /* all blocks of a unit's windows are kept, not made again for each panel and unit of the group */
    int prepared;                   /* weights are transformed before the units run, not in them */
    int64_t parts;                  /* the panels are shared out among so many units */
    int64_t v_tile, v_point, v_block, m_point, m_block, u_point, u_block, slot_floats;
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
    return (sn_winograd_kernels){product[isa], input[isa], gradient[isa], output[isa], weight[isa], inverse[isa]};
}

int64_t sn_winograd_claim(sn_winograd_slots *s) {
    for (int64_t slot = sn_thread_number() % s->count;; slot = (slot + 1) % s->count) {
        int taken = 0;
        if (atomic_compare_exchange_strong_explicit(&s->slot[slot].taken, &taken, 1, memory_order_acquire, memory_order_relaxed)) return slot;
    }
}

void sn_winograd_release(sn_winograd_slots *s, int64_t slot) { atomic_store_explicit(&s->slot[slot].taken, 0, memory_order_release); }

static int64_t round_up(int64_t value, int64_t step) { return sn_ceil_div(value, step) * step; }

/* Cuts the work for vectors of this length. */
static void plan(job *j, int64_t lanes, int packed) {
    enum {
        BLOCK = 64,
        BLOCK_MADE_AGAIN = 32,
        FLOATS = 2048,    /* tiles times channels of a block in a unit, */
        KEPT = 160 << 10, /* or floats of all its windows, which stay in the second cache */
        KEPT_TILES = 12,  /* fewer are too few for the weights they read */
        PREPARE = 3,
        UNITS = 8,
        FEW = 4           /* units of small work, of at least CHUNK */
    };
    j->lanes = lanes;
    j->width = sn_min(2 * lanes, round_up(j->oc, lanes));
    j->panels = sn_ceil_div(j->oc, j->width);
    j->points = (j->to.tile + 2) * (j->to.tile + 2);
    const int64_t kept = KEPT / (j->points * round_up(j->ic, lanes));
    j->keep = j->ic <= BLOCK || kept >= sn_min(KEPT_TILES, j->count);
    j->blocks = sn_ceil_div(j->ic, j->keep ? BLOCK : BLOCK_MADE_AGAIN);
    j->block = sn_ceil_div(j->ic, j->blocks);
    j->v_tile = round_up(j->block, lanes);
    j->in_place = j->blocks == 1 && j->v_tile == lanes && j->width == lanes;
    const double chunks = (double)j->count * (double)(j->ic + 32) * (double)j->oc / CHUNK;
    const int64_t few = sn_ceil_div(chunks < FEW ? (int64_t)chunks : FEW, j->panels);
    const int64_t most = j->in_place ? TILES_IN_PLACE : sn_min(TILES_MOST, j->keep && j->blocks > 1 ? kept : FLOATS / j->v_tile);
    j->groups = sn_max(sn_ceil_div(j->count, most), sn_min(few, j->count / FEW));
    j->group = sn_ceil_div(j->count, j->groups);
    j->groups = sn_ceil_div(j->count, j->group);
    j->prepared = packed || j->groups >= PREPARE;
    j->parts = j->keep ? sn_min(j->panels, sn_ceil_div(UNITS, j->groups)) : j->panels;
    j->v_point = j->group * j->v_tile + PAD;
    j->v_block = j->points * j->v_point;
    j->m_point = j->group * j->width + PAD;
    j->u_point = j->block * j->width + PAD;
    j->u_block = j->points * j->u_point;
    j->m_block = j->in_place ? 0 : j->points * j->m_point;
    j->slot_floats = sn_winograd_slot((j->keep ? j->blocks : 1) * j->v_block + j->m_block + (j->prepared ? 0 : j->u_block));
    j->slots.count = sn_min(WINOGRAD_SLOTS, j->groups * j->parts);
}

/* Few channels gain little, and a vector that is not full nothing. */
static int enough(int64_t channels) { return channels >= 32 || channels == 16; }

static int64_t tiles_in(const sn_conv2d_args *a, int pass, int64_t tile) {
    const int64_t h = pass == SN_WINOGRAD_INPUT ? a->h : a->oh, w = pass == SN_WINOGRAD_INPUT ? a->w : a->ow;
    return a->n * sn_ceil_div(h, tile) * sn_ceil_div(w, tile);
}

/* The size of the tiles, 0 where the direct sum is faster: a function of the sizes. */
static int64_t tile_of(const sn_conv2d_args *a, int pass) {
    enum {
        CACHED = 1 << 20, /* transformed weights, four times the weights; when they come from memory, */
        TILES = 16,       /* so many tiles pay for them, */
        SMALL = 12,       /* or so many small ones */
        SUMMED = 24       /* tiles of a weight gradient: the transform back is paid once for all */
    };
    if (a->dtype != SN_F32 || a->kh != 3 || a->kw != 3 || a->groups != 1 || !enough(a->c) || !enough(a->oc)) return 0;
    if (a->stride_h != 1 || a->stride_w != 1 || a->dilation_h != 1 || a->dilation_w != 1) return 0;
    if (pass == SN_WINOGRAD_INPUT && (a->pad_h > 2 || a->pad_w > 2)) return 0;
    const int64_t tiles = tiles_in(a, pass, WINOGRAD_TILE);
    if (pass == SN_WINOGRAD_WEIGHT) return tiles >= SUMMED ? WINOGRAD_TILE : 0;
    if (tiles >= TILES || WINOGRAD_POINTS * a->c * a->oc <= CACHED) return WINOGRAD_TILE;
    return pass == SN_WINOGRAD_FORWARD && tiles_in(a, pass, WINOGRAD_SMALL_TILE) >= SMALL ? WINOGRAD_SMALL_TILE : 0;
}

int sn_winograd_takes(const sn_conv2d_args *a, int pass) { return tile_of(a, pass) != 0; }

static job job_of(const sn_conv2d_args *a, int pass) {
    job j = {.backward = pass == SN_WINOGRAD_INPUT, .weight = a->weight};
    const sn_winograd_grid x = {.h = a->h, .w = a->w, .c = a->c}, y = {.h = a->oh, .w = a->ow, .c = a->oc};
    j.from = j.backward ? y : x;
    j.to = j.backward ? x : y;
    j.from.pad_h = j.backward ? 2 - a->pad_h : a->pad_h;
    j.from.pad_w = j.backward ? 2 - a->pad_w : a->pad_w;
    j.from.tile = j.to.tile = tile_of(a, pass);
    j.from.high = j.to.high = sn_ceil_div(j.to.h, j.to.tile);
    j.from.wide = j.to.wide = sn_ceil_div(j.to.w, j.to.tile);
    j.count = a->n * j.to.high * j.to.wide;
    j.ic = j.from.c;
    j.oc = j.to.c;
    j.x = j.backward ? a->dy : a->x;
    j.y = j.backward ? a->dx : a->y;
    j.act = SN_IDENTITY;
    if (!j.backward) {
        j.bias = a->bias;
        j.residual = a->residual;
        j.act = a->act;
        j.act_alpha = a->act_alpha;
    }
    return j;
}

static int64_t block_of(const job *j, int64_t b) { return sn_min(j->block, j->ic - b * j->block); }
/* Columns of a panel, as whole vectors. */
static int64_t width_of(const job *j, int64_t panel) { return sn_min(j->width, round_up(j->oc - panel * j->width, j->lanes)); }

/* Transforms the weights of a block of channels and a panel of columns. */
static void transform_weights(const job *j, int64_t panel, int64_t b, float *u) {
    enum { CHANNELS = 14, TAPS = 9 };
    float piece[CHANNELS * TAPS * SN_TILE_WIDTH_MAX];
    const int64_t first = panel * j->width, width = width_of(j, panel), valid = sn_min(width, j->oc - first), channel = b * j->block, block = block_of(j, b);
    if (valid < width) memset(piece, 0, sizeof piece);
    if (j->backward) {
        for (int64_t i = 0; i < block; i++) {
            j->tiles.transpose(j->weight + ((channel + i) * j->oc + first) * TAPS, TAPS, valid, TAPS, piece, width);
            j->kernels.weight(piece + (TAPS - 1) * width, -width, width, u + i * width, j->u_point, j->to.tile);
        }
        return;
    }
    for (int64_t i0 = 0; i0 < block; i0 += CHANNELS) {
        const int64_t here = sn_min(CHANNELS, block - i0);
        j->tiles.transpose(j->weight + (first * j->ic + channel + i0) * TAPS, j->ic * TAPS, valid, here * TAPS, piece, width);
        for (int64_t i = 0; i < here; i++) j->kernels.weight(piece + i * TAPS * width, width, width, u + (i0 + i) * width, j->u_point, j->to.tile);
    }
}

static void prepare(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t i = begin; i < end; i++) transform_weights(j, i / j->blocks, i % j->blocks, (float *)j->u + i * j->u_block);
}

/* The activations that need a pass of their own, over the finished tiles. */
static void activate(const job *j, int64_t first, int64_t tiles, int64_t column, int64_t columns) {
    const sn_winograd_grid *g = &j->to;
    for (int64_t t = first; t < first + tiles; t++) {
        const int64_t image = t / (g->high * g->wide), y = t / g->wide % g->high * g->tile, x = t % g->wide * g->tile;
        for (int64_t i = y; i < sn_min(y + g->tile, g->h); i++)
            sn_epilogue_rows(SN_F32, j->isa, j->act, j->act_alpha, j->y + ((image * g->h + i) * g->w + x) * g->c + column,
                             sn_min(g->tile, g->w - x), columns, g->c);
    }
}

static void one_unit(job *j, int64_t index, int64_t slot) {
    float *const scratch = j->scratch + slot * j->slot_floats;
    const int64_t part = index % j->parts, first = index / j->parts * j->group, tiles = sn_min(j->group, j->count - first);
    const int64_t begin = j->panels * part / j->parts, end = j->panels * (part + 1) / j->parts;
    float *const behind = scratch + (j->keep ? j->blocks : 1) * j->v_block, *const m = j->in_place ? scratch : behind, *const own = behind + j->m_block;
    const int in_register = sn_epilogue_in_register(j->act), made = j->slots.slot[slot].holds == index / j->parts + 1;
    j->slots.slot[slot].holds = j->keep && !j->in_place ? index / j->parts + 1 : 0; /* the windows of this group of tiles */
    for (int64_t panel = begin; panel < end; panel++) {
        const int64_t column = panel * j->width, columns = sn_min(j->width, j->oc - column), width = width_of(j, panel);
        for (int64_t b = 0; b < j->blocks; b++) {
            float *v = scratch + (j->keep ? b * j->v_block : 0);
            if (!j->keep || (!made && panel == begin)) j->kernels.input(&j->from, j->x + b * j->block, first, tiles, block_of(j, b), v, j->v_point, j->v_tile);
            const float *u = j->u + (panel * j->blocks + b) * j->u_block;
            if (!j->prepared) transform_weights(j, panel, b, own), u = own;
            const sn_winograd_product product = {v, u, m, j->v_point, j->u_point, j->m_point, j->v_tile, j->points, tiles, block_of(j, b), width, 1, b > 0};
            j->kernels.product(&product);
        }
        const sn_winograd_epilogue e = {j->y + column, j->residual ? j->residual + column : NULL, j->bias ? j->bias + column : NULL,
                                        in_register ? j->act : SN_IDENTITY, (float)j->act_alpha};
        j->kernels.output(&j->to, m, j->m_point, width, first, tiles, columns, &e);
        if (!in_register) activate(j, first, tiles, column, columns);
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
