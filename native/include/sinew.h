/* Sinew: deep-learning kernels for CPUs. The whole public C interface.
 *
 * Conventions
 * - Every operation is one function `sn_status sn_NAME(const sn_NAME_args *a)`: it checks the arguments, picks the
 *   kernel for this CPU from the dispatch table and runs it on the thread pool. Nothing prints, exits, aborts or
 *   allocates; an operation that needs scratch memory says how much in sn_workspace_bytes().
 * - A list of operations is run by one call, sn_run(): that is how a compiled plan executes a training step.
 * - Dense row-major arrays unless a stride is given. Pointers need only the alignment of their element; 64 bytes is
 *   fastest. Outputs must not overlap inputs unless the operation says "in place allowed".
 * - dtype is SN_F32 or SN_F64 for values; labels and indices are int32_t. `const double *` and `const int64_t *`
 *   fields are cells read when the operation runs, so that a plan can be run again with another value.
 * - 4-D activations are channels-last: [n][h][w][c]. Weights are [oc][c/groups][kh][kw].
 * - The result never depends on the number of threads. NaN and infinity propagate as IEEE 754 says.
 *   Subnormal numbers are treated as zero inside sn_run() only; the caller's floating-point state is left as it was.
 */
#ifndef SINEW_H
#define SINEW_H

#include <stdint.h>

#if defined(_WIN32)
#if defined(SN_BUILDING)
#define SN_API __declspec(dllexport)
#else
#define SN_API __declspec(dllimport)
#endif
#else
#define SN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised with every change of this header that is not a pure addition of functions. */
enum { SN_ABI_VERSION = 3 };

enum { SN_MAX_DIMS = 8 };

typedef int32_t sn_status;
enum {
    SN_OK = 0,
    SN_ERR_NULL = 1,      /* a required pointer is NULL */
    SN_ERR_SIZE = 2,      /* a size, stride or padding is out of range, sizes disagree, or a product overflows */
    SN_ERR_DTYPE = 3,     /* this operation does not take that dtype */
    SN_ERR_VALUE = 4,     /* a parameter or an element (for example a label) is out of range */
    SN_ERR_MEMORY = 5,    /* out of memory, or workspace_bytes is too small */
    SN_ERR_CODE = 6       /* unknown operation code or kind */
};

enum { SN_F32 = 0, SN_F64 = 1, SN_I32 = 2 };

/* Instruction sets a kernel may be written for, in rising order: AVX2 and AVX-512 of x86-64, NEON of arm64. */
enum { SN_ISA_GENERIC = 0, SN_ISA_AVX2 = 1, SN_ISA_AVX512 = 2, SN_ISA_NEON = 3, SN_ISA_COUNT = 4 };

/* ---- library ------------------------------------------------------------------------------------------------ */

SN_API int32_t sn_abi_version(void);
/* A short English sentence; never NULL. */
SN_API const char *sn_status_text(sn_status status);
/* The best ISA that both the CPU and operating system support, not capped. */
SN_API int32_t sn_isa_detected(void);
/* 1 when sn_run can be given this ISA on this machine, else 0. */
SN_API int32_t sn_isa_available(int32_t isa);
/* The ISA in use: the best available one up to the environment variable SINEW_MAX_ISA=generic|avx2|avx512|neon or to
 * sn_set_max_isa(). */
SN_API int32_t sn_isa_active(void);
/* Caps the ISA for all later calls of the process; SN_ERR_VALUE when isa is not one of the enumerators. */
SN_API sn_status sn_set_max_isa(int32_t isa);
/* "generic", "avx2", "avx512", "neon"; "unknown" otherwise. */
SN_API const char *sn_isa_name(int32_t isa);
/* Brand string and feature list of the CPU, and what OpenBLAS says of itself; static storage. */
SN_API const char *sn_cpu_name(void);
SN_API const char *sn_cpu_features(void);
SN_API const char *sn_openblas_config(void);
SN_API const char *sn_openblas_core(void);

/* CPUs this process may use: affinity mask and cgroup quota, at least 1. */
SN_API int32_t sn_cpus(void);
/* Bytes of the data cache of level 1, 2 or 3 that serves a core, its own or shared; 0 where there is none or the system does not
 * say. No result depends on it. */
SN_API int64_t sn_cache_bytes(int32_t level);
/* Bytes of a page of memory. */
SN_API int64_t sn_page_bytes(void);
/* Threads used by later calls, the caller included; default sn_cpus(), 1 to 256. */
SN_API int32_t sn_threads(void);
SN_API sn_status sn_set_threads(int32_t threads);

/* 64-byte aligned memory, not cleared; NULL when bytes < 0 or memory is exhausted. sn_free(NULL) does nothing. */
SN_API void *sn_alloc(int64_t bytes);
SN_API void sn_free(void *memory);

/* ---- running operations -------------------------------------------------------------------------------------- */

/* Operation codes, for sn_call.code. */
enum {
    SN_OP_GEMM = 1,
    SN_OP_GEMM_PACK = 2,
    SN_OP_CONV2D_FORWARD = 10,
    SN_OP_CONV2D_BACKWARD_INPUT = 11,
    SN_OP_CONV2D_BACKWARD_WEIGHT = 12,
    SN_OP_CONV2D_PACK = 13,
    SN_OP_MAXPOOL2D_FORWARD = 20,
    SN_OP_MAXPOOL2D_BACKWARD = 21,
    SN_OP_AVGPOOL2D_FORWARD = 22,
    SN_OP_AVGPOOL2D_BACKWARD = 23,
    SN_OP_POOL2D_GATHER = 24,
    SN_OP_POOL2D_SCATTER = 25,
    SN_OP_RESAMPLE = 26,
    SN_OP_UNARY_FORWARD = 30,
    SN_OP_UNARY_BACKWARD = 31,
    SN_OP_SOFTMAX_FORWARD = 40,
    SN_OP_SOFTMAX_BACKWARD = 41,
    SN_OP_CROSS_ENTROPY_FORWARD = 42,
    SN_OP_CROSS_ENTROPY_BACKWARD = 43,
    SN_OP_MSE_FORWARD = 44,
    SN_OP_MSE_BACKWARD = 45,
    SN_OP_BCE_FORWARD = 46,
    SN_OP_BCE_BACKWARD = 47,
    SN_OP_HINGE_FORWARD = 48,
    SN_OP_HINGE_BACKWARD = 49,
    SN_OP_BATCHNORM_TRAIN = 50,
    SN_OP_BATCHNORM_INFER = 51,
    SN_OP_BATCHNORM_BACKWARD = 52,
    SN_OP_GROUPNORM_FORWARD = 53,
    SN_OP_GROUPNORM_BACKWARD = 54,
    SN_OP_DROPOUT = 60,
    SN_OP_RANDOM = 61,
    SN_OP_BINARY = 70,
    SN_OP_REDUCE = 71,
    SN_OP_FILL = 72,
    SN_OP_CAST = 73,
    SN_OP_PERMUTE = 80,
    SN_OP_CONCAT = 81,
    SN_OP_SLICE_FORWARD = 82,
    SN_OP_SLICE_BACKWARD = 83,
    SN_OP_PAD = 84,
    SN_OP_SGD = 90,
    SN_OP_ADAM = 91,
    SN_OP_ADAPTIVE = 92,
    SN_OP_LAMB = 93,
    SN_OP_CLIP = 94,
    SN_OP_BLEND = 95,
    SN_OP_RECURRENT_FORWARD = 120,
    SN_OP_RECURRENT_BACKWARD = 121,
    SN_OP_GATHER_FORWARD = 122,
    SN_OP_GATHER_BACKWARD = 123,
    SN_OP_BATCHED_GEMM = 124,
    SN_OP_CTC_FORWARD = 125,
    SN_OP_CTC_BACKWARD = 126
};

typedef struct {
    int32_t code;   /* SN_OP_... */
    int32_t status; /* written by sn_run when the call fails */
    void *args;     /* the sn_..._args of that operation */
} sn_call;

/* Runs the calls in order and stops at the first that fails: its index goes to *failed (may be NULL) and its status
 * is returned. isa: SN_ISA_... to run that instruction set's kernels (SN_ERR_VALUE when the CPU lacks it), or -1 for
 * the active one. Any number of threads may be inside sn_run at once; the thread pool serves one of them at a time
 * and the others run on their own thread. */
SN_API sn_status sn_run(sn_call *calls, int64_t count, int32_t isa, int64_t *failed);

/* Bytes of scratch memory the operation needs in its workspace field, 0 for most; depends on the sizes alone (with
 * packed_bytes), not on the pointers (which may be NULL here) nor on the number of threads. Negative: minus an
 * sn_status. */
SN_API int64_t sn_workspace_bytes(int32_t code, const void *args);

/* Bytes of the packed field of SN_OP_GEMM_PACK or SN_OP_CONV2D_PACK with these sizes, whatever the ISA; never 0.
 * Negative: minus an sn_status. */
SN_API int64_t sn_packed_bytes(int32_t code, const void *args);

/* ---- gemm: matrix product ------------------------------------------------------------------------------------- */

/* Elementwise functions; also the fused epilogues of gemm, conv2d and batchnorm (those marked E).
 * "from y": the derivative is computed from the result y; "from x": from the argument x; "either": x when given,
 * else y. */
enum {
    SN_IDENTITY = 0,   /* E  y = x                                     (x and y unused in backward) */
    SN_RELU = 1,       /* E  max(x, 0), NaN stays NaN; derivative 0 at 0      either */
    SN_SIGMOID = 2,    /* E  1 / (1 + exp(-x))                                from y */
    SN_TANH = 3,       /* E                                                   from y */
    SN_LEAKY_RELU = 4, /* E  x > 0 ? x : alpha x                              either (from y only if alpha > 0) */
    SN_ELU = 5,        /* E  x > 0 ? x : alpha (exp(x) - 1)                   either (from y only if alpha > 0) */
    SN_GELU = 6,       /*    x Phi(x), by erf                                 from x */
    SN_GELU_TANH = 7,  /*    its tanh approximation (Hendrycks, Gimpel 2016)  from x */
    SN_EXP = 8,        /*                                                     from y */
    SN_LOG = 9,        /*                                                     from x */
    SN_SQRT = 10,      /*                                                     from y */
    SN_SQUARE = 11,    /*                                                     from x */
    SN_ABS = 12,       /*    derivative 0 at 0                                from x */
    SN_AFFINE = 13,    /*    alpha x + beta                                   (x and y unused in backward) */
    SN_RECIPROCAL = 14,/*    1 / x                                            from y */
    SN_SIGN = 15,      /*    -1, 0 or 1; NaN stays NaN; derivative 0          (x and y unused in backward) */
    SN_SILU = 16,      /*    x / (1 + exp(-x)) (Elfwing et al. 2018)          from x */
    SN_MISH = 17,      /*    x tanh(log(1 + exp(x))) (Misra 2019)             from x */
    SN_SOFTPLUS = 18,  /*    log(1 + exp(alpha x)) / alpha, x where alpha x > beta; alpha > 0     from x */
    SN_SOFTSIGN = 19,  /*    x / (1 + |x|), +-1 at +-infinity                 from y */
    SN_CLAMP = 20,     /*    x within [alpha, beta], alpha <= beta; derivative 0 at and beyond the bounds     from y */
    SN_HARD_SWISH = 21,/*    x clamp(x/6 + 1/2, 0, 1) (Howard et al. 2019); derivative 0 from -3 down, 1 from 3 up   from x */
    SN_THRESHOLD = 22, /*    x > alpha ? x : beta, NaN stays NaN              from x */
    SN_HARD_SHRINK = 23, /*  |x| > alpha ? x : 0, alpha >= 0                  from x */
    SN_SOFT_SHRINK = 24, /*  |x| > alpha ? x - alpha sign(x) : 0, alpha >= 0  from x */
    SN_STEP = 25       /*    1 above 0, 0 below, alpha at 0; NaN stays NaN; derivative 0   (x and y unused in backward) */
};

/* c[m][n] = act(alpha * op(a) op(b) + beta * c + bias), op(a) is [m][k], op(b) is [k][n].
 * With beta == 0, c need not be initialised (its NaNs do not propagate). k may be 0. In place not allowed.
 * pack: writes b to packed in the order in which the kernels of the ISA in use read it (a, bias, c unused; m counts: other
 * numbers of rows have other kernels). A product that gets packed with its packed_bytes skips that work every time; b
 * must still be given and be the same. Of other sizes or of another ISA: SN_ERR_VALUE. */
typedef struct {
    int32_t dtype;
    int32_t trans_a;   /* 0: a is stored [m][k], row stride lda >= k; 1: stored [k][m], lda >= m */
    int32_t trans_b;   /* 0: b is stored [k][n], ldb >= n; 1: stored [n][k], ldb >= k */
    int32_t act;       /* SN_IDENTITY, ... one marked E */
    int64_t m, n, k;   /* m, n >= 1, k >= 0 */
    int64_t lda, ldb, ldc;
    double alpha, beta;
    double act_alpha;  /* alpha of leaky ReLU and ELU */
    const void *a;
    const void *b;
    const void *bias;  /* [n] or NULL */
    void *c;
    void *packed;      /* written by pack; in a product NULL or what pack made of b. 64-byte aligned */
    int64_t packed_bytes; /* of packed; 0 without */
    void *workspace;
    int64_t workspace_bytes;
} sn_gemm_args;
SN_API sn_status sn_gemm(const sn_gemm_args *a);
SN_API sn_status sn_gemm_pack(const sn_gemm_args *a);

/* What conv2d_forward does with the result after the activation. */
enum { SN_POOL_NONE = 0, SN_POOL_MAX = 1, SN_POOL_AVERAGE = 2 };

/* ---- conv2d: cross-correlation -------------------------------------------------------------------------------- */

/* y[n][oy][ox][o] = act(residual[n][oy][ox][o] + bias[o] + sum over i, ky, kx of
 *     x[n][oy*stride_h - pad_h + ky*dilation_h][ox*stride_w - pad_w + kx*dilation_w][g*c/groups + i] * weight[o][i][ky][kx]),
 * g = o / (oc/groups); x outside the image counts as 0. oh = (h + 2 pad_h - dilation_h (kh-1) - 1) / stride_h + 1,
 * ow alike; the caller states oh and ow and they are checked.
 * backward_input:  dx = the adjoint of the above, from dy and weight (act ignored: dy is the gradient before act).
 * backward_weight: dweight, and dbias where not NULL, from x and dy. Both overwrite their outputs.
 * pack: writes weight to packed in the order in which the forward kernels of the ISA in use read it. A forward pass that
 *   gets packed with its packed_bytes skips that work every time; weight must still be given and be the same. Of other
 *   sizes or of another ISA: SN_ERR_VALUE.
 * pool, forward only: y is [n][oh/pool_h][ow/pool_w][oc], the maximum (NaN wins) or the mean of each window of pool_h x pool_w
 *   of the above, side by side; they divide oh and ow. Without residual. The same bits as conv2d and pooling one after the other.
 * f32 3x3 and 5x5 kernels at stride and dilation 1 with many channels are computed by minimal filtering (Winograd 1980; Lavin
 * and Gray 2015, arXiv:1509.09308): the error of an element is then bounded relative to the largest values of its neighbourhood
 * instead of its own terms, and an infinity or NaN reaches the whole tile of 4x4 (5x5 kernels: 2x2; their gradient of an input
 * of few channels: 6x6) outputs as NaN. */
typedef struct {
    int32_t dtype;
    int32_t act;
    double act_alpha;
    int64_t n, c, h, w;
    int64_t oc, oh, ow;
    int64_t kh, kw;
    int64_t stride_h, stride_w;     /* >= 1 */
    int64_t pad_h, pad_w;           /* >= 0 */
    int64_t dilation_h, dilation_w; /* >= 1 */
    int64_t groups;                 /* divides c and oc */
    int64_t pool;                   /* SN_POOL_NONE, ... */
    int64_t pool_h, pool_w;         /* >= 1 where there is pooling */
    const void *x;                  /* [n][h][w][c] */
    const void *weight;             /* [oc][c/groups][kh][kw] */
    const void *bias;               /* [oc] or NULL */
    const void *residual;           /* forward: [n][oh][ow][oc] or NULL; may be y */
    void *packed;                   /* written by pack; forward: NULL or what pack made of weight. 64-byte aligned */
    int64_t packed_bytes;           /* of packed; 0 without */
    const void *dy;                 /* [n][oh][ow][oc] */
    void *y;                        /* [n][oh][ow][oc], or pooled */
    void *dx;                       /* [n][h][w][c] */
    void *dweight;                  /* like weight */
    void *dbias;                    /* [oc] or NULL */
    void *workspace;
    int64_t workspace_bytes;
} sn_conv2d_args;
SN_API sn_status sn_conv2d_forward(const sn_conv2d_args *a);
SN_API sn_status sn_conv2d_backward_input(const sn_conv2d_args *a);
SN_API sn_status sn_conv2d_backward_weight(const sn_conv2d_args *a);
SN_API sn_status sn_conv2d_pack(const sn_conv2d_args *a);

/* ---- pooling -------------------------------------------------------------------------------------------------- */

/* Windows of kh x kw (dilated, for the maximum) at oy*stride_h - pad_h, ox*stride_w - pad_w. pad <= kernel/2. The
 * caller states oh and ow (floor or ceil mode); every window must start inside the image or its left padding.
 * max: padding counts as -infinity, NaN wins, the first of equals in row-major order wins; index[] = iy*w + ix of it.
 *   backward scatters dy to dx by index, dx is overwritten.
 * avg: with count_include_pad the divisor is the window clipped to [-pad, size + pad), else the window clipped to the
 *   image; the sum is over the image. dilation must be 1. */
typedef struct {
    int32_t dtype;
    int32_t count_include_pad;
    int64_t n, c, h, w, oh, ow;
    int64_t kh, kw, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    const void *x;   /* [n][h][w][c] */
    const void *dy;  /* [n][oh][ow][c] */
    void *y;         /* [n][oh][ow][c] */
    void *dx;        /* [n][h][w][c] */
    int32_t *index;  /* [n][oh][ow][c]; written by forward (may be NULL there), read by max backward */
} sn_pool2d_args;
SN_API sn_status sn_maxpool2d_forward(const sn_pool2d_args *a);
SN_API sn_status sn_maxpool2d_backward(const sn_pool2d_args *a);
SN_API sn_status sn_avgpool2d_forward(const sn_pool2d_args *a);
SN_API sn_status sn_avgpool2d_backward(const sn_pool2d_args *a);

/* gather:  y[n][o][ch] = x[n][index[n][o][ch]][ch], 0 where that place is not in [0, size). dtype may be SN_I32.
 * scatter: y = 0 but for y[n][index[n][o][ch]][ch], which is the sum of x[n][o][ch] over all o with that place (in the
 *   order of o), or with overwrite the last of them. Places outside [0, size) are left out. */
typedef struct {
    int32_t dtype;
    int32_t overwrite;
    int64_t n, c;
    int64_t size;         /* places of an image, h * w, at most 2^31 - 1 */
    int64_t outputs;      /* oh * ow */
    const void *x;        /* gather: [n][size][c]; scatter: [n][outputs][c] */
    const int32_t *index; /* [n][outputs][c] */
    void *y;              /* gather: [n][outputs][c]; scatter: [n][size][c] */
} sn_pool2d_index_args;
SN_API sn_status sn_pool2d_gather(const sn_pool2d_index_args *a);
SN_API sn_status sn_pool2d_scatter(const sn_pool2d_index_args *a);

/* ---- resample: lines times a sparse matrix ------------------------------------------------------------------------ */

/* y[outer][o][inner] = sum over t from offset[o] to offset[o+1] - 1 of weight[t] * x[outer][index[t]][inner], in that
 * order; 0 where there is no term. The matrix: SN_ERR_VALUE unless offset rises from 0 to terms and every index is in
 * [0, size). */
typedef struct {
    int32_t dtype;
    int32_t reserved;
    int64_t outer, size, inner;
    int64_t outputs;
    int64_t terms;
    const int64_t *offset; /* [outputs + 1] */
    const int64_t *index;  /* [terms], NULL if 0 */
    const double *weight;  /* [terms], NULL if 0 */
    const void *x;
    void *y;
} sn_resample_args;
SN_API sn_status sn_resample(const sn_resample_args *a);

/* ---- unary: elementwise functions of one argument --------------------------------------------------------------- */

/* forward: y = f(x). backward: dx = dy * f'. In place allowed (y == x; dx == dy). */
typedef struct {
    int32_t dtype;
    int32_t kind;   /* SN_RELU, ... */
    double alpha, beta;
    int64_t count;
    const void *x;  /* backward: NULL where the kind does not need it */
    void *y;        /* output of forward; input of backward, NULL where not needed */
    const void *dy;
    void *dx;
} sn_unary_args;
SN_API sn_status sn_unary_forward(const sn_unary_args *a);
SN_API sn_status sn_unary_backward(const sn_unary_args *a);

/* ---- softmax and losses ------------------------------------------------------------------------------------------ */

/* Over the last dimension: y = exp(x - max) / sum, or its logarithm. backward: dx from y and dy. In place allowed. */
typedef struct {
    int32_t dtype;
    int32_t log;        /* 1: log-softmax */
    int64_t rows, cols;
    const void *x;      /* [rows][cols] */
    void *y;            /* [rows][cols] */
    const void *dy;
    void *dx;
} sn_softmax_args;
SN_API sn_status sn_softmax_forward(const sn_softmax_args *a);
SN_API sn_status sn_softmax_backward(const sn_softmax_args *a);

enum { SN_REDUCTION_NONE = 0, SN_REDUCTION_MEAN = 1, SN_REDUCTION_SUM = 2 };

/* With p = softmax(logits), t = labels[r], w = weights (all 1 when NULL), e = smoothing, K = classes:
 *   loss[r] = (1-e) * w[t] * -log p[t] + e/K * sum over k of w[k] * -log p[k];  0 where t == ignore_index.
 * mean divides the sum by the sum of w[t] over rows that are not ignored (0/0 = NaN when all are, as PyTorch).
 * SN_ERR_VALUE when a label is neither in [0, classes) nor ignore_index; loss is not to be used then.
 * forward writes loss and probs; backward reads probs, labels, weights, dloss and writes dlogits (== probs allowed). */
typedef struct {
    int32_t dtype;
    int32_t reduction;
    int64_t rows, classes;
    const void *logits;    /* [rows][classes] */
    const int32_t *labels; /* [rows] */
    const void *weights;   /* [classes] or NULL */
    int64_t ignore_index;
    double smoothing;      /* 0 to 1 */
    void *loss;            /* [rows] for SN_REDUCTION_NONE, else [1] */
    void *probs;           /* [rows][classes] */
    const void *dloss;     /* like loss */
    void *dlogits;         /* [rows][classes] */
} sn_cross_entropy_args;
SN_API sn_status sn_cross_entropy_forward(const sn_cross_entropy_args *a);
SN_API sn_status sn_cross_entropy_backward(const sn_cross_entropy_args *a);

/* (x - target)^2. backward: dx = 2 (x - target) dloss / divisor. */
typedef struct {
    int32_t dtype;
    int32_t reduction;
    int64_t count;
    const void *x;
    const void *target;
    void *loss;        /* [count] for SN_REDUCTION_NONE, else [1] */
    const void *dloss; /* like loss */
    void *dx;
} sn_mse_args;
SN_API sn_status sn_mse_forward(const sn_mse_args *a);
SN_API sn_status sn_mse_backward(const sn_mse_args *a);

/* Binary cross-entropy with logits x and targets t in [0, 1] (not checked):
 *   loss = w * -(q t log s(x) + (1-t) log(1 - s(x))), s = sigmoid, q = pos_weight[column], w = weight, in the form that
 * does not overflow. */
typedef struct {
    int32_t dtype;
    int32_t reduction;
    int64_t rows, cols;
    const void *x;          /* [rows][cols] */
    const void *target;     /* [rows][cols] */
    const void *weight;     /* [rows][cols] or NULL */
    const void *pos_weight; /* [cols] or NULL */
    void *loss;             /* [rows][cols] for SN_REDUCTION_NONE, else [1] */
    const void *dloss;      /* like loss */
    void *dx;
} sn_bce_args;
SN_API sn_status sn_bce_forward(const sn_bce_args *a);
SN_API sn_status sn_bce_backward(const sn_bce_args *a);

/* Multi-class hinge (Weston, Watkins 1999): loss[r] = w[t] / d * sum over j != t of max(0, margin + x[j] - x[t])^p,
 * d = classes when mean_over_classes (PyTorch's MultiMarginLoss), else 1. p is 1 or 2. The derivative at the hinge is 0.
 * mean divides by rows. Labels must be in [0, classes): SN_ERR_VALUE. */
typedef struct {
    int32_t dtype;
    int32_t reduction;
    int64_t rows, classes;
    int32_t p;
    int32_t mean_over_classes;
    double margin;
    const void *x;         /* [rows][classes] */
    const int32_t *labels; /* [rows] */
    const void *weights;   /* [classes] or NULL */
    void *loss;            /* [rows] for SN_REDUCTION_NONE, else [1] */
    const void *dloss;
    void *dx;
} sn_hinge_args;
SN_API sn_status sn_hinge_forward(const sn_hinge_args *a);
SN_API sn_status sn_hinge_backward(const sn_hinge_args *a);

/* ---- batchnorm --------------------------------------------------------------------------------------------------- */

/* x is [rows][c]: rows = n, or n*h*w of a channels-last image (Ioffe, Szegedy 2015).
 * train: mean and biased variance over the rows; y = act(gamma (x - mean) invstd + beta + residual), invstd =
 *   1/sqrt(var + eps).
 *   running_mean/var (both or neither NULL) += momentum * (batch value - running value), the variance unbiased
 *   (rows/(rows-1); rows must be >= 2). save_mean and save_invstd are written.
 * infer: y = act(gamma (x - running_mean) / sqrt(running_var + eps) + beta + residual).
 * backward (of train, without residual): dx, dgamma, dbeta from x, dy, save_mean, save_invstd; when act is SN_RELU, dy is
 *   the gradient after it, and where it passed is found from x, gamma and beta again: cheaper than reading y. In place: y == x allowed in infer; y == residual and dx == dy allowed.
 * act: SN_IDENTITY or SN_RELU. gamma and beta may be NULL (1 and 0); dgamma, dbeta, dx may be NULL: not computed. */
typedef struct {
    int32_t dtype;
    int32_t act;
    int64_t rows, c;
    double eps;
    double momentum;
    const void *x;
    const void *gamma;
    const void *beta;
    const void *residual; /* train, infer: [rows][c] or NULL (0) */
    void *running_mean;
    void *running_var;
    void *y;
    void *save_mean;    /* [c] */
    void *save_invstd;  /* [c] */
    const void *dy;
    void *dx;
    void *dgamma;
    void *dbeta;
    void *workspace;
    int64_t workspace_bytes;
} sn_batchnorm_args;
SN_API sn_status sn_batchnorm_train(const sn_batchnorm_args *a);
SN_API sn_status sn_batchnorm_infer(const sn_batchnorm_args *a);
SN_API sn_status sn_batchnorm_backward(const sn_batchnorm_args *a);

/* ---- groupnorm: layer, group, instance and root-mean-square normalisation -------------------------------------------- */

/* x is [n][rows][c], its c channels in `groups` groups of c/groups that follow each other; rows = h*w of a channels-last
 * image, 1 of a matrix. With the mean and the biased variance of each sample's group, over rows * c/groups values:
 *   y = gamma (x - mean) invstd + beta, invstd = 1/sqrt(var + eps) (Wu, He 2018).
 * groups = 1 and rows = 1: layer normalisation (Ba et al. 2016); groups = c: instance normalisation (Ulyanov et al. 2016).
 * rms: mean is 0 and var the mean square (Zhang, Sennrich 2019). save_mean and save_invstd are written.
 * backward: dx, dgamma, dbeta from x, dy, save_mean, save_invstd; dx == dy allowed. gamma and beta may be NULL (1 and 0);
 * dgamma and dbeta may be NULL: not computed. forward: y == x allowed. */
typedef struct {
    int32_t dtype;
    int32_t rms;
    int64_t n, rows, c;
    int64_t groups;     /* divides c */
    double eps;         /* >= 0 */
    const void *x;
    const void *gamma;  /* [c] or NULL */
    const void *beta;   /* [c] or NULL */
    void *y;
    void *save_mean;    /* [n][groups] */
    void *save_invstd;  /* [n][groups] */
    const void *dy;
    void *dx;
    void *dgamma;
    void *dbeta;
    void *workspace;    /* backward */
    int64_t workspace_bytes;
} sn_groupnorm_args;
SN_API sn_status sn_groupnorm_forward(const sn_groupnorm_args *a);
SN_API sn_status sn_groupnorm_backward(const sn_groupnorm_args *a);

/* ---- dropout and random numbers ------------------------------------------------------------------------------------ */

/* Random words come from Philox4x32-10 (Salmon et al. 2011), key = seed (low, high word), counter = (block low, block
 * high, step low, step high); element i takes word i % 4 of block i / 4.
 * y = (word < p * 2^32) ? 0 : x / (1 - p); p == 1 gives 0. The backward operation is the same one applied to dy.
 * In place allowed. */
typedef struct {
    int32_t dtype;
    int32_t reserved;
    int64_t count;
    double p;             /* 0 to 1, the probability to drop */
    int64_t seed;
    const int64_t *step;  /* cell */
    const void *x;
    void *y;
} sn_dropout_args;
SN_API sn_status sn_dropout(const sn_dropout_args *a);

enum { SN_UNIFORM = 0, SN_NORMAL = 1 };
/* uniform: a + (b - a) * u, u in [0, 1) with 24 (f32) or 32 (f64) random bits. normal: mean a, standard deviation b,
 * Box-Muller over the words (2j, 2j+1), computed in double. Same counters as dropout. */
typedef struct {
    int32_t dtype;
    int32_t kind;
    int64_t count;
    double a, b;
    int64_t seed;
    const int64_t *step;  /* cell */
    void *y;
} sn_random_args;
SN_API sn_status sn_random(const sn_random_args *a);

/* ---- binary, reduce, fill, cast -------------------------------------------------------------------------------------- */

enum {
    SN_ADD = 0, SN_SUB = 1, SN_MUL = 2, SN_DIV = 3,
    SN_MAXIMUM = 4, SN_MINIMUM = 5,  /* NaN wins */
    SN_POW = 6,
    SN_EQUAL = 7, SN_GREATER = 8     /* 1 or 0 */
};
/* y = a (kind) b over `shape`; y is dense row-major, a and b have element strides; stride 0 broadcasts.
 * In place allowed where the strides of that operand are y's. */
typedef struct {
    int32_t dtype;
    int32_t kind;
    int32_t dims;       /* 0 to SN_MAX_DIMS */
    int32_t reserved;
    int64_t shape[8];
    int64_t stride_a[8];
    int64_t stride_b[8];
    const void *a;
    const void *b;
    void *y;
} sn_binary_args;
SN_API sn_status sn_binary(const sn_binary_args *a);

enum { SN_SUM = 0, SN_MEAN = 1, SN_MAX = 2, SN_ARGMAX = 3 };
/* Reduces the dimensions d with reduced[d] != 0 of dense x; y is dense over the others, in order. The order of
 * summation depends on the shape alone; f32 sums are accumulated in blocks, their error grows with the logarithm of the
 * length. max and argmax: NaN wins, the first of equals wins; argmax writes int32_t: the row-major index within the
 * reduced dimensions. */
typedef struct {
    int32_t dtype;
    int32_t kind;
    int32_t dims;
    int32_t reserved;
    int64_t shape[8];
    int32_t reduced[8];
    const void *x;
    void *y;
    void *workspace;
    int64_t workspace_bytes;
} sn_reduce_args;
SN_API sn_status sn_reduce(const sn_reduce_args *a);

/* y[i] = value (rounded to dtype; SN_I32 allowed). */
typedef struct {
    int32_t dtype;
    int32_t reserved;
    int64_t count;
    double value;
    void *y;
} sn_fill_args;
SN_API sn_status sn_fill(const sn_fill_args *a);

/* y[i] = (to) x[i]; to SN_I32 rounds toward zero, saturates, NaN gives 0. */
typedef struct {
    int32_t from;
    int32_t to;
    int64_t count;
    const void *x;
    void *y;
} sn_cast_args;
SN_API sn_status sn_cast(const sn_cast_args *a);

/* ---- moving data (dtype SN_F32, SN_F64 or SN_I32) ---------------------------------------------------------------------- */

/* Dense y over `shape` from strided x: y[i0]...[ik] = x[i0*stride[0] + ... + ik*stride[k]]. Transposes, permutes,
 * converts layouts, and broadcasts (stride 0). */
typedef struct {
    int32_t dtype;
    int32_t dims;
    int64_t shape[8];
    int64_t stride[8];  /* in elements, >= 0 */
    const void *x;
    void *y;
} sn_permute_args;
SN_API sn_status sn_permute(const sn_permute_args *a);

/* y[outer][sum of size[i]][inner] from count inputs x[i][outer][size[i]][inner]. */
typedef struct {
    int32_t dtype;
    int32_t count;          /* >= 1 */
    int64_t outer, inner;
    const int64_t *size;    /* [count], >= 0 */
    const void *const *x;   /* [count] */
    void *y;
} sn_concat_args;
SN_API sn_status sn_concat(const sn_concat_args *a);

/* forward: y[outer][length][inner] = x[outer][start + i*step][inner], x is [outer][size][inner].
 * backward: dx is 0 but for those positions, which get dy. */
typedef struct {
    int32_t dtype;
    int32_t reserved;
    int64_t outer, size, inner;
    int64_t start, step, length;  /* start >= 0, step >= 1, start + (length-1)*step < size */
    const void *x;
    void *y;
    const void *dy;
    void *dx;
} sn_slice_args;
SN_API sn_status sn_slice_forward(const sn_slice_args *a);
SN_API sn_status sn_slice_backward(const sn_slice_args *a);

/* y has shape[d] + before[d] + after[d] elements along d; x inside, value around. Negative before/after crop. */
typedef struct {
    int32_t dtype;
    int32_t dims;
    int64_t shape[8];
    int64_t before[8];
    int64_t after[8];
    double value;
    const void *x;
    void *y;
} sn_pad_args;
SN_API sn_status sn_pad(const sn_pad_args *a);

/* ---- optimisers: one sweep over all parameters of a model laid out one after the other -------------------------------- */

/* sgd: g = grad + weight_decay * param; with momentum mu != 0: v = mu v + (1 - dampening) g, but v = g when *step == 1;
 *   g = nesterov ? g + mu v : v; param -= *lr * g. m holds v, NULL when momentum is 0.
 * adam (Kingma, Ba 2015): decoupled == 0: g = grad + weight_decay * param; decoupled == 1 (AdamW, Loshchilov, Hutter
 *   2019): param -= *lr * weight_decay * param first. m = beta1 m + (1-beta1) g, v = beta2 v + (1-beta2) g^2,
 *   param -= *lr * m/(1-beta1^*step) / (sqrt(v/(1-beta2^*step)) + eps). *step counts from 1. */
typedef struct {
    int32_t dtype;
    int32_t nesterov;
    int32_t decoupled;
    int32_t reserved;
    int64_t count;
    const double *lr;     /* cell */
    const int64_t *step;  /* cell */
    double momentum, dampening, weight_decay;
    double beta1, beta2, eps;
    void *param;
    const void *grad;
    void *m;
    void *v;
    const double *momentum_now; /* cell, or NULL: takes the place of momentum in sgd, of beta1 in adam; [0, 1) there */
} sn_optimizer_args;
SN_API sn_status sn_sgd(const sn_optimizer_args *a);
SN_API sn_status sn_adam(const sn_optimizer_args *a);

/* One step of an optimiser whose rate is another for each parameter; t = *step counts from 1. g = grad + weight_decay *
 * param, unless decoupled (amsgrad, nadam, radam): then param is multiplied by 1 - *lr * weight_decay first.
 * adagrad (Duchi et al. 2011): state0 += g^2; param -= *lr / (1 + (t-1) extra) * g / (sqrt(state0) + eps).
 * adadelta (Zeiler 2012): state0 = beta1 state0 + (1-beta1) g^2; d = sqrt(state1 + eps) / sqrt(state0 + eps) * g;
 *   state1 = beta1 state1 + (1-beta1) d^2; param -= *lr * d.
 * rmsprop (Hinton 2012): state0 = beta1 state0 + (1-beta1) g^2 = v; with state1: state1 = beta1 state1 + (1-beta1) g,
 *   v -= state1^2; d = g / (sqrt(v) + eps); with state2: d = state2 = beta2 state2 + d; param -= *lr * d.
 * amsgrad (Reddi et al. 2018): Adam's m = state0 and v = state1; state2 = max(state2, v) stands for v.
 * adamax (Kingma, Ba 2015): state0 = m; state1 = max(beta2 state1, |g| + eps); param -= *lr / (1-beta1^t) * m / state1.
 * nadam (Dozat 2016): mu_t = beta1 (1 - 0.96^(t extra) / 2); param -= *lr ((1-mu_t) / (1 - mu_1...mu_t) g +
 *   mu_(t+1) / (1 - mu_1...mu_(t+1)) m) / (sqrt(v / (1-beta2^t)) + eps).
 * radam (Liu et al. 2020): Adam, its variance rectified, or left out where too little is known of it.
 * rprop (Riedmiller, Braun 1993): state1 (*lr at first) times beta2 where g state0 > 0, times beta1 where < 0, within
 *   [eps, extra]; g = 0 where < 0; param -= sign(g) state1; state0 = g. */
enum {
    SN_ADAPTIVE_ADAGRAD = 0,
    SN_ADAPTIVE_ADADELTA = 1,
    SN_ADAPTIVE_RMSPROP = 2,
    SN_ADAPTIVE_AMSGRAD = 3,
    SN_ADAPTIVE_ADAMAX = 4,
    SN_ADAPTIVE_NADAM = 5,
    SN_ADAPTIVE_RADAM = 6,
    SN_ADAPTIVE_RPROP = 7
};

typedef struct {
    int32_t dtype;
    int32_t rule;         /* SN_ADAPTIVE_... */
    int32_t decoupled;
    int32_t reserved;
    int64_t count;
    const double *lr;     /* cell */
    const int64_t *step;  /* cell */
    double weight_decay, beta1, beta2, eps, extra;
    void *param;
    const void *grad;
    void *state0;
    void *state1;         /* NULL where the rule has fewer states */
    void *state2;
} sn_adaptive_args;
SN_API sn_status sn_adaptive(const sn_adaptive_args *a);

/* lamb (You et al. 2020): m and v as in adam; u = m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps) + weight_decay * param;
 * param -= *lr * norm(param) / norm(u) * u, the quotient being 1 where a norm is 0. The parameters of one layer. */
typedef struct {
    sn_optimizer_args optimizer;
    void *workspace;
    int64_t workspace_bytes;
} sn_lamb_args;
SN_API sn_status sn_lamb(const sn_lamb_args *a);

/* norm: *norm = the square root of the sum of squares; x *= limit / (*norm + 1e-6) where that is below 1 or NaN.
 * value: every element into [-limit, limit]; norm is not written. */
enum { SN_CLIP_NORM = 0, SN_CLIP_VALUE = 1 };

typedef struct {
    int32_t dtype;
    int32_t kind;         /* SN_CLIP_... */
    int64_t count;
    double limit;
    void *x;
    double *norm;         /* cell */
    void *workspace;
    int64_t workspace_bytes;
} sn_clip_args;
SN_API sn_status sn_clip(const sn_clip_args *a);

/* y = *keep y + *share x; y is not read where *keep is 0. */
typedef struct {
    int32_t dtype;
    int32_t reserved;
    int64_t count;
    const double *keep;   /* cell */
    const double *share;  /* cell */
    void *y;
    const void *x;
} sn_blend_args;
SN_API sn_status sn_blend(const sn_blend_args *a);

/* ---- recurrent layers ---------------------------------------------------------------------------------------------------- */

enum { SN_RNN_TANH = 0, SN_RNN_RELU = 1, SN_LSTM = 2, SN_GRU = 3 };

/* One direction of one layer over a whole sequence. hh = h' weight^T + bias, h' and c' being the state before a step;
 * sums are over the gates, one after the other in gx and weight:
 *   rnn  (G = 1): h = tanh(gx + hh), or relu
 *   lstm (G = 4: i, f, g, o): c = f c' + i g, h = o tanh(c); i, f, o = sigmoid(gx + hh), g = tanh(gx + hh)
 *        (Hochreiter, Schmidhuber 1997; Gers et al. 2000)
 *   gru  (G = 3: r, z, n): h = (1 - z) n + z h'; r, z = sigmoid(gx + hh), n = tanh(gx + r hh)
 *        (Cho et al. 2014, the reset gate behind the product)
 * y[t] = h. reverse: from the last step to the first. Sample n has its first lengths[n] steps (0 to steps; else
 * SN_ERR_VALUE): y of the others is 0, they leave the state as it is.
 * forward writes y, hn (and cn), and for lstm and gru gates and extra, which backward needs.
 * backward overwrites dgx, dh0 (and dc0), dweight and dbias. gates == gx, for rnn y == gx, and dgx == gates allowed. */
typedef struct {
    int32_t dtype;
    int32_t kind;
    int32_t reverse;
    int32_t reserved;
    int64_t steps, batch, hidden;
    const void *gx;         /* [steps][batch][G * hidden] */
    const void *weight;     /* [G * hidden][hidden] */
    const void *bias;       /* [G * hidden] or NULL */
    const void *h0;         /* [batch][hidden] or NULL (0) */
    const void *c0;         /* lstm: the same */
    const int32_t *lengths; /* [batch] or NULL: all steps */
    void *gates;            /* lstm, gru: [steps][batch][G * hidden], after the activations */
    void *y;                /* [steps][batch][hidden] */
    void *extra;            /* [steps][batch][hidden]; lstm: c; gru: hh of the gate n */
    void *hn;               /* [batch][hidden] */
    void *cn;               /* lstm: [batch][hidden] */
    const void *dy;         /* like y, or NULL (0) */
    const void *dhn;        /* like hn, or NULL (0) */
    const void *dcn;
    void *dgx;              /* like gx */
    void *dh0;              /* [batch][hidden] */
    void *dc0;              /* lstm */
    void *dweight;          /* like weight, or NULL */
    void *dbias;            /* [G * hidden] or NULL */
    void *workspace;
    int64_t workspace_bytes;
} sn_recurrent_args;
SN_API sn_status sn_recurrent_forward(const sn_recurrent_args *a);
SN_API sn_status sn_recurrent_backward(const sn_recurrent_args *a);

/* ---- choosing by index ------------------------------------------------------------------------------------------------------ */

/* forward (also SN_I32): y[o][i][k] = x[o][j][k], j = index[i], or with elementwise index[o][i][k].
 * backward: dx[o][j][k] = the sum of dy[o][i][k] over the i that chose j, in their order; indices equal to skip (-1: none)
 * give nothing. Indices must be in [0, size): SN_ERR_VALUE. */
typedef struct {
    int32_t dtype;
    int32_t elementwise;
    int64_t outer, size, inner, count;
    int64_t skip;
    const int32_t *index; /* [count], elementwise: [outer][count][inner] */
    const void *x;        /* [outer][size][inner] */
    void *y;              /* [outer][count][inner] */
    const void *dy;
    void *dx;
} sn_gather_args;
SN_API sn_status sn_gather_forward(const sn_gather_args *a);
SN_API sn_status sn_gather_backward(const sn_gather_args *a);

/* ---- many matrix products ---------------------------------------------------------------------------------------------------- */

/* c[i][m][n] = alpha * op(a_i) op(b_i) for every index i of `shape`; the matrices are dense, those of c one after the other,
 * those of a and b at these strides (in elements; 0: one serves all). trans_a, trans_b, k as in sn_gemm_args. */
typedef struct {
    int32_t dtype;
    int32_t trans_a;
    int32_t trans_b;
    int32_t dims;        /* 0 to SN_MAX_DIMS */
    int64_t shape[8];
    int64_t stride_a[8];
    int64_t stride_b[8];
    int64_t m, n, k;
    double alpha;
    const void *a;
    const void *b;
    void *c;
    void *workspace;
    int64_t workspace_bytes;
} sn_batched_gemm_args;
SN_API sn_status sn_batched_gemm(const sn_batched_gemm_args *a);

/* ---- ctc: connectionist temporal classification (Graves et al. 2006) ------------------------------------------------------------ */

/* loss[n] = -log of the probability of the first target_lengths[n] labels of targets[n], summed over all alignments with the
 * first input_lengths[n] steps; infinite when there is none, or 0 (its gradient too) with zero_infinity. Logarithms add up in
 * double; for SN_F32 the exponentials within a step are float on AVX2 and AVX-512, an error of at most 1.2e-7 a step.
 * mean: each divided by its number of labels (at least 1), then by batch. Labels are classes other than blank, lengths
 * within the arrays: else SN_ERR_VALUE. backward: dlog_probs, 0 behind a sample's steps. */
typedef struct {
    int32_t dtype;
    int32_t reduction;
    int32_t zero_infinity;
    int32_t reserved;
    int64_t steps, batch, classes;
    int64_t longest;               /* labels of a row of targets */
    int64_t blank;
    const void *log_probs;         /* [steps][batch][classes], such as the logarithm of softmax */
    const int32_t *targets;        /* [batch][longest] */
    const int32_t *input_lengths;  /* [batch] */
    const int32_t *target_lengths; /* [batch] */
    void *loss;                    /* [batch] for SN_REDUCTION_NONE, else [1] */
    const void *dloss;             /* like loss */
    void *dlog_probs;
    void *workspace;
    int64_t workspace_bytes;
} sn_ctc_args;
SN_API sn_status sn_ctc_forward(const sn_ctc_args *a);
SN_API sn_status sn_ctc_backward(const sn_ctc_args *a);

/* ---- measuring this machine: what benchmarks state fractions of ------------------------------------------------------- */

/* FLOP/s of multiply-adds that stay in registers, on all threads, measured for some tenths of a millisecond; call it
 * several times and take the median or the best. isa as for sn_run. Negative: minus an sn_status. */
SN_API double sn_measure_flops(int32_t isa);
/* Bytes per second, those read and those written together, of one copy on all threads, past the caches on the way out.
 * Arrays far larger than the caches give the speed of memory. bytes >= 1. Negative: minus an sn_status. */
SN_API double sn_measure_copy(void *to, const void *from, int64_t bytes, int32_t isa);

#ifdef __cplusplus
}
#endif

#endif
