package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Fully connected: y = W x + b, W being [units, inputs]. An input of higher rank is flattened first.
 *
 * @param units outputs
 * @param bias whether b is there
 * @param weights how W begins; the bias is uniform in +-1/sqrt(inputs)
 */
public record Dense(long units, boolean bias, Initializer weights) implements Layer {
    /** Checks the numbers. */
    public Dense {
        Layers.positive("dense: units", units);
        Objects.requireNonNull(weights, "weights");
    }

    /** With bias. */
    public static Dense of(long units) {
        return new Dense(units, true, Initializer.standard());
    }

    /** Without bias. */
    public Dense noBias() {
        return new Dense(units, false, weights);
    }

    /** With other first weights. */
    public Dense weights(Initializer initializer) {
        return new Dense(units, bias, initializer);
    }

    @Override
    public String kind() {
        return "dense";
    }

    @Override
    public Shape output(Shape input) {
        return Shape.of(units);
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        List<ParameterSpec> list = new ArrayList<>();
        list.add(ParameterSpec.of("weight", Shape.of(units, input.count()), weights));
        if (bias) {
            list.add(ParameterSpec.of("bias", Shape.of(units), new Initializer.FanUniform(input.count())));
        }
        return list;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        Tensor rows = x.shape().rank() == 2 ? x : x.flatten();
        return Ops.apply(new Gemm(false, true), Ops.present(rows, context.parameter("weight"), bias ? context.parameter("bias") : null));
    }

    @Override
    public String sizeFormula(Shape input) {
        if (input.rank() == 1) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (long d : input.dims()) {
            text.append(text.isEmpty() ? "" : "*").append(d);
        }
        return text + " = " + input.count() + " inputs";
    }

    @Override
    public String parameterFormula(Shape input) {
        return bias ? "(" + input.count() + " + 1) * " + units : input.count() + " * " + units;
    }
}
