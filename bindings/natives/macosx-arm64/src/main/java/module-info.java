/** libsinew and OpenBLAS for macOS on Apple silicon. */
module dev.sinew.natives.macosx.arm64 {
    requires dev.sinew.bindings;

    provides dev.sinew.bindings.NativeFiles with dev.sinew.natives.macosx.arm64.Libraries;
}
