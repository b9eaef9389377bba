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

static int chunk_is_bad(const sn_labels *l, int64_t begin, int64_t end) {
    int bad = 0;
    for (int64_t i = begin; i < end; i++) {
        const int64_t t = l->labels[i];
        bad |= (t < 0 || t >= l->classes) & (t != l->ignore_index);
    }
    return bad;
}

static double chunk_weights(const sn_labels *l, int64_t begin, int64_t end) {
    int64_t used = 0;
    double sum = 0;
    for (int64_t i = begin; i < end; i++) {
        const int64_t t = l->labels[i];
        if (t == l->ignore_index) continue;
        used++;
        if (l->weights) sum += l->dtype == SN_F64 ? ((const double *)l->weights)[t] : ((const float *)l->weights)[t];
    }
    return l->weights ? sum : (double)used;
}

static void body(void *context, int64_t begin, int64_t end) {
    labels_context *c = context;
    const int64_t chunk = begin / c->grain;
    c->bad[chunk] = (unsigned char)chunk_is_bad(c->l, begin, end);
    c->weights[chunk] = c->bad[chunk] ? 0 : chunk_weights(c->l, begin, end);
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
