package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import dev.sinew.Tensor;
import dev.sinew.graph.Node;
import dev.sinew.op.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One operation of the trace for one size of a batch, with the same one of the trace for the other size. */
final class ExportNode {
    private final ExportGraph graph;
    private final Node first;
    private final Node second;

    ExportNode(ExportGraph graph, Node first, Node second) {
        this.graph = graph;
        this.first = first;
        this.second = second;
        if (first.op().getClass() != second.op().getClass()) {
            throw unsupported("is another operation for a batch of another size");
        }
    }

    ExportGraph graph() {
        return graph;
    }

    Op op() {
        return first.op();
    }

    /** The operation in the other trace. */
    Op other() {
        return second.op();
    }

    /** Throws where the operation differs between the traces. */
    void requireSame() {
        if (!first.op().equals(second.op())) {
            throw unsupported("depends on the size of the batch: " + second.op() + "; export for one size with batch(n)");
        }
    }

    UnsupportedOnnxException unsupported(String why) {
        return new UnsupportedOnnxException("onnx export: " + dev.sinew.op.Ops.describe(first.op(), dev.sinew.op.Ops.specs(first.inputs())) + " "
                + why);
    }

    int inputs() {
        return first.inputs().length;
    }

    Tensor input(int i) {
        return first.inputs()[i];
    }

    Tensor otherInput(int i) {
        return second.inputs()[i];
    }

    Tensor output(int i) {
        return first.outputs()[i];
    }

    Tensor otherOutput(int i) {
        return second.outputs()[i];
    }

    int outputs() {
        return first.outputs().length;
    }

    String in(int i) {
        checkConstant(input(i), otherInput(i));
        return graph.name(input(i));
    }

    private void checkConstant(Tensor a, Tensor b) {
        if (!a.isSymbolic() && !a.shape().equals(b.shape())) {
            throw unsupported("takes a constant whose shape depends on the size of the batch; export for one size with batch(n)");
        }
    }

    List<String> ins() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < inputs(); i++) {
            names.add(in(i));
        }
        return names;
    }

    /** Says that output {@code i} is what is called so. */
    void is(int i, String name) {
        graph.put(output(i), name);
    }

    /** Writes a node whose first output is output 0. */
    void write(String operator, List<String> inputs, AttributeProto... attributes) {
        is(0, apply(operator, inputs, attributes));
    }

    /** Writes a node; its output's name. */
    String apply(String operator, List<String> inputs, AttributeProto... attributes) {
        return apply(operator, 1, inputs, attributes).getFirst();
    }

    /** Writes a node with some outputs; their names. */
    List<String> apply(String operator, int outputs, List<String> inputs, AttributeProto... attributes) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add(graph.fresh(op().name() + (i == 0 ? "" : "_" + i)));
        }
        NodeProto.Builder node = ExportGraph.node(operator, inputs, names);
        node.addAllAttribute(Arrays.asList(attributes));
        graph.add(node.build());
        return names;
    }

    // ---- attributes ----

    static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
    }

    static AttributeProto attribute(String name, double value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF((float) value).build();
    }

    static AttributeProto attribute(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
    }

    static AttributeProto attribute(String name, List<String> values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRINGS)
                .addAllStrings(values.stream().map(ByteString::copyFromUtf8).toList()).build();
    }

    static AttributeProto attribute(String name, long... values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
                .addAllInts(Arrays.stream(values).boxed().toList()).build();
    }
}
