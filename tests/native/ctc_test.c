/* ctc: the loss against the sum over all alignments, one by one; the gradient against central differences. */
#include "arrays.h"

/* The probability of all paths of `steps` classes that collapse to the labels: repeated classes once, then without blanks. */
static double brute(const sn_ctc_args *a, const double *log_probs, int64_t n) {
    const int64_t steps = a->input_lengths[n];
    int64_t paths = 1;
    for (int64_t t = 0; t < steps; t++) paths *= a->classes;
    double total = 0;
    for (int64_t p = 0; p < paths; p++) {
        int64_t rest = p, length = 0, last = -1;
        double sum = 0;
        int fits = 1;
        for (int64_t t = 0; t < steps; t++) {
            const int64_t class = rest % a->classes;
            rest /= a->classes;
            sum += log_probs[(t * a->batch + n) * a->classes + class];
            if (class != last && class != a->blank) {
                fits &= length < a->target_lengths[n] && a->targets[n * a->longest + length] == class;
                length++;
            }
            last = class;
        }
        if (fits && length == a->target_lengths[n]) total += exp(sum);
    }
    return -log(total);
}

static double *random_log_probs(int64_t rows, int64_t classes) {
    double *x = check_doubles(rows * classes);
    for (int64_t r = 0; r < rows; r++) {
        double sum = 0;
        for (int64_t k = 0; k < classes; k++) sum += exp(2 * x[r * classes + k]);
        for (int64_t k = 0; k < classes; k++) x[r * classes + k] = (float)(2 * x[r * classes + k] - log(sum));
    }
    return x;
}

static void *narrowed(int32_t dtype, const double *x, int64_t count) {
    void *y = array_new(dtype, count);
    for (int64_t i = 0; i < count; i++) array_set(dtype, y, i, x[i]);
    return y;
}

static double total(const sn_ctc_args *a, const double *log_probs, const double *dloss) {
    double sum = 0;
    for (int64_t n = 0; n < a->batch; n++) {
        const double each = brute(a, log_probs, n), share = a->reduction == SN_REDUCTION_MEAN ? fmax(1,
            a->target_lengths[n]) * (double)a->batch : 1;
        if (isfinite(each)) sum += dloss[a->reduction == SN_REDUCTION_NONE ? n : 0] * each / share;
    }
    return sum;
}

/* No sample's memory reaches into the next one's: behind the last one's lie the bytes kept for the alignment of the first. */
static int stays_in_place(const sn_ctc_args *a) {
    const unsigned char *memory = a->workspace;
    const int64_t skipped = (int64_t)(-(uintptr_t)memory & 63);
    for (int64_t i = a->workspace_bytes - (64 - skipped); i < a->workspace_bytes; i++)
        if (memory[i] != 0xcb) return 0;
    return 1;
}

static void one(int64_t steps, int64_t batch, int64_t classes, int64_t longest, int32_t reduction, int32_t dtype) {
    sn_ctc_args a = {.dtype = dtype, .reduction = reduction, .zero_infinity = 1, .steps = steps, .batch = batch, .classes = classes,
        .longest = longest,
        .blank = check_int(0, classes - 1)};
    double *log_probs = random_log_probs(steps * batch, classes), *dloss = check_doubles(batch);
    int32_t *targets = check_alloc(batch * longest * 4), *in = check_alloc(batch * 4), *out = check_alloc(batch * 4);
    for (int64_t i = 0; i < batch * longest; i++)
        do targets[i] = (int32_t)check_int(0, classes - 1);
        while (targets[i] == a.blank);
    for (int64_t n = 0; n < batch; n++) in[n] = (int32_t)check_int(n == 0 ? 1 : 0, steps), out[n] = (int32_t)check_int(0, longest);
    a.targets = targets, a.input_lengths = in, a.target_lengths = out;
    const int64_t count = steps * batch * classes, losses = reduction == SN_REDUCTION_NONE ? batch : 1;
    a.log_probs = narrowed(dtype, log_probs, count), a.loss = array_new(dtype, losses), a.dloss = narrowed(dtype, dloss, losses),
        a.dlog_probs = array_new(dtype, count);
    a.workspace_bytes = sn_workspace_bytes(SN_OP_CTC_BACKWARD, &a);
    CHECK(a.workspace_bytes >= sn_workspace_bytes(SN_OP_CTC_FORWARD, &a), "workspace");
    a.workspace = check_alloc(a.workspace_bytes);
    double *expected = check_alloc(batch * 8), sum = 0;
    for (int64_t n = 0; n < batch; n++) {
        expected[n] = brute(&a, log_probs, n);
        if (!isfinite(expected[n])) expected[n] = 0;
        sum += expected[n] / (reduction == SN_REDUCTION_MEAN ? fmax(1, out[n]) * (double)batch : 1);
    }
    if (reduction != SN_REDUCTION_NONE) expected[0] = sum;
    for (int64_t i = 0; i < losses; i++) dloss[i] = array_get(dtype, a.dloss, i);
    FOR_EACH_ISA(isa) {
        memset(a.workspace, 0xcb, (size_t)a.workspace_bytes);
        CHECK_RUN(SN_OP_CTC_FORWARD, a, isa);
        CHECK(stays_in_place(&a), "forward writes behind its samples' memory");
        CHECK_ARRAY(dtype, a.loss, expected, losses, dtype == SN_F64 ? 1e-12 : 1e-6, 1e-12 + (dtype == SN_F64 ? 0 : 1.2e-7 * (double)steps), isa,
            "loss of %lld steps, %lld classes", (long long)steps, (long long)classes);
        memset(a.workspace, 0xcb, (size_t)a.workspace_bytes);
        CHECK_RUN(SN_OP_CTC_BACKWARD, a, isa);
        CHECK(stays_in_place(&a), "backward writes behind its samples' memory");
        for (int trial = 0; trial < 25; trial++) {
            const int64_t i = check_int(0, count - 1);
            const double was = log_probs[i];
            log_probs[i] = was + 1e-5;
            const double up = total(&a, log_probs, dloss);
            log_probs[i] = was - 1e-5;
            const double numeric = (up - total(&a, log_probs, dloss)) / 2e-5, found = array_get(dtype, a.dlog_probs, i);
            log_probs[i] = was;
            CHECK(fabs(found - numeric) <= 1e-6 + 1e-5 * fabs(numeric), "gradient %g, differences %g", found, numeric);
        }
        check_threads(SN_OP_CTC_BACKWARD, &a, isa, a.dlog_probs, bytes_of(dtype, count), "dlog_probs");
        check_threads(SN_OP_CTC_FORWARD, &a, isa, a.loss, bytes_of(dtype, losses), "loss");
    }
    check_free_all();
}

static void all_alignments(void) {
    const int64_t sizes[][4] = {{1, 1, 2, 1}, {3, 2, 2, 2}, {4, 3, 3, 2}, {5, 4, 4, 3}, {6, 5, 3, 4}, {7, 2, 2, 3}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int32_t reduction = 0; reduction < 3; reduction++)
            for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++)
                for (int again = 0; again < 4; again++) one(sizes[s][0], sizes[s][1], sizes[s][2], sizes[s][3], reduction, dtype);
}

/* The loss in float32 against float64, whose kernels compute everything in double: floats within a step are wrong by
 * at most 1.2e-7 of the logarithm, which adds up over the steps; the gradient has such an error from both sides. */
static void long_one(int64_t steps, int64_t batch, int64_t classes, int64_t longest) {
    sn_ctc_args wide = {.dtype = SN_F64, .reduction = SN_REDUCTION_NONE, .steps = steps, .batch = batch, .classes = classes, .longest = longest};
    const int64_t count = steps * batch * classes;
    int32_t *targets = check_alloc(batch * longest * 4), *in = check_alloc(batch * 4), *out = check_alloc(batch * 4);
    for (int64_t i = 0; i < batch * longest; i++) targets[i] = (int32_t)check_int(1, classes - 1);
    for (int64_t n = 0; n < batch; n++) out[n] = (int32_t)(longest - n), in[n] = (int32_t)(steps - 3 * n);
    double *x = random_log_probs(steps * batch, classes), *dloss = check_alloc(batch * 8);
    for (int64_t n = 0; n < batch; n++) dloss[n] = 1;
    wide.targets = targets, wide.input_lengths = in, wide.target_lengths = out;
    sn_ctc_args a = wide;
    a.dtype = SN_F32;
    wide.log_probs = x, wide.loss = check_alloc(batch * 8), wide.dloss = dloss, wide.dlog_probs = check_alloc(count * 8);
    a.log_probs = narrowed(SN_F32, x, count), a.loss = array_new(SN_F32, batch), a.dloss = narrowed(SN_F32, dloss, batch),
    a.dlog_probs = array_new(SN_F32, count);
    a.workspace_bytes = wide.workspace_bytes = sn_workspace_bytes(SN_OP_CTC_BACKWARD, &a);
    a.workspace = wide.workspace = check_alloc(a.workspace_bytes);
    CHECK_RUN(SN_OP_CTC_FORWARD, wide, SN_ISA_GENERIC);
    CHECK_RUN(SN_OP_CTC_BACKWARD, wide, SN_ISA_GENERIC);
    const double error = 1.2e-7 * (double)steps;
    FOR_EACH_ISA(isa) {
        CHECK_RUN(SN_OP_CTC_FORWARD, a, isa);
        CHECK_ARRAY(SN_F32, a.loss, wide.loss, batch, 0x1p-24, error, isa, "loss of %lld steps", (long long)steps);
        CHECK_RUN(SN_OP_CTC_BACKWARD, a, isa);
        CHECK_ARRAY(SN_F32, a.dlog_probs, wide.dlog_probs, count, 3 * error, 1e-7, isa, "gradient of %lld steps", (long long)steps);
        check_threads(SN_OP_CTC_BACKWARD, &a, isa, a.dlog_probs, bytes_of(SN_F32, count), "dlog_probs");
    }
    check_free_all();
}

static void long_sequences(void) {
    const int64_t longest[] = {1, 3, 7, 8, 15, 16, 40};
    for (size_t i = 0; i < sizeof longest / sizeof *longest; i++) {
        long_one(2 * longest[i] + 5, 1, 30, longest[i]);
        long_one(300, 2, 50, longest[i]);
    }
}

/* Too many labels for the steps; probabilities of 0; NaN. */
static void special_values_of(int32_t dtype, int isa) {
    void *log_probs = array_new(dtype, 12), *dlog_probs = array_new(dtype, 12), *loss = array_new(dtype, 1), *dloss = array_new(dtype, 1);
    const double bound = dtype == SN_F64 ? 1e-14 : 5e-7;
    int32_t targets[] = {1, 1}, in[] = {2}, out[] = {2};
    sn_ctc_args a = {.dtype = dtype, .reduction = SN_REDUCTION_SUM, .steps = 4, .batch = 1, .classes = 3, .longest = 2,
        .log_probs = log_probs, .targets = targets,
        .input_lengths = in, .target_lengths = out, .loss = loss, .dloss = dloss, .dlog_probs = dlog_probs};
    a.workspace_bytes = sn_workspace_bytes(SN_OP_CTC_BACKWARD, &a);
    a.workspace = check_alloc(a.workspace_bytes);
    array_set(dtype, dloss, 0, 1);
    for (int i = 0; i < 12; i++) array_set(dtype, log_probs, i, log(1.0 / 3));
    CHECK_RUN(SN_OP_CTC_FORWARD, a, isa);
    CHECK_RUN(SN_OP_CTC_BACKWARD, a, isa);
    CHECK(array_get(dtype, loss, 0) == INFINITY && isnan(array_get(dtype, dlog_probs, 0)) && array_get(dtype, dlog_probs, 6) == 0,
        "no alignment: %g, %g", array_get(dtype, loss, 0), array_get(dtype, dlog_probs, 0));
    a.zero_infinity = 1;
    CHECK_RUN(SN_OP_CTC_FORWARD, a, isa);
    CHECK_RUN(SN_OP_CTC_BACKWARD, a, isa);
    CHECK(array_get(dtype, loss, 0) == 0 && array_get(dtype, dlog_probs, 0) == 0, "no alignment, zero_infinity: %g", array_get(dtype, loss, 0));
    in[0] = 3;
    CHECK_RUN(SN_OP_CTC_FORWARD, a, isa);
    CHECK(fabs(array_get(dtype, loss, 0) - 3 * log(3)) < bound, "the only alignment: %g", array_get(dtype, loss, 0));
    for (int i = 2; i < 9; i += 3) array_set(dtype, log_probs, i, -INFINITY);
    CHECK_RUN(SN_OP_CTC_BACKWARD, a, isa);
    CHECK(array_get(dtype, dlog_probs, 2) == 0 && fabs(array_get(dtype, dlog_probs, 1) + 1) < bound
        && fabs(array_get(dtype, dlog_probs, 3) + 1) < bound, "a probability of 0: %g", array_get(dtype, dlog_probs, 1));
    array_set(dtype, log_probs, 1, -INFINITY);
    CHECK_RUN(SN_OP_CTC_FORWARD, a, isa);
    CHECK(array_get(dtype, loss, 0) == 0, "impossible, zero_infinity: %g", array_get(dtype, loss, 0));
    array_set(dtype, log_probs, 1, NAN);
    CHECK_RUN(SN_OP_CTC_FORWARD, a, isa);
    CHECK(isnan(array_get(dtype, loss, 0)), "NaN gives %g", array_get(dtype, loss, 0));
    CHECK_RUN(SN_OP_CTC_BACKWARD, a, isa);
    CHECK(isnan(array_get(dtype, dlog_probs, 0)), "NaN gives the gradient %g", array_get(dtype, dlog_probs, 0));
    check_free_all();
}

static void special_values(void) {
    for (int32_t dtype = SN_F32; dtype <= SN_F64; dtype++) FOR_EACH_ISA(isa) special_values_of(dtype, isa);
}

static void errors(void) {
    float *x = check_floats(12), *y = check_floats(12);
    int32_t *targets = check_alloc(8), *in = check_alloc(8), *out = check_alloc(8);
    targets[0] = targets[1] = 1, in[0] = in[1] = 2, out[0] = out[1] = 1;
    const sn_ctc_args good = {.dtype = SN_F32, .reduction = SN_REDUCTION_NONE, .steps = 2, .batch = 2, .classes = 3, .longest = 1,
        .log_probs = x, .targets = targets,
        .input_lengths = in, .target_lengths = out, .loss = y, .dloss = x, .dlog_probs = y, .workspace = check_alloc(4096),
            .workspace_bytes = 4096};
    sn_ctc_args a = good;
    CHECK(sn_ctc_forward(NULL) == SN_ERR_NULL && sn_ctc_backward(NULL) == SN_ERR_NULL, "null");
#define EXPECT(status)                                  \
    do {                                                \
        CHECK_ERROR(sn_ctc_forward, a, status, y, 8);   \
        CHECK_ERROR(sn_ctc_backward, a, status, y, 48); \
        a = good;                                       \
    } while (0)
    a.log_probs = NULL;
    EXPECT(SN_ERR_NULL);
    a.targets = NULL;
    EXPECT(SN_ERR_NULL);
    a.workspace = NULL;
    EXPECT(SN_ERR_NULL);
    a.loss = a.dlog_probs = NULL;
    EXPECT(SN_ERR_NULL);
    a.workspace_bytes = 8;
    EXPECT(SN_ERR_MEMORY);
    a.dtype = SN_I32;
    EXPECT(SN_ERR_DTYPE);
    a.reduction = 3;
    EXPECT(SN_ERR_CODE);
    a.blank = 3;
    EXPECT(SN_ERR_VALUE);
    a.blank = 1;
    EXPECT(SN_ERR_VALUE);
    a.steps = 0;
    EXPECT(SN_ERR_SIZE);
    a.classes = INT64_C(1) << 32;
    EXPECT(SN_ERR_SIZE);
    a.longest = INT64_C(1) << 47;
    EXPECT(SN_ERR_SIZE);
    in[1] = 3;
    EXPECT(SN_ERR_VALUE);
    in[1] = -1;
    EXPECT(SN_ERR_VALUE);
    in[1] = 1, out[0] = 2;
    EXPECT(SN_ERR_VALUE);
    out[0] = 1, targets[1] = 3;
    EXPECT(SN_ERR_VALUE);
    check_free_all();
}

int main(void) {
    RUN(all_alignments);
    RUN(long_sequences);
    RUN(special_values);
    RUN(errors);
    return check_summary();
}
