package dev.sinew.onnx;

import static dev.sinew.onnx.ExportNode.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.sinew.Tensor;
import dev.sinew.op.Gemm;
import dev.sinew.op.Recurrence;
import dev.sinew.op.Reshape;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent layer in one direction in ONNX, whose operators multiply the input by its weight themselves: where that
 * product stands before the layer with a constant weight it is taken into the operator, else the operator multiplies by one.
 */
final class ExportRecurrence {
    private ExportRecurrence() {}

    static void write(ExportNode node, Recurrence op) {
        node.requireSame();
        Tensor weight = node.input(1);
        long hidden = weight.shape().dim(1);
        if (weight.isSymbolic() || op.bias() && node.input(2).isSymbolic()) {
            throw node.unsupported("needs weights that are constants");
        }
        int[] order = order(op.kind());
        Tensor gx = node.input(0);
        Gemm product = product(gx);
        Tensor w;
        Tensor wBias;
        String x;
        if (product != null) {
            Tensor[] in = gx.node().inputs()[0].node().inputs();
            w = in[1];
            wBias = in.length == 3 ? in[2] : null;
            x = node.apply("Reshape", List.of(node.graph().name(in[0]), node.graph().longs(gx.shape().dim(0), -1, in[0].shape().dim(1))));
        } else {
            w = identity(gx);
            wBias = null;
            x = node.in(0);
        }
        ExportGraph graph = node.graph();
        String bias = "";
        if (op.bias() || wBias != null) {
            Tensor zeros = Tensor.full(gx.dtype(), dev.sinew.Shape.of(gx.shape().dim(2)), 0);
            Tensor both = Tensor.concat(0, sorted(wBias == null ? zeros : wBias, order, hidden), sorted(op.bias() ? node.input(2) : zeros, order, hidden));
            bias = graph.constant("bias", both.reshape(1, -1));
        }
        List<String> inputs = new ArrayList<>(List.of(x, graph.constant("weight", leading(sorted(w, order, hidden))),
                graph.constant("recurrence", leading(sorted(weight, order, hidden))), bias));
        int next = op.bias() ? 3 : 2;
        int states = op.initial() ? op.kind() == Recurrence.Kind.LSTM ? 2 : 1 : 0;
        if (op.lengths()) {
            inputs.add(node.in(next + states));
        } else if (states > 0) {
            inputs.add("");
        }
        for (int i = 0; i < states; i++) {
            inputs.add(node.apply("Unsqueeze", List.of(node.in(next + i), graph.longs(0))));
        }
        boolean lstm = op.kind() == Recurrence.Kind.LSTM;
        List<String> outputs = node.apply(operator(op.kind()), lstm ? 3 : 2, inputs, attributes(op, hidden));
        node.is(op.yOutput(), node.apply("Squeeze", List.of(outputs.get(0), graph.longs(1))));
        node.is(op.stateOutput(), node.apply("Squeeze", List.of(outputs.get(1), graph.longs(0))));
        if (lstm) {
            node.is(op.stateOutput() + 1, node.apply("Squeeze", List.of(outputs.get(2), graph.longs(0))));
        }
    }

    private static String operator(Recurrence.Kind kind) {
        return switch (kind) {
            case LSTM -> "LSTM";
            case GRU -> "GRU";
            case RNN_TANH, RNN_RELU -> "RNN";
        };
    }

    private static AttributeProto[] attributes(Recurrence op, long hidden) {
        List<AttributeProto> attributes = new ArrayList<>(List.of(attribute("hidden_size", hidden),
                attribute("direction", op.reverse() ? "reverse" : "forward")));
        if (op.kind() == Recurrence.Kind.GRU) {
            attributes.add(attribute("linear_before_reset", 1));
        } else if (op.kind() == Recurrence.Kind.RNN_RELU) {
            attributes.add(attribute("activations", List.of("Relu")));
        }
        return attributes.toArray(AttributeProto[]::new);
    }

    /** For each of ONNX's gates the place of ours: i, o, f, c of i, f, g, o; z, r, h of r, z, n. */
    private static int[] order(Recurrence.Kind kind) {
        return switch (kind) {
            case LSTM -> new int[] {0, 3, 1, 2};
            case GRU -> new int[] {1, 0, 2};
            case RNN_TANH, RNN_RELU -> new int[] {0};
        };
    }

    private static Tensor sorted(Tensor rows, int[] order, long hidden) {
        Tensor[] parts = new Tensor[order.length];
        for (int i = 0; i < order.length; i++) {
            parts[i] = rows.slice(0, order[i] * hidden, hidden);
        }
        return Tensor.concat(0, parts);
    }

    private static Tensor leading(Tensor matrix) {
        return matrix.reshape(1, matrix.shape().dim(0), matrix.shape().dim(1));
    }

    private static Tensor identity(Tensor gx) {
        int size = Math.toIntExact(gx.shape().dim(2));
        double[] ones = new double[Math.multiplyExact(size, size)];
        for (int i = 0; i < size; i++) {
            ones[i * size + i] = 1;
        }
        return Tensor.of(ones, size, size).cast(gx.dtype());
    }

    /** The product x W^T + b of all steps, x being [T N, I], that the gates' share of the input is; else null. */
    private static Gemm product(Tensor gx) {
        if (!gx.isSymbolic() || !(gx.node().op() instanceof Reshape)) {
            return null;
        }
        Tensor rows = gx.node().inputs()[0];
        if (!rows.isSymbolic() || !(rows.node().op() instanceof Gemm gemm) || gemm.transA() || !gemm.transB()
                || rows.shape().rank() != 2 || rows.shape().dim(1) != gx.shape().dim(2)) {
            return null;
        }
        Tensor[] in = rows.node().inputs();
        boolean constant = !in[1].isSymbolic() && (in.length < 3 || !in[2].isSymbolic());
        return constant ? gemm : null;
    }
}
