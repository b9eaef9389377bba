package dev.sinew.natives.linux.x86_64;

import dev.sinew.bindings.NativeFiles;

/** Says that this module carries libraries: those for Linux on x86-64. */
public final class Libraries implements NativeFiles {}
