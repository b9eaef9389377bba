/* Fuzzing of sinew.h: an input becomes a list of calls, of any sizes, with arrays of the lengths that the header asks for. Whatever
 * the sizes and parameters, nothing may be touched beyond them, and no rule of C broken.
 *   .ci/fuzz SECONDS [TARGET...]
 * An input: the number of threads, the ISA, the number of calls, what each of them calls (the code of an operation or of a
 * function), and then the sizes and parameters of one after the other. So an input means the same wherever it is tried.
 * An input that found a mistake goes into found/; found/ and corpus.txt are tried by every ctest, on every platform. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { MOST_CALLS = FUZZ_HEADER - FUZZ_HEADER_CODES, CODES = 256 };

static const fuzz_target *const tables[] = {fuzz_products, fuzz_losses, fuzz_movers, fuzz_sweeps, fuzz_functions};
static const fuzz_target *targets[CODES]; /* by code */
static uint8_t codes[CODES];              /* those that have a target */
static int code_count;
const fuzz_target *fuzz_chosen;

void fuzz_fail(const char *condition) {
    fprintf(stderr, "does not hold: %s\n", condition);
    abort();
}

/* Every operation of sn_run has a target. */
static void check_complete(void) {
    for (int32_t code = 0; code < FUZZ_FUNCTIONS; code++) {
        fuzz_args nothing;
        memset(&nothing, 0, sizeof nothing);
        sn_call call = {.code = code, .args = &nothing};
        if ((sn_run(&call, 1, -1, NULL) == SN_ERR_CODE) != !targets[code]) {
            fprintf(stderr, targets[code] ? "sn_run does not know the target %d\n" : "operation %d has no target\n", code);
            exit(1);
        }
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    const char *name = getenv("SINEW_FUZZ_OP");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const fuzz_target *t = tables[i]; t->name; t++) {
            targets[t->code] = t;
            codes[code_count++] = (uint8_t)t->code;
            if (name && !strcmp(name, t->name)) fuzz_chosen = t;
        }
    }
    check_complete();
    if (name && !strcmp(name, "list")) {
        for (int i = 0; i < code_count; i++) puts(targets[codes[i]]->name);
        exit(0);
    }
    if (name && !fuzz_chosen) {
        fprintf(stderr, "SINEW_FUZZ_OP=%s: no such target; \"list\" names all\n", name);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_args args[MOST_CALLS];
    sn_call calls[MOST_CALLS];
    uint8_t code[MOST_CALLS];
    fuzz f = {.next = data, .end = data + size, .random = size};
    memset(args, 0, sizeof args);
    sn_set_threads((int32_t)fuzz_int(&f, 1, 3));
    const int b = fuzz_byte(&f);
    f.isa = b % (SN_ISA_COUNT + 1) - 1;
    if (b < 250 && f.isa >= 0 && !sn_isa_available(f.isa)) f.isa = -1;
    const int64_t wanted = fuzz_int(&f, 1, MOST_CALLS);
    for (int i = 0; i < MOST_CALLS; i++) {
        code[i] = (uint8_t)fuzz_byte(&f);
        if (!targets[code[i]]) code[i] = codes[code[i] % code_count];
    }
    int64_t count = 0;
    for (int64_t i = 0; i < wanted; i++) {
        f.code = code[i];
        targets[code[i]]->build(&f, &args[count]);
        if (f.code >= FUZZ_FUNCTIONS) {
            memset(&args[count], 0, sizeof *args);
            continue;
        }
        calls[count] = (sn_call){.code = f.code, .args = &args[count]};
        count++;
    }
    if (!f.too_big) {
        int64_t failed = -2;
        const sn_status status = sn_run(calls, count, f.isa, &failed);
        const int refused = status == SN_ERR_VALUE && f.isa >= 0 && !sn_isa_available(f.isa);
        FUZZ_CHECK(status >= SN_OK && status <= SN_ERR_CODE);
        FUZZ_CHECK(failed < count && (failed >= 0 || status == SN_OK || refused));
    }
    fuzz_release(&f);
    return 0;
}
