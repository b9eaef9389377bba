package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sinew.DType;
import dev.sinew.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The nodes and constants of a model being written, and which of them stands for which tensor of the trace. */
final class ExportGraph {
    private final int opset;
    private final long first;
    private final long second;
    private final Set<Tensor> needed;
    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> constants = new ArrayList<>();
    private final Map<Tensor, String> names = new IdentityHashMap<>();
    private final Map<Tensor, String> constantNames = new IdentityHashMap<>();
    private final Map<List<Long>, String> lists = new LinkedHashMap<>();
    private final Set<String> taken = new HashSet<>();
    private String input;
    private String batch;

    /** For traces with batches of those two sizes, and the tensors of the first one that somebody takes. */
    ExportGraph(int opset, long first, long second, Set<Tensor> needed) {
        this.opset = opset;
        this.first = first;
        this.second = second;
        this.needed = needed;
    }

    boolean isNeeded(Tensor tensor) {
        return needed.contains(tensor);
    }

    int opset() {
        return opset;
    }

    static int type(DType dtype) {
        return switch (dtype) {
            case F32 -> ElementType.FLOAT.code();
            case F64 -> ElementType.DOUBLE.code();
            case I32 -> ElementType.INT32.code();
            case I64 -> ElementType.INT64.code();
        };
    }

    // ---- names ----

    void reserve(String name) {
        taken.add(name);
    }

    /** A name that is not taken. */
    String fresh(String stem) {
        String name = stem;
        for (int i = 1; !taken.add(name); i++) {
            name = stem + "_" + i;
        }
        return name;
    }

    void nameInput(Tensor tensor, String name) {
        taken.add(name);
        names.put(tensor, name);
        input = input == null ? name : input;
    }

    /** The name for a tensor with values, should it be used. */
    void nameConstant(Tensor tensor, String name) {
        constantNames.put(tensor, name);
    }

    void put(Tensor tensor, String name) {
        names.put(tensor, name);
    }

    /** The name of a tensor that was written; one with values becomes a constant. */
    String name(Tensor tensor) {
        String name = names.get(tensor);
        if (name == null) {
            if (tensor.isSymbolic()) {
                throw new AssertionError("a tensor without a node: " + tensor);
            }
            name = constant(constantNames.getOrDefault(tensor, "constant"), tensor);
            names.put(tensor, name);
        }
        return name;
    }

    // ---- constants ----

    String constant(String stem, Tensor tensor) {
        String name = fresh(stem);
        constants.add(Protos.write(name, tensor));
        return name;
    }

    String scalar(DType dtype, double value) {
        return constant("constant", Tensor.full(dtype, dev.sinew.Shape.scalar(), value));
    }

    /** A list of integers; equal ones are written once. */
    String longs(long... values) {
        return lists.computeIfAbsent(Arrays.stream(values).boxed().toList(), key -> {
            String name = fresh("sizes");
            constants.add(Protos.longs(name, values));
            return name;
        });
    }

    // ---- sizes that depend on the batch ----

    /** Sizes, given as they are for the first and for the second batch, as a value in the model. */
    String sizes(String what, long[] a, long[] b) {
        if (Arrays.equals(a, b)) {
            return longs(a);
        }
        if (batch == null) {
            batch = fresh("batch");
            String shape = fresh("shape");
            nodes.add(node("Shape", List.of(input), List.of(shape)).build());
            nodes.add(node("Slice", List.of(shape, longs(0), longs(1)), List.of(batch)).build());
        }
        List<String> parts = new ArrayList<>();
        for (int d = 0; d < a.length; d++) {
            if (a[d] == b[d]) {
                parts.add(longs(a[d]));
                continue;
            }
            long times = a[d] / first;
            if (times * first != a[d] || times * second != b[d]) {
                throw new UnsupportedOnnxException("onnx export: " + what + ": size " + d + " of " + Arrays.toString(a)
                        + " is no multiple of the batch's; export for one size with batch(n)");
            }
            String part = batch;
            if (times != 1) {
                part = fresh("size");
                nodes.add(node("Mul", List.of(batch, longs(times)), List.of(part)).build());
            }
            parts.add(part);
        }
        String joined = fresh("shape");
        nodes.add(node("Concat", parts, List.of(joined)).addAttribute(ExportNode.attribute("axis", 0)).build());
        return joined;
    }

    // ---- nodes ----

    static NodeProto.Builder node(String operator, List<String> inputs, List<String> outputs) {
        return NodeProto.newBuilder().setOpType(operator).setName(outputs.getFirst()).addAllInput(inputs).addAllOutput(outputs);
    }

    void add(NodeProto node) {
        nodes.add(node);
    }

    /** An output of the model. */
    void output(Tensor tensor, String name) {
        nodes.add(node("Identity", List.of(name(tensor)), List.of(name)).build());
    }

    void addTo(GraphProto.Builder graph) {
        graph.addAllNode(nodes).addAllInitializer(constants);
    }
}
