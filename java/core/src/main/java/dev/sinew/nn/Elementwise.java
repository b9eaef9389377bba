package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.Unary;
import java.util.Objects;

/**
 * An activation function, element by element.
 *
 * @param function which
 */
public record Elementwise(Unary function) implements Layer {
    /** Checks the argument. */
    public Elementwise {
        Objects.requireNonNull(function, "function");
    }

    @Override
    public String kind() {
        return function.name();
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Ops.apply(function, x);
    }
}
