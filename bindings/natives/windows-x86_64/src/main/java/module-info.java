/** libsinew and OpenBLAS for Windows on x86-64. */
module dev.sinew.natives.windows.x86_64 {
    requires dev.sinew.bindings;

    provides dev.sinew.bindings.NativeFiles with dev.sinew.natives.windows.x86_64.Libraries;
}
