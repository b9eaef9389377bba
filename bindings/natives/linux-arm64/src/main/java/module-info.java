/** libsinew and OpenBLAS for Linux on 64-bit ARM. */
module dev.sinew.natives.linux.arm64 {
    requires dev.sinew.bindings;

    provides dev.sinew.bindings.NativeFiles with dev.sinew.natives.linux.arm64.Libraries;
}
