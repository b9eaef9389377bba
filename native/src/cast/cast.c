/* cast: y[count] = (to) x[count]. */
#include "cast/cast.h"

#include "core/check.h"
#include "core/isa.h"
#include "core/stream.h"
#include "pool/pool.h"

enum { GRAIN = 16384 };

static sn_cast_kernel *const f32_to_i32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_cast_i32__generic, sn_f32_cast_i32__avx2, sn_f32_cast_i32__avx512, sn_f32_cast_i32__neon);
static sn_cast_kernel *const f32_to_f64[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f32_cast_f64__generic, sn_f32_cast_f64__avx2, sn_f32_cast_f64__avx512, sn_f32_cast_f64__neon);
static sn_cast_kernel *const f64_to_f32[SN_ISA_COUNT] =
    SN_ISA_TABLE(sn_f64_cast_f32__generic, sn_f64_cast_f32__avx2, sn_f64_cast_f32__avx512, sn_f64_cast_f32__neon);

/* NULL where the types are the same: a copy. The rare pairs have what the compiler makes of the generic kernels. */
static sn_cast_kernel *kernel_of(int32_t from, int32_t to) {
    const int32_t isa = sn_isa_current();
    if (from == to) return NULL;
    if (from == SN_F32) return to == SN_F64 ? f32_to_f64[isa] : f32_to_i32[isa];
    if (from == SN_F64) return to == SN_F32 ? f64_to_f32[isa] : sn_f64_cast_i32__generic;
    return to == SN_F32 ? sn_i32_cast_f32__generic : sn_i32_cast_f64__generic;
}

typedef struct {
    sn_cast_kernel *kernel; /* NULL: copy */
    const unsigned char *x;
    unsigned char *y;
    int64_t x_size, y_size;
    int past; /* y may be stored past the caches */
} cast_context;

static void body(void *context, int64_t begin, int64_t end) {
    const cast_context *c = context;
    const unsigned char *x = c->x + begin * c->x_size;
    unsigned char *y = c->y + begin * c->y_size;
    if (c->kernel) c->kernel(x, y, end - begin, c->past);
    else memcpy(y, x, (size_t)((end - begin) * c->x_size));
}

sn_status sn_cast(const sn_cast_args *a) {
    SN_REQUIRE(a && a->x && a->y, SN_ERR_NULL);
    SN_REQUIRE(sn_size_of(a->from) && sn_size_of(a->to), SN_ERR_DTYPE);
    SN_REQUIRE(sn_mul(a->count, 1) >= 0, SN_ERR_SIZE);
    cast_context c = {kernel_of(a->from, a->to), a->x, a->y, sn_size_of(a->from), sn_size_of(a->to), 0};
    c.past = c.kernel && a->x != a->y && sn_past_caches(a->y, a->count * c.y_size);
    sn_parallel_for(a->count, GRAIN * (c.past ? SN_PAST_GRAINS : 1), body, &c);
    return SN_OK;
}
