/* f32 gemm on register tiles (tile/tile.h). b is read in place where that is as fast; else it is packed in panels of a tile's
 * width, [block of k][panel][k][column], into the workspace. A unit copies a block of a's rows to its stack and runs it against
 * its panels. When one block has all rows, a unit packs each panel just before its use, on its stack. */
#include <string.h>

#include "core/check.h"
#include "gemm/gemm.h"
#include "pool/pool.h"
#include "tile/epilogue.h"
#include "tile/tile.h"

enum {
    DEPTH = 256,          /* of a block of k: a packed panel of it fits the first cache */
    DEPTH_MOST = 384,     /* when that makes it one block */
    PATCH = 12288,        /* floats of a on the stack of a unit */
    ROWS_MOST = 192,      /* of a unit */
    ROWS_IN_PLACE = 24,   /* so few rows, or so short a sum, do not repay the packing of b where its columns are */
    DEPTH_IN_PLACE = 32,  /* contiguous already */
    WIDE_IN_PLACE = 1 << 19,   /* floats of a b that is not packed either, where a panel's row is whole cache lines */
    NARROW_IN_PLACE = 1 << 16, /* and where it is not */
    LINE = 16,
    PAGE = 1024, /* floats */
    COLUMNS_ROUND = 16,
    GROUP = 1 << 16       /* floats of the panels that all rows of a unit meet before the next ones, half of a second cache */
};

typedef struct {
    const sn_gemm_args *a;
    sn_tiles tiles;
    int32_t isa;
    int in_place;         /* b is not packed */
    int at_once;          /* b's panels are packed when they are used */
    const float *packed;
    int64_t depth, rows, panels, parts, columns;
} job;

/* A copy of b is denser, but its making is read by other threads, which costs more than it saves where b is small. Rows of b
 * 4 KiB apart share one set of the first cache. */
static int b_in_place(const sn_gemm_args *a, int64_t lanes) {
    if (a->trans_b) return 0;
    if (a->m <= ROWS_IN_PLACE || a->k <= DEPTH_IN_PLACE) return 1;
    if (a->ldb % PAGE == 0) return 0;
    const int lines = a->ldb % LINE == 0, few = a->m <= ROWS_MOST;
    if (lanes == LINE) return a->k * a->n <= WIDE_IN_PLACE || (few && lines);
    return a->k * a->n <= NARROW_IN_PLACE && (few || lines);
}

int64_t sn_gemm_packed_floats(const sn_gemm_args *a) { return a->k * (sn_ceil_div(a->n, COLUMNS_ROUND) * COLUMNS_ROUND); }
int64_t sn_gemm_tiled_floats(const sn_gemm_args *a) { return b_in_place(a, SN_TILE_LANES_SHORT) ? 0 : sn_gemm_packed_floats(a); }

static int64_t panel_width(const job *j, int64_t panel) { return sn_min(2 * j->tiles.lanes, j->columns - panel * 2 * j->tiles.lanes); }

static const float *panel_at(const job *j, int64_t k0, int64_t depth, int64_t panel) {
    return j->packed + k0 * j->columns + panel * 2 * j->tiles.lanes * depth;
}

static const float *b_at(const sn_gemm_args *a, int64_t k, int64_t col) {
    return (const float *)a->b + (a->trans_b ? col * a->ldb + k : k * a->ldb + col);
}

static void pack_panel(const job *j, int64_t k0, int64_t depth, int64_t panel, float *to) {
    const sn_gemm_args *a = j->a;
    const int64_t width = panel_width(j, panel), col = panel * 2 * j->tiles.lanes, valid = sn_min(width, a->n - col);
    const float *from = b_at(a, k0, col);
    if (a->trans_b) j->tiles.transpose(from, a->ldb, valid, depth, to, width);
    else
        for (int64_t k = 0; k < depth; k++) memcpy(to + k * width, from + k * a->ldb, (size_t)valid * sizeof *to);
}

static void pack_panels(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    for (int64_t u = begin; u < end; u++) {
        const int64_t blocks = sn_ceil_div(j->a->k, j->depth), panel = u / blocks, k0 = u % blocks * j->depth, depth = sn_min(j->depth, j->a->k - k0);
        pack_panel(j, k0, depth, panel, (float *)panel_at(j, k0, depth, panel));
    }
}

/* alpha * a's block, in its own order: [row][k], or [k][row] when a is transposed. */
static void copy_a(const sn_gemm_args *a, int64_t row, int64_t rows, int64_t k0, int64_t depth, float *patch) {
    const int64_t lines = a->trans_a ? depth : rows, length = a->trans_a ? rows : depth;
    const float *from = (const float *)a->a + (a->trans_a ? k0 * a->lda + row : row * a->lda + k0), alpha = (float)a->alpha;
    for (int64_t l = 0; l < lines; l++, from += a->lda, patch += length) {
        if (alpha == 1) memcpy(patch, from, (size_t)length * sizeof *patch);
        else
            for (int64_t i = 0; i < length; i++) patch[i] = alpha * from[i];
    }
}

/* Rows 4 KiB apart share one set of the first cache; columns of a transposed a are a cache line each. */
static int rows_far(const sn_gemm_args *a) { return a->trans_a || a->lda % PAGE == 0; }

/* A block of rows and a block of k with the panels [begin, end). */
static void run_panels(const job *j, sn_tile *t, int64_t k0, int64_t begin, int64_t end, float *patch) {
    const sn_gemm_args *a = j->a;
    const int64_t depth = t->length;
    for (int64_t panel = begin; panel < end; panel++) {
        const int64_t col = panel * 2 * j->tiles.lanes, width = panel_width(j, panel);
        const float *next = panel + 1 < end ? b_at(a, k0, col + width) : k0 + depth < a->k ? b_at(a, k0 + depth, begin * 2 * j->tiles.lanes) : NULL;
        if (j->at_once) pack_panel(j, k0, depth, panel, patch);
        t->v = j->in_place ? b_at(a, k0, col) : j->at_once ? patch : panel_at(j, k0, depth, panel);
        t->v_step = j->in_place ? a->ldb : width;
        t->width = sn_min(2 * j->tiles.lanes, a->n - col);
        t->next_floats = depth * width;
        t->next_stride = j->in_place || j->at_once ? a->ldb : 0;
        t->next_lines = next && j->at_once && a->trans_b ? width : 0;
        t->next = t->next_stride == 0 ? t->v + t->next_floats : next;
        t->base = t->y = (float *)a->c + col;
        t->bias = k0 + depth == a->k && a->bias ? (const float *)a->bias + col : NULL;
        j->tiles.tile(t);
    }
}

static void one_unit(const job *j, int64_t index) {
    const sn_gemm_args *a = j->a;
    const int64_t part = index % j->parts, row = index / j->parts * j->rows, rows = sn_min(j->rows, a->m - row);
    const int64_t panel_begin = j->panels * part / j->parts, panel_end = j->panels * (part + 1) / j->parts, zero = 0;
    const int copied = !j->at_once && (a->alpha != 1 || (panel_end - panel_begin > 2 && rows_far(a)));
    const int64_t most = copied ? sn_even_share(rows, PATCH / j->depth) : rows;
    const int64_t group = copied && most < rows ? sn_max(1, GROUP / (j->depth * 2 * j->tiles.lanes)) : j->panels;
    float patch[PATCH];
    int64_t row_x[ROWS_MOST], row_y[ROWS_MOST];
    int64_t k0 = 0;
    do {
        const int64_t depth = sn_min(j->depth, a->k - k0);
        const int last = k0 + depth == a->k;
        for (int64_t panel = panel_begin; panel < panel_end; panel += group)
            for (int64_t r0 = row; r0 < row + rows; r0 += most) {
                const int64_t count = sn_min(most, row + rows - r0), lda = !copied ? a->lda : a->trans_a ? count : depth;
                sn_tile t = {.row_x = row_x, .rows = count, .run_x = &zero, .run_v = &zero, .runs = depth > 0, .length = depth,
                    .x_step = a->trans_a ? lda : 1, .row_y = row_y, .beta = k0 > 0 ? 1 : (float)a->beta, .slope = (float)a->act_alpha,
                    .act = last && sn_epilogue_in_register(a->act) ? a->act : SN_IDENTITY};
                if (copied) copy_a(a, r0, count, k0, depth, patch);
                t.x = copied ? patch : (const float *)a->a + (a->trans_a ? k0 * lda + r0 : r0 * lda + k0);
                for (int64_t r = 0; r < count; r++) {
                    row_x[r] = a->trans_a ? r : r * lda;
                    row_y[r] = (r0 + r) * a->ldc;
                }
                run_panels(j, &t, k0, panel, sn_min(panel + group, panel_end), patch);
            }
        k0 += depth;
    } while (k0 < a->k);
    if (sn_epilogue_in_register(a->act)) return;
    const int64_t col = panel_begin * 2 * j->tiles.lanes;
    sn_epilogue_rows(SN_F32, j->isa, a->act, a->act_alpha, (float *)a->c + row * a->ldc + col, rows,
                     sn_min(panel_end * 2 * j->tiles.lanes, a->n) - col, a->ldc);
}

static void units(void *context, int64_t begin, int64_t end) {
    for (int64_t u = begin; u < end; u++) one_unit(context, u);
}

static job job_of(const sn_gemm_args *a, int32_t isa) {
    job j = {.a = a, .tiles = sn_tiles_of(isa), .isa = isa};
    j.columns = sn_ceil_div(a->n, j.tiles.lanes) * j.tiles.lanes;
    j.panels = sn_ceil_div(a->n, 2 * j.tiles.lanes);
    j.depth = a->k <= DEPTH_MOST ? sn_max(a->k, 1) : sn_even_share(a->k, DEPTH);
    return j;
}

void sn_gemm_tiled_pack(const sn_gemm_args *a, int32_t isa, float *packed) {
    enum { CHUNK = 1 << 14 };
    job j = job_of(a, isa);
    j.packed = packed;
    if (a->k > 0) sn_parallel_for(sn_ceil_div(a->k, j.depth) * j.panels, CHUNK / (j.depth * 2 * j.tiles.lanes) + 1, pack_panels, &j);
}

void sn_gemm_tiled(const sn_gemm_args *a, int32_t isa, const float *packed, float *workspace) {
    enum { UNITS = 16, PANELS = 2, FEW = 4, ROWS_COPIED = 24, B_MOST = 1 << 17, CHUNK = 1 << 18 };
    job j = job_of(a, isa);
    j.in_place = !packed && b_in_place(a, j.tiles.lanes);
    j.packed = packed ? packed : workspace;
    j.at_once = !packed && !j.in_place && j.panels >= FEW && a->m <= ROWS_MOST && a->alpha == 1 && !rows_far(a);
    const double row_work = (double)(a->k + 8) * (double)j.columns;
    const double chunks = row_work * (double)a->m / CHUNK;
    const int64_t parts = sn_min(j.panels, 2 * sn_ceil_div(j.panels, 2 * PANELS)); /* even, for two threads */
    /* narrow products: rows for all threads, where not each would pack b */
    const int64_t few = j.at_once ? 1 : sn_ceil_div(chunks < FEW ? (int64_t)chunks : FEW, parts);
    const int by_rows = !j.at_once && rows_far(a) && a->k * j.columns <= B_MOST; /* a unit copies its rows once and meets all of b */
    j.rows = sn_even_share(a->m, by_rows ? ROWS_COPIED : sn_min(ROWS_MOST, sn_ceil_div(a->m, sn_max(few, 1))));
    const int64_t row_blocks = sn_ceil_div(a->m, j.rows);
    j.parts = sn_min(parts, sn_ceil_div(UNITS, row_blocks));
    if (!packed && !j.in_place && !j.at_once) sn_gemm_tiled_pack(a, isa, workspace);
    const double work = (double)j.rows * row_work / (double)j.parts;
    sn_parallel_for(row_blocks * j.parts, (int64_t)(CHUNK / work) + 1, units, &j);
}
