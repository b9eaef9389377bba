/** Generated bindings of libsinew and its loader; an implementation detail of {@code dev.sinew}. */
module dev.sinew.bindings {
    exports dev.sinew.bindings to dev.sinew, dev.sinew.natives.linux.x86_64, dev.sinew.natives.linux.arm64,
            dev.sinew.natives.macosx.x86_64, dev.sinew.natives.macosx.arm64, dev.sinew.natives.windows.x86_64;

    uses dev.sinew.bindings.NativeFiles;
}
