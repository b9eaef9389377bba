/* clip: bounds a gradient by its norm or element by element, where it is. */
#include "clip/clip.h"

#include <math.h>

#include "core/check.h"
#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

static sn_clip_square_kernel *const square_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_clip_square__generic, sn_f32_clip_square__avx2, sn_f32_clip_square__avx512, sn_f32_clip_square__neon);
static sn_clip_scale_kernel *const scale_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_clip_scale__generic, sn_f32_clip_scale__avx2, sn_f32_clip_scale__avx512, sn_f32_clip_scale__neon);
static sn_clip_value_kernel *const value_table[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_clip_value__generic, sn_f32_clip_value__avx2, sn_f32_clip_value__avx512, sn_f32_clip_value__neon);

typedef struct {
    unsigned char *x;
    int64_t size;
    double number;  /* factor or limit */
    double *sums;   /* one a chunk */
    sn_clip_square_kernel *square;
    sn_clip_scale_kernel *change; /* scale or value */
} clip_context;

static void square_body(void *context, int64_t begin, int64_t end) {
    const clip_context *c = context;
    c->sums[begin / GRAIN] = c->square(c->x + begin * c->size, end - begin);
}

static void change_body(void *context, int64_t begin, int64_t end) {
    const clip_context *c = context;
    c->change(c->x + begin * c->size, c->number, end - begin);
}

static sn_status check(const sn_clip_args *a) {
    SN_REQUIRE(a, SN_ERR_NULL);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    SN_REQUIRE(a->kind == SN_CLIP_NORM || a->kind == SN_CLIP_VALUE, SN_ERR_CODE);
    SN_REQUIRE(isfinite(a->limit) && a->limit >= 0, SN_ERR_VALUE);
    return SN_OK;
}

int64_t sn_clip_workspace(const sn_clip_args *a) {
    const sn_status status = check(a);
    if (status != SN_OK) return -status;
    return a->kind == SN_CLIP_NORM ? sn_ceil_div(a->count, GRAIN) * (int64_t)sizeof(double) : 0;
}

sn_status sn_clip(const sn_clip_args *a) {
    const int64_t need = sn_clip_workspace(a);
    SN_REQUIRE(need >= 0, (sn_status)-need);
    SN_REQUIRE(a->x && (a->norm || a->kind == SN_CLIP_VALUE), SN_ERR_NULL);
    SN_REQUIRE(a->workspace_bytes >= need && (a->workspace || need == 0), SN_ERR_MEMORY);
    const int32_t isa = sn_isa_current();
    const int exact = a->dtype == SN_F64;
    clip_context c = {.x = a->x, .size = sn_size_of(a->dtype), .number = a->limit, .sums = a->workspace};
    if (a->kind == SN_CLIP_VALUE) {
        c.change = exact ? sn_f64_clip_value__generic : value_table[isa];
        sn_parallel_for(a->count, GRAIN, change_body, &c);
        return SN_OK;
    }
    c.square = exact ? sn_f64_clip_square__generic : square_table[isa];
    sn_parallel_for(a->count, GRAIN, square_body, &c);
    double sum = 0;
    for (int64_t i = 0; i < sn_ceil_div(a->count, GRAIN); i++) sum += c.sums[i];
    *a->norm = sqrt(sum);
    c.number = a->limit / (*a->norm + 1e-6);
    c.change = exact ? sn_f64_clip_scale__generic : scale_table[isa];
    if (!(c.number >= 1)) sn_parallel_for(a->count, GRAIN, change_body, &c);
    return SN_OK;
}
