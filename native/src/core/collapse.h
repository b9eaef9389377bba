/* Strided index spaces: merging dimensions, and walking over positions. */
#ifndef SN_CORE_COLLAPSE_H
#define SN_CORE_COLLAPSE_H

#include "core/check.h"

/* Dimensions from outer to inner, with the strides (in elements) of up to two operands. */
typedef struct {
    int32_t dims;
    int64_t shape[SN_MAX_DIMS];
    int64_t stride[2][SN_MAX_DIMS];
} sn_space;

/* Appends a dimension: dropped if it has one element, merged into the one before if stepping through both is stepping
 * through one long dimension for every operand. */
static inline void sn_space_append(sn_space *s, int64_t size, int64_t stride0, int64_t stride1) {
    if (size == 1) return;
    const int32_t last = s->dims - 1;
    if (last >= 0 && s->stride[0][last] == size * stride0 && s->stride[1][last] == size * stride1) {
        s->shape[last] *= size;
        s->stride[0][last] = stride0;
        s->stride[1][last] = stride1;
        return;
    }
    s->shape[s->dims] = size;
    s->stride[0][s->dims] = stride0;
    s->stride[1][s->dims++] = stride1;
}

/* The number of positions of the first `dims` dimensions. */
static inline int64_t sn_space_count(const sn_space *s, int32_t dims) {
    int64_t count = 1;
    for (int32_t d = 0; d < dims; d++) count *= s->shape[d];
    return count;
}

/* The offsets of both operands at a row-major position of the first `dims` dimensions. */
static inline void sn_space_offsets(const sn_space *s, int32_t dims, int64_t position, int64_t offset[2]) {
    offset[0] = offset[1] = 0;
    for (int32_t d = dims - 1; d >= 0 && position > 0; d--) {
        const int64_t i = d == 0 ? position : position % s->shape[d];
        position /= s->shape[d];
        offset[0] += i * s->stride[0][d];
        offset[1] += i * s->stride[1][d];
    }
}

/* A position that moves on by one, for loops too tight for a division per dimension. */
typedef struct {
    int64_t index[SN_MAX_DIMS];
    int64_t offset[2];
} sn_cursor;

static inline sn_cursor sn_cursor_at(const sn_space *s, int64_t position) {
    sn_cursor c = {{0}, {0, 0}};
    for (int32_t d = s->dims - 1; d >= 0 && position > 0; d--) {
        c.index[d] = position % s->shape[d];
        position /= s->shape[d];
        c.offset[0] += c.index[d] * s->stride[0][d];
        c.offset[1] += c.index[d] * s->stride[1][d];
    }
    return c;
}

static inline void sn_cursor_next(const sn_space *s, sn_cursor *c) {
    for (int32_t d = s->dims - 1; d >= 0; d--) {
        c->offset[0] += s->stride[0][d];
        c->offset[1] += s->stride[1][d];
        if (++c->index[d] < s->shape[d]) return;
        c->index[d] = 0;
        c->offset[0] -= s->shape[d] * s->stride[0][d];
        c->offset[1] -= s->shape[d] * s->stride[1][d];
    }
}

/* The number of elements of a shape, negative when it is not one. */
static inline int64_t sn_shape_count(const int64_t *shape, int32_t dims) {
    int64_t count = 1;
    for (int32_t d = 0; d < dims; d++) count = sn_mul(count, shape[d]);
    return count;
}

/* Whether all strides are >= 0 and the last element of an array with them is within the largest array. */
static inline int sn_strides_ok(const int64_t *shape, const int64_t *stride, int32_t dims) {
    int64_t extent = 0;
    for (int32_t d = 0; d < dims; d++) {
        if (stride[d] < 0) return 0;
        if (shape[d] <= 1) continue;
        const int64_t reach = sn_mul(shape[d] - 1, stride[d]);
        if (reach < 0) return 0;
        extent += reach;
        if (extent >= SN_MAX_ELEMENTS) return 0;
    }
    return 1;
}

#endif
