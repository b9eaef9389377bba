package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sinew.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Walks over the nodes of a graph and applies the operators to values. What depends on constants alone is computed on the
 * way, by the same operations; the rest becomes part of a {@link dev.sinew.graph.Graph}.
 */
final class Trace {
    /** Some input's values are needed while tracing, as those of a shape: the trace has to begin anew with them. */
    static final class NeedsValues extends RuntimeException {
        private static final long serialVersionUID = 1;
        final transient Set<Tensor> inputs;

        NeedsValues(Set<Tensor> inputs) {
            super(null, null, false, false);
            this.inputs = inputs;
        }
    }

    private static final int DEEPEST = 16;

    private final OnnxModel model;
    private final Trace outer;
    private final int depth;
    private final Map<String, Value> values = new HashMap<>();

    Trace(OnnxModel model, Trace outer) {
        this.model = model;
        this.outer = outer;
        this.depth = outer == null ? 0 : outer.depth + 1;
        if (depth > DEEPEST) {
            throw new UnsupportedOnnxException("graphs inside graphs, more than " + DEEPEST + " deep, are not supported");
        }
    }

    void put(String name, Value value) {
        values.put(name, value);
    }

    /** The value of that name here or in the graphs around; null when there is none. */
    private Value find(String name) {
        Value value = values.get(name);
        return value != null || outer == null ? value : outer.find(name);
    }

    java.nio.file.Path folder() {
        return model.folder();
    }

    Value get(String name, String who) {
        Value value = find(name);
        if (value == null) {
            throw new OnnxException(who + ": there is no value \"" + name + "\" before it");
        }
        return value;
    }

    /** Applies a graph inside a node to inputs. */
    List<Value> inner(GraphProto graph, List<Value> inputs) {
        Trace trace = new Trace(model, this);
        if (graph.getInputCount() != inputs.size()) {
            throw new OnnxException("graph \"" + graph.getName() + "\" takes " + graph.getInputCount() + " inputs, not " + inputs.size());
        }
        for (int i = 0; i < inputs.size(); i++) {
            trace.put(graph.getInput(i).getName(), inputs.get(i));
        }
        return trace.run(graph);
    }

    /** Applies the nodes; the graph's outputs. */
    List<Value> run(GraphProto graph) {
        for (TensorProto initializer : graph.getInitializerList()) {
            if (!values.containsKey(initializer.getName())) {
                put(initializer.getName(), model.constant(initializer));
            }
        }
        if (graph.getSparseInitializerCount() > 0) {
            throw new UnsupportedOnnxException("graph \"" + graph.getName() + "\": sparse initializers are not supported");
        }
        for (NodeProto node : graph.getNodeList()) {
            apply(node);
        }
        return graph.getOutputList().stream().map(output -> get(output.getName(), "graph \"" + graph.getName() + "\"")).toList();
    }

    private void apply(NodeProto proto) {
        int opset = model.opset(proto.getDomain(), proto.getOpType());
        List<Value> inputs = new ArrayList<>();
        for (String name : proto.getInputList()) {
            inputs.add(name.isEmpty() ? null : get(name, "node \"" + proto.getName() + "\" (" + proto.getOpType() + ")"));
        }
        OnnxNode node = new OnnxNode(proto, opset, inputs, this);
        Operator operator = Operators.find(node);
        List<Value> outputs;
        try {
            outputs = operator.apply(node);
        } catch (OnnxException | UnsupportedOnnxException | NeedsValues e) {
            throw e;
        } catch (RuntimeException e) {
            // sizes and attributes that no valid model has
            throw new OnnxException(node + ": " + e.getMessage() + "; the inputs are " + inputs, e);
        }
        node.checkAttributes();
        if (outputs.size() < proto.getOutputCount()) {
            throw node.unsupported("output " + outputs.size() + ", " + proto.getOutput(outputs.size()) + ",");
        }
        for (int i = 0; i < proto.getOutputCount(); i++) {
            if (!proto.getOutput(i).isEmpty()) {
                put(proto.getOutput(i), outputs.get(i));
            }
        }
    }

    /** The value, if it is a constant; else tracing has to begin anew. */
    Value known(Value value) {
        if (!value.isKnown()) {
            throw new NeedsValues(origins(value.tensor()));
        }
        return value;
    }

    /** The graph's inputs that a symbolic tensor depends on. */
    private static Set<Tensor> origins(Tensor symbolic) {
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Tensor> origins = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Tensor> open = new ArrayDeque<>(List.of(symbolic));
        while (!open.isEmpty()) {
            Tensor tensor = open.pop();
            if (tensor.isSymbolic() && seen.add(tensor)) {
                if (tensor.node().op() == null) {
                    origins.add(tensor);
                }
                Collections.addAll(open, tensor.node().inputs());
            }
        }
        return origins;
    }
}
