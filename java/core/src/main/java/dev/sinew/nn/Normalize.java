package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Ops;
import java.util.List;

/**
 * Batch normalisation of [C] or [C, H, W], per channel (Ioffe, Szegedy 2015): training normalises by the batch's mean and
 * biased variance and moves the running statistics by {@code momentum} towards the batch's (unbiased variance);
 * inference uses the running ones.
 *
 * @param eps added to the variance
 * @param momentum the weight of the new value
 */
public record Normalize(double eps, double momentum) implements Layer {
    /** Checks the numbers. */
    public Normalize {
        if (!(eps > 0) || !Double.isFinite(eps)) {
            throw new IllegalArgumentException("batchnorm: eps must be positive, not " + eps);
        }
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException("batchnorm: momentum must be in [0, 1], not " + momentum);
        }
    }

    /** PyTorch's defaults: eps 1e-5, momentum 0.1. */
    public static Normalize standard() {
        return new Normalize(1e-5, 0.1);
    }

    @Override
    public String kind() {
        return "batchnorm";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 1 && input.rank() != 3) {
            throw new IllegalArgumentException("batchnorm: needs [features] or [channels, height, width], the input is " + input);
        }
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        Shape c = Shape.of(input.dim(0));
        return List.of(ParameterSpec.of("weight", c, new Initializer.Constant(1)),
                ParameterSpec.of("bias", c, new Initializer.Constant(0)),
                new ParameterSpec("running_mean", c, new Initializer.Constant(0), false),
                new ParameterSpec("running_var", c, new Initializer.Constant(1), false));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        Tensor[] inputs = {x, context.parameter("weight"), context.parameter("bias"), context.parameter("running_mean"),
            context.parameter("running_var")};
        return context.training() ? Ops.applyAll(new BatchNorm(eps, momentum, Activation.IDENTITY), inputs)[0]
                : Ops.apply(new BatchNormInfer(eps, Activation.IDENTITY), inputs);
    }

    @Override
    public String parameterFormula(Shape input) {
        return "2 * " + input.dim(0);
    }
}
