package dev.sinew.op;

/** An operation whose native kernel can apply an activation to its result while that is still in registers. */
public sealed interface Fusable extends Op permits BatchNorm, BatchNormInfer, Conv2d, Gemm {
    /** The activation it applies now. */
    Activation activation();

    /** The same operation followed by an activation, or null when the kernel does not offer that one. */
    Op withActivation(Activation activation);
}
