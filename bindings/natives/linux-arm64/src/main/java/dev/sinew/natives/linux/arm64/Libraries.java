package dev.sinew.natives.linux.arm64;

import dev.sinew.bindings.NativeFiles;

/** Says that this module carries libraries: those for Linux on 64-bit ARM. */
public final class Libraries implements NativeFiles {}
