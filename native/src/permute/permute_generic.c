/* permute, generic kernels: see permute_generic.inc. */
#include "permute/permute.h"

#define T uint32_t
#define TILE 16
#define TRANSPOSE sn_x32_permute_transpose__generic
#define GATHER sn_x32_permute_gather__generic
#include "permute_generic.inc"
#undef T
#undef TILE
#undef TRANSPOSE
#undef GATHER

#define T uint64_t
#define TILE 8
#define TRANSPOSE sn_x64_permute_transpose__generic
#define GATHER sn_x64_permute_gather__generic
#include "permute_generic.inc"
