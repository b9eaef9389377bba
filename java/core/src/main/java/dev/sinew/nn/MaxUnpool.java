package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Window;
import java.util.Arrays;
import java.util.List;

/**
 * Puts elements back where the maxima of a pooling came from, zeros elsewhere (Zeiler, Fergus 2014). Inputs: what is to be put
 * back, and what went into the {@link MaxPool} of this window.
 *
 * @param window of the pooling
 */
public record MaxUnpool(Window window) implements Join {
    /** Checks the padding. */
    public MaxUnpool {
        Layers.poolWindow("maxunpool", window);
    }

    /** Square windows next to each other: the stride is the size. */
    public static MaxUnpool of(long size) {
        return new MaxUnpool(Window.of(size, size).stride(size));
    }

    @Override
    public String kind() {
        return "maxunpool";
    }

    @Override
    public Shape output(List<Shape> inputs) {
        if (inputs.size() != 2) {
            throw new IllegalArgumentException("maxunpool: takes 2 inputs, what is put back and what was pooled, not " + inputs.size());
        }
        Shape pooled = Layers.windows("maxunpool", window, false, inputs.get(1), inputs.get(1).dim(0));
        if (!pooled.equals(inputs.get(0))) {
            throw new IllegalArgumentException("maxunpool: pooling " + inputs.get(1) + " gives " + pooled + ", but " + inputs.get(0)
                    + " is to be put back: " + window.formula(inputs.get(1).dims(), false));
        }
        return inputs.get(1);
    }

    @Override
    public Tensor apply(Context context, List<Tensor> inputs) {
        long[] shape = inputs.get(1).shape().dims();
        Tensor index = Pooling.maxWithIndices(inputs.get(1), window, false)[1];
        return Pooling.unpool(inputs.get(0), index, Arrays.copyOfRange(shape, 2, shape.length));
    }
}
