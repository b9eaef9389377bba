/* gather in plain C. */
#include <string.h>

#include "gather/gather.h"

void sn_gather_rows__generic(const void *x, const int32_t *index, void *y, int64_t rows, int64_t words) {
    for (int64_t r = 0; r < rows; r++) memcpy((char *)y + r * words * 4, (const char *)x + index[r] * words * 4, (size_t)(words * 4));
}

#define WORD uint32_t
#define T float
#define TAKE sn_b32_gather_take__generic
#define ADD sn_f32_gather_add__generic
#define ADD_COLUMNS sn_f32_gather_add_columns__generic
#include "gather_generic.inc"

#undef WORD
#undef T
#undef TAKE
#undef ADD
#undef ADD_COLUMNS

#define WORD uint64_t
#define T double
#define TAKE sn_b64_gather_take__generic
#define ADD sn_f64_gather_add__generic
#define ADD_COLUMNS sn_f64_gather_add_columns__generic
#include "gather_generic.inc"
