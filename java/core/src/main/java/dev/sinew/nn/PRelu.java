package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Activations;
import java.util.List;

/**
 * x above 0, else a learnt slope times x (He et al. 2015).
 *
 * @param perChannel whether every channel has a slope of its own, and not all one
 * @param initial the slopes to begin with; PyTorch's default is 0.25
 */
public record PRelu(boolean perChannel, double initial) implements Layer {
    /** Checks the slope. */
    public PRelu {
        new Initializer.Constant(initial);
    }

    /** One slope, 0.25 to begin with. */
    public static PRelu one() {
        return new PRelu(false, 0.25);
    }

    /** A slope for each channel, 0.25 to begin with. */
    public static PRelu each() {
        return new PRelu(true, 0.25);
    }

    @Override
    public String kind() {
        return "prelu";
    }

    @Override
    public Shape output(Shape input) {
        if (perChannel && input.rank() == 0) {
            throw new IllegalArgumentException("prelu: a sample without dimensions has no channels");
        }
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return List.of(ParameterSpec.of("weight", Shape.of(perChannel ? input.dim(0) : 1), new Initializer.Constant(initial)));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Activations.prelu(x, context.parameter("weight"));
    }

    @Override
    public String parameterFormula(Shape input) {
        return perChannel ? "" + input.dim(0) : "1";
    }
}
