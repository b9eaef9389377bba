package dev.sinew.models;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Layer;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.op.Window2d;
import java.util.List;

/** The sum of 2 x 2 pixels by a coefficient, plus a bias, both of the channel (LeCun et al. 1998). */
public record Subsampling() implements Layer {
    private static final Window2d SQUARE = Window2d.of(2).stride(2);
    private static final int PIXELS = 4;

    @Override
    public String kind() {
        return "subsampling";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3 || input.dim(1) < 2 || input.dim(2) < 2) {
            throw new IllegalArgumentException("subsampling: needs [channels, height, width] of at least 2 x 2 pixels, the input is "
                    + input);
        }
        return Shape.of(input.dim(0), input.dim(1) / 2, input.dim(2) / 2);
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        Shape channels = Shape.of(input.dim(0));
        return List.of(ParameterSpec.of("weight", channels, new Initializer.Constant(1.0 / PIXELS)),
                ParameterSpec.of("bias", channels, new Initializer.Constant(0)));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        Tensor weight = context.parameter("weight").reshape(1, x.shape().dim(1), 1, 1);
        Tensor bias = context.parameter("bias").reshape(1, x.shape().dim(1), 1, 1);
        return x.avgPool2d(SQUARE).mul(PIXELS).mul(weight, Broadcast.YES).add(bias, Broadcast.YES);
    }

    @Override
    public String sizeFormula(Shape input) {
        return input.dim(1) + "/2 = " + input.dim(1) / 2 + (input.dim(1) == input.dim(2) ? "" : " x " + input.dim(2) + "/2 = "
                + input.dim(2) / 2);
    }

    @Override
    public String parameterFormula(Shape input) {
        return "2 * " + input.dim(0);
    }
}
