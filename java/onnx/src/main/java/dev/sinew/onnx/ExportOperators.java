package dev.sinew.onnx;

import static dev.sinew.onnx.ExportNode.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.op.Activation;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Binary;
import dev.sinew.op.BroadcastTo;
import dev.sinew.op.Cast;
import dev.sinew.op.Concat;
import dev.sinew.op.Conv2d;
import dev.sinew.op.Conv2dInputGradient;
import dev.sinew.op.Convert;
import dev.sinew.op.Copy;
import dev.sinew.op.Fill;
import dev.sinew.op.Gather;
import dev.sinew.op.Gemm;
import dev.sinew.op.GroupNorm;
import dev.sinew.op.IndexAdd;
import dev.sinew.op.IndexSelect;
import dev.sinew.op.MatMul;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Pad;
import dev.sinew.op.Permute;
import dev.sinew.op.PoolGather;
import dev.sinew.op.PoolScatter;
import dev.sinew.op.Recurrence;
import dev.sinew.op.Reduce;
import dev.sinew.op.Resample;
import dev.sinew.op.Reshape;
import dev.sinew.op.ScatterAdd;
import dev.sinew.op.Slice;
import dev.sinew.op.Softmax;
import dev.sinew.op.Taps;
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What each operation is in ONNX. */
final class ExportOperators {
    private ExportOperators() {}

    static void write(ExportNode node) {
        switch (node.op()) {
            case Conv2d op -> conv(node, op);
            case Conv2dInputGradient op -> transposed(node, op);
            case Gemm op -> gemm(node, op);
            case GroupNorm op -> ExportNorm.write(node, op);
            case BatchNormInfer op -> {
                node.write("BatchNormalization", node.ins(), attribute("epsilon", op.eps()));
                activate(node, op.activation());
            }
            case MaxPool2d op -> maxPool(node, op);
            case AvgPool2d op -> avgPool(node, op);
            case Unary op -> ExportUnary.write(node, op);
            case Binary op -> binary(node, op);
            case Reduce op -> reduce(node, op);
            case Softmax op -> node.write(op.log() ? "LogSoftmax" : "Softmax", node.ins(), attribute("axis", -1));
            case MatMul op -> matmul(node, op);
            case IndexSelect op -> node.write("Gather", node.ins(), attribute("axis", node.input(0).shape().index(op.dim())));
            case Gather op -> node.write("GatherElements", node.ins(), attribute("axis", node.input(0).shape().index(op.dim())));
            case PoolGather _ -> ExportPlaces.gather(node);
            case PoolScatter op -> ExportPlaces.scatter(node, op);
            case ScatterAdd op -> ExportPlaces.add(node, op);
            case IndexAdd op -> ExportPlaces.add(node, op);
            case Resample op -> resample(node, op);
            case Recurrence op -> ExportRecurrence.write(node, op);
            case Reshape _, Convert _, Copy _, BroadcastTo _, Fill _, Cast _, Permute _, Concat _, Slice _, Pad _ -> writeShape(node);
            default -> throw node.unsupported("has no counterpart in ONNX");
        }
    }

    private static void writeShape(ExportNode node) {
        switch (node.op()) {
            case Reshape _ -> reshape(node);
            case BroadcastTo _ -> expand(node);
            case Fill op -> node.write("Expand", List.of(node.graph().scalar(op.spec().dtype(), op.value()),
                    node.graph().sizes(op.name(), op.spec().shape().dims(), node.otherOutput(0).shape().dims())));
            case Cast op -> node.write("Cast", node.ins(), attribute("to", ExportGraph.type(op.to())));
            case Permute op -> node.write("Transpose", node.ins(), attribute("perm",
                    op.order().stream().mapToLong(d -> node.input(0).shape().index(d)).toArray()));
            case Concat op -> node.write("Concat", node.ins(), attribute("axis", node.input(0).shape().index(op.dim())));
            case Slice op -> slice(node, op);
            case Pad op -> pad(node, op);
            default -> node.is(0, node.in(0));
        }
    }

    private static void activate(ExportNode node, Activation activation) {
        String x = node.graph().name(node.output(0));
        switch (activation.kind()) {
            case IDENTITY -> { }
            case RELU -> node.write("Relu", List.of(x));
            case SIGMOID -> node.write("Sigmoid", List.of(x));
            case TANH -> node.write("Tanh", List.of(x));
            case LEAKY_RELU -> node.write("LeakyRelu", List.of(x), attribute("alpha", activation.alpha()));
            case ELU -> node.write("Elu", List.of(x), attribute("alpha", activation.alpha()));
        }
    }

    // ---- layers ----

    private static List<AttributeProto> window(Window2d w, long extraH, long extraW) {
        return new ArrayList<>(List.of(attribute("kernel_shape", w.kernelH(), w.kernelW()), attribute("strides", w.strideH(), w.strideW()),
                attribute("dilations", w.dilationH(), w.dilationW()), attribute("pads", w.padH(), w.padW(), w.padH() + extraH, w.padW() + extraW)));
    }

    private static void conv(ExportNode node, Conv2d op) {
        if (op.residual() || op.packed()) {
            throw node.unsupported("is one of a compiled plan");
        }
        List<AttributeProto> attributes = window(op.window(), 0, 0);
        attributes.add(attribute("group", op.groups()));
        node.write("Conv", node.ins(), attributes.toArray(AttributeProto[]::new));
        activate(node, op.activation());
    }

    private static void transposed(ExportNode node, Conv2dInputGradient op) {
        Window2d w = op.window();
        Shape in = node.input(0).shape();
        Shape out = node.output(0).shape();
        long h = (in.dim(2) - 1) * w.strideH() + w.dilationH() * (w.kernelH() - 1) + 1 - 2 * w.padH();
        long v = (in.dim(3) - 1) * w.strideW() + w.dilationW() * (w.kernelW() - 1) + 1 - 2 * w.padW();
        List<AttributeProto> attributes = window(w, 0, 0);
        attributes.add(attribute("group", op.groups()));
        attributes.add(attribute("output_padding", out.dim(2) - h, out.dim(3) - v));
        node.write("ConvTranspose", node.ins(), attributes.toArray(AttributeProto[]::new));
    }

    private static void gemm(ExportNode node, Gemm op) {
        node.write("Gemm", node.ins(), attribute("transA", op.transA() ? 1 : 0), attribute("transB", op.transB() ? 1 : 0));
        activate(node, op.activation());
    }

    private static String swapped(ExportNode node, int i) {
        long[] order = Arrays.stream(ReductionOperators.range(node.input(i).shape().rank())).asLongStream().toArray();
        int last = order.length - 1;
        order[last] = last - 1;
        order[last - 1] = last;
        return node.apply("Transpose", List.of(node.in(i)), attribute("perm", order));
    }

    private static void matmul(ExportNode node, MatMul op) {
        String a = op.transA() ? swapped(node, 0) : node.in(0);
        String b = op.transB() ? swapped(node, 1) : node.in(1);
        String y = node.apply("MatMul", List.of(a, b));
        node.is(0, op.alpha() == 1 ? y : node.apply("Mul", List.of(y, node.graph().scalar(node.output(0).dtype(), op.alpha()))));
    }

    /** Elements taken as they are, else a product with the matrix as it is, with its zeros. */
    private static void resample(ExportNode node, Resample op) {
        node.requireSame();
        Taps taps = op.taps();
        long[] places = places(taps);
        if (places.length > 0) {
            node.write("Gather", List.of(node.in(0), node.graph().longs(places)), attribute("axis", node.input(0).shape().index(op.dim())));
            return;
        }
        double[] matrix = new double[Math.toIntExact(taps.size() * taps.outputs())];
        for (int out = 0; out < taps.outputs(); out++) {
            for (Taps.Tap tap : taps.row(out)) {
                matrix[(int) (tap.place() * taps.outputs() + out)] += tap.weight();
            }
        }
        int rank = node.input(0).shape().rank();
        int[] order = Compose.lastOrder(node.input(0).shape().index(op.dim()), rank);
        Tensor weights = Tensor.of(matrix, taps.size(), taps.outputs()).cast(node.input(0).dtype());
        String x = node.apply("Transpose", node.ins(), attribute("perm", Arrays.stream(order).asLongStream().toArray()));
        String y = node.apply("MatMul", List.of(x, node.graph().constant("taps", weights)));
        node.write("Transpose", List.of(y), attribute("perm", Arrays.stream(Compose.inverse(order)).asLongStream().toArray()));
    }

    /** The element that each place of the result is; none when something else than taking elements is done. */
    private static long[] places(Taps taps) {
        long[] places = new long[(int) taps.outputs()];
        for (int out = 0; out < places.length; out++) {
            List<Taps.Tap> row = taps.row(out);
            if (row.size() != 1 || row.getFirst().weight() != 1) {
                return new long[0];
            }
            places[out] = row.getFirst().place();
        }
        return places;
    }

    /** How much has to be added behind for all windows to be there without ONNX's own, differing, ceil mode. */
    private static long extra(long size, long out, long kernel, long stride, long pad, long dilation) {
        return Math.max(0, (out - 1) * stride + dilation * (kernel - 1) + 1 - size - 2 * pad);
    }

    private static long[] extras(ExportNode node, Window2d w) {
        Shape x = node.input(0).shape();
        Shape y = node.output(0).shape();
        return new long[] {extra(x.dim(2), y.dim(2), w.kernelH(), w.strideH(), w.padH(), w.dilationH()),
            extra(x.dim(3), y.dim(3), w.kernelW(), w.strideW(), w.padW(), w.dilationW())};
    }

    private static void maxPool(ExportNode node, MaxPool2d op) {
        long[] extra = extras(node, op.window());
        AttributeProto[] attributes = window(op.window(), extra[0], extra[1]).toArray(AttributeProto[]::new);
        if (!node.graph().isNeeded(node.output(1))) {
            node.write("MaxPool", node.ins(), attributes);
            return;
        }
        // ONNX counts the elements of all planes
        List<String> both = node.apply("MaxPool", 2, node.ins(), attributes);
        Shape x = node.input(0).shape();
        String place = node.apply("Mod", List.of(both.get(1), node.graph().longs(x.dim(2) * x.dim(3))));
        node.is(0, both.getFirst());
        node.is(1, node.apply("Cast", List.of(place), attribute("to", ElementType.INT32.code())));
    }

    private static void avgPool(ExportNode node, AvgPool2d op) {
        Window2d w = op.window();
        long[] extra = extras(node, w);
        List<AttributeProto> attributes = window(w, extra[0], extra[1]);
        attributes.removeIf(attribute -> attribute.getName().equals("dilations"));
        attributes.add(attribute("count_include_pad", op.countIncludePad() ? 1 : 0));
        String y = node.apply("AveragePool", node.ins(), attributes.toArray(AttributeProto[]::new));
        if (op.countIncludePad() && (extra[0] > 0 || extra[1] > 0)) {
            y = node.apply("Mul", List.of(y, node.graph().constant("constant", shares(node, w))));
        }
        node.is(0, y);
    }

    /** Kernel size divided by the pixels of each window that count: the last ones of ceil mode reach beyond the padding. */
    private static Tensor shares(ExportNode node, Window2d w) {
        Shape x = node.input(0).shape();
        Shape y = node.output(0).shape();
        double[] shares = new double[Math.toIntExact(y.dim(2) * y.dim(3))];
        for (int i = 0; i < shares.length; i++) {
            long row = i / y.dim(3) * w.strideH();
            long column = i % y.dim(3) * w.strideW();
            long rows = Math.min(w.kernelH(), x.dim(2) + 2 * w.padH() - row);
            long columns = Math.min(w.kernelW(), x.dim(3) + 2 * w.padW() - column);
            shares[i] = (double) (w.kernelH() * w.kernelW()) / (rows * columns);
        }
        return Tensor.of(shares, 1, 1, y.dim(2), y.dim(3)).cast(node.input(0).dtype());
    }

    // ---- elements and reductions ----

    private static void binary(ExportNode node, Binary op) {
        switch (op.kind()) {
            case ADD -> node.write("Add", node.ins());
            case SUB -> node.write("Sub", node.ins());
            case MUL -> node.write("Mul", node.ins());
            case DIV -> node.write("Div", node.ins());
            case POW -> node.write("Pow", node.ins());
            case MAXIMUM -> node.write("Max", node.ins());
            case MINIMUM -> node.write("Min", node.ins());
            case EQUAL, GREATER -> {
                String truth = node.apply(op.kind() == Binary.Kind.EQUAL ? "Equal" : "Greater", node.ins());
                node.write("Cast", List.of(truth), attribute("to", ExportGraph.type(node.output(0).dtype())));
            }
            default -> throw node.unsupported("has no counterpart in ONNX");
        }
    }

    private static void reduce(ExportNode node, Reduce op) {
        node.requireSame();
        Shape x = node.input(0).shape();
        long[] axes = op.dims().isEmpty() ? Arrays.stream(ReductionOperators.range(x.rank())).asLongStream().toArray()
                : op.dims().stream().mapToLong(x::index).sorted().toArray();
        AttributeProto keep = attribute("keepdims", op.keep() ? 1 : 0);
        if (axes.length == 0) {
            throw node.unsupported("of a scalar has no counterpart in ONNX");
        }
        switch (op.kind()) {
            case SUM -> node.write("ReduceSum", List.of(node.in(0), node.graph().longs(axes)), keep);
            case MEAN -> node.write("ReduceMean", node.ins(), attribute("axes", axes), keep);
            case MAX -> node.write("ReduceMax", node.ins(), attribute("axes", axes), keep);
            case ARGMAX -> {
                if (axes.length != 1) {
                    throw node.unsupported("over several dimensions has no counterpart in ONNX");
                }
                String place = node.apply("ArgMax", node.ins(), attribute("axis", axes[0]), keep);
                node.write("Cast", List.of(place), attribute("to", ElementType.INT32.code()));
            }
            default -> throw node.unsupported("has no counterpart in ONNX");
        }
    }

    // ---- shapes ----

    private static void reshape(ExportNode node) {
        long[] a = node.output(0).shape().dims();
        long[] b = node.otherOutput(0).shape().dims();
        int open = -1;
        int differing = 0;
        for (int d = 0; d < a.length; d++) {
            if (a[d] != b[d]) {
                open = d;
                differing++;
            }
        }
        if (differing == 1) {
            a[open] = -1;
            b = a;
        }
        node.write("Reshape", List.of(node.in(0), node.graph().sizes(node.op().name(), a, b)));
    }

    private static void expand(ExportNode node) {
        long[] a = node.output(0).shape().dims();
        long[] b = node.otherOutput(0).shape().dims();
        Shape x = node.input(0).shape();
        for (int d = 1; d <= x.rank(); d++) {
            if (x.dim(-d) == a[a.length - d]) {
                // nothing to repeat, whatever the size
                a[a.length - d] = 1;
                b[a.length - d] = 1;
            }
        }
        node.write("Expand", List.of(node.in(0), node.graph().sizes(node.op().name(), a, b)));
    }

    private static void slice(ExportNode node, Slice op) {
        int dim = node.input(0).shape().index(op.dim());
        Slice other = (Slice) node.other();
        long end = op.start() + (op.length() - 1) * op.step() + 1;
        if (op.start() != other.start() || op.step() != other.step()) {
            node.requireSame();
        }
        if (op.length() != other.length()) {
            long otherEnd = other.start() + (other.length() - 1) * other.step() + 1;
            if (end + op.step() <= node.input(0).shape().dim(dim) || otherEnd + op.step() <= node.otherInput(0).shape().dim(dim)) {
                node.requireSame();
            }
            end = Long.MAX_VALUE;
        }
        ExportGraph graph = node.graph();
        node.write("Slice", List.of(node.in(0), graph.longs(op.start()), graph.longs(end), graph.longs(dim), graph.longs(op.step())));
    }

    private static void pad(ExportNode node, Pad op) {
        node.requireSame();
        int rank = op.before().size();
        long[] widths = new long[2 * rank];
        for (int d = 0; d < rank; d++) {
            widths[d] = op.before().get(d);
            widths[d + rank] = op.after().get(d);
        }
        DType dtype = node.input(0).dtype();
        node.write("Pad", List.of(node.in(0), node.graph().longs(widths), node.graph().scalar(dtype, op.value())));
    }
}
