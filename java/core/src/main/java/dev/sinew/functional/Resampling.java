package dev.sinew.functional;

import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Ops;
import dev.sinew.op.Resample;
import dev.sinew.op.Taps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Resizing of lines [N, C, L], images [N, C, H, W] and volumes [N, C, D, H, W] (torch.nn.functional.interpolate), one
 * dimension after the other, and the exchange of channels for pixels. Results have the layout of the input.
 */
public final class Resampling {
    /** How elements between those that are there are found. */
    public enum Mode {
        /** The element at floor(o size / outputs). */
        NEAREST,
        /** The element at floor((o + 1/2) size / outputs): the one whose middle is nearest. */
        NEAREST_EXACT,
        /** Linear, bilinear, trilinear: the two neighbours along each dimension by their distances. */
        LINEAR,
        /** Cubic, bicubic: four neighbours along each dimension, a = -3/4 (Keys 1981). */
        CUBIC,
        /** The mean of what lies under the new element, as {@link Pooling#adaptiveAverage}. */
        AREA
    }

    private Resampling() {}

    /** {@link #resize(Tensor, Mode, boolean, long...)} with the corners not aligned. */
    public static Tensor resize(Tensor x, Mode mode, long... sizes) {
        return resize(x, mode, false, sizes);
    }

    /**
     * Resizes the last dimensions.
     *
     * @param alignCorners LINEAR and CUBIC: whether the middles of the outermost elements stay in their places, source
     *     o (size - 1) / (outputs - 1); else the outermost edges do, source (o + 1/2) size / outputs - 1/2
     * @param sizes one for each dimension behind N and C
     * @throws IllegalArgumentException when the number of sizes is wrong, one is below 1, or the mode has no corners to align
     */
    public static Tensor resize(Tensor x, Mode mode, boolean alignCorners, long... sizes) {
        double[] ratios = new double[sizes.length];
        check(x, mode, alignCorners, sizes);
        Arrays.setAll(ratios, i -> (double) x.shape().dim(2 + i) / sizes[i]);
        return resized(x, mode, alignCorners, sizes, ratios);
    }

    /**
     * Resizes by factors: the sizes are size * factor, rounded down, and the factors themselves, not the quotients of the
     * sizes, tell where an element comes from, as in PyTorch.
     *
     * @param factors above 0, one for all dimensions behind N and C or one for each
     */
    public static Tensor scale(Tensor x, Mode mode, boolean alignCorners, double... factors) {
        long[] sizes = scaled(x.shape().dims(), factors);
        double[] ratios = new double[sizes.length];
        check(x, mode, alignCorners, sizes);
        Arrays.setAll(ratios, i -> 1 / factors[factors.length == 1 ? 0 : i]);
        return resized(x, mode, alignCorners, sizes, ratios);
    }

    /** The sizes behind N and C that {@link #scale} gives. */
    public static long[] scaled(long[] shape, double... factors) {
        int rank = shape.length - 2;
        if (rank < 1 || factors.length != 1 && factors.length != rank || Arrays.stream(factors).anyMatch(f -> !(f > 0 && f < 1e9))) {
            throw new IllegalArgumentException("resize: needs one factor above 0, or one for each dimension behind N and C of "
                    + Arrays.toString(shape) + ", not " + Arrays.toString(factors));
        }
        long[] sizes = new long[rank];
        Arrays.setAll(sizes, i -> (long) Math.floor(shape[2 + i] * factors[factors.length == 1 ? 0 : i]));
        return sizes;
    }

    private static void check(Tensor x, Mode mode, boolean alignCorners, long[] sizes) {
        if (sizes.length < 1 || x.shape().rank() != 2 + sizes.length || Arrays.stream(sizes).anyMatch(s -> s < 1)) {
            throw new IllegalArgumentException("resize: needs x [N, C, ...] and a size of at least 1 for each dimension behind N and C, not "
                    + x.shape() + " and " + Arrays.toString(sizes));
        }
        if (alignCorners && mode != Mode.LINEAR && mode != Mode.CUBIC) {
            throw new IllegalArgumentException("resize: only LINEAR and CUBIC can align corners, not " + mode);
        }
    }

    /** The dimension that shrinks most first, of equals the innermost: the least to do for the others. */
    private static Tensor resized(Tensor x, Mode mode, boolean alignCorners, long[] sizes, double[] ratios) {
        if (mode == Mode.AREA) {
            return Pooling.adaptiveAverage(x, sizes);
        }
        List<Integer> order = new ArrayList<>();
        for (int i = sizes.length - 1; i >= 0; i--) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble(i -> (double) sizes[i] / x.shape().dim(2 + i)));
        Tensor y = x;
        for (int i : order) {
            long size = x.shape().dim(2 + i);
            if (sizes[i] != size || ratios[i] != 1) {
                y = Ops.apply(new Resample(2 + i, taps(size, sizes[i], ratios[i], mode, alignCorners)), y);
            }
        }
        return y;
    }

    private static Taps taps(long size, long outputs, double ratio, Mode mode, boolean alignCorners) {
        return Taps.of(size, outputs, o -> {
            double source = alignCorners ? outputs == 1 ? 0 : o * ((double) (size - 1) / (outputs - 1)) : (o + 0.5) * ratio - 0.5;
            return switch (mode) {
                case NEAREST -> one(o * ratio, size);
                case NEAREST_EXACT -> one((o + 0.5) * ratio, size);
                case LINEAR -> linear(Math.max(source, 0), size);
                default -> cubic(source, size);
            };
        });
    }

    private static Taps.Tap[] one(double source, long size) {
        return new Taps.Tap[] {new Taps.Tap(Math.min((long) Math.floor(source), size - 1), 1)};
    }

    private static Taps.Tap[] linear(double source, long size) {
        long low = Math.min((long) source, size - 1);
        return merged(size, low, 1 - (source - low), source - low);
    }

    private static Taps.Tap[] cubic(double source, long size) {
        long low = (long) Math.floor(source);
        double t = source - low;
        return merged(size, low - 1, far(t + 1), near(t), near(1 - t), far(2 - t));
    }

    /** The kernel at distances up to 1. */
    private static double near(double d) {
        return ((-0.75 + 2) * d - (-0.75 + 3)) * d * d + 1;
    }

    /** The kernel at distances from 1 to 2. */
    private static double far(double d) {
        return ((-0.75 * d - 5 * -0.75) * d + 8 * -0.75) * d - 4 * -0.75;
    }

    /** Weights of places from {@code first} on; those beyond the border are the border's, and nothing has the weight 0. */
    private static Taps.Tap[] merged(long size, long first, double... weights) {
        Map<Long, Double> sums = new LinkedHashMap<>();
        for (int k = 0; k < weights.length; k++) {
            sums.merge(Math.clamp(first + k, 0, size - 1), weights[k], Double::sum);
        }
        return sums.entrySet().stream().filter(e -> e.getValue() != 0).map(e -> new Taps.Tap(e.getKey(), e.getValue())).toArray(Taps.Tap[]::new);
    }

    /**
     * Channels become pixels (sub-pixel convolution, Shi et al. 2016): [N, C r^2, H, W] to [N, C, H r, W r], y[c, h r + i, w r + j]
     * = x[c r^2 + i r + j, h, w].
     */
    public static Tensor pixelShuffle(Tensor x, long r) {
        Shape s = x.shape();
        if (s.rank() != 4 || r < 1 || r > 1 << 15 || s.dim(1) % (r * r) != 0) {
            throw new IllegalArgumentException("pixel_shuffle: needs [N, C, H, W] with C a multiple of " + r + "^2, not " + s);
        }
        return x.reshape(s.dim(0), s.dim(1) / (r * r), r, r, s.dim(2), s.dim(3)).permute(0, 1, 4, 2, 5, 3)
                .reshape(s.dim(0), s.dim(1) / (r * r), s.dim(2) * r, s.dim(3) * r);
    }

    /** Pixels become channels, the inverse of {@link #pixelShuffle}: [N, C, H r, W r] to [N, C r^2, H, W]. */
    public static Tensor pixelUnshuffle(Tensor x, long r) {
        Shape s = x.shape();
        if (s.rank() != 4 || r < 1 || r > 1 << 15 || s.dim(2) % r != 0 || s.dim(3) % r != 0) {
            throw new IllegalArgumentException("pixel_unshuffle: needs [N, C, H, W] with H and W multiples of " + r + ", not " + s);
        }
        return x.reshape(s.dim(0), s.dim(1), s.dim(2) / r, r, s.dim(3) / r, r).permute(0, 1, 3, 5, 2, 4)
                .reshape(s.dim(0), s.dim(1) * r * r, s.dim(2) / r, s.dim(3) / r);
    }
}
