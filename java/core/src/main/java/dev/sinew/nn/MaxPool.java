package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Window;
import dev.sinew.op.Window2d;

/**
 * Maximum over windows of [C, L], [C, H, W] or [C, D, H, W].
 *
 * @param window kernel, stride, padding, dilation, of one to three dimensions
 * @param ceilMode whether the size is rounded up; windows that would start in the right padding are dropped
 */
public record MaxPool(Window window, boolean ceilMode) implements Layer {
    /** Checks the padding. */
    public MaxPool {
        Layers.poolWindow("maxpool", window);
    }

    /** Of images. */
    public MaxPool(Window2d window, boolean ceilMode) {
        this(Window.of(window), ceilMode);
    }

    /** Square windows next to each other: the stride is the size. */
    public static MaxPool of(long size) {
        return of(Window.of(size, size).stride(size));
    }

    /** Any window, sizes rounded down. */
    public static MaxPool of(Window window) {
        return new MaxPool(window, false);
    }

    @Override
    public String kind() {
        return "maxpool";
    }

    @Override
    public Shape output(Shape input) {
        return Layers.windows("maxpool", window, ceilMode, input, input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Pooling.max(x, window, ceilMode);
    }

    @Override
    public String sizeFormula(Shape input) {
        return window.formula(input.dims(), ceilMode);
    }
}
