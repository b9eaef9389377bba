package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import java.util.Arrays;

/** The mean of every channel: [C, L], [C, H, W] or [C, D, H, W] to [C] (Lin et al. 2014). */
public record GlobalAvgPool() implements Layer {
    @Override
    public String kind() {
        return "globalavgpool";
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial("globalavgpool", input);
        return Shape.of(input.dim(0));
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        long[] ones = new long[x.shape().rank() - 2];
        Arrays.fill(ones, 1);
        return Pooling.adaptiveAverage(x, ones).flatten();
    }
}
