/* permute: dense y over a shape from strided x.
 *
 * After merging dimensions there are three cases: the innermost dimension is contiguous in x (runs are copied), another
 * one is (2-D transposes between the two), or none is (elements are gathered; a stride of 0 repeats one). */
#include "permute/permute.h"

#include <string.h>

#include "core/check.h"
#include "core/collapse.h"
#include "core/isa.h"
#include "core/stream.h"
#include "pool/pool.h"

/* Elements of a chunk. */
enum { GRAIN = 16384 };

static sn_transpose_kernel *const transpose_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_x32_permute_transpose__generic, sn_x32_permute_transpose__avx2, sn_x32_permute_transpose__avx512, sn_x32_permute_transpose__neon);

typedef struct {
    sn_space outer;      /* strides: of x, of y; without the dimensions the kernel runs over */
    int64_t cols, x_col; /* the innermost dimension, its stride in x */
    int64_t rows, y_row; /* the dimension contiguous in x and its stride in y, of a transpose; else 1 */
    int64_t row_piece, row_pieces; /* a unit is [outer position][piece of rows][piece of columns] */
    int64_t col_piece, col_pieces;
    int64_t size;
    int past;                       /* y goes past the caches */
    sn_transpose_kernel *transpose; /* NULL: runs */
    sn_gather_kernel *gather;
    const unsigned char *x;
    unsigned char *y;
} permute_context;

static void unit(const permute_context *c, const unsigned char *x, unsigned char *y, int64_t row, int64_t col) {
    const int64_t n = sn_min(c->col_piece, c->cols - col);
    x += (row + col * c->x_col) * c->size;
    y += (row * c->y_row + col) * c->size;
    if (c->transpose) c->transpose(x, c->x_col, y, c->y_row, sn_min(c->row_piece, c->rows - row), n, c->past);
    else if (c->x_col == 1) memcpy(y, x, (size_t)(n * c->size));
    else c->gather(x, c->x_col, y, n);
}

static void body(void *context, int64_t begin, int64_t end) {
    const permute_context *c = context;
    const int64_t pieces = c->row_pieces * c->col_pieces;
    sn_cursor at = sn_cursor_at(&c->outer, begin / pieces);
    int64_t row = begin % pieces / c->col_pieces, col = begin % c->col_pieces;
    for (; begin < end; begin++) {
        unit(c, c->x + at.offset[0] * c->size, c->y + at.offset[1] * c->size, row * c->row_piece, col * c->col_piece);
        if (++col < c->col_pieces) continue;
        col = 0;
        if (++row < c->row_pieces) continue;
        row = 0;
        sn_cursor_next(&c->outer, &at);
    }
}

/* Takes dimension d out of the outer ones. */
static void take_out(sn_space *s, int32_t d) {
    s->dims--;
    for (; d < s->dims; d++) {
        s->shape[d] = s->shape[d + 1];
        s->stride[0][d] = s->stride[0][d + 1];
        s->stride[1][d] = s->stride[1][d + 1];
    }
}

sn_status sn_permute(const sn_permute_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    const int64_t size = sn_size_of(a->dtype);
    SN_REQUIRE(size != 0, SN_ERR_DTYPE);
    SN_REQUIRE(a->dims >= 0 && a->dims <= SN_MAX_DIMS, SN_ERR_SIZE);
    const int64_t count = sn_shape_count(a->shape, a->dims);
    SN_REQUIRE(count >= 0 && sn_strides_ok(a->shape, a->stride, a->dims), SN_ERR_SIZE);
    if (count == 0) return SN_OK;

    permute_context c = {
        .cols = 1,
        .x_col = 1,
        .rows = 1,
        .size = size,
        .gather = size == 8 ? sn_x64_permute_gather__generic : sn_x32_permute_gather__generic,
        .x = a->x,
        .y = a->y,
    };
    sn_space *s = &c.outer;
    int64_t y_stride = count;
    for (int32_t d = 0; d < a->dims; d++) {
        y_stride /= a->shape[d];
        sn_space_append(s, a->shape[d], a->stride[d], y_stride);
    }
    if (s->dims > 0) {
        c.cols = s->shape[--s->dims];
        c.x_col = s->stride[0][s->dims];
    }
    int32_t contiguous = -1;
    for (int32_t d = 0; d < s->dims; d++)
        if (s->stride[0][d] == 1) contiguous = d;
    if (c.x_col > 1 && contiguous >= 0) {
        c.transpose = size == 8 ? sn_x64_permute_transpose__generic : transpose_table[sn_isa_current()];
        c.rows = s->shape[contiguous];
        c.y_row = s->stride[1][contiguous];
        take_out(s, contiguous);
    }
    c.row_piece = sn_min(c.rows, SN_PERMUTE_STRIP);
    c.row_pieces = sn_ceil_div(c.rows, c.row_piece);
    c.col_piece = sn_min(c.cols, GRAIN / c.row_piece);
    c.col_pieces = sn_ceil_div(c.cols, c.col_piece);
    /* all strides of y are multiples of cols */
    c.past = c.transpose && c.cols % 16 == 0 && c.col_piece % 16 == 0 && sn_past_caches(c.y, count * size);
    const int64_t units = sn_space_count(s, s->dims) * c.row_pieces * c.col_pieces;
    sn_parallel_for(units, GRAIN / (c.row_piece * c.col_piece), body, &c);
    return SN_OK;
}
