package dev.sinew.nn;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Resampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Resizing of [C, L], [C, H, W] or [C, D, H, W]; see {@link Resampling}.
 *
 * @param mode how elements in between are found
 * @param alignCorners LINEAR and CUBIC: whether the middles of the outermost elements stay in their places
 * @param factors of the sizes, one for all dimensions or one for each; empty where {@code sizes} are given
 * @param sizes of the result, one for each dimension; empty where {@code factors} are given
 */
public record Upsample(Resampling.Mode mode, boolean alignCorners, List<Double> factors, List<Long> sizes) implements Layer {
    /** Checks that either factors or sizes are given. */
    public Upsample {
        Objects.requireNonNull(mode, "mode");
        factors = List.copyOf(factors);
        sizes = List.copyOf(sizes);
        if (factors.isEmpty() == sizes.isEmpty() || sizes.stream().anyMatch(s -> s < 1) || factors.stream().anyMatch(f -> !(f > 0))) {
            throw new IllegalArgumentException("upsample: needs either factors above 0 or sizes of at least 1, not " + factors + " and " + sizes);
        }
        if (alignCorners && mode != Resampling.Mode.LINEAR && mode != Resampling.Mode.CUBIC) {
            throw new IllegalArgumentException("upsample: only LINEAR and CUBIC can align corners, not " + mode);
        }
    }

    /** By factors, corners not aligned. */
    public static Upsample by(Resampling.Mode mode, double... factors) {
        return new Upsample(mode, false, Arrays.stream(factors).boxed().toList(), List.of());
    }

    /** To sizes, corners not aligned. */
    public static Upsample to(Resampling.Mode mode, long... sizes) {
        return new Upsample(mode, false, List.of(), Arrays.stream(sizes).boxed().toList());
    }

    /** With the middles of the outermost elements kept in their places. */
    public Upsample aligned() {
        return new Upsample(mode, true, factors, sizes);
    }

    @Override
    public String kind() {
        return "upsample";
    }

    private double[] scale() {
        return factors.stream().mapToDouble(f -> f).toArray();
    }

    @Override
    public Shape output(Shape input) {
        int rank = Layers.spatial("upsample", input);
        long[] out = sizes.isEmpty() ? Resampling.scaled(input.withFirst(1).dims(), scale()) : sizes.stream().mapToLong(s -> s).toArray();
        if (out.length != rank || Arrays.stream(out).anyMatch(s -> s < 1)) {
            throw new IllegalArgumentException("upsample: " + input + " cannot be resized to " + Arrays.toString(out)
                    + ": needs a size of at least 1 for each dimension behind the channels");
        }
        return Layers.sample(input.dim(0), out);
    }

    @Override
    public Tensor apply(Context context, Tensor x) {
        return sizes.isEmpty() ? Resampling.scale(x, mode, alignCorners, scale())
                : Resampling.resize(x, mode, alignCorners, sizes.stream().mapToLong(s -> s).toArray());
    }

    /** For example {@code 14*2.0 = 28}. */
    @Override
    public String sizeFormula(Shape input) {
        if (factors.isEmpty()) {
            return "";
        }
        Shape out = output(input);
        List<String> all = new ArrayList<>();
        for (int d = 1; d < input.rank(); d++) {
            all.add(input.dim(d) + "*" + factors.get(factors.size() == 1 ? 0 : d - 1) + " = " + out.dim(d));
        }
        return all.stream().distinct().count() == 1 ? all.getFirst() : String.join(" x ", all);
    }
}
