#include "conv2d/conv2d_depthwise.h"

#include <string.h>

#include "core/check.h"
#include "core/isa.h"
#include "pool/pool.h"
#include "tile/epilogue.h"
#include "tile/tile.h"

enum { TAPS_MOST = 128, SLOTS = 32, CHUNK = 1 << 17 };

typedef void (*pixel_kernel)(const sn_depthwise *d, float *y);
typedef void (*row_kernel)(int64_t channels, int64_t count, const float *x, int64_t x_step, const float *dy, float *sum);

static const pixel_kernel pixel_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(NULL, sn_f32_depthwise_pixel__avx2, sn_f32_depthwise_pixel__avx512, sn_f32_depthwise_pixel__neon);
static const row_kernel row_kernels[SN_ISA_COUNT] =
    SN_ISA_TABLE(NULL, sn_f32_depthwise_row__avx2, sn_f32_depthwise_row__avx512, sn_f32_depthwise_row__neon);

typedef struct {
    const sn_conv2d_args *a;
    int32_t isa;
    float *packed; /* [tap][channel]; of the weight gradient: [slot][tap][channel], with a last tap for the bias */
    int64_t slots;
} job;

int sn_depthwise_takes(const sn_conv2d_args *a) {
    return a->groups > 1 && a->groups == a->c && a->groups == a->oc && a->kh <= TAPS_MOST && a->kw <= TAPS_MOST && a->kh * a->kw <= TAPS_MOST;
}

int64_t sn_depthwise_floats(const sn_conv2d_args *a) { return a->kh * a->kw * a->c; }

static int64_t row_work(const sn_conv2d_args *a) { return a->ow * a->c * (a->kh * a->kw + 2); }

static void pack(const job *j) {
    const int64_t taps = j->a->kh * j->a->kw;
    sn_tiles_of(j->isa).transpose(j->a->weight, taps, j->a->c, taps, j->packed, j->a->c);
}

static void forward_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_conv2d_args *a = j->a;
    int64_t source[TAPS_MOST], tap[TAPS_MOST];
    sn_depthwise d = {.channels = a->c, .source = source, .tap = tap, .weight = j->packed, .bias = a->bias, .slope = (float)a->act_alpha,
        .act = sn_epilogue_in_register(a->act) ? a->act : SN_IDENTITY};
    d.count = a->kh * a->kw;
    for (int64_t t = 0; t < d.count; t++) tap[t] = t;
    for (int64_t row = begin; row < end; row++) {
        d.x = (const float *)a->x + row / a->oh * a->h * a->w * a->c;
        float *y = (float *)a->y + row * a->ow * a->oc;
        for (int64_t ox = 0; ox < a->ow; ox++, y += a->oc) {
            int64_t t = 0;
            for (int64_t ky = 0; ky < a->kh; ky++)
                for (int64_t kx = 0; kx < a->kw; kx++, t++) {
                    const int64_t iy = row % a->oh * a->stride_h - a->pad_h + ky * a->dilation_h, ix = ox * a->stride_w - a->pad_w + kx * a->dilation_w;
                    source[t] = iy >= 0 && iy < a->h && ix >= 0 && ix < a->w ? (iy * a->w + ix) * a->c : -1;
                }
            d.residual = a->residual ? (const float *)a->residual + (y - (float *)a->y) : NULL;
            pixel_kernels[j->isa](&d, y);
        }
    }
    const int64_t length = a->ow * a->oc;
    if (!sn_epilogue_in_register(a->act))
        sn_epilogue_rows(SN_F32, j->isa, a->act, a->act_alpha, (float *)a->y + begin * length, end - begin, length, length);
}

void sn_depthwise_forward(const sn_conv2d_args *a, int32_t isa, float *workspace) {
    job j = {.a = a, .isa = isa, .packed = workspace};
    pack(&j);
    sn_parallel_for(a->n * a->oh, CHUNK / row_work(a) + 1, forward_rows, &j);
}

static void backward_input_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_conv2d_args *a = j->a;
    int64_t source[TAPS_MOST], tap[TAPS_MOST];
    sn_depthwise d = {.channels = a->c, .source = source, .tap = tap, .weight = j->packed, .act = SN_IDENTITY};
    for (int64_t row = begin; row < end; row++) {
        d.x = (const float *)a->dy + row / a->h * a->oh * a->ow * a->c;
        float *dx = (float *)a->dx + row * a->w * a->c;
        for (int64_t ix = 0; ix < a->w; ix++, dx += a->c) {
            d.count = 0;
            for (int64_t ky = 0; ky < a->kh; ky++) {
                const int64_t ty = row % a->h + a->pad_h - ky * a->dilation_h;
                if (ty % a->stride_h != 0) continue;
                for (int64_t kx = 0; kx < a->kw; kx++) {
                    const int64_t tx = ix + a->pad_w - kx * a->dilation_w;
                    if (tx % a->stride_w != 0) continue;
                    const int64_t oy = ty / a->stride_h, ox = tx / a->stride_w;
                    source[d.count] = oy >= 0 && oy < a->oh && ox >= 0 && ox < a->ow ? (oy * a->ow + ox) * a->c : -1;
                    tap[d.count++] = ky * a->kw + kx;
                }
            }
            pixel_kernels[j->isa](&d, dx);
        }
    }
}

void sn_depthwise_backward_input(const sn_conv2d_args *a, int32_t isa, float *workspace) {
    job j = {.a = a, .isa = isa, .packed = workspace};
    pack(&j);
    sn_parallel_for(a->n * a->h, CHUNK / row_work(a) + 1, backward_input_rows, &j);
}

/* ---- the weight gradient: slots of output rows, added in order ---- */

static int64_t slots_of(const sn_conv2d_args *a) { return sn_min(a->n * a->oh, SLOTS); }

int64_t sn_depthwise_weight_floats(const sn_conv2d_args *a) { return slots_of(a) * (a->kh * a->kw + 1) * a->c; }

/* The pixels of a row whose window's column kx lies inside x: [*begin, *end). */
static void inside_columns(const sn_conv2d_args *a, int64_t kx, int64_t *begin, int64_t *end) {
    const int64_t offset = kx * a->dilation_w - a->pad_w;
    *begin = offset >= 0 ? 0 : sn_min(a->ow, sn_ceil_div(-offset, a->stride_w));
    *end = offset >= a->w ? 0 : sn_min(a->ow, (a->w - 1 - offset) / a->stride_w + 1);
}

static void weight_slots(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_conv2d_args *a = j->a;
    const int64_t rows = a->n * a->oh, taps = a->kh * a->kw;
    const row_kernel add = row_kernels[j->isa];
    for (int64_t slot = begin; slot < end; slot++) {
        float *sums = j->packed + slot * (taps + 1) * a->c;
        memset(sums, 0, (size_t)((taps + 1) * a->c) * sizeof *sums);
        for (int64_t row = rows * slot / j->slots; row < rows * (slot + 1) / j->slots; row++) {
            const float *dy = (const float *)a->dy + row * a->ow * a->c;
            for (int64_t t = 0; t < taps; t++) {
                const int64_t iy = row % a->oh * a->stride_h - a->pad_h + t / a->kw * a->dilation_h;
                int64_t first, last;
                inside_columns(a, t % a->kw, &first, &last);
                if (iy < 0 || iy >= a->h || first >= last) continue;
                const int64_t ix = first * a->stride_w - a->pad_w + t % a->kw * a->dilation_w;
                add(a->c, last - first, (const float *)a->x + ((row / a->oh * a->h + iy) * a->w + ix) * a->c, a->stride_w * a->c, dy + first * a->c, sums + t * a->c);
            }
            if (a->dbias) add(a->c, a->ow, NULL, 0, dy, sums + taps * a->c);
        }
    }
}

void sn_depthwise_backward_weight(const sn_conv2d_args *a, int32_t isa, float *workspace) {
    const int64_t taps = a->kh * a->kw, count = (taps + 1) * a->c;
    job j = {.a = a, .isa = isa, .packed = workspace, .slots = slots_of(a)};
    const int64_t slot_work = row_work(a) * sn_ceil_div(a->n * a->oh, j.slots);
    sn_parallel_for(j.slots, CHUNK / slot_work + 1, weight_slots, &j);
    for (int64_t slot = 1; slot < j.slots; slot++)
        for (int64_t i = 0; i < count; i++) workspace[i] += workspace[slot * count + i];
    sn_tiles_of(isa).transpose(workspace, a->c, taps, a->c, a->dweight, taps);
    if (a->dbias) memcpy(a->dbias, workspace + taps * a->c, (size_t)a->c * sizeof *workspace);
}
