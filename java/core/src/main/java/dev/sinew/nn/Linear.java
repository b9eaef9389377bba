package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * y = W x + b along the last dimension, as PyTorch's Linear: the same for every step of a sample [T, C]. {@link Dense}
 * differs in that it takes a sample as one vector.
 *
 * @param units outputs
 * @param bias whether b is there
 * @param weights how W begins; the bias is uniform in +-1/sqrt(inputs)
 */
public record Linear(long units, boolean bias, Initializer weights) implements Layer {
    /** Checks the numbers. */
    public Linear {
        Layers.positive("linear: units", units);
        Objects.requireNonNull(weights, "weights");
    }

    /** With bias. */
    public static Linear of(long units) {
        return new Linear(units, true, Initializer.standard());
    }

    /** Without bias. */
    public Linear noBias() {
        return new Linear(units, false, weights);
    }

    @Override
    public String kind() {
        return "linear";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() == 0) {
            throw new IllegalArgumentException("linear: a scalar has no last dimension");
        }
        return input.with(-1, units);
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        long inputs = input.dim(-1);
        List<ParameterSpec> list = new ArrayList<>();
        list.add(ParameterSpec.of("weight", Shape.of(units, inputs), weights));
        if (bias) {
            list.add(ParameterSpec.of("bias", Shape.of(units), new Initializer.FanUniform(inputs)));
        }
        return list;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        Tensor rows = x.reshape(-1, x.shape().dim(-1));
        Tensor b = bias ? context.parameter("bias") : null;
        Tensor y = Ops.apply(new Gemm(false, true), Ops.present(rows, context.parameter("weight"), b));
        return y.reshape(x.shape().with(-1, units).dims());
    }

    @Override
    public String parameterFormula(Shape input) {
        return bias ? "(" + input.dim(-1) + " + 1) * " + units : input.dim(-1) + " * " + units;
    }
}
