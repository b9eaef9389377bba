package dev.sinew.op;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.internal.Native;
import java.util.Arrays;
import java.util.List;

/** The checks that shape rules and constructors share; every message names the operation and the values. */
final class Check {
    private Check() {}

    /** Throws unless input {@code i} has that rank; {@code form} says which dimensions those are. */
    static void rank(Op op, List<Spec> inputs, int i, int rank, String form) {
        if (inputs.get(i).shape().rank() != rank) {
            throw Ops.error(op, inputs, "input " + i + " must have shape " + form + ", not " + inputs.get(i).shape());
        }
    }

    /** Throws unless input {@code i} has that shape; {@code what} names it. */
    static void shape(Op op, List<Spec> inputs, int i, Shape shape, String what) {
        if (!inputs.get(i).shape().equals(shape)) {
            throw Ops.error(op, inputs, what + " (input " + i + ") must have shape " + shape + ", not " + inputs.get(i).shape());
        }
    }

    /** Throws unless input {@code i} is of that type; {@code what} names it. */
    static void dtype(Op op, List<Spec> inputs, int i, DType dtype, String what) {
        if (inputs.get(i).dtype() != dtype) {
            throw Ops.error(op, inputs, what + " (input " + i + ") must be " + dtype + ", not " + inputs.get(i).dtype());
        }
    }

    /** Throws unless input {@code i} is a scalar cell of that type. */
    static void cell(Op op, List<Spec> inputs, int i, DType dtype, String what) {
        dtype(op, inputs, i, dtype, what);
        shape(op, inputs, i, Shape.scalar(), what);
    }

    /** What an operand takes when it is packed: so many bytes (whole cache lines), as elements of its type. */
    static Spec packed(Op op, List<Spec> inputs, Spec operand, long bytes) {
        if (bytes < 0) {
            throw Ops.error(op, inputs, Native.statusText((int) -bytes));
        }
        return Spec.of(operand.dtype(), result(op, inputs, bytes / operand.dtype().bytes()));
    }

    /** Throws unless input {@code i} is of a type that kernels can move: every one but int64. */
    static void movable(Op op, List<Spec> inputs, int i) {
        if (inputs.get(i).dtype() == DType.I64) {
            throw Ops.error(op, inputs, "no operation computes with I64");
        }
    }

    /** {@code d} as an index from 0 into the dimensions of input {@code i}. */
    static int dim(Op op, List<Spec> inputs, int i, int d) {
        int rank = inputs.get(i).shape().rank();
        if (d < -rank || d >= rank) {
            throw Ops.error(op, inputs, "dimension " + d + " does not exist in shape " + inputs.get(i).shape());
        }
        return d < 0 ? d + rank : d;
    }

    /** The result's shape, or the operation's error where a size or the number of elements is out of range. */
    static Shape result(Op op, List<Spec> inputs, long... dims) {
        try {
            return Shape.of(dims);
        } catch (IllegalArgumentException e) {
            throw Ops.error(op, inputs, "the result would have " + e.getMessage());
        }
    }

    /** Throws unless the value is within the bounds; NaN never is. */
    static double within(String op, String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(op + ": " + name + " must be from " + text(least) + " to " + text(most) + ", not " + value);
        }
        return value;
    }

    /** Throws unless the value is finite and at least 0. */
    static double notNegative(String op, String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(op + ": " + name + " must be finite and at least 0, not " + value);
        }
        return value;
    }

    /** Throws unless the value is finite. */
    static double finite(String op, String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(op + ": " + name + " must be finite, not " + value);
        }
        return value;
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }

    /** The product of {@code values[from]} to {@code values[to - 1]}. */
    static long product(long[] values, int from, int to) {
        return Arrays.stream(values, from, to).reduce(1, (a, b) -> a * b);
    }
}
