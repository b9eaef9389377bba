package dev.sinew.bindings;

/**
 * Implemented in every module that carries the libraries of a platform below {@code dev/sinew/native/<platform>/}: by it the
 * module path resolves those modules, and the loader finds them there. On the class path nobody asks for it.
 */
public interface NativeFiles {}
