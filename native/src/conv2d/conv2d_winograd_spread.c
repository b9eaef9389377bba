#include "conv2d/conv2d_winograd_spread.h"

#include <string.h>

#include "conv2d/conv2d_winograd.h"
#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"

enum { WINDOW = 6, TILE = 2, TAPS = 25 };

typedef void (*spread_kernel)(const sn_winograd_spread *s);

typedef struct {
    const sn_conv2d_args *a;
    spread_kernel kernel;
    sn_winograd_weight_kernel transform;
    int64_t vectors, units, u_point, w_point, sums_floats, slot_floats;
    float *u, *scratch;
    sn_winograd_slots slots;
} job;

int sn_winograd_spread_takes(const sn_conv2d_args *a, int64_t lanes) {
    /* channels of one or two vectors; pixels whose sums stay in the second cache; images, four at a time, for some threads */
    enum { LEAST = 4, MOST = 8, PIXELS_MOST = 4096, IMAGES_LEAST = 8, IMAGES_MANY = 12 };
    if (lanes != SPREAD_LANES || a->dtype != SN_F32 || a->kh != 5 || a->kw != 5 || a->groups != 1) return 0;
    if (a->stride_h != 1 || a->stride_w != 1 || a->dilation_h != 1 || a->dilation_w != 1) return 0;
    if (a->c < LEAST || a->c > MOST || a->oc % SPREAD_LANES != 0 || a->oh < TILE || a->ow < TILE) return 0;
    if (a->n < IMAGES_LEAST || (a->n < IMAGES_MANY && a->n % SPREAD_IMAGES != 0)) return 0;
    return sn_mul(a->oh + 5, a->ow + 5) <= PIXELS_MOST;
}

static job job_of(const sn_conv2d_args *a) {
    job j = {.a = a, .vectors = a->c > 4 ? 2 : 1, .units = sn_ceil_div(a->n, SPREAD_IMAGES)};
    const int64_t high = sn_ceil_div(a->oh, TILE), wide = sn_ceil_div(a->ow, TILE);
    j.u_point = a->oc * 4 * j.vectors + SPREAD_PAD;
    j.w_point = SPREAD_TILES * SPREAD_IMAGES * a->oc + SPREAD_PAD;
    j.sums_floats = (TILE * high + WINDOW - TILE) * (TILE * wide + WINDOW - TILE) * j.vectors * SPREAD_LANES;
    j.slot_floats = sn_winograd_slot(j.sums_floats + WINOGRAD_POINTS * j.w_point);
    j.slots.count = sn_min(WINOGRAD_SLOTS, j.units);
    return j;
}

int64_t sn_winograd_spread_floats(const sn_conv2d_args *a) {
    const job j = job_of(a);
    return sn_winograd_slot(WINOGRAD_POINTS * j.u_point) + j.slots.count * j.slot_floats;
}

/* Of 16 columns at a time, which are the channels of 2 or 4 output channels. */
static void transform_weights(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_winograd_grid grid = {.tile = TILE, .window = WINDOW};
    const int64_t channels = 4 * j->vectors;
    float taps[TAPS * SPREAD_LANES] = {0};
    for (int64_t u = begin; u < end; u++) {
        for (int64_t k = 0; k < SPREAD_LANES; k++) {
            const int64_t o = (u * SPREAD_LANES + k) / channels, i = k % channels;
            if (i >= j->a->c) continue;
            for (int64_t t = 0; t < TAPS; t++) taps[t * SPREAD_LANES + k] = ((const float *)j->a->weight)[(o * j->a->c + i) * TAPS + t];
        }
        j->transform(&grid, taps, SPREAD_LANES, SPREAD_LANES, j->u + u * SPREAD_LANES, j->u_point);
    }
}

static void units(void *context, int64_t begin, int64_t end) {
    job *j = context;
    const sn_conv2d_args *a = j->a;
    const int64_t slot = sn_winograd_claim(&j->slots), from = a->oh * a->ow * a->oc, to = a->h * a->w * a->c;
    float *sums = j->scratch + slot * j->slot_floats;
    for (int64_t i = begin; i < end; i++) {
        sn_winograd_spread s = {.a = a, .vectors = j->vectors, .u = j->u, .u_point = j->u_point, .w_point = j->w_point, .sums = sums, .w = sums + j->sums_floats};
        for (int64_t k = 0; k < SPREAD_IMAGES; k++) {
            const int64_t image = i * SPREAD_IMAGES + k;
            s.dy[k] = (const float *)a->dy + (image < a->n ? image : i * SPREAD_IMAGES) * from;
            s.dx[k] = image < a->n ? (float *)a->dx + image * to : NULL;
        }
        memset(sums, 0, (size_t)j->sums_floats * sizeof *sums);
        j->kernel(&s);
    }
    sn_winograd_release(&j->slots, slot);
}

void sn_winograd_spread_backward_input(const sn_conv2d_args *a, int32_t isa, float *workspace) {
    static const spread_kernel kernels[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, NULL, sn_f32_winograd_spread__avx512, NULL);
    job j = job_of(a);
    j.kernel = kernels[isa];
    j.transform = sn_winograd_kernels_of(isa).weight;
    j.u = workspace;
    j.scratch = workspace + sn_winograd_slot(WINOGRAD_POINTS * j.u_point);
    sn_parallel_for(a->oc * 4 * j.vectors / SPREAD_LANES, 4, transform_weights, &j);
    sn_parallel_for(j.units, 1, units, &j);
}
