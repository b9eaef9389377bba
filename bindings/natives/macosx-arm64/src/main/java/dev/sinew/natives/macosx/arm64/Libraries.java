package dev.sinew.natives.macosx.arm64;

import dev.sinew.bindings.NativeFiles;

/** Says that this module carries libraries: those for macOS on Apple silicon. */
public final class Libraries implements NativeFiles {}
