/** libsinew and OpenBLAS for macOS on x86-64. */
module dev.sinew.natives.macosx.x86_64 {
    requires dev.sinew.bindings;

    provides dev.sinew.bindings.NativeFiles with dev.sinew.natives.macosx.x86_64.Libraries;
}
