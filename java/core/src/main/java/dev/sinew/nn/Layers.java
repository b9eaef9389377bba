package dev.sinew.nn;

import dev.sinew.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of a sequence of layers: kind and number, such as {@code conv1}, {@code batchnorm1}, {@code conv2}. */
final class Layers {
    /** A layer with its name and the shape of one sample that goes in. */
    record Placed(String name, Layer layer, Shape input, Shape output) {}

    private Layers() {}

    static List<Placed> place(Shape input, List<Layer> layers) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        List<Placed> placed = new ArrayList<>();
        Shape shape = input;
        for (Layer layer : layers) {
            int number = counts.merge(layer.kind(), 1, Integer::sum);
            String name = layer.kind() + number;
            Shape output;
            try {
                output = layer.output(shape);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("layer " + name + ": " + e.getMessage(), e);
            }
            placed.add(new Placed(name, layer, shape, output));
            shape = output;
        }
        return placed;
    }

    /** The parameters of all layers, named {@code conv1.weight}. */
    static List<ParameterSpec> parameters(List<Placed> layers) {
        List<ParameterSpec> all = new ArrayList<>();
        for (Placed placed : layers) {
            for (ParameterSpec p : placed.layer.parameters(placed.input)) {
                all.add(new ParameterSpec(placed.name + "." + p.name(), p.shape(), p.initializer(), p.trainable()));
            }
        }
        return all;
    }

    static Shape output(Shape input, List<Layer> layers) {
        return layers.isEmpty() ? input : place(input, layers).getLast().output;
    }

    static dev.sinew.Tensor apply(List<Placed> layers, Layer.Context context, dev.sinew.Tensor x) {
        dev.sinew.Tensor y = x;
        for (Placed placed : layers) {
            y = placed.layer.apply(context.inner(placed.name), y);
        }
        return y;
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
