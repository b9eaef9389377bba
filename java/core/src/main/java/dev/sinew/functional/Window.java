package dev.sinew.functional;

import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * How a kernel slides over data of one, two or three dimensions: lines [N, C, L], images [N, C, H, W], volumes
 * [N, C, D, H, W]. Where a method takes several numbers, give one for all dimensions or one for each.
 *
 * @param axes the dimensions, outermost first
 */
public record Window(List<Axis> axes) {
    private static final long MOST = Integer.MAX_VALUE;

    /**
     * One dimension. The number of positions is {@code (size + before + after - dilation (kernel - 1) - 1) / stride + 1}, the
     * quotient rounded down, or up in ceil mode, where a last window that would start in the padding behind is dropped.
     *
     * @param kernel taps, at least 1
     * @param stride between neighbouring windows, at least 1
     * @param before padding in front, at least 0
     * @param after padding behind, at least 0
     * @param dilation between neighbouring taps, at least 1
     */
    public record Axis(long kernel, long stride, long before, long after, long dilation) {
        /** Checks the ranges; no number may exceed 2^31 - 1. */
        public Axis {
            check("kernel", kernel, 1);
            check("stride", stride, 1);
            check("padding", before, 0);
            check("padding", after, 0);
            check("dilation", dilation, 1);
        }

        private static void check(String what, long value, long least) {
            if (value < least || value > MOST) {
                throw new IllegalArgumentException("window: " + what + " must be from " + least + " to " + MOST + ", not " + value);
            }
        }

        /** From the first tap to the last: dilation (kernel - 1) + 1. */
        public long extent() {
            return dilation * (kernel - 1) + 1;
        }

        /** The number of positions; below 1 when the window does not fit. */
        public long out(long size, boolean ceil) {
            long room = size + before + after - extent();
            if (room < 0) {
                return 0;
            }
            long out = (room + (ceil ? stride - 1 : 0)) / stride + 1;
            return ceil && (out - 1) * stride >= size + before ? out - 1 : out;
        }

        /** For example {@code (28 - 5 + 2*2)/1 + 1 = 28}. */
        public String formula(long size, boolean ceil) {
            String taps = dilation == 1 ? "" + kernel : "(" + dilation + "*(" + kernel + "-1)+1)";
            String padding = before == after ? "2*" + before : before + " + " + after;
            String quotient = "(" + size + " - " + taps + " + " + padding + ")/" + stride;
            return (ceil ? "ceil(" + quotient + ")" : quotient) + " + 1 = " + out(size, ceil);
        }
    }

    /** Checks the number of dimensions. */
    public Window {
        axes = List.copyOf(axes);
        if (axes.isEmpty() || axes.size() > 3) {
            throw new IllegalArgumentException("window: needs 1 to 3 dimensions, not " + axes.size());
        }
    }

    /** A kernel of that many dimensions; stride 1, no padding, dilation 1. */
    public static Window of(long... kernel) {
        List<Axis> axes = new ArrayList<>();
        for (long taps : kernel) {
            axes.add(new Axis(taps, 1, 0, 0, 1));
        }
        return new Window(axes);
    }

    /** The same for images. */
    public static Window of(Window2d w) {
        return new Window(List.of(new Axis(w.kernelH(), w.strideH(), w.padH(), w.padH(), w.dilationH()),
                new Axis(w.kernelW(), w.strideW(), w.padW(), w.padW(), w.dilationW())));
    }

    /** The number of dimensions. */
    public int rank() {
        return axes.size();
    }

    /** With another stride. */
    public Window stride(long... stride) {
        long[] s = each("strides", stride);
        return with((a, i) -> new Axis(a.kernel, s[i], a.before, a.after, a.dilation));
    }

    /** With other padding, the same on both sides. */
    public Window pad(long... pad) {
        return pad(pad, pad);
    }

    /** With other padding. */
    public Window pad(long[] before, long[] after) {
        long[] b = each("paddings", before);
        long[] e = each("paddings", after);
        return with((a, i) -> new Axis(a.kernel, a.stride, b[i], e[i], a.dilation));
    }

    /** With another dilation. */
    public Window dilation(long... dilation) {
        long[] d = each("dilations", dilation);
        return with((a, i) -> new Axis(a.kernel, a.stride, a.before, a.after, d[i]));
    }

    /**
     * Padded so that the size stays, as padding='same' of PyTorch: dilation (kernel - 1) in all, an odd one behind. Call it
     * after {@link #dilation}.
     *
     * @throws IllegalArgumentException when the stride is not 1: the padding would depend on the size, see {@link #same(long...)}
     */
    public Window same() {
        return with((a, i) -> {
            if (a.stride != 1) {
                throw new IllegalArgumentException("window: 'same' padding for stride " + a.stride + " depends on the size of the input: give it");
            }
            long total = a.extent() - 1;
            return new Axis(a.kernel, 1, total / 2, total - total / 2, a.dilation);
        });
    }

    /**
     * Padded so that an input of these sizes gives size / stride positions, rounded up, as padding='same' of Keras:
     * max((positions - 1) stride + extent - size, 0) in all, an odd one behind.
     */
    public Window same(long... sizes) {
        long[] n = each("sizes", sizes);
        return with((a, i) -> {
            long positions = (n[i] + a.stride - 1) / a.stride;
            long total = Math.max((positions - 1) * a.stride + a.extent() - n[i], 0);
            return new Axis(a.kernel, a.stride, total / 2, total - total / 2, a.dilation);
        });
    }

    /** Padded in front only, by dilation (kernel - 1): no position sees what comes after it (van den Oord et al. 2016). */
    public Window causal() {
        return with((a, i) -> new Axis(a.kernel, a.stride, a.extent() - 1, 0, a.dilation));
    }

    /** Without padding. */
    public Window unpadded() {
        return pad(0);
    }

    /** Whether the padding is the same on both sides, everywhere. */
    public boolean isSymmetric() {
        for (Axis axis : axes) {
            if (axis.before != axis.after) {
                return false;
            }
        }
        return true;
    }

    /** The number of taps of the whole kernel. */
    public long taps() {
        return axes.stream().mapToLong(Axis::kernel).reduce(1, Math::multiplyExact);
    }

    /** The kernel's sizes. */
    public long[] kernel() {
        return numbers(Axis::kernel);
    }

    /** What is added in front. */
    public long[] before() {
        return numbers(Axis::before);
    }

    /** What is added behind. */
    public long[] after() {
        return numbers(Axis::after);
    }

    private long[] numbers(ToLongFunction<Axis> number) {
        long[] all = new long[rank()];
        for (int i = 0; i < all.length; i++) {
            all[i] = number.applyAsLong(axes.get(i));
        }
        return all;
    }

    /** The last two dimensions (height 1 for lines), symmetric padding. */
    Window2d inner() {
        Axis w = axes.getLast();
        Axis h = rank() == 1 ? new Axis(1, 1, 0, 0, 1) : axes.get(rank() - 2);
        return new Window2d(h.kernel, w.kernel, h.stride, w.stride, h.before, w.before, h.dilation, w.dilation);
    }

    /** The numbers of positions for the last dimensions of a shape, or an error with the formula that fails. */
    public long[] out(String what, long[] sizes, boolean ceil) {
        int first = sizes.length - rank();
        if (first < 0) {
            throw new IllegalArgumentException(what + ": the window " + this + " has more dimensions than " + Arrays.toString(sizes));
        }
        long[] out = new long[rank()];
        for (int i = 0; i < out.length; i++) {
            out[i] = axes.get(i).out(sizes[first + i], ceil);
            if (out[i] < 1) {
                throw new IllegalArgumentException(what + ": the window " + this + " does not fit into " + Arrays.toString(sizes) + ": "
                        + axes.get(i).formula(sizes[first + i], ceil));
            }
        }
        return out;
    }

    /** The formulas for the last dimensions of a shape, one where they are equal. */
    public String formula(long[] sizes, boolean ceil) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < rank(); i++) {
            all.add(axes.get(i).formula(sizes[sizes.length - rank() + i], ceil));
        }
        return all.stream().distinct().count() == 1 ? all.getFirst() : String.join(" x ", all);
    }

    private interface Change {
        Axis of(Axis axis, int i);
    }

    private Window with(Change change) {
        List<Axis> changed = new ArrayList<>();
        for (int i = 0; i < rank(); i++) {
            changed.add(change.of(axes.get(i), i));
        }
        return new Window(changed);
    }

    private long[] each(String what, long[] given) {
        if (given.length != 1 && given.length != rank()) {
            throw new IllegalArgumentException("window: " + given.length + " " + what + " for " + rank() + " dimensions");
        }
        long[] all = Arrays.copyOf(given, rank());
        if (given.length == 1) {
            Arrays.fill(all, given[0]);
        }
        return all;
    }

    /** For example {@code 3x3} or {@code 3x5 stride 2x1 pad 1x2}: what differs from the defaults. */
    @Override
    public String toString() {
        String padding = isSymmetric() ? text(" pad ", before(), 0) : text(" pad before ", before(), -1) + text(" after ", after(), -1);
        return join(kernel()) + text(" stride ", numbers(Axis::stride), 1) + padding
                + text(" dilation ", numbers(Axis::dilation), 1);
    }

    private static String text(String name, long[] values, long normal) {
        if (Arrays.stream(values).allMatch(v -> v == normal)) {
            return "";
        }
        return name + (Arrays.stream(values).distinct().count() == 1 ? "" + values[0] : join(values));
    }

    private static String join(long[] values) {
        return Arrays.stream(values).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
