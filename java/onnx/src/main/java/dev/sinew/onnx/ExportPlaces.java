package dev.sinew.onnx;

import static dev.sinew.onnx.ExportNode.attribute;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.op.IndexAdd;
import dev.sinew.op.PoolScatter;
import dev.sinew.op.ScatterAdd;
import java.util.Arrays;
import java.util.List;

/** Elements taken from and put at places that are computed. */
final class ExportPlaces {
    private static final int ADDING_SINCE = 16;

    private ExportPlaces() {}

    /** Planes as lines with one more element behind, which places that do not exist mean. */
    private static String places(ExportNode node, int input, long size) {
        ExportGraph graph = node.graph();
        String lines = node.apply("Reshape", List.of(node.in(input), graph.longs(0, 0, -1)));
        String index = node.apply("Cast", List.of(lines), attribute("to", ElementType.INT64.code()));
        String before = node.apply("Less", List.of(index, graph.longs(0)));
        String behind = node.apply("Less", List.of(graph.longs(size - 1), index));
        String outside = node.apply("Or", List.of(before, behind));
        return node.apply("Where", List.of(outside, graph.longs(size), index));
    }

    private static String output(ExportNode node) {
        return node.graph().sizes(node.op().name(), node.output(0).shape().dims(), node.otherOutput(0).shape().dims());
    }

    static void gather(ExportNode node) {
        ExportGraph graph = node.graph();
        Shape x = node.input(0).shape();
        String lines = node.apply("Reshape", List.of(node.in(0), graph.longs(0, 0, -1)));
        String longer = node.apply("Pad", List.of(lines, graph.longs(0, 0, 0, 0, 0, 1), graph.scalar(node.input(0).dtype(), 0)));
        String taken = node.apply("GatherElements", List.of(longer, places(node, 1, x.dim(2) * x.dim(3))), attribute("axis", 2));
        node.write("Reshape", List.of(taken, output(node)));
    }

    static void scatter(ExportNode node, PoolScatter op) {
        ExportGraph graph = node.graph();
        long size = op.h() * op.w();
        String lines = node.apply("Reshape", List.of(node.in(0), graph.longs(0, 0, -1)));
        Shape x = node.input(0).shape();
        Shape other = node.otherInput(0).shape();
        String zeros = zeros(node, new long[] {x.dim(0), x.dim(1), size + 1}, new long[] {other.dim(0), other.dim(1), size + 1});
        String put = op.overwrite() ? node.apply("ScatterElements", List.of(zeros, places(node, 1, size), lines), attribute("axis", 2))
                : added(node, zeros, places(node, 1, size), lines, 2);
        String cut = node.apply("Slice", List.of(put, graph.longs(0), graph.longs(size), graph.longs(2)));
        node.write("Reshape", List.of(cut, output(node)));
    }

    static void add(ExportNode node, ScatterAdd op) {
        node.requireSame();
        Shape x = node.output(0).shape();
        node.is(0, added(node, zeros(node, x.dims(), node.otherOutput(0).shape().dims()), node.in(1), node.in(0), x.index(op.dim())));
    }

    /** One list of places for all positions elsewhere: repeated for each of them. */
    static void add(ExportNode node, IndexAdd op) {
        Shape x = node.output(0).shape();
        if (node.input(1).shape().rank() != 1 || op.skip() >= 0) {
            throw node.unsupported("of these indices has no counterpart in ONNX");
        }
        int dim = x.index(op.dim());
        long[] line = new long[x.rank()];
        Arrays.fill(line, 1);
        line[dim] = -1;
        String index = node.apply("Reshape", List.of(node.in(1), node.graph().longs(line)));
        long[] sizes = node.input(0).shape().dims();
        String all = node.apply("Expand", List.of(index, node.graph().sizes(op.name(), sizes, node.otherInput(0).shape().dims())));
        node.is(0, added(node, zeros(node, x.dims(), node.otherOutput(0).shape().dims()), all, node.in(0), dim));
    }

    private static String zeros(ExportNode node, long[] sizes, long... other) {
        DType dtype = node.output(0).dtype();
        return node.apply("Expand", List.of(node.graph().scalar(dtype, 0), node.graph().sizes(node.op().name(), sizes, other)));
    }

    private static String added(ExportNode node, String zeros, String places, String elements, int dim) {
        if (node.graph().opset() < ADDING_SINCE) {
            throw node.unsupported("needs opset " + ADDING_SINCE);
        }
        return node.apply("ScatterElements", List.of(zeros, places, elements), attribute("axis", dim), attribute("reduction", "add"));
    }
}
