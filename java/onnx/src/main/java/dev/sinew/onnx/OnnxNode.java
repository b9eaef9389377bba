package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sinew.DType;
import dev.sinew.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node being traced: its inputs and attributes, which it remembers to have been asked for. */
final class OnnxNode {
    private static final double MOST_MADE = 1 << 28;

    private final NodeProto proto;
    private final int opset;
    private final List<Value> inputs;
    private final Trace trace;
    private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();
    private final Set<String> read = new HashSet<>();

    OnnxNode(NodeProto proto, int opset, List<Value> inputs, Trace trace) {
        this.proto = proto;
        this.opset = opset;
        this.inputs = inputs;
        this.trace = trace;
        proto.getAttributeList().forEach(attribute -> attributes.put(attribute.getName(), attribute));
    }

    String op() {
        return proto.getOpType();
    }

    /** The version of the operator set that the model uses. */
    int opset() {
        return opset;
    }

    Trace trace() {
        return trace;
    }

    // ---- errors ----

    @Override
    public String toString() {
        String name = proto.getName().isEmpty() ? "" : " \"" + proto.getName() + "\"";
        return "operator " + op() + " (opset " + opset + ")" + name + " of " + String.join(", ", proto.getOutputList());
    }

    UnsupportedOnnxException unsupported(String what) {
        return new UnsupportedOnnxException(this + ": " + what + " is not supported");
    }

    OnnxException error(String rule) {
        return new OnnxException(this + ": " + rule + "; the inputs are " + inputs);
    }

    /** Throws when an attribute was given that the operator never looked at. */
    void checkAttributes() {
        for (AttributeProto attribute : attributes.values()) {
            if (!read.contains(attribute.getName())) {
                throw unsupported("attribute " + attribute.getName() + "=" + text(attribute));
            }
        }
    }

    private static String text(AttributeProto attribute) {
        return switch (attribute.getType()) {
            case FLOAT -> "" + attribute.getF();
            case INT -> "" + attribute.getI();
            case STRING -> attribute.getS().toStringUtf8();
            case FLOATS -> "" + attribute.getFloatsList();
            case INTS -> "" + attribute.getIntsList();
            default -> attribute.getType().name();
        };
    }

    // ---- inputs ----

    int inputs() {
        return inputs.size();
    }

    /** Whether the optional input is there. */
    boolean has(int i) {
        return i < inputs.size() && inputs.get(i) != null;
    }

    /** Whether somebody wants the output. */
    boolean wants(int output) {
        return output < proto.getOutputCount() && !proto.getOutput(output).isEmpty();
    }

    int outputs() {
        return proto.getOutputCount();
    }

    Value in(int i) {
        if (!has(i)) {
            throw error("input " + i + " is missing");
        }
        return inputs.get(i);
    }

    /** Input {@code i} in the type in which its element type is computed. */
    Tensor x(int i) {
        Value value = in(i);
        if (value.isEmpty()) {
            throw unsupported("input " + i + ", " + value + ", without elements");
        }
        return value.carried();
    }

    /** Input {@code i} in a type of the caller's. */
    Tensor x(int i, DType dtype) {
        return x(i).cast(dtype);
    }

    /** Input {@code i}, whose values must be known while tracing: where they are not, tracing begins anew with them. */
    Value known(int i) {
        return trace.known(in(i));
    }

    long[] longs(int i) {
        return known(i).toLongs();
    }

    long scalar(int i) {
        return (long) number(i);
    }

    double number(int i) {
        double[] values = known(i).toDoubles();
        if (values.length != 1) {
            throw error("input " + i + " must have one element, not " + values.length);
        }
        return values[0];
    }

    /** Checks the sizes of a constant that is made of little: a few bytes of a model must not take all memory. */
    void checkConstant(long... dims) {
        double count = 1;
        for (long dim : dims) {
            count *= dim;
        }
        if (!(count >= 0 && count <= MOST_MADE)) {
            throw unsupported("a constant of shape " + Arrays.toString(dims));
        }
    }

    // ---- attributes ----

    private AttributeProto attribute(String name) {
        read.add(name);
        return attributes.get(name);
    }

    boolean hasAttr(String name) {
        return attribute(name) != null;
    }

    /** Declares an attribute to be without influence here. */
    void ignore(String... names) {
        read.addAll(List.of(names));
    }

    long attr(String name, long otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getI();
    }

    int axis(String name, long otherwise, int rank) {
        return axis(attr(name, otherwise), rank);
    }

    int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw error("axis " + axis + " does not exist in rank " + rank);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    boolean flag(String name, boolean otherwise) {
        return attr(name, otherwise ? 1 : 0) != 0;
    }

    double attr(String name, double otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getF();
    }

    String attr(String name, String otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getS().toStringUtf8();
    }

    /** A list of integers; null when it is not given. */
    long[] attrs(String name) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? null : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
    }

    long[] attrs(String name, long... otherwise) {
        long[] given = attrs(name);
        return given == null ? otherwise : given;
    }

    /** A list of numbers; null when it is not given. */
    double[] numbers(String name) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? null : attribute.getFloatsList().stream().mapToDouble(Float::doubleValue).toArray();
    }

    /** A list of words; null when it is not given. */
    List<String> words(String name) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? null : attribute.getStringsList().stream().map(s -> s.toStringUtf8()).toList();
    }

    TensorProto tensor(String name) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? null : attribute.getT();
    }

    GraphProto graph(String name) {
        AttributeProto attribute = attribute(name);
        if (attribute == null) {
            throw error("attribute " + name + " is missing");
        }
        return attribute.getG();
    }
}
