package dev.sinew.onnx;

import dev.sinew.Broadcast;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.PadMode;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dInputGradient;
import dev.sinew.op.Gemm;
import dev.sinew.op.MatMul;
import dev.sinew.op.Ops;
import dev.sinew.op.Pad;
import dev.sinew.op.Window2d;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Convolutions and matrix products. */
final class ConvolutionOperators {
    private ConvolutionOperators() {}

    static void register(Map<String, Operator> operators) {
        operators.put("Conv", ConvolutionOperators::conv);
        operators.put("ConvTranspose", ConvolutionOperators::transposed);
        operators.put("ConvInteger", ConvolutionOperators::convInteger);
        operators.put("Gemm", ConvolutionOperators::gemm);
        operators.put("MatMul", node -> List.of(Value.of(node.in(0).type(), MatMul.of(node.x(0), node.x(1)))));
        operators.put("MatMulInteger", ConvolutionOperators::matmulInteger);
    }

    // ---- convolutions ----

    private static List<Value> conv(OnnxNode node) {
        Tensor y = conv(node, node.x(0), node.x(1), node.has(2) ? node.x(2) : null);
        return List.of(Value.of(node.in(0).type(), y));
    }

    private static Tensor conv(OnnxNode node, Tensor x, Tensor weight, Tensor bias) {
        int spatial = x.shape().rank() - 2;
        if (spatial < 1 || spatial > 3 || weight.shape().rank() != spatial + 2) {
            throw node.unsupported("convolution over " + spatial + " dimensions");
        }
        long[] image = Arrays.copyOfRange(x.shape().dims(), 2, 2 + spatial);
        long[] kernel = Arrays.copyOfRange(weight.shape().dims(), 2, 2 + spatial);
        long[] given = node.attrs("kernel_shape");
        if (given != null && !Arrays.equals(given, kernel)) {
            throw node.error("the kernel " + Arrays.toString(given) + " is not that of the weight");
        }
        Windows w = Windows.of(node, image, kernel);
        if (spatial == 3) {
            return Convolution.conv(x, weight, bias, w.window(), PadMode.ZEROS, node.attr("group", 1L));
        }
        Tensor padded = x;
        boolean symmetric = Arrays.equals(w.before(), w.after());
        if (!symmetric) {
            padded = pad(x, w.before(), w.after(), 0);
            w = w.withoutPadding();
        }
        if (spatial == 1) {
            Tensor y = conv2d(node, flat(padded), flat(weight), bias, w.in2d());
            return y.reshape(y.shape().dim(0), y.shape().dim(1), y.shape().dim(3));
        }
        return conv2d(node, padded, weight, bias, w.in2d());
    }

    private static Tensor conv2d(OnnxNode node, Tensor x, Tensor weight, Tensor bias, Window2d window) {
        return Ops.apply(new Conv2d(window, node.attr("group", 1L)), Ops.present(x, weight, bias));
    }

    /** [N, C, L] as [N, C, 1, L]. */
    static Tensor flat(Tensor x) {
        long[] d = x.shape().dims();
        return x.reshape(d[0], d[1], 1, d[2]);
    }

    /** Values around the image of [N, C, ...]; negative widths crop. */
    static Tensor pad(Tensor x, long[] before, long[] after, double value) {
        int rank = x.shape().rank();
        long[] b = new long[rank];
        long[] a = new long[rank];
        System.arraycopy(before, 0, b, 2, before.length);
        System.arraycopy(after, 0, a, 2, after.length);
        boolean nothing = Arrays.stream(b).allMatch(w -> w == 0) && Arrays.stream(a).allMatch(w -> w == 0);
        return nothing ? x : Ops.apply(new Pad(b, a, value), x);
    }

    private static List<Value> transposed(OnnxNode node) {
        Tensor x = node.x(0);
        Tensor weight = node.x(1);
        int spatial = x.shape().rank() - 2;
        if (spatial < 1 || spatial > 3) {
            throw node.unsupported("transposed convolution over " + spatial + " dimensions");
        }
        long[] image = Arrays.copyOfRange(x.shape().dims(), 2, 2 + spatial);
        long[] kernel = Arrays.copyOfRange(weight.shape().dims(), 2, 2 + spatial);
        long[] ones = new long[spatial];
        Arrays.fill(ones, 1);
        node.ignore("kernel_shape");
        long[] strides = node.attrs("strides", ones);
        long[] dilations = node.attrs("dilations", ones);
        long[] extra = node.attrs("output_padding", new long[spatial]);
        long[] pads = node.attrs("pads", new long[2 * spatial]);
        long[] sizes = node.attrs("output_shape");
        String auto = node.attr("auto_pad", "NOTSET");
        long[] full = new long[spatial];
        long[] before = new long[spatial];
        long[] after = new long[spatial];
        for (int d = 0; d < spatial; d++) {
            full[d] = strides[d] * (image[d] - 1) + dilations[d] * (kernel[d] - 1) + 1;
            before[d] = -pads[d];
            after[d] = extra[d] - pads[d + spatial];
            if (sizes != null || auto.startsWith("SAME")) {
                long size = sizes != null ? sizes[sizes.length - spatial + d] : image[d] * strides[d];
                long total = Math.max(0, full[d] + extra[d] - size);
                before[d] = -(auto.equals("SAME_UPPER") ? total / 2 : total - total / 2);
                after[d] = size - full[d] - before[d];
            }
        }
        Windows w = new Windows(kernel, strides, dilations, new long[spatial], new long[spatial], false);
        long channels = weight.shape().dim(1) * node.attr("group", 1L);
        if (spatial == 3) {
            Tensor full3d = Convolution.transposed(x, weight, null, w.window(), new long[3], node.attr("group", 1L));
            return List.of(Value.of(node.in(0).type(), finished(node, full3d, before, after, channels)));
        }
        Shape result = spatial == 1 ? Shape.of(x.shape().dim(0), channels, 1, full[0]) : Shape.of(x.shape().dim(0), channels, full[0], full[1]);
        Conv2dInputGradient op = new Conv2dInputGradient(w.in2d(), node.attr("group", 1L), result);
        Tensor y = spatial == 1 ? Ops.apply(op, flat(x), flat(weight)).reshape(x.shape().dim(0), channels, full[0]) : Ops.apply(op, x, weight);
        return List.of(Value.of(node.in(0).type(), finished(node, y, before, after, channels)));
    }

    /** Cropped or padded to the size that is wanted, and the bias added. */
    private static Tensor finished(OnnxNode node, Tensor full, long[] before, long[] after, long channels) {
        Tensor y = pad(full, before, after, 0);
        if (!node.has(2)) {
            return y;
        }
        long[] dims = new long[before.length + 1];
        Arrays.fill(dims, 1);
        dims[0] = channels;
        return y.add(node.x(2).reshape(dims), Broadcast.YES);
    }

    private static List<Value> convInteger(OnnxNode node) {
        Tensor x = node.has(2) ? node.x(0).sub(node.x(2).reshape(), Broadcast.YES) : node.x(0);
        Tensor weight = node.x(1);
        if (node.has(3)) {
            Tensor zero = node.x(3);
            weight = weight.sub(zero.shape().rank() == 0 ? zero : zero.reshape(-1, 1, 1, 1), Broadcast.YES);
        }
        return List.of(Value.of(ElementType.INT32, conv(node, x, weight, null)));
    }

    // ---- matrices ----

    private static List<Value> gemm(OnnxNode node) {
        Tensor a = node.x(0);
        Tensor b = node.x(1);
        double alpha = node.attr("alpha", 1.0);
        double beta = node.attr("beta", 1.0);
        Gemm gemm = new Gemm(node.flag("transA", false), node.flag("transB", false));
        node.ignore("broadcast");
        if (alpha == 1 && beta == 1 && node.has(2) && node.in(2).rank() == 1 && node.in(2).dims()[0] == b.shape().dim(gemm.transB() ? 0 : 1)) {
            return List.of(Value.of(node.in(0).type(), Ops.apply(gemm, a, b, node.x(2))));
        }
        Tensor y = Ops.apply(gemm, a, b);
        y = alpha == 1 ? y : y.mul(alpha);
        if (node.has(2)) {
            Tensor c = node.x(2);
            y = y.add(beta == 1 ? c : c.mul(beta), Broadcast.YES);
        }
        return List.of(Value.of(node.in(0).type(), y));
    }

    private static List<Value> matmulInteger(OnnxNode node) {
        Tensor a = node.has(2) ? node.x(0).sub(rows(node.x(2)), Broadcast.YES) : node.x(0);
        Tensor b = node.has(3) ? node.x(1).sub(node.x(3), Broadcast.YES) : node.x(1);
        return List.of(Value.of(ElementType.INT32, MatMul.of(a, b)));
    }

    private static Tensor rows(Tensor zero) {
        return zero.shape().count() == 1 ? zero.reshape() : zero.shape().rank() == 1 ? zero.reshape(-1, 1) : zero;
    }
}
