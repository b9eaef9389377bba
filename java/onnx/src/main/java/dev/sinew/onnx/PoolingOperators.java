package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Pooling;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduce;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Maximum, mean and norm of windows of [N, C, ...] in any number of dimensions. */
final class PoolingOperators {
    private PoolingOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("MaxPool", PoolingOperators::max);
        operators.put("MaxUnpool", PoolingOperators::unpool);
        operators.put("AveragePool", PoolingOperators::average);
        operators.put("LpPool", PoolingOperators::norm);
        operators.put("GlobalMaxPool", node -> global(node, Reduce.Kind.MAX));
        operators.put("GlobalAveragePool", node -> global(node, Reduce.Kind.MEAN));
        operators.put("GlobalLpPool", PoolingOperators::globalNorm);
    }

    private static Windows windows(OnnxNode node) {
        Value x = node.in(0);
        long[] kernel = node.attrs("kernel_shape");
        if (kernel == null || x.rank() < 3) {
            throw node.error("needs [N, C, ...] and a kernel_shape");
        }
        return Windows.of(node, Arrays.copyOfRange(x.dims(), 2, x.rank()), kernel);
    }

    private static long[] image(Tensor x) {
        return Arrays.copyOfRange(x.shape().dims(), 2, x.shape().rank());
    }

    private static long[] sum(long[] a, long[] b) {
        long[] sum = new long[a.length];
        Arrays.setAll(sum, d -> a[d] + b[d]);
        return sum;
    }

    /** A function of windows, applied along two dimensions at a time: what is taken of what was taken is that of all. */
    private static Tensor separable(Tensor x, Windows w, BiFunction<Tensor, Window2d, Tensor> pool) {
        Tensor y = x;
        int n = w.kernel().length;
        for (int d = n - 1; d >= 0; d -= 2) {
            long[] dims = y.shape().dims();
            boolean pair = d > 0;
            // [everything before, one or two pooled dimensions, everything behind]
            long behind = 1;
            for (int k = d + 3; k < dims.length; k++) {
                behind *= dims[k];
            }
            if (behind == 1 && pair) {
                Window2d window = new Window2d(w.kernel()[d - 1], w.kernel()[d], w.strides()[d - 1], w.strides()[d], 0, 0,
                        w.dilations()[d - 1], w.dilations()[d]);
                Tensor pooled = pool.apply(y.reshape(dims[0], -1, dims[d + 1], dims[d + 2]), window);
                dims[d + 1] = pooled.shape().dim(2);
                dims[d + 2] = pooled.shape().dim(3);
                y = pooled.reshape(dims);
            } else {
                Window2d window = new Window2d(w.kernel()[d], 1, w.strides()[d], 1, 0, 0, w.dilations()[d], 1);
                Tensor pooled = pool.apply(y.reshape(dims[0], -1, dims[d + 2], behind), window);
                dims[d + 2] = pooled.shape().dim(2);
                y = pooled.reshape(dims);
                d++;
            }
        }
        return y;
    }

    private static List<Value> max(OnnxNode node) {
        Windows w = windows(node);
        Value x = node.in(0);
        Tensor tensor = node.x(0);
        long order = node.attr("storage_order", 0L);
        if (node.wants(1)) {
            return maxWithPlaces(node, tensor, w, order);
        }
        double least = x.type() == ElementType.UINT8 || x.type() == ElementType.INT8 ? x.type().isUnsigned() ? 0 : -128 : Double.NEGATIVE_INFINITY;
        if (w.kernel().length == 2 && !w.ceil() && Arrays.equals(w.before(), w.after()) && halfAtMost(w)) {
            return List.of(Value.of(x.type(), Ops.applyAll(new MaxPool2d(w.in2d(), false), tensor)[0]));
        }
        Tensor padded = ConvolutionOperators.pad(tensor, w.before(), sum(w.after(), w.ceilExtra(image(tensor))), least);
        return List.of(Value.of(x.type(), separable(padded, w, (t, window) -> Ops.applyAll(new MaxPool2d(window, false), t)[0])));
    }

    private static boolean halfAtMost(Windows w) {
        for (int d = 0; d < w.kernel().length; d++) {
            if (2 * w.before()[d] > w.kernel()[d]) {
                return false;
            }
        }
        return true;
    }

    /** The second output counts all elements of the input, columns first when storage_order is 1. */
    private static List<Value> maxWithPlaces(OnnxNode node, Tensor x, Windows w, long order) {
        long[] dims = x.shape().dims();
        if (w.kernel().length > 2 || w.ceil() || !Arrays.equals(w.before(), w.after()) || !halfAtMost(w)) {
            throw node.unsupported("the output Indices with these windows");
        }
        Tensor image = w.kernel().length == 1 ? ConvolutionOperators.flat(x) : x;
        Tensor[] both = Ops.applyAll(new MaxPool2d(w.in2d(), false), image);
        Tensor place = both[1].cast(DType.F64);
        long height = image.shape().dim(2);
        long width = image.shape().dim(3);
        if (order == 1) {
            Tensor row = Compose.floor(place.mul(1.0 / width).add(0.25 / width));
            Tensor column = place.sub(row.mul(width));
            place = column.mul(height).add(row);
        }
        Tensor planes = Compose.iota(DType.F64, dims[0] * dims[1], 0, 1).mul(height * width).reshape(dims[0], dims[1], 1, 1);
        Tensor all = place.add(planes, Broadcast.YES);
        Tensor y = both[0];
        if (w.kernel().length == 1) {
            y = y.reshape(dims[0], dims[1], -1);
            all = all.reshape(dims[0], dims[1], -1);
        }
        return List.of(Value.of(node.in(0).type(), y), Value.of(ElementType.INT64, all));
    }

    /** The places count all elements of the tensor that was pooled; an output_shape beyond that adds zeros at the end. */
    private static List<Value> unpool(OnnxNode node) {
        Windows w = windows(node);
        Tensor x = node.x(0);
        long[] dims = x.shape().dims();
        if (!Arrays.equals(dims, node.in(1).dims())) {
            throw node.error("needs a place for each element");
        }
        long[] sizes = image(x);
        long volume = 1;
        for (int d = 0; d < sizes.length; d++) {
            sizes[d] = (sizes[d] - 1) * w.strides()[d] - w.before()[d] - w.after()[d] + w.kernel()[d];
            if (sizes[d] < 1) {
                throw node.error("gives the sizes " + Arrays.toString(sizes));
            }
            volume *= sizes[d];
        }
        long[] wanted = node.has(2) ? node.longs(2) : sizes;
        if (wanted.length < sizes.length) {
            throw node.error("needs an output_shape of " + dims.length + " sizes, not " + Arrays.toString(wanted));
        }
        long[] more = new long[sizes.length];
        for (int d = 0; d < sizes.length; d++) {
            more[d] = wanted[wanted.length - sizes.length + d] - sizes[d];
            if (more[d] < 0) {
                throw node.unsupported("an output_shape of " + Arrays.toString(wanted) + " for " + Arrays.toString(sizes));
            }
        }
        long[] planes = dims.clone();
        Arrays.fill(planes, 2, planes.length, 1);
        Tensor first = Compose.iota(DType.F64, dims[0] * dims[1], 0, 1).mul(volume).reshape(planes);
        Tensor index = node.x(1).cast(DType.F64).sub(first, Broadcast.YES).cast(DType.I32);
        Tensor y = Pooling.unpool(x, index, sizes);
        return List.of(Value.of(node.in(0).type(), ConvolutionOperators.pad(y, new long[sizes.length], more, 0)));
    }

    /** The sum of each window, and what lies outside the image is 0. */
    private static Tensor sums(Tensor x, Windows w, long[] extra) {
        Tensor padded = ConvolutionOperators.pad(x, w.before(), sum(w.after(), extra), 0);
        return separable(padded, w, (t, window) -> {
            if (window.dilationH() == 1 && window.dilationW() == 1) {
                return Ops.apply(new AvgPool2d(window, false, true), t).mul(window.kernelH() * window.kernelW());
            }
            long channels = t.shape().dim(1);
            Tensor ones = Tensor.full(t.dtype(), Shape.of(channels, 1, window.kernelH(), window.kernelW()), 1);
            return Ops.apply(new dev.sinew.op.Conv2d(window, channels), t, ones);
        });
    }

    private static List<Value> average(OnnxNode node) {
        Windows w = windows(node);
        Tensor x = node.x(0);
        boolean padding = node.flag("count_include_pad", false);
        boolean plain = Arrays.equals(w.before(), w.after()) && halfAtMost(w) && !w.ceil() && Arrays.stream(w.dilations()).allMatch(d -> d == 1);
        if (w.kernel().length == 2 && plain) {
            return List.of(Value.of(node.in(0).type(), Ops.apply(new AvgPool2d(w.in2d(), false, padding), x)));
        }
        long[] extra = w.ceilExtra(image(x));
        long[] one = x.shape().dims();
        one[0] = 1;
        one[1] = 1;
        Tensor ones = Tensor.full(x.dtype(), Shape.of(one), 1);
        Tensor counts = padding ? sums(ConvolutionOperators.pad(ones, w.before(), w.after(), 1), w.withoutPadding(), extra) : sums(ones, w, extra);
        return List.of(Value.of(node.in(0).type(), sums(x, w, extra).div(counts, Broadcast.YES)));
    }

    private static List<Value> norm(OnnxNode node) {
        Windows w = windows(node);
        Tensor x = node.x(0);
        double p = node.opset() < 2 ? node.attr("p", 2.0) : node.attr("p", 2L);
        Tensor sums = sums(power(x, p), w, w.ceilExtra(image(x)));
        return List.of(Value.of(node.in(0).type(), root(sums, p)));
    }

    private static Tensor power(Tensor x, double p) {
        return p == 2 ? x.square() : p == 1 ? x.abs() : x.abs().pow(Compose.like(x, p), Broadcast.YES);
    }

    private static Tensor root(Tensor x, double p) {
        return p == 2 ? x.sqrt() : p == 1 ? x : x.pow(Compose.like(x, 1 / p), Broadcast.YES);
    }

    private static List<Integer> pixels(OnnxNode node) {
        if (node.in(0).rank() < 3) {
            throw node.error("needs [N, C, ...]");
        }
        return Arrays.stream(ReductionOperators.range(node.in(0).rank())).skip(2).boxed().toList();
    }

    private static List<Value> global(OnnxNode node, Reduce.Kind kind) {
        return List.of(Value.of(node.in(0).type(), ReductionOperators.reduce(kind, node.x(0), pixels(node))));
    }

    private static List<Value> globalNorm(OnnxNode node) {
        double p = node.opset() < 2 ? node.attr("p", 2.0) : node.attr("p", 2L);
        return List.of(Value.of(node.in(0).type(), root(ReductionOperators.sum(power(node.x(0), p), pixels(node)), p)));
    }
}
