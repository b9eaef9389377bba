/* The weight gradient where the output has far fewer channels than the input: vectors over output channels would be mostly
 * empty. x and dy change roles: each pixel of x meets the window of dy that it had a part in, dy padded by what the kernel
 * reaches beyond its own padding, so that vectors run over input channels and rows of the tile are (tap, output channel)
 * pairs. Pixels at the border meet zeros there which the sum of the definition leaves out: where a result is no number that
 * may be why, and the caller forms the sums the other way. */
#include <string.h>

#include "conv2d/conv2d_tiled.h"
#include "core/check.h"
#include "core/workspace.h"

/* The correlation of dy with windows for x's pixels, and its plan; 0 when it is not better off so. */
static int exchange(const sn_correlation *k, int64_t lanes, sn_correlation *e, sn_conv_plan *p) {
    enum { CHANNELS_LEAST = 16 };
    if (k->groups != 1 || k->sh != 1 || k->sw != 1 || k->ic < CHANNELS_LEAST || k->kh * k->kw == 0) return 0;
    /* multiply-adds of vectors for a tap */
    const double here = (double)(k->oh * k->ow) * (double)(k->ic * sn_ceil_div(k->oc, lanes));
    const double there = (double)(k->h * k->w) * (double)(k->oc * sn_ceil_div(k->ic, lanes));
    if (there * 4 > here * 3) return 0;
    *e = (sn_correlation){.n = k->n, .h = k->oh, .w = k->ow, .c = k->oc, .groups = 1, .ic = k->oc, .oc = k->ic, .kh = k->kh, .kw = k->kw, .dh = k->dh,
        .dw = k->dw, .sh = 1, .sw = 1, .ph = (k->kh - 1) * k->dh - k->ph, .pw = (k->kw - 1) * k->dw - k->pw, .oh = k->h, .ow = k->w, .act = SN_IDENTITY,
        .pool_h = 1, .pool_w = 1};
    return sn_conv_weight_plan_make(e, lanes, p);
}

static sn_reduce_args bias_of(const sn_correlation *k, const float *dy, float *dbias) {
    return (sn_reduce_args){.dtype = SN_F32, .kind = SN_SUM, .dims = 2, .shape = {k->n * k->oh * k->ow, k->oc}, .reduced = {1, 0}, .x = dy, .y = dbias};
}

static int64_t rounded(int64_t floats) { return sn_ceil_div(floats, 16) * 16; }

int64_t sn_exchanged_weight_floats(const sn_correlation *k, int64_t lanes) {
    sn_correlation e;
    sn_conv_plan p;
    if (!exchange(k, lanes, &e, &p)) return -1;
    const sn_reduce_args bias = bias_of(k, NULL, NULL);
    return rounded(k->oc * k->ic * k->kh * k->kw) + sn_max(sn_conv_weight_floats(&e, &p), sn_ceil_div(sn_reduce_workspace(&bias), (int64_t)sizeof(float)));
}

int sn_exchanged_weight(const sn_correlation *k, int32_t isa, const float *dy, float *dweight, float *dbias, float *workspace) {
    const int64_t taps = k->kh * k->kw, weights = k->oc * k->ic * taps;
    float *made = workspace, *rest = workspace + rounded(weights); /* made[input channel][output channel][taps, the last one first] */
    sn_correlation e;
    sn_conv_plan p;
    if (!exchange(k, sn_tiles_of(isa).lanes, &e, &p)) return 0;
    e.x = dy;
    sn_conv_weight(&e, &p, isa, k->x, made, NULL, rest);
    int finite = 1;
    for (int64_t i = 0; i < weights; i++) finite &= made[i] - made[i] == 0;
    if (!finite) return 0;
    for (int64_t o = 0; o < k->oc; o++)
        for (int64_t i = 0; i < k->ic; i++) {
            const float *from = made + (i * k->oc + o) * taps;
            for (int64_t t = taps; t > 0; t--) *dweight++ = from[t - 1];
        }
    if (!dbias) return 1;
    sn_reduce_args bias = bias_of(k, dy, dbias);
    bias.workspace = rest;
    bias.workspace_bytes = sn_reduce_workspace(&bias);
    return sn_reduce(&bias) == SN_OK;
}
