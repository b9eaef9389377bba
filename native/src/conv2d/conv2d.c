#include "conv2d/conv2d.h"

#include "conv2d/conv2d_depthwise.h"
#include "conv2d/conv2d_planar.h"
#include "conv2d/conv2d_spread.h"
#include "conv2d/conv2d_tiled.h"
#include "conv2d/conv2d_winograd.h"
#include "conv2d/conv2d_winograd_spread.h"
#include "core/isa.h"
#include "core/packed.h"
#include "core/workspace.h"
#include "pool/pool.h"
#include "pool2d/pool2d.h"
#include "tile/epilogue.h"

/* Multiplications of the generic kernels worth a chunk. */
#define CHUNK_WORK 16384.0

enum { FORWARD, BACKWARD_INPUT, BACKWARD_WEIGHT };

static int axis_fits(int64_t size, int64_t out, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation) {
    const int64_t limit = INT64_C(1) << 31;
    if (size < 1 || out < 1 || kernel < 1 || stride < 1 || pad < 0 || dilation < 1) return 0;
    if (size > limit || kernel > limit || stride > limit || pad > limit || dilation > limit) return 0;
    const int64_t reach = sn_mul(dilation, kernel - 1);
    return reach >= 0 && size + 2 * pad > reach && out == (size + 2 * pad - reach - 1) / stride + 1;
}

static sn_status check_sizes(const sn_conv2d_args *a) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(a->n >= 1 && a->c >= 1 && a->oc >= 1 && a->groups >= 1, SN_ERR_SIZE);
    SN_REQUIRE(a->c % a->groups == 0 && a->oc % a->groups == 0, SN_ERR_SIZE);
    SN_REQUIRE(axis_fits(a->h, a->oh, a->kh, a->stride_h, a->pad_h, a->dilation_h), SN_ERR_SIZE);
    SN_REQUIRE(axis_fits(a->w, a->ow, a->kw, a->stride_w, a->pad_w, a->dilation_w), SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->n, a->c), sn_mul(a->h, a->w)) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->n, a->oc), sn_mul(a->oh, a->ow)) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->oc, a->c / a->groups), sn_mul(a->kh, a->kw)) >= 0, SN_ERR_SIZE);
    if (a->pool == SN_POOL_NONE) return SN_OK;
    SN_REQUIRE((a->pool == SN_POOL_MAX || a->pool == SN_POOL_AVERAGE) && !a->residual, SN_ERR_VALUE);
    SN_REQUIRE(a->pool_h >= 1 && a->pool_w >= 1 && a->oh % a->pool_h == 0 && a->ow % a->pool_w == 0, SN_ERR_SIZE);
    return SN_OK;
}

/* Strides beyond these make too many phases of backward input, and are nobody's. */
static int worth_tiles(const sn_conv2d_args *a) { return a->stride_h <= 8 && a->stride_w <= 8; }

/* The workspace is used from a multiple of this: vectors that straddle cache lines cost double. */
enum { ALIGNMENT = 64 };

static void *aligned(const sn_conv2d_args *a) {
    return (void *)(((uintptr_t)a->workspace + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
}

/* Floats a pass on tiles needs with vectors of this length, -1 when it does not run on tiles. */
static int64_t tiled_floats(const sn_conv2d_args *a, int pass, int64_t lanes) {
    sn_conv_plan p;
    if (pass == BACKWARD_INPUT && sn_winograd_spread_takes(a, lanes)) return sn_winograd_spread_floats(a);
    if (pass == BACKWARD_INPUT && sn_spread_takes(a, lanes)) return sn_spread_floats(a, lanes);
    if (pass == BACKWARD_INPUT) return sn_conv_input_floats(a, lanes);
    const sn_correlation k = sn_conv_forward(a);
    if (!(pass == FORWARD ? sn_conv_plan_make : sn_conv_weight_plan_make)(&k, lanes, &p)) return -1;
    if (pass == FORWARD) return sn_conv_packed_floats(&k, &p);
    const int64_t floats = sn_max(sn_conv_weight_floats(&k, &p), sn_exchanged_weight_floats(&k, lanes));
    return sn_max(sn_max(floats, sn_window_weight_floats(&k, &p)), sn_planar_weight_floats(&k, lanes));
}

static sn_status check_pass(const sn_conv2d_args *a, int pass) {
    const sn_status status = check_sizes(a);
    SN_REQUIRE(status == SN_OK, status);
    return pass == FORWARD || a->pool == SN_POOL_NONE ? SN_OK : SN_ERR_VALUE;
}

static int64_t workspace_unpooled(const sn_conv2d_args *a, int pass) {
    const sn_status status = check_pass(a, pass);
    if (status != SN_OK) return -status;
    const int packed = pass == FORWARD && a->packed_bytes > 0;
    int64_t bytes = packed ? 0 : (pass == BACKWARD_WEIGHT ? 2 : 1) * sn_conv2d_weights(a) * sn_size_of(a->dtype);
    if (a->dtype != SN_F32) return bytes + ALIGNMENT;
    if (sn_depthwise_takes(a)) {
        bytes = sn_max(bytes, 4 * (pass == BACKWARD_WEIGHT ? sn_depthwise_weight_floats(a) : sn_depthwise_floats(a)));
    } else if (sn_winograd_takes(a, pass)) {
        bytes = sn_max(bytes, 4 * sn_winograd_floats(a, pass));
    } else if (worth_tiles(a) && !packed) {
        bytes = sn_max(bytes, 4 * tiled_floats(a, pass, SN_TILE_LANES_SHORT));
        bytes = sn_max(bytes, 4 * tiled_floats(a, pass, SN_TILE_LANES_LONG));
    }
    return bytes + ALIGNMENT;
}

/* Bytes of what is pooled. */
static int64_t whole_bytes(const sn_conv2d_args *a) {
    return (a->n * a->oh * a->ow * a->oc * sn_size_of(a->dtype) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int64_t workspace_of(const sn_conv2d_args *a, int pass) {
    const int64_t bytes = workspace_unpooled(a, pass);
    return bytes < 0 || a->pool == SN_POOL_NONE ? bytes : bytes + whole_bytes(a) + ALIGNMENT;
}

static int may_tile(const sn_conv2d_args *a, int32_t isa) { return a->dtype == SN_F32 && sn_tiles_of(isa).tile && worth_tiles(a); }

/* The vector length for a pass on tiles, 0 when it runs on generic C. */
static int64_t tile_lanes(const sn_conv2d_args *a, int pass, int32_t isa) {
    const int64_t lanes = sn_tiles_of(isa).lanes;
    return may_tile(a, isa) && tiled_floats(a, pass, lanes) >= 0 ? lanes : 0;
}

static int on_depthwise(const sn_conv2d_args *a, int32_t isa) { return a->dtype == SN_F32 && sn_tiles_of(isa).tile && sn_depthwise_takes(a); }

static int on_winograd(const sn_conv2d_args *a, int pass, int32_t isa) { return sn_tiles_of(isa).tile && sn_winograd_takes(a, pass); }

static sn_status check_workspace(const sn_conv2d_args *a, int pass) {
    const int64_t bytes = workspace_of(a, pass);
    SN_REQUIRE(a->workspace_bytes >= bytes, SN_ERR_MEMORY);
    SN_REQUIRE(a->workspace || bytes == 0, SN_ERR_NULL);
    return SN_OK;
}

static uint64_t digest(const sn_conv2d_args *a) {
    const int64_t sizes[] = {a->dtype, a->n, a->c, a->h, a->w, a->oc, a->kh, a->kw, a->stride_h, a->stride_w, a->pad_h, a->pad_w,
        a->dilation_h, a->dilation_w, a->groups};
    return sn_sizes_digest(sizes, sizeof sizes / sizeof *sizes);
}

/* The grain that makes a chunk of units with this many multiplications each. */
static int64_t grain_of(double work) { return work >= CHUNK_WORK ? 1 : (int64_t)(CHUNK_WORK / work) + 1; }

static double taps_work(const sn_conv2d_args *a) {
    return (double)(a->oc * (a->c / a->groups)) * (double)(a->kh * a->kw);
}

typedef struct {
    const sn_conv2d_args *a;
    int32_t isa;
    void *packed;
} job;

static void pack_forward(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    if (j->a->dtype == SN_F32) sn_f32_conv2d_pack_forward__generic(j->a, j->packed, begin, end);
    else sn_f64_conv2d_pack_forward__generic(j->a, j->packed, begin, end);
}

/* Which kernels run the forward pass, and how they cut it; and whether they pool what they make. */
typedef struct {
    enum { ON_ROWS, ON_PLANES, ON_TILES } kernels;
    int pools;
    sn_correlation k;
    sn_conv_plan tiles;
    sn_planar_plan planes;
} route;

/* Depthwise kernels and minimal filtering left out. Pooling makes no difference to the kernels. */
static void find_route(const sn_conv2d_args *a, int32_t isa, route *r) {
    const int64_t lanes = sn_tiles_of(isa).lanes;
    r->kernels = ON_ROWS;
    r->pools = 0;
    if (!may_tile(a, isa)) return;
    r->k = sn_conv_forward(a);
    if (sn_planar_takes(&r->k, lanes, &r->planes)) {
        r->kernels = ON_PLANES;
        r->pools = 1;
        return;
    }
    if (a->pool != SN_POOL_NONE) {
        sn_correlation whole = r->k;
        whole.pool = SN_POOL_NONE, whole.pool_h = whole.pool_w = 1;
        if (sn_planar_takes(&whole, lanes, &r->planes)) {
            r->kernels = ON_PLANES;
            return;
        }
    }
    if (!sn_conv_plan_make(&r->k, lanes, &r->tiles)) return;
    r->kernels = ON_TILES;
    r->pools = a->pool != SN_POOL_NONE && a->kh * a->kw > 1 && sn_conv_plan_pool(&r->k, &r->tiles);
}

/* The weights as the forward pass reads them. */
static void pack_for(const sn_conv2d_args *a, int32_t isa, const route *r, void *packed) {
    job j = {a, isa, packed};
    switch (r->kernels) {
    case ON_PLANES: sn_planar_pack(&r->k, packed); return;
    case ON_TILES: sn_conv_pack(&r->k, &r->tiles, isa, packed); return;
    default: sn_parallel_for(a->oc, grain_of(taps_work(a) / (double)a->oc), pack_forward, &j);
    }
}

static void forward_rows(void *context, int64_t begin, int64_t end) {
    const job *j = context;
    const sn_conv2d_args *a = j->a;
    if (a->dtype == SN_F32) sn_f32_conv2d_forward__generic(a, j->packed, begin, end);
    else sn_f64_conv2d_forward__generic(a, j->packed, begin, end);
    if (!sn_epilogue_in_register(a->act)) {
        const int64_t row = a->ow * a->oc;
        sn_epilogue_rows(a->dtype, j->isa, a->act, a->act_alpha, (char *)a->y + begin * row * sn_size_of(a->dtype),
                         end - begin, row, row);
    }
}

static sn_status forward_then_pool(const sn_conv2d_args *a) {
    sn_conv2d_args conv = *a;
    conv.pool = SN_POOL_NONE;
    conv.y = aligned(a);
    conv.workspace = (char *)conv.y + whole_bytes(a);
    conv.workspace_bytes = workspace_unpooled(a, FORWARD);
    const sn_status status = sn_conv2d_forward(&conv);
    SN_REQUIRE(status == SN_OK, status);
    const sn_pool2d_args windows = {.dtype = a->dtype, .n = a->n, .c = a->oc, .h = a->oh, .w = a->ow, .oh = a->oh / a->pool_h, .ow = a->ow / a->pool_w,
        .kh = a->pool_h, .kw = a->pool_w, .stride_h = a->pool_h, .stride_w = a->pool_w, .dilation_h = 1, .dilation_w = 1, .x = conv.y, .y = a->y};
    return a->pool == SN_POOL_MAX ? sn_maxpool2d_forward(&windows) : sn_avgpool2d_forward(&windows);
}

sn_status sn_conv2d_forward(const sn_conv2d_args *a) {
    sn_status status = check_sizes(a);
    if (status == SN_OK) status = sn_epilogue_check(a->act, a->act_alpha);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->x && a->weight && a->y, SN_ERR_NULL);
    const int32_t isa = sn_isa_current();
    void *ready;
    status = sn_packed_open(a->packed, a->packed_bytes, SN_OP_CONV2D_PACK, isa, digest(a), &ready);
    SN_REQUIRE(status == SN_OK, status);
    status = check_workspace(a, FORWARD);
    SN_REQUIRE(status == SN_OK, status);
    const int pooled = a->pool != SN_POOL_NONE, depthwise = on_depthwise(a, isa), winograd = on_winograd(a, FORWARD, isa);
    route r;
    if (!depthwise && !winograd) find_route(a, isa, &r);
    if (pooled && (depthwise || !(winograd ? sn_winograd_pools(a) : r.pools))) return forward_then_pool(a);
    if (depthwise) {
        sn_depthwise_forward(a, isa, aligned(a));
        return SN_OK;
    }
    if (winograd) {
        sn_winograd_forward(a, isa, ready, aligned(a));
        return SN_OK;
    }
    job j = {a, isa, ready ? ready : aligned(a)};
    if (!ready) pack_for(a, isa, &r, j.packed);
    switch (r.kernels) {
    case ON_PLANES: sn_planar_correlate(&r.k, &r.planes, isa, j.packed); return SN_OK;
    case ON_TILES: sn_conv_correlate(&r.k, &r.tiles, isa, j.packed); return SN_OK;
    default: sn_parallel_for(a->n * a->oh, grain_of(taps_work(a) * (double)a->ow), forward_rows, &j);
    }
    return SN_OK;
}

static void pack_backward(void *context, int64_t begin, int64_t end) {
    const sn_conv2d_args *a = ((const job *)context)->a;
    if (a->dtype == SN_F32) sn_f32_conv2d_pack_backward__generic(a, aligned(a), begin, end);
    else sn_f64_conv2d_pack_backward__generic(a, aligned(a), begin, end);
}

static void backward_input_rows(void *context, int64_t begin, int64_t end) {
    const sn_conv2d_args *a = ((const job *)context)->a;
    if (a->dtype == SN_F32) sn_f32_conv2d_backward_input__generic(a, aligned(a), begin, end);
    else sn_f64_conv2d_backward_input__generic(a, aligned(a), begin, end);
}

sn_status sn_conv2d_backward_input(const sn_conv2d_args *a) {
    sn_status status = check_pass(a, BACKWARD_INPUT);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->dy && a->weight && a->dx, SN_ERR_NULL);
    status = check_workspace(a, BACKWARD_INPUT);
    SN_REQUIRE(status == SN_OK, status);
    job j = {.a = a, .isa = sn_isa_current()};
    if (on_depthwise(a, j.isa)) {
        sn_depthwise_backward_input(a, j.isa, aligned(a));
        return SN_OK;
    }
    if (on_winograd(a, BACKWARD_INPUT, j.isa)) {
        sn_winograd_backward_input(a, j.isa, aligned(a));
        return SN_OK;
    }
    const int64_t lanes = tile_lanes(a, BACKWARD_INPUT, j.isa);
    if (lanes > 0 && sn_winograd_spread_takes(a, lanes)) {
        sn_winograd_spread_backward_input(a, j.isa, aligned(a));
        return SN_OK;
    }
    if (lanes > 0 && sn_spread_takes(a, lanes)) {
        sn_spread_backward_input(a, j.isa, aligned(a));
        return SN_OK;
    }
    if (lanes > 0) {
        sn_conv_input_gradient(a, j.isa, aligned(a));
        return SN_OK;
    }
    sn_parallel_for(a->oc, grain_of(taps_work(a) / (double)a->oc), pack_backward, &j);
    sn_parallel_for(a->n * a->h, grain_of(taps_work(a) * (double)a->ow / (double)a->stride_h), backward_input_rows, &j);
    return SN_OK;
}

static void backward_weight_rows(void *context, int64_t begin, int64_t end) {
    const sn_conv2d_args *a = ((const job *)context)->a;
    if (a->dtype == SN_F32) sn_f32_conv2d_backward_weight__generic(a, aligned(a), begin, end);
    else sn_f64_conv2d_backward_weight__generic(a, aligned(a), begin, end);
}

static void backward_bias(void *context, int64_t begin, int64_t end) {
    const sn_conv2d_args *a = ((const job *)context)->a;
    if (a->dtype == SN_F32) sn_f32_conv2d_backward_bias__generic(a, begin, end);
    else sn_f64_conv2d_backward_bias__generic(a, begin, end);
}

sn_status sn_conv2d_backward_weight(const sn_conv2d_args *a) {
    sn_status status = check_pass(a, BACKWARD_WEIGHT);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->x && a->dy && a->dweight, SN_ERR_NULL);
    status = check_workspace(a, BACKWARD_WEIGHT);
    SN_REQUIRE(status == SN_OK, status);
    job j = {.a = a, .isa = sn_isa_current()};
    if (on_depthwise(a, j.isa)) {
        sn_depthwise_backward_weight(a, j.isa, aligned(a));
        return SN_OK;
    }
    if (on_winograd(a, BACKWARD_WEIGHT, j.isa)) {
        sn_winograd_backward_weight(a, j.isa, aligned(a));
        return SN_OK;
    }
    const int64_t lanes = tile_lanes(a, BACKWARD_WEIGHT, j.isa);
    if (lanes > 0) {
        sn_conv_plan p;
        const sn_correlation k = sn_conv_forward(a);
        if (sn_exchanged_weight(&k, j.isa, a->dy, a->dweight, a->dbias, aligned(a))) return SN_OK;
        if (sn_planar_weight_floats(&k, lanes) >= 0) {
            sn_planar_weight_gradient(&k, j.isa, a->dy, a->dweight, a->dbias, aligned(a));
            return SN_OK;
        }
        sn_conv_weight_plan_make(&k, lanes, &p);
        if (sn_window_weight_floats(&k, &p) >= 0) {
            sn_window_weight(&k, &p, j.isa, a->dy, a->dweight, a->dbias, aligned(a));
            return SN_OK;
        }
        sn_conv_weight(&k, &p, j.isa, a->dy, a->dweight, a->dbias, aligned(a));
        return SN_OK;
    }
    const double pixels = (double)a->n * (double)(a->oh * a->ow);
    sn_parallel_for(a->c * a->kh * a->kw, grain_of(pixels * (double)(a->oc / a->groups)), backward_weight_rows, &j);
    if (a->dbias) sn_parallel_for(a->oc, pixels * (double)a->oc < CHUNK_WORK ? a->oc : 64, backward_bias, &j);
    return SN_OK;
}

int64_t sn_conv2d_forward_workspace(const sn_conv2d_args *a) { return workspace_of(a, FORWARD); }
int64_t sn_conv2d_backward_input_workspace(const sn_conv2d_args *a) { return workspace_of(a, BACKWARD_INPUT); }
int64_t sn_conv2d_backward_weight_workspace(const sn_conv2d_args *a) { return workspace_of(a, BACKWARD_WEIGHT); }

int64_t sn_conv2d_packed(const sn_conv2d_args *a) {
    const sn_status status = check_sizes(a);
    if (status != SN_OK) return -status;
    int64_t bytes = sn_conv2d_weights(a) * sn_size_of(a->dtype);
    if (sn_winograd_takes(a, FORWARD)) {
        bytes = sn_max(bytes, 4 * sn_winograd_packed_floats(a));
    } else if (a->dtype == SN_F32 && worth_tiles(a) && !sn_depthwise_takes(a)) {
        bytes = sn_max(bytes, 4 * tiled_floats(a, FORWARD, SN_TILE_LANES_SHORT));
        bytes = sn_max(bytes, 4 * tiled_floats(a, FORWARD, SN_TILE_LANES_LONG));
    }
    return sn_packed_size(bytes);
}

sn_status sn_conv2d_pack(const sn_conv2d_args *a) {
    const sn_status status = check_sizes(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(a->weight && a->packed, SN_ERR_NULL);
    SN_REQUIRE(a->packed_bytes >= sn_conv2d_packed(a), SN_ERR_MEMORY);
    SN_REQUIRE((uintptr_t)a->packed % 8 == 0, SN_ERR_VALUE);
    const int32_t isa = sn_isa_current();
    sn_conv2d_args conv = *a;
    conv.pool = SN_POOL_NONE; /* makes no difference to the weights */
    void *packed = sn_packed_begin(a->packed, sn_conv2d_packed(a), SN_OP_CONV2D_PACK, isa, digest(a));
    route r;
    if (on_depthwise(a, isa)) return SN_OK; /* those kernels take the weights as they are */
    if (on_winograd(a, FORWARD, isa)) {
        sn_winograd_pack(a, isa, packed);
        return SN_OK;
    }
    find_route(&conv, isa, &r);
    pack_for(&conv, isa, &r, packed);
    return SN_OK;
}
