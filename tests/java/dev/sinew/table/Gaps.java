package dev.sinew.table;

import java.util.Map;
import java.util.TreeMap;

/** Why something has no kernels, golden data, gradient check or fuzz test of its own. */
final class Gaps {
    /** By row and column of the table, as regular expressions. */
    static final Map<String, String> REASONS = new TreeMap<>();

    private Gaps() {}

    private static void reason(String reason, String... cells) {
        for (String cell : cells) {
            REASONS.put(cell, reason);
        }
    }

    static {
        reason("a view: the same memory with another shape", "Reshape native");
        reason("a view, with a gradient rule that is given: CustomGradientTest compares with the rule", "WithGradient (native|golden)",
                "CustomGradient\\..* (golden|gradient)");
        reason("moves memory: whole runs by memcpy, which uses the vector instructions there are; strided elements one by one", "Concat kernels",
                "Pad kernels", "Slice kernels", "SliceGradient kernels", "Fill kernels");
        reason("its work is done by the kernels of gemm", "MatMul kernels");
        reason("makes a mask: the logarithm of ones and zeros", "Attention.additive (golden|gradient)");
        reason("PyTorch has no such function", "Attention.bahdanau golden");
        reason("its work is done by the kernels of softmax", "CrossEntropy kernels", "CrossEntropyGradient kernels");
        reason("PyTorch's random numbers are others: its C test compares with published vectors and checks the distribution",
                "RandomFill golden", "Dropout golden");
        reason("random, made of operations that are compared", "Dropouts\\..* golden", "Pooling.stochastic.* golden");
        reason("an inner form of a plan, made after differentiation: PackingTest compares it with the operation itself", ".*Pack golden");
        reason("copies: PlanTest compares every element", "Copy golden", "Copy gradient");
        reason("a formula of one line: its C test compares with the same in double precision", "ClipStep golden");
        reason("tested by the methods that make it", "Elementwise tests", "Composed tests", "Pairwise tests");
    }

    /** The key of the reason for a cell, or null. */
    static String key(String row, String column) {
        return REASONS.keySet().stream().filter(key -> (row + " " + column).matches(key)).findFirst().orElse(null);
    }
}
