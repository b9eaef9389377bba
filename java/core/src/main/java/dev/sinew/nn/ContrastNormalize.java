package dev.sinew.nn;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;

/**
 * Local contrast normalisation of [C, H, W] with a Gaussian window (Jarrett et al. 2009): subtractive, divisive or both. At the
 * borders the weights inside the image are divided by their sum.
 *
 * @param size of the window, odd
 * @param sigma of the Gaussian, in pixels
 * @param subtract whether the local mean is subtracted
 * @param divide whether the result is divided by the local deviation
 */
public record ContrastNormalize(int size, double sigma, boolean subtract, boolean divide) implements Layer {
    /** Checks the numbers. */
    public ContrastNormalize {
        if (size < 1 || size % 2 == 0 || !(sigma > 0) || Double.isInfinite(sigma)) {
            throw new IllegalArgumentException("contrastnorm: the size must be odd and sigma positive, not " + size + " and " + sigma);
        }
        if (!subtract && !divide) {
            throw new IllegalArgumentException("contrastnorm: neither subtracts nor divides");
        }
    }

    /** Both, with the paper's window of 9 x 9 pixels; sigma is a quarter of that. */
    public static ContrastNormalize standard() {
        return new ContrastNormalize(9, 2.25, true, true);
    }

    @Override
    public String kind() {
        return "contrastnorm";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3) {
            throw Layers.rank("contrastnorm", input, 3, "[channels, height, width]");
        }
        return input;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        Tensor window = x.isSymbolic() ? Scope.outside(() -> window(x)) : window(x);
        Tensor centred = subtract ? Normalization.subtractive(x, window) : x;
        return divide ? Normalization.divisive(centred, window) : centred;
    }

    private Tensor window(Tensor x) {
        return Normalization.gaussian(size, sigma).cast(x.dtype());
    }
}
