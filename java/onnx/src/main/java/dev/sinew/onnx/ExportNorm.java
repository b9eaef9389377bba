package dev.sinew.onnx;

import static dev.sinew.onnx.ExportNode.attribute;

import dev.sinew.Shape;
import dev.sinew.op.GroupNorm;
import java.util.Arrays;
import java.util.List;

/** Normalisation of samples by themselves: ONNX's operators where there is one, else what it is made of. */
final class ExportNorm {
    private static final int LAYER_NORMALIZATION_SINCE = 17;

    private ExportNorm() {}

    static void write(ExportNode node, GroupNorm op) {
        Shape x = node.input(0).shape();
        boolean affine = node.inputs() == 3 && !op.rms();
        if (affine && x.rank() == 2 && op.groups() == 1 && node.graph().opset() >= LAYER_NORMALIZATION_SINCE) {
            node.write("LayerNormalization", node.ins(), attribute("axis", -1), attribute("epsilon", op.eps()));
        } else if (affine && x.rank() == 4 && op.groups() == x.dim(1)) {
            node.write("InstanceNormalization", node.ins(), attribute("epsilon", op.eps()));
        } else {
            composed(node, op);
        }
    }

    private static void composed(ExportNode node, GroupNorm op) {
        ExportGraph graph = node.graph();
        Shape x = node.input(0).shape();
        // groups as rows
        String rows = node.apply("Reshape", List.of(node.in(0), graph.longs(0, op.groups(), -1)));
        String centred = op.rms() ? rows : node.apply("Sub", List.of(rows, mean(node, rows)));
        String variance = mean(node, node.apply("Mul", List.of(centred, centred)));
        String sum = node.apply("Add", List.of(variance, graph.scalar(node.input(0).dtype(), op.eps())));
        String unit = node.apply("Div", List.of(centred, node.apply("Sqrt", List.of(sum))));
        long[] sizes = x.dims();
        sizes[0] = -1;
        String y = node.apply("Reshape", List.of(unit, graph.longs(sizes)));
        if (node.inputs() > 1) {
            y = node.apply("Mul", List.of(y, alongChannels(node, 1, x.rank())));
        }
        if (node.inputs() > 2) {
            y = node.apply("Add", List.of(y, alongChannels(node, 2, x.rank())));
        }
        node.is(0, y);
    }

    private static String mean(ExportNode node, String rows) {
        return node.apply("ReduceMean", List.of(rows), attribute("axes", new long[] {2}), attribute("keepdims", 1));
    }

    /** A parameter [C] as [C, 1, 1] for images. */
    private static String alongChannels(ExportNode node, int i, int rank) {
        if (rank == 2) {
            return node.in(i);
        }
        long[] sizes = new long[rank - 1];
        Arrays.fill(sizes, 1);
        sizes[0] = -1;
        return node.apply("Reshape", List.of(node.in(i), node.graph().longs(sizes)));
    }
}
