package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.Ops;
import dev.sinew.op.Window2d;

/** The mean of every channel: [C, H, W] to [C] (Lin et al. 2014). */
public record GlobalAvgPool() implements Layer {
    @Override
    public String kind() {
        return "globalavgpool";
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3) {
            throw Layers.rank("globalavgpool", input, 3, "[channels, height, width]");
        }
        return Shape.of(input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        long h = x.shape().dim(2);
        long w = x.shape().dim(3);
        return Ops.apply(new AvgPool2d(Window2d.of(h, w).stride(h, w), false, true), x).flatten();
    }
}
