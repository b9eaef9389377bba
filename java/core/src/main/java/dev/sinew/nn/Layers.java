package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import java.util.List;

/** Layers of one input and of several under one set of methods, and checks that layers share. */
final class Layers {
    private Layers() {}

    static Shape output(Layer layer, List<Shape> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException(layer.kind() + ": takes at least one input");
        }
        return layer instanceof Join join ? join.output(inputs) : layer.output(single(layer, inputs));
    }

    static List<ParameterSpec> parameters(Layer layer, List<Shape> inputs) {
        return layer instanceof Join join ? join.parameters(inputs) : layer.parameters(single(layer, inputs));
    }

    static Tensor apply(Layer layer, Layer.Context context, List<Tensor> inputs) {
        return layer instanceof Join join ? join.apply(context, inputs) : layer.apply(context, single(layer, inputs));
    }

    static String sizeFormula(Layer layer, List<Shape> inputs) {
        return layer instanceof Join join ? join.sizeFormula(inputs) : layer.sizeFormula(single(layer, inputs));
    }

    static String parameterFormula(Layer layer, List<Shape> inputs) {
        return layer instanceof Join join ? join.parameterFormula(inputs) : layer.parameterFormula(single(layer, inputs));
    }

    /** The only input of a layer that takes one. */
    static <T> T single(Layer layer, List<T> inputs) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(layer.kind() + ": takes one input, not " + inputs.size());
        }
        return inputs.getFirst();
    }

    static IllegalArgumentException rank(String kind, Shape input, int rank, String needs) {
        return new IllegalArgumentException(kind + ": needs " + needs + " (rank " + rank + " without the batch), the input is " + input);
    }

    /** [channels, H', W'] of windows over an image, or an error with the formula that fails. */
    static Shape windows(String kind, dev.sinew.op.Window2d window, boolean ceil, Shape input, long channels) {
        long h = window.outH(input.dim(1), ceil);
        long w = window.outW(input.dim(2), ceil);
        if (h < 1 || w < 1) {
            throw new IllegalArgumentException(kind + ": the window " + window + " does not fit into the image " + input + ": "
                    + window.formula(input.dim(1), input.dim(2), ceil));
        }
        return Shape.of(channels, h, w);
    }

    static long positive(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be at least 1, not " + value);
        }
        return value;
    }
}
