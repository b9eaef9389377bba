package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Window;
import dev.sinew.op.Window2d;

/**
 * Mean over windows of [C, L], [C, H, W] or [C, D, H, W].
 *
 * @param window kernel, stride, padding, of one to three dimensions
 * @param ceilMode whether the size is rounded up
 * @param countIncludePad whether padding counts in the divisor
 */
public record AvgPool(Window window, boolean ceilMode, boolean countIncludePad) implements Layer {
    /** Checks the padding and the dilation. */
    public AvgPool {
        Layers.poolWindow("avgpool", window);
        for (Window.Axis axis : window.axes()) {
            if (axis.dilation() != 1) {
                throw new IllegalArgumentException("avgpool: the dilation must be 1, not " + window);
            }
        }
    }

    /** Of images. */
    public AvgPool(Window2d window, boolean ceilMode, boolean countIncludePad) {
        this(Window.of(window), ceilMode, countIncludePad);
    }

    /** Square windows next to each other: the stride is the size. */
    public static AvgPool of(long size) {
        return of(Window.of(size, size).stride(size));
    }

    /** Any window, sizes rounded down, padding counted. */
    public static AvgPool of(Window window) {
        return new AvgPool(window, false, true);
    }

    @Override
    public String kind() {
        return "avgpool";
    }

    @Override
    public Shape output(Shape input) {
        return Layers.windows("avgpool", window, ceilMode, input, input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Pooling.average(x, window, ceilMode, countIncludePad);
    }

    @Override
    public String sizeFormula(Shape input) {
        return window.formula(input.dims(), ceilMode);
    }
}
