package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Window;

/**
 * Stochastic pooling of [C, L] or [C, H, W] (Zeiler, Fergus 2013, arXiv:1301.3557): in training one element of each window is
 * drawn, with a probability in proportion to its value; in inference the result is the mean under those probabilities. Put it
 * after a ReLU: negative elements count as 0.
 *
 * @param window kernel, stride, padding of one or two dimensions
 */
public record StochasticPool(Window window) implements Layer {
    /** Checks the padding and the number of dimensions. */
    public StochasticPool {
        Layers.poolWindow("stochasticpool", window);
        if (window.rank() == 3 || window.axes().stream().anyMatch(a -> a.dilation() != 1)) {
            throw new IllegalArgumentException("stochasticpool: takes windows of one or two dimensions without dilation, not " + window);
        }
    }

    /** Square windows next to each other: the stride is the size. */
    public static StochasticPool of(long size) {
        return new StochasticPool(Window.of(size, size).stride(size));
    }

    @Override
    public String kind() {
        return "stochasticpool";
    }

    @Override
    public Shape output(Shape input) {
        return Layers.windows("stochasticpool", window, false, input, input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return context.training() ? Pooling.stochastic(x, window, context.seed(), context.step()) : Pooling.stochasticMean(x, window);
    }

    @Override
    public String sizeFormula(Shape input) {
        return window.formula(input.dims(), false);
    }
}
