package dev.sinew.op;

import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The same elements, in logical row-major order, in another shape. The result is a view of row-major memory.
 *
 * @param shape the shape of the result
 */
public record Reshape(Shape shape) implements Op {
    /** Checks that the shape is there. */
    public Reshape {
        Objects.requireNonNull(shape, "reshape: shape");
    }

    /**
     * To the given sizes, one of which may be -1: it follows from the others.
     *
     * @throws IllegalArgumentException when the sizes do not make the same number of elements
     */
    public static Reshape of(Spec from, long... shape) {
        long[] sizes = shape.clone();
        int open = -1;
        long known = 1;
        for (int d = 0; d < sizes.length; d++) {
            if (sizes[d] != -1) {
                known = sizes[d] >= 1 && sizes[d] <= Shape.MAX_ELEMENTS / known ? known * sizes[d] : Long.MAX_VALUE;
            } else if (open >= 0) {
                throw new IllegalArgumentException("reshape(" + from + ") to " + Arrays.toString(shape) + ": only one size may be -1");
            } else {
                open = d;
            }
            if (known == Long.MAX_VALUE) {
                throw new IllegalArgumentException("reshape(" + from + ") to " + Arrays.toString(shape)
                        + ": sizes must be at least 1, their product at most 2^40");
            }
        }
        if (open >= 0) {
            if (from.shape().count() % known != 0) {
                throw new IllegalArgumentException("reshape(" + from + ") to " + Arrays.toString(shape) + ": " + from.shape().count()
                        + " elements cannot be divided by " + known);
            }
            sizes[open] = from.shape().count() / known;
        }
        Reshape op = new Reshape(Shape.of(sizes));
        op.outputs(List.of(from));
        return op;
    }

    @Override
    public String name() {
        return "reshape";
    }

    @Override
    public List<Spec> outputs(List<Spec> inputs) {
        Ops.arity(this, inputs, 1, 1);
        Spec x = inputs.getFirst();
        if (x.shape().count() != shape.count()) {
            throw Ops.error(this, inputs, x.shape().count() + " elements do not fit into shape " + shape + " of " + shape.count());
        }
        return List.of(x.withShape(shape));
    }

    @Override
    public boolean isView(List<Spec> inputs) {
        return true;
    }

    @Override
    public void encode(Call call) {
        throw new AssertionError("a view is not run");
    }

    @Override
    public Tensor[] gradient(Backward context) {
        return new Tensor[] {Ops.apply(new Reshape(context.spec(0).shape()), context.dy())};
    }
}
