package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import java.util.List;

/**
 * Batch normalisation of [C], [C, L], [C, H, W] or [C, D, H, W], per channel (Ioffe, Szegedy 2015): training normalises by the
 * batch's mean and biased variance and moves the running statistics by {@code momentum} towards the batch's (unbiased variance);
 * inference uses the running ones.
 *
 * @param eps added to the variance
 * @param momentum the weight of the new value; {@link #AVERAGE}: the running values are the averages of all batches
 * @param affine whether there are a weight and a bias for each channel
 * @param tracked whether there are running statistics; without them inference uses those of its batch, too
 */
public record Normalize(double eps, double momentum, boolean affine, boolean tracked) implements Layer {
    /** Instead of a momentum: the running values are the averages of all batches (PyTorch's momentum None). */
    public static final double AVERAGE = Double.NaN;

    /** Checks the numbers. */
    public Normalize {
        RunningParameters.check("batchnorm", eps, momentum);
    }

    /** With weight, bias and running statistics. */
    public Normalize(double eps, double momentum) {
        this(eps, momentum, true, true);
    }

    /** PyTorch's defaults: eps 1e-5, momentum 0.1. */
    public static Normalize standard() {
        return new Normalize(1e-5, 0.1);
    }

    /** Without weight and bias. */
    public Normalize noAffine() {
        return new Normalize(eps, momentum, false, tracked);
    }

    /** Without running statistics. */
    public Normalize untracked() {
        return new Normalize(eps, momentum, affine, false);
    }

    @Override
    public String kind() {
        return "batchnorm";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() < 1 || input.rank() > 4) {
            throw new IllegalArgumentException("batchnorm: needs [channels] or [channels, ...] with up to 3 dimensions behind, the input is "
                    + input);
        }
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return RunningParameters.of(Shape.of(input.dim(0)), affine, tracked, momentum);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Normalization.batchNorm(x, RunningParameters.weight(context, affine), RunningParameters.bias(context, affine),
                tracked ? RunningParameters.statistics(context, momentum) : null, context.training(), eps);
    }

    @Override
    public String parameterFormula(Shape input) {
        return affine ? "2 * " + input.dim(0) : "";
    }
}
