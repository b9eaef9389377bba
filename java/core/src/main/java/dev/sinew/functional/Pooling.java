package dev.sinew.functional;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.Cast;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.PoolGather;
import dev.sinew.op.PoolScatter;
import dev.sinew.op.RandomFill;
import dev.sinew.op.Resample;
import dev.sinew.op.Taps;
import dev.sinew.op.Window2d;
import java.util.Arrays;

/**
 * Pooling of lines [N, C, L], images [N, C, H, W] and volumes [N, C, D, H, W]. Places in a channel are counted in row-major
 * order: l, y W + x, or (z H + y) W + x, as PyTorch does. Windows must be padded equally on both sides, by at most half
 * the kernel.
 */
public final class Pooling {
    private Pooling() {}

    // ---- maximum ----

    /** The maximum of each window (max_pool1d, 2d, 3d). Padding counts as minus infinity, NaN wins. */
    public static Tensor max(Tensor x, Window window, boolean ceilMode) {
        return maximum(x, window, ceilMode, false)[0];
    }

    /** {@link #max}, and the places (int32) the maxima were taken from; of equals the first. */
    public static Tensor[] maxWithIndices(Tensor x, Window window, boolean ceilMode) {
        return maximum(x, window, ceilMode, true);
    }

    private static Tensor[] maximum(Tensor x, Window window, boolean ceilMode, boolean places) {
        long[] out = check("max_pool", x, window, ceilMode);
        MaxPool2d pool = new MaxPool2d(window.inner(), ceilMode);
        if (window.rank() < 3) {
            Tensor[] y = Ops.applyAll(pool, window.rank() == 1 ? lines(x) : x);
            return window.rank() == 1 ? new Tensor[] {y[0].reshape(shape(x, out)), y[1].reshape(shape(x, out))} : y;
        }
        // the slices first, then through them
        Shape s = x.shape();
        long planes = s.dim(0) * s.dim(1);
        Tensor[] flat = Ops.applyAll(pool, x.reshape(planes * s.dim(2), 1, s.dim(3), s.dim(4)));
        long area = out[1] * out[2];
        Window.Axis d = window.axes().getFirst();
        Op through = new MaxPool2d(new Window2d(d.kernel(), 1, d.stride(), 1, d.before(), 0, d.dilation(), 1), ceilMode);
        Tensor[] y = Ops.applyAll(through, flat[0].reshape(planes, 1, s.dim(2), area));
        Tensor values = y[0].reshape(shape(x, out));
        if (!places) {
            return new Tensor[] {values, null};
        }
        double[] offsets = new double[(int) s.dim(2)];
        Arrays.setAll(offsets, z -> (double) z * s.dim(3) * s.dim(4));
        Tensor offset = Tensor.of(offsets, s.dim(2), 1);
        Tensor inVolume = flat[1].reshape(planes, s.dim(2), area).cast(DType.F64).add(offset, Broadcast.YES);
        Tensor index = Ops.apply(new Cast(DType.I32), inVolume).reshape(planes, 1, s.dim(2), area);
        return new Tensor[] {values, Ops.apply(new PoolGather(), index, y[1]).reshape(shape(x, out))};
    }

    /**
     * The maximum of each of a given number of bins (adaptive_max_pool1d, 2d, 3d); see {@link #adaptiveAverage} for the bins.
     *
     * @param sizes of the result, one for each dimension
     */
    public static Tensor adaptiveMax(Tensor x, long... sizes) {
        return adaptiveMaximum(x, sizes, false)[0];
    }

    /** {@link #adaptiveMax}, and the places (int32) the maxima were taken from. */
    public static Tensor[] adaptiveMaxWithIndices(Tensor x, long... sizes) {
        return adaptiveMaximum(x, sizes, true);
    }

    /** Bins of different lengths become windows of one length by repeating their last element: that changes no maximum. */
    private static Tensor[] adaptiveMaximum(Tensor x, long[] sizes, boolean places) {
        checkSizes("adaptive_max_pool", x, sizes);
        Tensor wide = x;
        long[][] from = new long[sizes.length][];
        long[] kernel = new long[sizes.length];
        boolean even = true;
        for (int i = 0; i < sizes.length; i++) {
            long size = x.shape().dim(2 + i);
            from[i] = bins(size, sizes[i]);
            kernel[i] = from[i].length / sizes[i];
            if (from[i].length != size) {
                even = false;
                wide = Ops.apply(new Resample(2 + i, Taps.take(size, from[i])), wide);
            }
        }
        Window window = Window.of(kernel).stride(kernel);
        if (even || !places) {
            return maximum(wide, window, false, places);
        }
        Tensor[] y = maximum(wide, window, false, true);
        return new Tensor[] {y[0], look(placesOf(x.shape(), from), y[1])};
    }

    /** For each bin the elements in it, the last one repeated up to the length of the longest bin. */
    private static long[] bins(long size, long outputs) {
        int longest = 0;
        for (long o = 0; o < outputs; o++) {
            longest = Math.max(longest, (int) (end(o, size, outputs) - start(o, size, outputs)));
        }
        long[] from = new long[Math.toIntExact(longest * outputs)];
        for (int i = 0; i < from.length; i++) {
            long o = i / longest;
            from[i] = Math.min(start(o, size, outputs) + i % longest, end(o, size, outputs) - 1);
        }
        return from;
    }

    private static long start(long o, long size, long outputs) {
        return o * size / outputs;
    }

    private static long end(long o, long size, long outputs) {
        return ((o + 1) * size + outputs - 1) / outputs;
    }

    /** The place in x of each element of what the bins were widened to. */
    private static Tensor placesOf(Shape x, long[][] from) {
        int[] places = {0};
        for (int i = 0; i < from.length; i++) {
            int[] finer = new int[Math.multiplyExact(places.length, from[i].length)];
            for (int k = 0; k < finer.length; k++) {
                finer[k] = Math.toIntExact(places[k / from[i].length] * x.dim(2 + i) + from[i][k % from[i].length]);
            }
            places = finer;
        }
        return Tensor.of(places, 1, 1, 1, places.length);
    }

    private static Tensor look(Tensor table, Tensor index) {
        return Ops.apply(new PoolGather(), table, index.reshape(1, 1, 1, index.shape().count())).reshape(index.shape().dims());
    }

    /** The maximum of every channel: [N, C, ...] to [N, C]. */
    public static Tensor globalMax(Tensor x) {
        long[] ones = new long[Math.max(1, x.shape().rank() - 2)];
        Arrays.fill(ones, 1);
        return adaptiveMax(x, ones).reshape(x.shape().dim(0), x.shape().dim(1));
    }

    /**
     * Puts pooled elements back where they came from, zeros elsewhere (max_unpool1d, 2d, 3d; Zeiler, Fergus 2014).
     *
     * @param x what was pooled, or made of it: [N, C, ...]
     * @param index the places (int32), like x. Where a place comes up several times the last element counts
     * @param sizes of the result, those of what was pooled
     */
    public static Tensor unpool(Tensor x, Tensor index, long... sizes) {
        checkSizes("max_unpool", x, sizes);
        if (sizes.length == 2) {
            return Ops.apply(new PoolScatter(sizes[0], sizes[1], true), x, index);
        }
        long volume = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
        Tensor y = Ops.apply(new PoolScatter(1, volume, true), lines(x), lines(index));
        return y.reshape(shape(x, sizes));
    }

    /** {@link #unpool} to the size (outputs - 1) stride - 2 padding + kernel. */
    public static Tensor unpool(Tensor x, Tensor index, Window window) {
        Convolution.checkRank("max_unpool", x, window);
        long[] sizes = new long[window.rank()];
        for (int i = 0; i < sizes.length; i++) {
            Window.Axis a = window.axes().get(i);
            sizes[i] = (x.shape().dim(2 + i) - 1) * a.stride() - a.before() - a.after() + a.kernel();
        }
        return unpool(x, index, sizes);
    }

    // ---- average ----

    /**
     * The mean of each window (avg_pool1d, 2d, 3d).
     *
     * @param window dilation 1
     * @param countIncludePad whether zeros of the padding count in the divisor
     */
    public static Tensor average(Tensor x, Window window, boolean ceilMode, boolean countIncludePad) {
        long[] out = check("avg_pool", x, window, ceilMode);
        AvgPool2d pool = new AvgPool2d(window.inner(), ceilMode, countIncludePad);
        if (window.rank() == 1) {
            return Ops.apply(pool, lines(x)).reshape(shape(x, out));
        }
        if (window.rank() == 2) {
            return Ops.apply(pool, x);
        }
        Window.Axis d = window.axes().getFirst();
        if (d.dilation() != 1) {
            throw new IllegalArgumentException("avg_pool: the dilation must be 1, not " + window);
        }
        Shape s = x.shape();
        Tensor flat = Ops.apply(pool, x.reshape(s.dim(0) * s.dim(1) * s.dim(2), 1, s.dim(3), s.dim(4)));
        Tensor slices = flat.reshape(s.dim(0), s.dim(1), s.dim(2), out[1], out[2]);
        return Ops.apply(new Resample(2, averages(s.dim(2), d, out[0], countIncludePad)), slices);
    }

    private static Taps averages(long size, Window.Axis a, long outputs, boolean countIncludePad) {
        return Taps.of(size, outputs, o -> {
            long begin = o * a.stride() - a.before();
            long past = Math.min(begin + a.kernel(), size + a.after());
            long first = Math.max(begin, 0);
            long end = Math.min(past, size);
            return evenly(first, end, countIncludePad ? past - begin : end - first);
        });
    }

    private static Taps.Tap[] evenly(long first, long end, long divisor) {
        Taps.Tap[] taps = new Taps.Tap[(int) (end - first)];
        Arrays.setAll(taps, k -> new Taps.Tap(first + k, 1.0 / divisor));
        return taps;
    }

    /**
     * The mean of each of a given number of bins (adaptive_avg_pool1d, 2d, 3d): bin o of n over a dimension of that size
     * reaches from o size / n, rounded down, to (o + 1) size / n, rounded up.
     *
     * @param sizes of the result, one for each dimension
     */
    public static Tensor adaptiveAverage(Tensor x, long... sizes) {
        checkSizes("adaptive_avg_pool", x, sizes);
        long[] kernel = new long[sizes.length];
        boolean even = true;
        for (int i = 0; i < sizes.length; i++) {
            even &= x.shape().dim(2 + i) % sizes[i] == 0;
            kernel[i] = x.shape().dim(2 + i) / sizes[i];
        }
        if (even) {
            Window window = Window.of(kernel).stride(kernel);
            return window.taps() == 1 ? x : average(x, window, false, true);
        }
        Tensor y = x;
        for (int i = 0; i < sizes.length; i++) {
            long size = x.shape().dim(2 + i);
            long outputs = sizes[i];
            if (outputs != size) {
                y = Ops.apply(new Resample(2 + i, Taps.of(size, outputs, o -> {
                    long first = start(o, size, outputs);
                    return evenly(first, end(o, size, outputs), end(o, size, outputs) - first);
                })), y);
            }
        }
        return y;
    }

    /**
     * The p-norm of each window, (sum of x^p)^(1/p) (lp_pool1d, 2d, 3d; Sermanet et al. 2012): p = 1 is the sum, p = 2 the root
     * of the sum of squares. There is no absolute value in it, as in PyTorch: odd powers of negative elements are negative.
     * In ceil mode a window cut off at the border counts as if its mean filled it. The gradient where the norm is 0 is NaN
     * for p other than 1, again as in PyTorch.
     *
     * @param p above 0 and finite
     * @param window without padding, dilation 1
     */
    public static Tensor lp(Tensor x, double p, Window window, boolean ceilMode) {
        if (!(p > 0 && p < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lp_pool: p must be above 0 and finite, not " + p);
        }
        if (!window.unpadded().equals(window)) {
            throw new IllegalArgumentException("lp_pool: takes no padding, the window is " + window);
        }
        Tensor sum = average(power(x, p), window, ceilMode, true).mul(window.taps());
        return p == 2 ? sum.sqrt() : power(sum, 1 / p);
    }

    private static Tensor power(Tensor x, double p) {
        return p == 1 ? x : p == 2 ? x.square() : x.pow(Tensor.full(x.dtype(), Shape.scalar(), p), Broadcast.YES);
    }

    // ---- stochastic ----

    /**
     * Stochastic pooling in training (Zeiler, Fergus 2013, arXiv:1301.3557, equations 4 and 5): of each window one element is
     * drawn, element i with probability x_i / (sum of the window). Negative elements count as 0; a window of zeros gives 0.
     *
     * <p>The draw is a race of exponential clocks: element i rings after E_i / x_i, E_i being exponentially distributed
     * random numbers, and the first to ring wins. Every element has one clock, so that windows which overlap are not
     * independent of each other, each for itself having the right probabilities.
     *
     * @param x [N, C, L] or [N, C, H, W]
     * @param seed any number
     * @param step int64 scalar: another step, other draws
     */
    public static Tensor stochastic(Tensor x, Window window, long seed, Tensor step) {
        long[] out = checkStochastic(x, window);
        Tensor image = window.rank() == 1 ? lines(x) : x;
        Tensor rates = image.relu();
        Spec spec = new Spec(x.dtype(), image.shape(), Layout.CHANNELS_LAST);
        Tensor uniform = Ops.apply(new RandomFill(RandomFill.Kind.UNIFORM, 0x1p-24, 1 - 0x1p-24, seed, spec), step);
        Tensor keys = rates.div(uniform.log().neg());
        Tensor index = Ops.applyAll(new MaxPool2d(window.inner(), false), keys)[1];
        Tensor y = Ops.apply(new PoolGather(), rates, index);
        return window.rank() == 1 ? y.reshape(shape(x, out)) : y;
    }

    /** Stochastic pooling in inference (equation 6): the mean under those probabilities, sum of x_i^2 / sum of x_i. */
    public static Tensor stochasticMean(Tensor x, Window window) {
        checkStochastic(x, window);
        Tensor rates = x.relu();
        Tensor least = Tensor.full(x.dtype(), Shape.scalar(), Float.MIN_NORMAL);
        Tensor sum = average(rates, window, false, false).maximum(least, Broadcast.YES);
        return average(rates.square(), window, false, false).div(sum);
    }

    private static long[] checkStochastic(Tensor x, Window window) {
        if (window.rank() == 3) {
            throw new IllegalArgumentException("stochastic_pool: takes windows over lines and images, not " + window);
        }
        return check("stochastic_pool", x, window, false);
    }

    // ---- shapes ----

    /** [N, C, ...] as images of one row and one channel: no conversion of the layout. */
    private static Tensor lines(Tensor x) {
        Shape s = x.shape();
        return x.reshape(s.dim(0) * s.dim(1), 1, 1, s.count() / (s.dim(0) * s.dim(1)));
    }

    private static long[] shape(Tensor x, long[] sizes) {
        long[] shape = new long[2 + sizes.length];
        shape[0] = x.shape().dim(0);
        shape[1] = x.shape().dim(1);
        System.arraycopy(sizes, 0, shape, 2, sizes.length);
        return shape;
    }

    private static long[] check(String what, Tensor x, Window window, boolean ceilMode) {
        Convolution.checkRank(what, x, window);
        for (Window.Axis a : window.axes()) {
            if (a.before() != a.after() || 2 * a.before() > a.kernel()) {
                throw new IllegalArgumentException(what + ": the padding must be the same on both sides and at most half the kernel, not " + window);
            }
        }
        return window.out(what, x.shape().dims(), ceilMode);
    }

    private static void checkSizes(String what, Tensor x, long[] sizes) {
        if (sizes.length < 1 || sizes.length > 3 || x.shape().rank() != 2 + sizes.length || Arrays.stream(sizes).anyMatch(s -> s < 1)) {
            throw new IllegalArgumentException(what + ": needs x [N, C, ...] and a size of at least 1 for each of its 1 to 3 last dimensions, not "
                    + x.shape() + " and " + Arrays.toString(sizes));
        }
    }
}
