/* What the fuzzing program makes of its input: numbers, and arrays that end where the header says that they may. */
#ifndef SN_TESTS_FUZZ_H
#define SN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "core/check.h"
#include "sinew.h"

enum { FUZZ_MOST_BLOCKS = 256, FUZZ_MOST_ELEMENTS = 1 << 15, FUZZ_MOST_WORK = 1 << 22 };

typedef struct {
    const uint8_t *next, *end;
    struct {
        unsigned char *memory;
        int64_t mapped;       /* bytes in front of a page that nobody may touch; 0 of what sn_alloc gave */
        int64_t begin, bytes; /* the array within them; the others are canaries */
    } blocks[FUZZ_MOST_BLOCKS];
    int count;
    int32_t code; /* of the call that is being made */
    int32_t isa;  /* of all calls */
    int too_big;  /* the arrays or the work of this input are not worth the memory or the time */
    uint64_t random;
} fuzz;

/* The next byte, 0 behind the end. */
int fuzz_byte(fuzz *f);
/* In [low, high]; two bytes at most. */
int64_t fuzz_int(fuzz *f, int64_t low, int64_t high);
/* 1 once in `times`. */
int fuzz_rarely(fuzz *f, int times);
/* A size that no array has. */
int64_t fuzz_senseless(fuzz *f);
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
/* Gives all memory back, after a look at what is around the arrays. */
void fuzz_release(fuzz *f);
/* So much work, or too_big. */
void fuzz_work(fuzz *f, int64_t work);

/* The workspace that an operation asks for; a few are a byte too small. */
#define FUZZ_WORKSPACE(f, a)                                  \
    do {                                                      \
        (a)->workspace_bytes = fuzz_workspace_bytes(f, a);    \
        (a)->workspace = fuzz_block(f, (a)->workspace_bytes); \
    } while (0)
int64_t fuzz_workspace_bytes(fuzz *f, const void *args);

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

/* Fills args for the operation f->code; or, of a function, calls it. */
typedef void (*fuzz_builder)(fuzz *f, fuzz_args *args);
typedef struct {
    const char *name;
    int32_t code; /* SN_OP_..., or above all of them: of no operation, but of a function */
    fuzz_builder build;
} fuzz_target;
enum { FUZZ_FUNCTIONS = 200 };
/* The target of SINEW_FUZZ_OP, or NULL. */
extern const fuzz_target *fuzz_chosen;
/* Where an input says what its calls are, and where the sizes begin. */
enum { FUZZ_HEADER_CODES = 3, FUZZ_HEADER = 6 };
/* Each ends by a target without a name. */
extern const fuzz_target fuzz_products[], fuzz_losses[], fuzz_movers[], fuzz_sweeps[], fuzz_functions[];

/* What must hold; the program aborts, and its input is kept. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(#condition))
void fuzz_fail(const char *condition);

/* Before the first input; aborts when an operation has no target. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
/* One input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
