package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Window;
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

    /** Throws unless there is one input, or two of which the second is one number for each sample. */
    static void lengths(String kind, List<Shape> inputs) {
        if (inputs.size() > 2) {
            throw new IllegalArgumentException(kind + ": takes the steps and, if their numbers differ, those numbers, not " + inputs.size() + " inputs");
        }
        if (inputs.size() == 2 && inputs.get(1).count() != 1) {
            throw new IllegalArgumentException(kind + ": the second input is the number of steps, one for each sample, not " + inputs.get(1));
        }
    }

    static IllegalArgumentException rank(String kind, Shape input, int rank, String needs) {
        return new IllegalArgumentException(kind + ": needs " + needs + " (rank " + rank + " without the batch), the input is " + input);
    }

    /** [channels, positions...] of windows over a sample, or an error with the formula that fails. */
    static Shape windows(String kind, Window window, boolean ceil, Shape input, long channels) {
        spatial(kind, input, window.rank());
        return sample(channels, window.out(kind, input.dims(), ceil));
    }

    /** [channels, sizes...]. */
    static Shape sample(long channels, long... sizes) {
        return Shape.of(sizes).withFirst(channels);
    }

    /** Throws unless the input has channels and that many dimensions behind. */
    static void spatial(String kind, Shape input, int dimensions) {
        if (input.rank() != dimensions + 1) {
            String[] names = {"[channels, length]", "[channels, height, width]", "[channels, depth, height, width]"};
            throw rank(kind, input, dimensions + 1, names[dimensions - 1]);
        }
    }

    /** Throws unless the input has channels and one to three dimensions behind; the number of those. */
    static int spatial(String kind, Shape input) {
        if (input.rank() < 2 || input.rank() > 4) {
            throw new IllegalArgumentException(kind + ": needs [channels, ...] with 1 to 3 dimensions behind the channels, the input is " + input);
        }
        return input.rank() - 1;
    }

    /** Throws unless a pooling window is padded equally on both sides, by at most half the kernel. */
    static void poolWindow(String kind, Window window) {
        for (Window.Axis a : window.axes()) {
            if (a.before() != a.after() || 2 * a.before() > a.kernel()) {
                throw new IllegalArgumentException(kind + ": the padding must be the same on both sides and at most half the kernel, not " + window);
            }
        }
    }

    static double probability(String kind, double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(kind + ": p must be in [0, 1], not " + p);
        }
        return p;
    }

    static long positive(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be at least 1, not " + value);
        }
        return value;
    }

    /** Throws unless it is positive and finite. */
    static double eps(String kind, double eps) {
        if (!(eps > 0) || !Double.isFinite(eps)) {
            throw new IllegalArgumentException(kind + ": eps must be positive, not " + eps);
        }
        return eps;
    }

    /** A weight of ones and, if wanted, a bias of zeros. */
    static List<ParameterSpec> affine(Shape shape, boolean bias) {
        ParameterSpec weight = ParameterSpec.of("weight", shape, new Initializer.Constant(1));
        return bias ? List.of(weight, ParameterSpec.of("bias", shape, new Initializer.Constant(0))) : List.of(weight);
    }
}
