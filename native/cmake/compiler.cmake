# The flags of each family of compilers: SINEW_WARNINGS, SINEW_FLAGS of the library, and those of its files of one ISA.
# Products and sums are never contracted behind the kernels' back: they write their fused multiply-adds themselves.
set(SINEW_AVX2_FLAGS -mavx2 -mfma)
set(SINEW_AVX512_FLAGS -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mprefer-vector-width=512)
set(SINEW_FLAGS -ffp-contract=off -fno-math-errno -fno-trapping-math)
if(CMAKE_C_COMPILER_ID STREQUAL "MSVC")
    set(SINEW_AVX2_FLAGS /arch:AVX2)
    set(SINEW_AVX512_FLAGS /arch:AVX512)
    set(SINEW_FLAGS /fp:precise)
    set(SINEW_WARNINGS /W3 $<$<BOOL:${SINEW_WERROR}>:/WX>)
    add_compile_options(/experimental:c11atomics)
    add_compile_definitions(_CRT_SECURE_NO_WARNINGS)
elseif(MSVC) # clang-cl
    list(TRANSFORM SINEW_AVX512_FLAGS PREPEND /clang:)
    list(TRANSFORM SINEW_AVX2_FLAGS PREPEND /clang:)
    list(TRANSFORM SINEW_FLAGS PREPEND /clang:)
    set(SINEW_WARNINGS /W4 $<$<BOOL:${SINEW_WERROR}>:/WX>)
    add_compile_definitions(_CRT_SECURE_NO_WARNINGS)
else()
    set(SINEW_WARNINGS -Wall -Wextra -Wpedantic $<$<BOOL:${SINEW_WERROR}>:-Werror>)
    if(NOT SINEW_SANITIZE)
        list(APPEND SINEW_FLAGS -Wframe-larger-than=65536) # what a kernel may put on a thread's stack; more is workspace
    endif()
endif()
if(MINGW)
    add_compile_definitions(__USE_MINGW_ANSI_STDIO=1) # printf and its warnings know C11's formats
    add_link_options(-static) # the compiler's own libraries are not DLLs to be shipped
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        # gcc takes the stack of Win64 for aligned as its vectors need, and it is not (gcc.gnu.org/PR54412)
        list(APPEND SINEW_AVX2_FLAGS -Wa,-muse-unaligned-vector-move)
        list(APPEND SINEW_AVX512_FLAGS -Wa,-muse-unaligned-vector-move)
    endif()
endif()
