#include "tile/tile.h"

#include <stddef.h>

#include "core/isa.h"

sn_tiles sn_tiles_of(int32_t isa) {
    static const sn_tile_kernel tile[SN_ISA_COUNT] = SN_ISA_TABLE(NULL, sn_f32_tile__avx2, sn_f32_tile__avx512, sn_f32_tile__neon);
    static const sn_transpose_kernel transpose[SN_ISA_COUNT] =
        SN_ISA_TABLE(NULL, sn_f32_transpose__avx2, sn_f32_transpose__avx512, sn_f32_transpose__neon);
    return (sn_tiles){tile[isa], transpose[isa], isa == SN_ISA_AVX512 ? SN_TILE_LANES_LONG : SN_TILE_LANES_SHORT};
}
