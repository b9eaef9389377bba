package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import java.util.Objects;

/**
 * Maximum over windows of [C, H, W].
 *
 * @param window kernel, stride, padding, dilation
 * @param ceilMode whether the size is rounded up; windows that would start in the right padding are dropped
 */
public record MaxPool(Window2d window, boolean ceilMode) implements Layer {
    /** Checks the argument. */
    public MaxPool {
        Objects.requireNonNull(window, "window");
    }

    /** Square windows next to each other: the stride is the size. */
    public static MaxPool of(long size) {
        return new MaxPool(Window2d.of(size).stride(size), false);
    }

    @Override
    public String kind() {
        return "maxpool";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3) {
            throw Layers.rank("maxpool", input, 3, "[channels, height, width]");
        }
        return Layers.windows("maxpool", window, ceilMode, input, input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Ops.applyAll(new MaxPool2d(window, ceilMode), x)[0];
    }

    @Override
    public String sizeFormula(Shape input) {
        return ceilMode ? "" : Conv.sizeFormula(window, input);
    }
}
