#include "tile/tile.h"

#include "core/vector_neon.h"
#include "sinew.h"

/* 8 rows of 2 vectors: 16 accumulators, 8 vectors of x and 2 of v in 32 registers. */
enum { ROWS = 8, LANES = 4 };

/* How the elements of x lie: those of a row side by side, those of 8 rows side by side, or neither. Side by side, one load
 * serves four multiply-adds, which take their factor from a lane. */
enum { ALONG, ACROSS, APART };

/* What lies behind `part` of a vector, 1 to 3 floats, may be anything and is not stored: without a branch. */
static SN_INLINE float32x4_t load(const float *p, int64_t part, const int masked) {
    if (!masked) return vld1q_f32(p);
    const int64_t second = part > 1, third = part > 2 ? 2 : 0;
    return vld1q_lane_f32(p + third, vld1q_lane_f32(p + second, vld1q_dup_f32(p), 1), 2);
}

static SN_INLINE float32x4_t finish(const sn_tile *t, float32x4_t sum, float32x4_t bias, const float *base, int64_t part,
                                                                const int masked) {
    if (t->beta != 0) sum = vfmaq_f32(sum, vdupq_n_f32(t->beta), load(base, part, masked));
    sum = vaddq_f32(sum, bias);
    if (t->act == SN_IDENTITY) return sum;
    const uint32x4_t negative = vcltzq_f32(sum);
    /* not a product for ReLU: 0 * -infinity */
    return t->act == SN_RELU ? sn_unless_neon(negative, sum) : vbslq_f32(negative, vmulq_f32(sum, vdupq_n_f32(t->slope)), sum);
}

/* Not inlined into all the pieces: it has branches. */
static SN_NOINLINE void store_part(float *p, float32x4_t v, int64_t part) { sn_store_first_neon(p, v, part); }

/* sum[r] += b * (v0, v1) */
#define ADD_TO(r, b)                                                \
    do {                                                            \
        sum[r][0] = vfmaq_f32(sum[r][0], v0, b);                    \
        if (vectors == 2) sum[r][1] = vfmaq_f32(sum[r][1], v1, b);  \
    } while (0)

#define NEXT_OF_V                                                                                  \
    const float32x4_t v0 = load(v, part, masked && vectors == 1);                                  \
    const float32x4_t v1 = vectors == 2 ? load(v + LANES, part, masked) : v0;                      \
    v += v_step

/* One of four elements of all rows. */
#define STEP_ALONG(lane)                                                                           \
    do {                                                                                           \
        NEXT_OF_V;                                                                                 \
        _Pragma("GCC unroll 8") for (int r = 0; r < rows; r++) ADD_TO(r, vdupq_laneq_f32(b[r], lane)); \
    } while (0)

/* rows, vectors, masked (the last vector is not a full one: `part` of it) and how are constants at each call. */
static SN_INLINE void tile(const sn_tile *t, int64_t part, int64_t first, const int rows, const int vectors, const int masked,
                                                       const int how) {
    float32x4_t sum[ROWS][2];
    const float *x[ROWS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
        x[r] = t->x + t->row_x[first + r];
        sum[r][0] = sum[r][1] = vdupq_n_f32(0);
    }
    const int64_t x_step = t->x_step, v_step = t->v_step;
    for (int64_t u = 0; u < t->runs; u++) {
        const float *v = t->v + t->run_v[u];
        int64_t i = t->run_x[u], left = t->length;
        if (how == ACROSS)
            for (; left > 0; left--, i += x_step) {
                NEXT_OF_V;
                const float32x4_t low = vld1q_f32(x[0] + i), high = vld1q_f32(x[0] + i + LANES);
                ADD_TO(0, vdupq_laneq_f32(low, 0));
                ADD_TO(1, vdupq_laneq_f32(low, 1));
                ADD_TO(2, vdupq_laneq_f32(low, 2));
                ADD_TO(3, vdupq_laneq_f32(low, 3));
                ADD_TO(4, vdupq_laneq_f32(high, 0));
                ADD_TO(5, vdupq_laneq_f32(high, 1));
                ADD_TO(6, vdupq_laneq_f32(high, 2));
                ADD_TO(7, vdupq_laneq_f32(high, 3));
            }
        if (how == ALONG)
            for (; left >= LANES; left -= LANES, i += LANES) {
                float32x4_t b[ROWS];
#pragma GCC unroll 8
                for (int r = 0; r < rows; r++) b[r] = vld1q_f32(x[r] + i);
                STEP_ALONG(0);
                STEP_ALONG(1);
                STEP_ALONG(2);
                STEP_ALONG(3);
            }
#pragma GCC unroll 1
        for (; left > 0; left--, i += x_step) {
            NEXT_OF_V;
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) ADD_TO(r, vdupq_n_f32(x[r][i]));
        }
    }
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++) {
        const int partly = masked && j == vectors - 1;
        const float32x4_t bias = t->bias ? load(t->bias + j * LANES, part, partly) : vdupq_n_f32(0);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            const int64_t row = t->row_y[first + r] + j * LANES;
            const float32x4_t result = finish(t, sum[r][j], bias, t->base + row, part, partly);
            if (partly) store_part(t->y + row, result, part);
            else vst1q_f32(t->y + row, result);
        }
    }
}

#define ROW_CASES(vectors, masked, how)                                 \
    switch (rows) {                                                     \
    case 1: tile(t, part, first, 1, vectors, masked, how); return;      \
    case 2: tile(t, part, first, 2, vectors, masked, how); return;      \
    case 3: tile(t, part, first, 3, vectors, masked, how); return;      \
    case 4: tile(t, part, first, 4, vectors, masked, how); return;      \
    case 5: tile(t, part, first, 5, vectors, masked, how); return;      \
    case 6: tile(t, part, first, 6, vectors, masked, how); return;      \
    case 7: tile(t, part, first, 7, vectors, masked, how); return;      \
    default: tile(t, part, first, 8, vectors, masked, how); return;     \
    }

typedef void (*piece)(const sn_tile *t, int64_t part, int64_t first, int64_t rows);

#define PIECE(name, vectors, masked)                                                                                        \
    static void name##_along(const sn_tile *t, int64_t part, int64_t first, int64_t rows) { ROW_CASES(vectors, masked, ALONG) } \
    static void name##_apart(const sn_tile *t, int64_t part, int64_t first, int64_t rows) { ROW_CASES(vectors, masked, APART) } \
    static void name##_across(const sn_tile *t, int64_t part, int64_t first, int64_t rows) {                                \
        (void)rows;                                                                                                         \
        tile(t, part, first, ROWS, vectors, masked, ACROSS);                                                                \
    }
PIECE(two, 2, 0)
PIECE(two_masked, 2, 1)
PIECE(one, 1, 0)
PIECE(one_masked, 1, 1)

static const piece pieces[2][2][3] = {
    {{one_along, one_across, one_apart}, {one_masked_along, one_masked_across, one_masked_apart}},
    {{two_along, two_across, two_apart}, {two_masked_along, two_masked_across, two_masked_apart}},
};

static int how_of(const sn_tile *t, int64_t first, int64_t rows) {
    if (t->x_step == 1) return ALONG;
    if (rows != ROWS) return APART;
    for (int64_t r = 1; r < rows; r++)
        if (t->row_x[first + r] != t->row_x[first] + r) return APART;
    return ACROSS;
}

void sn_f32_tile__neon(const sn_tile *t) {
    const int64_t part = t->width % LANES, tiles = (t->rows + ROWS - 1) / ROWS;
    int64_t first = 0;
    for (int64_t i = 0; i < tiles; i++) { /* as even as can be: a tile of few rows is no faster than one of many */
        const int64_t end = t->rows * (i + 1) / tiles;
        pieces[t->width > LANES][part != 0][how_of(t, first, end - first)](t, part, first, end - first);
        first = end;
    }
}
