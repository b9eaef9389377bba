/** libsinew and OpenBLAS for Linux on x86-64. */
module dev.sinew.natives.linux.x86_64 {
    requires dev.sinew.bindings;

    provides dev.sinew.bindings.NativeFiles with dev.sinew.natives.linux.x86_64.Libraries;
}
