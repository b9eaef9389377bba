package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import java.util.List;

/**
 * Instance normalisation of [C, ...]: each channel of each sample by its own mean and biased variance (Ulyanov et al. 2016).
 * With running statistics, training moves them towards the means over the samples, and inference uses them.
 *
 * @param eps added to the variance
 * @param momentum the weight of the new value in the running statistics; {@link Normalize#AVERAGE}: they are the averages of all batches
 * @param affine whether there are a weight and a bias for each channel
 * @param tracked whether there are running statistics
 */
public record InstanceNormalize(double eps, double momentum, boolean affine, boolean tracked) implements Layer {
    /** Checks the numbers. */
    public InstanceNormalize {
        RunningParameters.check("instancenorm", eps, momentum);
    }

    /** PyTorch's defaults: eps 1e-5, momentum 0.1, no weight or bias, no running statistics. */
    public static InstanceNormalize standard() {
        return new InstanceNormalize(1e-5, 0.1, false, false);
    }

    /** With a weight and a bias. */
    public InstanceNormalize withAffine() {
        return new InstanceNormalize(eps, momentum, true, tracked);
    }

    /** With running statistics. */
    public InstanceNormalize withStatistics() {
        return new InstanceNormalize(eps, momentum, affine, true);
    }

    @Override
    public String kind() {
        return "instancenorm";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() < 2) {
            throw new IllegalArgumentException("instancenorm: needs [channels, ...] with a dimension behind, the input is " + input);
        }
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return RunningParameters.of(Shape.of(input.dim(0)), affine, tracked, momentum);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Normalization.instanceNorm(x, RunningParameters.weight(context, affine), RunningParameters.bias(context, affine),
                tracked ? RunningParameters.statistics(context, momentum) : null, context.training(), eps);
    }

    @Override
    public String parameterFormula(Shape input) {
        return affine ? "2 * " + input.dim(0) : "";
    }
}
