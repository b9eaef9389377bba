package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Window;

/**
 * The p-norm of windows of [C, L], [C, H, W] or [C, D, H, W], (sum of x^p)^(1/p); see {@link Pooling#lp}.
 *
 * @param p 2 for the Euclidean norm; above 0 and finite
 * @param window kernel and stride, without padding and dilation
 * @param ceilMode whether the size is rounded up
 */
public record LpPool(double p, Window window, boolean ceilMode) implements Layer {
    /** Checks the numbers. */
    public LpPool {
        if (!(p > 0 && p < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lppool: p must be above 0 and finite, not " + p);
        }
        if (window.axes().stream().anyMatch(a -> a.dilation() != 1 || a.before() != 0 || a.after() != 0)) {
            throw new IllegalArgumentException("lppool: takes no padding and no dilation, the window is " + window);
        }
    }

    /** Square windows next to each other: the stride is the size. */
    public static LpPool of(double p, long size) {
        return new LpPool(p, Window.of(size, size).stride(size), false);
    }

    @Override
    public String kind() {
        return "lppool";
    }

    @Override
    public Shape output(Shape input) {
        return Layers.windows("lppool", window, ceilMode, input, input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Pooling.lp(x, p, window, ceilMode);
    }

    @Override
    public String sizeFormula(Shape input) {
        return window.formula(input.dims(), ceilMode);
    }
}
