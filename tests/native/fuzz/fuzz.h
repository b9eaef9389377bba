/* What the fuzzing program makes of its input: numbers, and arrays that end where the header says that they may. */
#ifndef SN_TESTS_FUZZ_H
#define SN_TESTS_FUZZ_H

#include <stdint.h>

#include "core/check.h"
#include "sinew.h"

enum { FUZZ_MOST_BLOCKS = 256, FUZZ_MOST_ELEMENTS = 1 << 15, FUZZ_MOST_WORK = 1 << 22 };

typedef struct {
    const uint8_t *next, *end;
    struct {
        void *memory;
        int64_t mapped;   /* bytes, 0 of what malloc gave */
        int64_t canaries; /* the bytes before the array */
    } blocks[FUZZ_MOST_BLOCKS];
    int count;
    int too_big; /* the arrays or the work of this input are not worth the memory or the time */
    uint64_t random;
} fuzz;

/* The next byte, 0 behind the end. */
int fuzz_byte(fuzz *f);
/* In [low, high]. */
int64_t fuzz_int(fuzz *f, int64_t low, int64_t high);
/* 1 once in `times`. */
int fuzz_rarely(fuzz *f, int times);
/* A size: most are below 9, some up to 300, a few senseless. */
int64_t fuzz_size(fuzz *f);
/* A size of which there are many factors: at most 5, a few senseless. */
int64_t fuzz_small(fuzz *f);
/* A parameter: most are in [0, 1], some large, negative, infinite or NaN. */
double fuzz_real(fuzz *f);
/* SN_F32 or SN_F64, a few others. */
int32_t fuzz_dtype(fuzz *f);

/* An array of `count` elements, filled; a few are NULL. What no array can hold gives an empty one: the operation must refuse.
 * Its first element is aligned as its type asks, its last byte is the last that may be touched. */
void *fuzz_array(fuzz *f, int32_t dtype, int64_t count);
/* The same, or NULL. */
void *fuzz_optional(fuzz *f, int32_t dtype, int64_t count);
/* Indices, most in [0, limit). */
int32_t *fuzz_indices(fuzz *f, int64_t count, int64_t limit);
/* The limit of indices that may be `most`. */
static inline int64_t fuzz_up_to(int64_t most) { return sn_min(most, SN_MAX_ELEMENTS) + 1; }
double *fuzz_double_cell(fuzz *f);
int64_t *fuzz_int_cell(fuzz *f);
/* Memory of any content, 64-byte aligned. */
void *fuzz_block(fuzz *f, int64_t bytes);
/* So much work, or too_big. */
void fuzz_work(fuzz *f, int64_t work);

/* The workspace that an operation asks for; a few are a byte too small. */
#define FUZZ_WORKSPACE(f, code, a)                               \
    do {                                                         \
        (a)->workspace_bytes = fuzz_workspace_bytes(f, code, a); \
        (a)->workspace = fuzz_block(f, (a)->workspace_bytes);    \
    } while (0)
int64_t fuzz_workspace_bytes(fuzz *f, int32_t code, const void *args);

typedef union {
    sn_gemm_args gemm;
    sn_conv2d_args conv2d;
    sn_pool2d_args pool2d;
    sn_pool2d_index_args pool2d_index;
    sn_resample_args resample;
    sn_unary_args unary;
    sn_softmax_args softmax;
    sn_cross_entropy_args cross_entropy;
    sn_mse_args mse;
    sn_bce_args bce;
    sn_hinge_args hinge;
    sn_batchnorm_args batchnorm;
    sn_groupnorm_args groupnorm;
    sn_dropout_args dropout;
    sn_random_args random;
    sn_binary_args binary;
    sn_reduce_args reduce;
    sn_fill_args fill;
    sn_cast_args cast;
    sn_permute_args permute;
    sn_concat_args concat;
    sn_slice_args slice;
    sn_pad_args pad;
    sn_optimizer_args optimizer;
    sn_adaptive_args adaptive;
    sn_lamb_args lamb;
    sn_clip_args clip;
    sn_blend_args blend;
    sn_recurrent_args recurrent;
    sn_gather_args gather;
    sn_batched_gemm_args batched_gemm;
    sn_ctc_args ctc;
} fuzz_args;

/* Fills args for an operation, and returns its code. */
typedef int32_t (*fuzz_builder)(fuzz *f, fuzz_args *args);
extern const fuzz_builder fuzz_products[], fuzz_losses[], fuzz_movers[], fuzz_sweeps[];
extern const int fuzz_products_count, fuzz_losses_count, fuzz_movers_count, fuzz_sweeps_count;

#endif
