#include "core/labels.h"

#include "core/partial_sum.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

typedef struct {
    const sn_labels *l;
    int64_t grain;
    double weights[SN_PARTS];    /* the sum of the weights of a chunk's labels */
    unsigned char bad[SN_PARTS]; /* whether one of them is out of range */
} labels_context;

/* In 32 bits, so that it can be vectorised. */
static int chunk_is_bad(const sn_labels *l, int64_t begin, int64_t end, int64_t *used_) {
    const uint32_t classes = l->classes > INT32_MAX ? UINT32_C(1) << 31 : (uint32_t)l->classes;
    const int can_ignore = l->ignore_index >= INT32_MIN && l->ignore_index <= INT32_MAX;
    const int32_t ignored = can_ignore ? (int32_t)l->ignore_index : 0;
    uint32_t bad = 0, used = 0;
    for (int64_t i = begin; i < end; i++) {
        const uint32_t counts = !(can_ignore & (l->labels[i] == ignored));
        used += counts;
        bad |= counts & ((uint32_t)l->labels[i] >= classes);
    }
    *used_ = used;
    return bad != 0;
}

static double weights_of(const sn_labels *l, int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; i++) {
        const int64_t t = l->labels[i];
        if (t == l->ignore_index) continue;
        sum += l->dtype == SN_F64 ? ((const double *)l->weights)[t] : ((const float *)l->weights)[t];
    }
    return sum;
}

static void body(void *context, int64_t begin, int64_t end) {
    labels_context *c = context;
    const int64_t chunk = begin / c->grain;
    int64_t used;
    c->bad[chunk] = (unsigned char)chunk_is_bad(c->l, begin, end, &used);
    c->weights[chunk] = c->bad[chunk] ? 0 : c->l->weights ? weights_of(c->l, begin, end) : (double)used;
}

sn_status sn_labels_check(const sn_labels *l, double *weight_sum) {
    labels_context c;
    c.l = l;
    c.grain = sn_part_grain(l->rows, GRAIN);
    sn_parallel_for(l->rows, c.grain, body, &c);
    for (int64_t i = 0; i < sn_ceil_div(l->rows, c.grain); i++)
        SN_REQUIRE(!c.bad[i], SN_ERR_VALUE);
    if (weight_sum) *weight_sum = sn_part_total(c.weights, l->rows, c.grain);
    return SN_OK;
}
