package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import dev.sinew.functional.Normalization.ResponseForm;
import java.util.Objects;

/**
 * Local response normalisation across the channels of [C, ...] (Krizhevsky et al. 2012): x / (k + a S)^beta with the sum S of
 * the squares of {@code size} channels around.
 *
 * @param size channels in the window
 * @param alpha see the form
 * @param beta the exponent
 * @param k the constant
 * @param form whether alpha is divided by the size, and where even windows lie
 */
public record ResponseNormalize(int size, double alpha, double beta, double k, ResponseForm form) implements Layer {
    /** Checks the numbers. */
    public ResponseNormalize {
        Layers.positive("lrn: size", size);
        Objects.requireNonNull(form, "form");
        for (double value : new double[] {alpha, beta, k}) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("lrn: alpha, beta and k must be finite, not " + alpha + ", " + beta + ", " + k);
            }
        }
    }

    /** PyTorch's defaults: alpha 1e-4 divided by the size, beta 0.75, k 1. */
    public static ResponseNormalize of(int size) {
        return new ResponseNormalize(size, 1e-4, 0.75, 1, ResponseForm.MEAN);
    }

    /** The AlexNet paper's: 5 channels, alpha 1e-4, beta 0.75, k 2. */
    public static ResponseNormalize alexNet() {
        return new ResponseNormalize(5, 1e-4, 0.75, 2, ResponseForm.SUM);
    }

    @Override
    public String kind() {
        return "lrn";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() == 0) {
            throw new IllegalArgumentException("lrn: needs [channels, ...], the input is " + input);
        }
        return input;
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Normalization.localResponseNorm(x, size, alpha, beta, k, form);
    }
}
