package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Mean or maximum over a given number of bins along each dimension of [C, L], [C, H, W] or [C, D, H, W]: bin o of n reaches
 * from o size / n, rounded down, to (o + 1) size / n, rounded up. Nets with it take inputs of many sizes.
 *
 * @param how what is taken
 * @param sizes of the result, one for each dimension, at least 1
 */
public record AdaptivePool(Kind how, List<Long> sizes) implements Layer {
    /** What is taken of each bin. */
    public enum Kind {
        /** The mean. */
        AVERAGE,
        /** The maximum. */
        MAX
    }

    /** Checks the sizes. */
    public AdaptivePool {
        Objects.requireNonNull(how, "how");
        sizes = List.copyOf(sizes);
        if (sizes.isEmpty() || sizes.size() > 3 || sizes.stream().anyMatch(s -> s < 1)) {
            throw new IllegalArgumentException("adaptivepool: needs 1 to 3 sizes of at least 1, not " + sizes);
        }
    }

    /** The mean of bins. */
    public static AdaptivePool average(long... sizes) {
        return new AdaptivePool(Kind.AVERAGE, Arrays.stream(sizes).boxed().toList());
    }

    /** The maximum of bins. */
    public static AdaptivePool max(long... sizes) {
        return new AdaptivePool(Kind.MAX, Arrays.stream(sizes).boxed().toList());
    }

    @Override
    public String kind() {
        return how == Kind.MAX ? "adaptivemaxpool" : "adaptiveavgpool";
    }

    private long[] out() {
        return sizes.stream().mapToLong(s -> s).toArray();
    }

    @Override
    public Shape output(Shape input) {
        Layers.spatial(kind(), input, sizes.size());
        return Layers.sample(input.dim(0), out());
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return how == Kind.MAX ? Pooling.adaptiveMax(x, out()) : Pooling.adaptiveAverage(x, out());
    }
}
