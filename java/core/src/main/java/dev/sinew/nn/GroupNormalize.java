package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import java.util.List;

/**
 * Normalisation of groups of channels of each sample [C, ...] (Wu, He 2018). As many groups as channels are
 * {@link InstanceNormalize}.
 *
 * @param groups divides the channels
 * @param eps added to the variance
 * @param affine whether there are a weight and a bias for each channel
 */
public record GroupNormalize(long groups, double eps, boolean affine) implements Layer {
    /** Checks the numbers. */
    public GroupNormalize {
        Layers.positive("groupnorm: groups", groups);
        Layers.eps("groupnorm", eps);
    }

    /** With PyTorch's eps 1e-5, weight and bias. */
    public static GroupNormalize of(long groups) {
        return new GroupNormalize(groups, 1e-5, true);
    }

    /** Without weight and bias. */
    public GroupNormalize noAffine() {
        return new GroupNormalize(groups, eps, false);
    }

    @Override
    public String kind() {
        return "groupnorm";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() == 0) {
            throw new IllegalArgumentException(kind() + ": needs [channels, ...], the input is " + input);
        }
        if (input.dim(0) % groups != 0) {
            throw new IllegalArgumentException(kind() + ": " + groups + " groups do not divide the channels of " + input);
        }
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return affine ? Layers.affine(Shape.of(input.dim(0)), true) : List.of();
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        Tensor weight = affine ? context.parameter("weight") : null;
        Tensor bias = affine ? context.parameter("bias") : null;
        return Normalization.groupNorm(x, groups, weight, bias, eps);
    }

    @Override
    public String parameterFormula(Shape input) {
        return affine ? "2 * " + input.dim(0) : "";
    }
}
