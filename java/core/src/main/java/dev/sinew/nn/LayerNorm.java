package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import java.util.Arrays;
import java.util.List;

/**
 * Layer normalisation over the last dimensions of a sample (Ba et al. 2016), or root-mean-square normalisation (Zhang,
 * Sennrich 2019), which has no bias and leaves the mean alone.
 *
 * @param dims how many dimensions are normalised over; 0: all of the sample
 * @param eps added to the variance
 * @param affine whether there are a weight and, but for rms, a bias of the shape of these dimensions
 * @param rms whether by the root mean square
 */
public record LayerNorm(int dims, double eps, boolean affine, boolean rms) implements Layer {
    /** Checks the numbers. */
    public LayerNorm {
        if (dims < 0) {
            throw new IllegalArgumentException("layernorm: dims must be at least 0, not " + dims);
        }
        Layers.eps("layernorm", eps);
    }

    /** Over the last dimension, with PyTorch's eps 1e-5, weight and bias. */
    public static LayerNorm last() {
        return new LayerNorm(1, 1e-5, true, false);
    }

    /** Over all of a sample, likewise. */
    public static LayerNorm all() {
        return new LayerNorm(0, 1e-5, true, false);
    }

    /** Root-mean-square normalisation over the last dimension with eps 1e-6 and a weight. */
    public static LayerNorm rootMeanSquare() {
        return new LayerNorm(1, 1e-6, true, true);
    }

    @Override
    public String kind() {
        return rms ? "rmsnorm" : "layernorm";
    }

    private Shape block(Shape input) {
        long[] sizes = input.dims();
        return dims == 0 ? input : Shape.of(Arrays.copyOfRange(sizes, sizes.length - dims, sizes.length));
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() < Math.max(1, dims)) {
            throw new IllegalArgumentException(kind() + ": needs at least " + Math.max(1, dims) + " dimensions, the input is " + input);
        }
        return input;
    }

    @Override
    public List<ParameterSpec> parameters(Shape input) {
        return affine ? Layers.affine(block(input), !rms) : List.of();
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        int over = dims == 0 ? x.shape().rank() - 1 : dims;
        Tensor weight = affine ? context.parameter("weight") : null;
        return rms ? Normalization.rmsNorm(x, over, weight, eps)
                : Normalization.layerNorm(x, over, weight, affine ? context.parameter("bias") : null, eps);
    }

    @Override
    public String parameterFormula(Shape input) {
        return !affine ? "" : rms ? "" + block(input).count() : "2 * " + block(input).count();
    }
}
