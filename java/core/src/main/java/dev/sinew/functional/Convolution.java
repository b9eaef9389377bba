package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dInputGradient;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.Resample;
import dev.sinew.op.Taps;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import java.util.List;

/**
 * Convolutions of lines [N, C, L], images [N, C, H, W] and volumes [N, C, D, H, W]; as everywhere in deep learning they are
 * cross-correlations. All of them run on the kernels of {@link Conv2d}: lines are images of height 1; of a volume, the
 * slices that lie under the kernel's depth become the channels of one image.
 */
public final class Convolution {
    private Convolution() {}

    /** {@link #conv(Tensor, Tensor, Tensor, Window, PadMode, long)} with zeros around the data and one group. */
    public static Tensor conv(Tensor x, Tensor weight, Tensor biasOrNull, Window window) {
        return conv(x, weight, biasOrNull, window, PadMode.ZEROS, 1);
    }

    /**
     * Convolution (conv1d, conv2d, conv3d): y[n, o, p] = bias[o] + sum over i, k of x[n, g C/groups + i, p stride - before +
     * k dilation] weight[o, i, k], p and k being places of one to three dimensions and g = o / (O/groups).
     *
     * @param x [N, C, ...]
     * @param weight [O, C/groups, kernel...]
     * @param biasOrNull [O]
     * @param window the kernel's sizes are the weight's last ones
     * @param mode what stands in the padding
     * @param groups divides C and O; C for a depthwise convolution
     * @return [N, O, ...], each size (size + before + after - dilation (kernel - 1) - 1) / stride + 1, rounded down
     * @throws IllegalArgumentException naming the shapes and the formula that fails
     */
    public static Tensor conv(Tensor x, Tensor weight, Tensor biasOrNull, Window window, PadMode mode, long groups) {
        check("conv", x, weight, window, groups, false);
        window.out("conv", x.shape().dims(), false);
        if (mode != PadMode.ZEROS) {
            Tensor padded = Padding.pad(x, window.before(), window.after(), mode);
            return conv(padded, weight, biasOrNull, window.unpadded(), PadMode.ZEROS, groups);
        }
        if (window.rank() == 3) {
            return volume(x, weight, biasOrNull, window, groups);
        }
        if (!window.isSymmetric()) {
            Tensor padded = Padding.pad(x, window.before(), window.after(), PadMode.ZEROS);
            return conv(padded, weight, biasOrNull, window.unpadded(), PadMode.ZEROS, groups);
        }
        Tensor y = Ops.apply(new Conv2d(window.inner(), groups), Ops.present(image(x), image(weight), biasOrNull));
        return window.rank() == 2 ? y : y.reshape(y.shape().dim(0), y.shape().dim(1), y.shape().dim(3));
    }

    /** [N, C, L] as an image of height 1. */
    private static Tensor image(Tensor x) {
        return x.shape().rank() == 3 ? x.reshape(x.shape().dim(0), x.shape().dim(1), 1, x.shape().dim(2)) : x;
    }

    private static Tensor volume(Tensor x, Tensor weight, Tensor biasOrNull, Window window, long groups) {
        Window.Axis depth = window.axes().getFirst();
        Window flat = new Window(window.axes().subList(1, 3));
        if (!flat.isSymmetric()) {
            Tensor padded = Padding.pad(x, flat.before(), flat.after(), PadMode.ZEROS);
            List<Window.Axis> rest = flat.unpadded().axes();
            return volume(padded, weight, biasOrNull, new Window(List.of(depth, rest.get(0), rest.get(1))), groups);
        }
        Shape s = x.shape();
        long n = s.dim(0);
        long c = s.dim(1);
        long positions = depth.out(s.dim(2), false);
        Tensor slices = x.permute(0, 2, 1, 3, 4);
        Tensor seen = depth.equals(new Window.Axis(1, 1, 0, 0, 1)) ? slices : Ops.apply(new Resample(1, windows(s.dim(2), depth)), slices);
        Tensor images = grouped(seen, n * positions, depth.kernel(), groups, c, s.dim(3), s.dim(4));
        Tensor y = Ops.apply(new Conv2d(flat.inner(), groups), Ops.present(images, flatWeight(weight), biasOrNull));
        long o = y.shape().dim(1);
        return y.reshape(n, positions, o, y.shape().dim(2), y.shape().dim(3)).permute(0, 2, 1, 3, 4);
    }

    /** [images * depth, C, H, W] with the channels of a group, for all of the depth, one after the other. */
    private static Tensor grouped(Tensor seen, long images, long depth, long groups, long c, long h, long w) {
        if (groups == 1) {
            return seen.reshape(images, depth * c, h, w);
        }
        return seen.reshape(images, depth, groups, c / groups, h * w).permute(0, 2, 1, 3, 4).reshape(images, depth * c, h, w);
    }

    /** [O, C/groups, KD, KH, KW] as [O, KD C/groups, KH, KW]. */
    private static Tensor flatWeight(Tensor weight) {
        Shape w = weight.shape();
        return weight.permute(0, 2, 1, 3, 4).reshape(w.dim(0), w.dim(1) * w.dim(2), w.dim(3), w.dim(4));
    }

    /** The windows along one dimension side by side: positions x kernel places, 0 in the padding. */
    private static Taps windows(long size, Window.Axis axis) {
        long positions = axis.out(size, false);
        return Taps.of(size, positions * axis.kernel(), i -> {
            long at = i / axis.kernel() * axis.stride() - axis.before() + i % axis.kernel() * axis.dilation();
            return at < 0 || at >= size ? new Taps.Tap[0] : new Taps.Tap[] {new Taps.Tap(at, 1)};
        });
    }

    /**
     * Transposed convolution (conv_transpose1d, 2d, 3d), the adjoint of {@link #conv} in x: every element of x spreads the
     * kernel over the result.
     *
     * @param x [N, C, ...]
     * @param weight [C, O/groups, kernel...]
     * @param biasOrNull [O]
     * @param window of the convolution that this is the adjoint of: its padding crops the result
     * @param outputPadding added to the size of each dimension, below the stride or the dilation; one for all or one for each
     * @param groups divides C and O
     * @return [N, O, ...], each size (size - 1) stride - before - after + dilation (kernel - 1) + outputPadding + 1
     * @throws IllegalArgumentException naming the shapes and the rule that is broken
     */
    public static Tensor transposed(Tensor x, Tensor weight, Tensor biasOrNull, Window window, long[] outputPadding, long groups) {
        check("conv_transpose", x, weight, window, groups, true);
        long[] more = outputPadding(window, outputPadding);
        long[] sizes = transposedSizes(window, x.shape().dims(), more);
        boolean direct = window.isSymmetric();
        for (int i = 0; i < more.length; i++) {
            direct &= more[i] < window.axes().get(i).stride();
        }
        Tensor y;
        if (direct) {
            y = adjoint(x, weight, window, groups, sizes);
        } else {
            // all that the kernel touches, then cut or enlarged
            y = adjoint(x, weight, window.unpadded(), groups, transposedSizes(window.unpadded(), x.shape().dims(), new long[more.length]));
            long[] before = Arrays.stream(window.before()).map(p -> -p).toArray();
            long[] after = new long[more.length];
            Arrays.setAll(after, i -> more[i] - window.after()[i]);
            y = Padding.pad(y, before, after, PadMode.ZEROS);
        }
        if (biasOrNull == null) {
            return y;
        }
        long[] channels = new long[y.shape().rank()];
        Arrays.fill(channels, 1);
        channels[1] = y.shape().dim(1);
        return y.add(biasOrNull.reshape(channels), Broadcast.YES);
    }

    /** The sizes of a transposed convolution's result for the last dimensions of {@code shape}. */
    public static long[] transposedSizes(Window window, long[] shape, long[] outputPadding) {
        long[] more = outputPadding(window, outputPadding);
        long[] sizes = new long[window.rank()];
        for (int i = 0; i < sizes.length; i++) {
            Window.Axis a = window.axes().get(i);
            long size = shape[shape.length - sizes.length + i];
            sizes[i] = (size - 1) * a.stride() - a.before() - a.after() + a.extent() + more[i];
            if (sizes[i] < 1) {
                throw new IllegalArgumentException("conv_transpose: nothing remains of " + size + " elements: "
                        + transposedFormula(a, size, more[i]));
            }
        }
        return sizes;
    }

    /** For example {@code (28 - 1)*2 - 2*1 + 3 + 1 = 56}: stride 2, padding 1, kernel 3, output padding 1. */
    public static String transposedFormula(Window.Axis a, long size, long outputPadding) {
        String padding = a.before() == a.after() ? "2*" + a.before() : "(" + a.before() + " + " + a.after() + ")";
        String kernel = a.dilation() == 1 ? "" + a.kernel() : a.dilation() + "*(" + a.kernel() + "-1) + 1";
        long result = (size - 1) * a.stride() - a.before() - a.after() + a.extent() + outputPadding;
        return "(" + size + " - 1)*" + a.stride() + " - " + padding + " + " + kernel + " + " + outputPadding + " = " + result;
    }

    private static long[] outputPadding(Window window, long[] given) {
        if (given.length != 1 && given.length != window.rank()) {
            throw new IllegalArgumentException("conv_transpose: " + given.length + " output paddings for " + window.rank() + " dimensions");
        }
        long[] all = new long[window.rank()];
        for (int i = 0; i < all.length; i++) {
            all[i] = given[given.length == 1 ? 0 : i];
            Window.Axis a = window.axes().get(i);
            if (all[i] < 0 || all[i] >= Math.max(a.stride(), a.dilation())) {
                throw new IllegalArgumentException("conv_transpose: the output padding must be at least 0 and below the stride or the dilation,"
                        + " not " + all[i] + " with stride " + a.stride() + " and dilation " + a.dilation());
            }
        }
        return all;
    }

    /** Without bias, the window symmetric. */
    private static Tensor adjoint(Tensor x, Tensor weight, Window window, long groups, long[] sizes) {
        Shape s = x.shape();
        long n = s.dim(0);
        long o = weight.shape().dim(1) * groups;
        if (window.rank() < 3) {
            long h = window.rank() == 1 ? 1 : sizes[0];
            Op op = new Conv2dInputGradient(window.inner(), groups, Shape.of(n, o, h, sizes[sizes.length - 1]));
            Tensor y = Ops.apply(op, image(x), image(weight));
            return window.rank() == 2 ? y : y.reshape(n, o, sizes[0]);
        }
        Window.Axis depth = window.axes().getFirst();
        long images = n * s.dim(2);
        long k = depth.kernel();
        Tensor slices = x.permute(0, 2, 1, 3, 4).reshape(images, s.dim(1), s.dim(3), s.dim(4));
        Window2d flat = new Window(window.axes().subList(1, 3)).inner();
        Op op = new Conv2dInputGradient(flat, groups, Shape.of(images, k * o, sizes[1], sizes[2]));
        Tensor spread = Ops.apply(op, slices, flatWeight(weight));
        if (groups > 1) {
            spread = spread.reshape(images, groups, k, o / groups, sizes[1] * sizes[2]).permute(0, 2, 1, 3, 4);
        }
        Tensor rows = spread.reshape(n, s.dim(2) * k, o, sizes[1], sizes[2]);
        return Ops.apply(new Resample(1, windows(sizes[0], depth).transposed()), rows).permute(0, 2, 1, 3, 4);
    }

    /**
     * The windows as columns (im2col; torch.nn.Unfold): [N, C, ...] to [N, C taps, positions]; channel c of tap k is row
     * c taps + k. A convolution is the weight, as a matrix, times that.
     */
    public static Tensor unfold(Tensor x, Window window) {
        int rank = checkRank("unfold", x, window);
        long[] positions = window.out("unfold", x.shape().dims(), false);
        Tensor y = x;
        long[] split = new long[2 + 2 * rank];
        int[] order = new int[2 + 2 * rank];
        order[1] = 1;
        split[0] = x.shape().dim(0);
        split[1] = x.shape().dim(1);
        long count = 1;
        for (int i = 0; i < rank; i++) {
            Window.Axis a = window.axes().get(i);
            y = Ops.apply(new Resample(2 + i, windows(x.shape().dim(2 + i), a)), y);
            split[2 + 2 * i] = positions[i];
            split[3 + 2 * i] = a.kernel();
            order[2 + i] = 3 + 2 * i;
            order[2 + rank + i] = 2 + 2 * i;
            count *= positions[i];
        }
        return y.reshape(split).permute(order).reshape(split[0], split[1] * window.taps(), count);
    }

    /**
     * The adjoint of {@link #unfold} (col2im; torch.nn.Fold): columns [N, C taps, positions] are added up to [N, C, sizes].
     *
     * @param sizes of the result, one for each dimension of the window
     */
    public static Tensor fold(Tensor columns, Window window, long... sizes) {
        int rank = window.rank();
        if (sizes.length != rank || columns.shape().rank() != 3 || columns.shape().dim(1) % window.taps() != 0) {
            throw new IllegalArgumentException("fold: needs columns [N, C " + window.taps() + ", positions] and " + rank + " sizes, not "
                    + columns.shape() + " and " + Arrays.toString(sizes));
        }
        long[] positions = window.out("fold", sizes, false);
        if (Arrays.stream(positions).reduce(1, (a, b) -> a * b) != columns.shape().dim(2)) {
            throw new IllegalArgumentException("fold: " + Arrays.toString(sizes) + " has " + Arrays.toString(positions) + " positions, the columns "
                    + columns.shape() + " have " + columns.shape().dim(2) + ": " + window.formula(sizes, false));
        }
        long n = columns.shape().dim(0);
        long c = columns.shape().dim(1) / window.taps();
        long[] split = new long[2 + 2 * rank];
        int[] order = new int[2 + 2 * rank];
        long[] joined = new long[2 + rank];
        order[1] = 1;
        split[0] = joined[0] = n;
        split[1] = joined[1] = c;
        for (int i = 0; i < rank; i++) {
            long k = window.axes().get(i).kernel();
            split[2 + i] = k;
            split[2 + rank + i] = positions[i];
            order[2 + 2 * i] = 2 + rank + i;
            order[3 + 2 * i] = 2 + i;
            joined[2 + i] = positions[i] * k;
        }
        Tensor y = columns.reshape(split).permute(order).reshape(joined);
        for (int i = 0; i < rank; i++) {
            y = Ops.apply(new Resample(2 + i, windows(sizes[i], window.axes().get(i)).transposed()), y);
        }
        return y;
    }

    static int checkRank(String what, Tensor x, Window window) {
        if (x.shape().rank() != window.rank() + 2) {
            throw new IllegalArgumentException(what + ": the window " + window + " needs x of rank " + (window.rank() + 2)
                    + ", [N, C, ...], not " + x.shape());
        }
        return window.rank();
    }

    private static void check(String what, Tensor x, Tensor weight, Window window, long groups, boolean transposed) {
        checkRank(what, x, window);
        Shape w = weight.shape();
        long c = x.shape().dim(1);
        String form = transposed ? "[C, O/groups, kernel...]" : "[O, C/groups, kernel...]";
        boolean fits = w.rank() == x.shape().rank() && groups >= 1 && c % groups == 0;
        for (int i = 0; fits && i < window.rank(); i++) {
            fits = w.dim(2 + i) == window.axes().get(i).kernel();
        }
        if (fits) {
            fits = transposed ? w.dim(0) == c : w.dim(1) == c / groups && w.dim(0) % groups == 0;
        }
        if (!fits) {
            throw new IllegalArgumentException(what + ": x " + x.shape() + " with window " + window + " and " + groups + " groups needs a weight "
                    + form + " and groups that divide both numbers of channels, not " + w);
        }
    }
}
