package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;
import java.util.Objects;

/**
 * Mean over windows of [C, H, W].
 *
 * @param window kernel, stride, padding
 * @param ceilMode whether the size is rounded up
 * @param countIncludePad whether padding counts in the divisor
 */
public record AvgPool(Window2d window, boolean ceilMode, boolean countIncludePad) implements Layer {
    /** Checks the argument. */
    public AvgPool {
        Objects.requireNonNull(window, "window");
    }

    /** Square windows next to each other: the stride is the size. */
    public static AvgPool of(long size) {
        return new AvgPool(Window2d.of(size).stride(size), false, true);
    }

    @Override
    public String kind() {
        return "avgpool";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3) {
            throw Layers.rank("avgpool", input, 3, "[channels, height, width]");
        }
        return Layers.windows("avgpool", window, ceilMode, input, input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return Ops.apply(new AvgPool2d(window, ceilMode, countIncludePad), x);
    }

    @Override
    public String sizeFormula(Shape input) {
        return ceilMode ? "" : Conv.sizeFormula(window, input);
    }
}
