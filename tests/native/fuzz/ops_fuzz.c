/* libFuzzer's part: with the environment variable SINEW_FUZZ_OP=TARGET all calls of new inputs are that target's. */
#include <string.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    (void)seed;
    size = LLVMFuzzerMutate(data, size, most);
    if (!fuzz_chosen || most < FUZZ_HEADER) return size;
    for (; size < FUZZ_HEADER; size++) data[size] = 0;
    memset(data + FUZZ_HEADER_CODES, fuzz_chosen->code, FUZZ_HEADER - FUZZ_HEADER_CODES);
    return size;
}
