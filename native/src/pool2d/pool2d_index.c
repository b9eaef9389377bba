/* pool2d: reading and writing images at the places that a pooling has noted. Moves elements only: no kernels by ISA. */
#include <string.h>

#include "core/check.h"
#include "pool/pool.h"

enum { GRAIN = 16384, CHANNELS = 32 };

/* The outputs [begin, end) of n * outputs. */
#define GATHER(NAME, T)                                                                                    \
    static void NAME(const sn_pool2d_index_args *a, int64_t begin, int64_t end) {                          \
        const int64_t c = a->c;                                                                            \
        for (int64_t row = begin; row < end; row++) {                                                      \
            const T *image = (const T *)a->x + row / a->outputs * a->size * c;                             \
            const int32_t *index = a->index + row * c;                                                     \
            T *y = (T *)a->y + row * c;                                                                    \
            for (int64_t i = 0; i < c; i++)                                                                \
                y[i] = index[i] >= 0 && index[i] < a->size ? image[index[i] * c + i] : 0;                  \
        }                                                                                                  \
    }
GATHER(gather_32, uint32_t) /* f32 and i32 */
GATHER(gather_64, uint64_t)

/* Units [begin, end) of n * blocks of channels, each a whole image: two outputs may go to the same place. */
#define SCATTER(NAME, T, STORE)                                                                            \
    static void NAME(const sn_pool2d_index_args *a, int64_t begin, int64_t end) {                          \
        const int64_t c = a->c, blocks = sn_ceil_div(c, CHANNELS);                                         \
        for (int64_t unit = begin; unit < end; unit++) {                                                   \
            const int64_t n = unit / blocks, first = unit % blocks * CHANNELS, width = sn_min(CHANNELS, c - first); \
            T *image = (T *)a->y + n * a->size * c + first;                                                \
            for (int64_t p = 0; p < a->size; p++) memset(image + p * c, 0, (size_t)width * sizeof(T));     \
            for (int64_t o = n * a->outputs; o < (n + 1) * a->outputs; o++) {                              \
                const T *x = (const T *)a->x + o * c + first;                                              \
                const int32_t *index = a->index + o * c + first;                                           \
                for (int64_t i = 0; i < width; i++)                                                        \
                    if (index[i] >= 0 && index[i] < a->size) image[index[i] * c + i] STORE x[i];           \
            }                                                                                              \
        }                                                                                                  \
    }
SCATTER(add_f32, float, +=)
SCATTER(add_f64, double, +=)
SCATTER(set_f32, float, =)
SCATTER(set_f64, double, =)

typedef struct {
    void (*kernel)(const sn_pool2d_index_args *a, int64_t begin, int64_t end);
    const sn_pool2d_index_args *a;
} index_context;

static void body(void *context, int64_t begin, int64_t end) {
    const index_context *c = context;
    c->kernel(c->a, begin, end);
}

static sn_status check(const sn_pool2d_index_args *a) {
    SN_REQUIRE(a && a->x && a->y && a->index, SN_ERR_NULL);
    SN_REQUIRE(a->n >= 1 && a->c >= 1 && a->size >= 1 && a->outputs >= 1 && a->size <= INT32_MAX, SN_ERR_SIZE);
    SN_REQUIRE(sn_mul(sn_mul(a->n, a->c), a->size) >= 0 && sn_mul(sn_mul(a->n, a->c), a->outputs) >= 0, SN_ERR_SIZE);
    return SN_OK;
}

static sn_status run(index_context c, int64_t units, int64_t cost) {
    sn_parallel_for(units, cost < GRAIN ? GRAIN / cost : 1, body, &c);
    return SN_OK;
}

sn_status sn_pool2d_gather(const sn_pool2d_index_args *a) {
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(sn_size_of(a->dtype) != 0, SN_ERR_DTYPE);
    return run((index_context){a->dtype == SN_F64 ? gather_64 : gather_32, a}, a->n * a->outputs, a->c);
}

sn_status sn_pool2d_scatter(const sn_pool2d_index_args *a) {
    const sn_status status = check(a);
    SN_REQUIRE(status == SN_OK, status);
    SN_REQUIRE(sn_is_float(a->dtype), SN_ERR_DTYPE);
    index_context c = {a->dtype == SN_F64 ? (a->overwrite ? set_f64 : add_f64) : a->overwrite ? set_f32 : add_f32, a};
    return run(c, a->n * sn_ceil_div(a->c, CHANNELS), sn_min(a->c, CHANNELS) * (a->size + a->outputs));
}
