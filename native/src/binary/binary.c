/* binary: y = a (kind) b over a shape, with broadcasting by strides of 0. */
#include "binary/binary.h"

#include <string.h>

#include "core/check.h"
#include "core/collapse.h"
#include "core/isa.h"
#include "core/stream.h"
#include "pool/pool.h"

/* Elements of a chunk, which is some rows, or a piece of one; pow is slow. Rows shorter than SHORT are flattened, broadcast
 * operands being written out in pieces of up to FLAT elements. */
enum { GRAIN = 16384, POW_GRAIN = 1024, SHORT = 64, FLAT = 1024, SLACK = 2 };

static sn_binary_kernel *const *const table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_binary__generic, sn_f32_binary__avx2, sn_f32_binary__avx512, sn_f32_binary__neon);

typedef struct {
    sn_binary_kernel *kernel;
    sn_space space;      /* at least two dimensions: the last two are the rows and columns of the kernel's block */
    int64_t size;        /* bytes of an element */
    int64_t piece, pieces; /* columns of a piece, pieces of a row */
    int past;            /* y goes past the caches */
    const unsigned char *a, *b;
    unsigned char *y;
} binary_context;

/* Writes out rows of an operand. Repeated 32-bit elements are stored by fours, running over the end of their row into the
 * next one, which is written later, and at last into SLACK. */
static void expand(void *out_, const void *x_, int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride, int64_t size) {
    if (size == 4) {
        uint32_t *out = out_;
        for (int64_t r = 0; r < rows; r++, out += cols) {
            const uint32_t *x = (const uint32_t *)x_ + r * row_stride;
            if (col_stride == 0) {
                const uint32_t four[4] = {*x, *x, *x, *x};
                for (int64_t i = 0; i < cols; i += 4) memcpy(out + i, four, 16);
            } else {
                for (int64_t i = 0; i < cols; i++) out[i] = x[i * col_stride];
            }
        }
    } else {
        uint64_t *out = out_;
        for (int64_t r = 0; r < rows; r++, out += cols) {
            const uint64_t *x = (const uint64_t *)x_ + r * row_stride;
            for (int64_t i = 0; i < cols; i++) out[i] = x[i * col_stride];
        }
    }
}

/* A block of short rows as long ones: vectors do not stop at the end of each row. */
static void run_short_rows(const binary_context *c, const sn_binary_block *block) {
    const int64_t cols = block->cols, together = FLAT / cols;
    const int dense_a = block->a_row == cols && block->a_col == 1, dense_b = block->b_row == cols && block->b_col == 1;
    double a[FLAT + SLACK], b[FLAT + SLACK];
    for (int64_t r = 0; r < block->rows; r += together) {
        const int64_t rows = sn_min(together, block->rows - r);
        const unsigned char *from_a = (const unsigned char *)block->a + r * block->a_row * c->size;
        const unsigned char *from_b = (const unsigned char *)block->b + r * block->b_row * c->size;
        /* What does not change from row to row is written out once. */
        if (!dense_a && (r == 0 || block->a_row != 0)) expand(a, from_a, rows, cols, block->a_row, block->a_col, c->size);
        if (!dense_b && (r == 0 || block->b_row != 0)) expand(b, from_b, rows, cols, block->b_row, block->b_col, c->size);
        const sn_binary_block flat = {
            .rows = 1,
            .cols = rows * cols,
            .a_col = 1,
            .b_col = 1,
            .a = dense_a ? (const void *)from_a : a,
            .b = dense_b ? (const void *)from_b : b,
            .y = (unsigned char *)block->y + r * cols * c->size,
        };
        c->kernel(&flat);
    }
}

/* Rows [first, first + rows) below one position of the outer dimensions, columns [col, col + cols). */
static void run_block(const binary_context *c, int64_t first, int64_t rows, int64_t col, int64_t cols) {
    const sn_space *s = &c->space;
    const int32_t row = s->dims - 2, column = s->dims - 1;
    int64_t offset[2];
    sn_space_offsets(s, row + 1, first, offset);
    const sn_binary_block block = {
        .rows = rows,
        .cols = cols,
        .a_row = s->stride[0][row],
        .a_col = s->stride[0][column],
        .b_row = s->stride[1][row],
        .b_col = s->stride[1][column],
        .a = c->a + (offset[0] + col * s->stride[0][column]) * c->size,
        .b = c->b + (offset[1] + col * s->stride[1][column]) * c->size,
        .y = c->y + (first * s->shape[column] + col) * c->size,
        .past = c->past,
    };
    if (cols < SHORT && rows > 4 && cols % 16 != 0) run_short_rows(c, &block);
    else c->kernel(&block);
}

static void body(void *context, int64_t begin, int64_t end) {
    const binary_context *c = context;
    const int64_t rows = c->space.shape[c->space.dims - 2], cols = c->space.shape[c->space.dims - 1];
    if (c->pieces > 1) {
        for (int64_t unit = begin; unit < end; unit++) {
            const int64_t col = unit % c->pieces * c->piece;
            run_block(c, unit / c->pieces, 1, col, sn_min(c->piece, cols - col));
        }
        return;
    }
    while (begin < end) {
        const int64_t n = sn_min(end - begin, rows - begin % rows);
        run_block(c, begin, n, 0, cols);
        begin += n;
    }
}

sn_status sn_binary(const sn_binary_args *a) {
    SN_REQUIRE(a && a->a && a->b && a->y, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->kind >= 0 && a->kind < SN_BINARY_KINDS, SN_ERR_CODE);
    SN_REQUIRE(a->dims >= 0 && a->dims <= SN_MAX_DIMS, SN_ERR_SIZE);
    const int64_t count = sn_shape_count(a->shape, a->dims);
    SN_REQUIRE(count >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_strides_ok(a->shape, a->stride_a, a->dims) && sn_strides_ok(a->shape, a->stride_b, a->dims), SN_ERR_SIZE);
    if (count == 0) return SN_OK;
    const int f64 = a->dtype == SN_F64;
    binary_context c = {
        .kernel = (f64 ? sn_f64_binary__generic : table[sn_isa_current()])[a->kind],
        .size = f64 ? 8 : 4,
        .a = a->a,
        .b = a->b,
        .y = a->y,
    };
    for (int32_t d = 0; d < a->dims; d++) sn_space_append(&c.space, a->shape[d], a->stride_a[d], a->stride_b[d]);
    if (c.space.dims < 2) { /* a leading dimension of one row */
        sn_space two = {.dims = 2, .shape = {1, 1}};
        if (c.space.dims == 1) two.shape[1] = count, two.stride[0][1] = c.space.stride[0][0], two.stride[1][1] = c.space.stride[1][0];
        c.space = two;
    }
    const int64_t cols = c.space.shape[c.space.dims - 1];
    const int64_t grain = a->kind == SN_POW ? POW_GRAIN : GRAIN;
    const int whole_lines = cols % 16 == 0 || cols == count; /* each row begins with one */
    c.past = !f64 && whole_lines && a->y != a->a && a->y != a->b && sn_past_caches(a->y, count * c.size);
    c.piece = sn_min(cols, grain);
    c.pieces = sn_ceil_div(cols, c.piece);
    sn_parallel_for(count / cols * c.pieces, grain / c.piece, body, &c);
    return SN_OK;
}
