package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sinew.DType;
import dev.sinew.Layout;
import dev.sinew.Scope;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.op.Convert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A net read from an ONNX file. {@link #run} compiles a plan for the shapes of its inputs and keeps it for the next inputs
 * of those shapes. What a shape depends on, such as the second input of Reshape, is a constant of a plan: other values need
 * another plan.
 *
 * {@snippet :
 * try (var model = OnnxModel.load(Path.of("net.onnx"))) {
 *     Tensor y = model.run(Map.of("x", x)).get("y");
 * }
 * }
 *
 * <p>Runs of several threads wait for each other.
 */
public final class OnnxModel implements AutoCloseable {
    /** The newest version of ONNX's operators that was looked at. */
    public static final int NEWEST_OPSET = 17;

    private static final int PLANS = 16;

    /**
     * An input or output.
     *
     * @param name as in the file
     * @param type of its elements
     * @param sizes -1 where the file leaves one open; null when it says nothing about the shape
     */
    public record Port(String name, ElementType type, long[] sizes) {
        /** For example {@code x float[-1, 3, 224, 224]}. */
        @Override
        public String toString() {
            return name + " " + type.name().toLowerCase(java.util.Locale.ROOT) + (sizes == null ? "" : Arrays.toString(sizes));
        }
    }

    /** One trace: a plan for the results that need one, values for those that do not. */
    private record Compiled(Map<String, Spec> shapes, Map<String, double[]> fixed, List<String> planInputs, Plan plan, List<Value> outputs,
            int[] planOutput) {
        boolean serves(Map<String, Value> inputs) {
            for (Map.Entry<String, Value> input : inputs.entrySet()) {
                Value value = input.getValue();
                double[] wanted = fixed.get(input.getKey());
                Spec spec = shapes.get(input.getKey());
                if (spec == null ? !value.isEmpty() : value.isEmpty() || !spec.equals(value.tensor().spec())) {
                    return false;
                }
                if (value.isEmpty() || wanted != null && !Arrays.equals(wanted, value.toDoubles())) {
                    return false;
                }
            }
            return true;
        }
    }

    private final String name;
    private final ModelProto proto;
    private final Path folder;
    private final List<Port> inputs;
    private final List<Port> outputs;
    private final Map<TensorProto, Value> constants = new IdentityHashMap<>();
    private final LinkedList<Compiled> plans = new LinkedList<>();
    /** Inputs whose values were needed while tracing. */
    private final Set<String> fixed = new HashSet<>();
    private boolean closed;

    private OnnxModel(String name, ModelProto proto, Path folder) {
        this.name = name;
        this.proto = proto;
        this.folder = folder;
        GraphProto graph = proto.getGraph();
        Set<String> initialized = new HashSet<>();
        graph.getInitializerList().forEach(tensor -> initialized.add(tensor.getName()));
        this.inputs = ports(graph.getInputList().stream().filter(input -> !initialized.contains(input.getName())).toList());
        this.outputs = ports(graph.getOutputList());
        if (outputs.isEmpty()) {
            throw new OnnxException(name + ": the model has no outputs");
        }
    }

    /**
     * Reads a model. Files with external data are read from its folder.
     *
     * @throws OnnxException when it is no ONNX model
     * @throws UnsupportedOnnxException when it uses inputs or outputs that are no tensors of numbers
     */
    public static OnnxModel load(Path file) throws IOException {
        return read(file.toString(), Files.readAllBytes(file), file.toAbsolutePath().getParent());
    }

    /** Reads a model from memory; it may have no external data. */
    public static OnnxModel of(byte[] bytes) {
        return read("the model", bytes, null);
    }

    private static OnnxModel read(String name, byte[] bytes, Path folder) {
        ModelProto proto;
        try {
            proto = ModelProto.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new OnnxException(name + " is no ONNX model: " + e.getMessage(), e);
        }
        if (!proto.hasGraph()) {
            throw new OnnxException(name + " is no ONNX model: it has no graph");
        }
        return new OnnxModel(name, proto, folder);
    }

    private List<Port> ports(List<ValueInfoProto> infos) {
        List<Port> ports = new ArrayList<>();
        for (ValueInfoProto info : infos) {
            String what = name + ": \"" + info.getName() + "\"";
            if (!info.getType().hasTensorType()) {
                throw new UnsupportedOnnxException(what + ": type " + info.getType().getValueCase() + " is not supported, only tensors are");
            }
            var type = info.getType().getTensorType();
            long[] sizes = null;
            if (type.hasShape()) {
                sizes = type.getShape().getDimList().stream().mapToLong(OnnxModel::size).toArray();
            }
            ports.add(new Port(info.getName(), ElementType.of(type.getElemType(), what), sizes));
        }
        return Collections.unmodifiableList(ports);
    }

    private static long size(TensorShapeProto.Dimension dim) {
        return dim.hasDimValue() ? dim.getDimValue() : -1;
    }

    /** What {@link #run} takes. */
    public List<Port> inputs() {
        return inputs;
    }

    /** What {@link #run} gives. */
    public List<Port> outputs() {
        return outputs;
    }

    /** The program that wrote the file, with its version; may be empty. */
    public String producer() {
        return (proto.getProducerName() + " " + proto.getProducerVersion()).trim();
    }

    /** The version of ONNX's own operators in use. */
    public int opset() {
        return opset("", "");
    }

    int opset(String domain, String operator) {
        for (OperatorSetIdProto set : proto.getOpsetImportList()) {
            if (canonical(set.getDomain()).equals(canonical(domain))) {
                return (int) Math.min(set.getVersion(), Integer.MAX_VALUE);
            }
        }
        if (canonical(domain).isEmpty()) {
            return 1;
        }
        throw new UnsupportedOnnxException("operator " + domain + "." + operator + " is not supported");
    }

    private static String canonical(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }

    /** The value of an initializer; read once. */
    Value constant(TensorProto tensor) {
        return constants.computeIfAbsent(tensor, key -> Protos.read(key, folder));
    }

    /** Where external data lie; may be null. */
    Path folder() {
        return folder;
    }

    /**
     * Runs the model.
     *
     * @param given a tensor with values for each of {@link #inputs}, of the type {@link ElementType#tensorType} (any of
     *     the integer types serves for integers)
     * @return the outputs by name, in the file's order; they belong to the current scope
     * @throws UnsupportedOnnxException when a node is not supported: its operator, its attributes or the shapes
     * @throws OnnxException when the inputs do not fit, or the model breaks a rule
     */
    public synchronized Map<String, Tensor> run(Map<String, Tensor> given) {
        if (closed) {
            throw new IllegalStateException(name + ": the model is closed");
        }
        Map<String, Value> values = new LinkedHashMap<>();
        for (Port port : inputs) {
            values.put(port.name(), convert(port, given.get(port.name())));
        }
        if (given.size() > values.size()) {
            Set<String> surplus = new LinkedHashSet<>(given.keySet());
            surplus.removeAll(values.keySet());
            throw new OnnxException(name + " has no inputs " + surplus + ", it takes " + inputs);
        }
        List<Value> results = evaluate(values);
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < outputs.size(); i++) {
            named.put(outputs.get(i).name(), toTensor(outputs.get(i), results.get(i)));
        }
        return Collections.unmodifiableMap(named);
    }

    private Value convert(Port port, Tensor tensor) {
        if (tensor == null) {
            throw new OnnxException(name + ": input " + port + " is missing");
        }
        ElementType type = port.type();
        boolean fits = type.isFloat() ? tensor.dtype() == type.tensorType() : !tensor.dtype().isFloat();
        boolean sized = port.sizes() == null || port.sizes().length == tensor.shape().rank();
        for (int d = 0; sized && port.sizes() != null && d < port.sizes().length; d++) {
            sized = port.sizes()[d] < 0 || port.sizes()[d] == tensor.shape().dim(d);
        }
        if (!fits || !sized) {
            throw new OnnxException(name + ": input " + port + " cannot be " + tensor.spec());
        }
        Tensor rows = tensor.shape().rank() == 4 ? Convert.to(Layout.ROW_MAJOR, tensor) : tensor;
        if (rows.dtype() == DType.I64) {
            double[] numbers = rows.toDoubles();
            for (double number : numbers) {
                Protos.exact((long) number, "input " + port);
            }
            return Value.doubles(type, numbers, rows.shape().dims());
        }
        return new Value(type, rows.shape().dims(), rows.cast(type.carrier()));
    }

    private List<Value> evaluate(Map<String, Value> values) {
        Compiled compiled = null;
        for (Compiled candidate : plans) {
            if (candidate.serves(values)) {
                compiled = candidate;
                break;
            }
        }
        if (compiled == null) {
            compiled = Scope.outside(() -> compile(values));
            if (plans.size() == PLANS) {
                close(plans.removeLast());
            }
        } else {
            plans.remove(compiled);
        }
        plans.addFirst(compiled);
        if (compiled.plan != null) {
            try {
                compiled.plan.run(compiled.planInputs.stream().map(input -> values.get(input).tensor()).toArray(Tensor[]::new));
            } catch (IllegalArgumentException e) {
                // what only the values can tell, such as an index that does not exist
                throw new OnnxException(name + ": " + e.getMessage(), e);
            }
        }
        List<Value> results = new ArrayList<>();
        for (int i = 0; i < compiled.outputs.size(); i++) {
            Value output = compiled.outputs.get(i);
            int from = compiled.planOutput[i];
            results.add(from < 0 ? output : Value.of(output.type(), compiled.plan.output(from)));
        }
        return results;
    }

    private Compiled compile(Map<String, Value> values) {
        while (true) {
            Graph graph = new Graph();
            Trace trace = new Trace(this, null);
            Map<Tensor, String> names = new IdentityHashMap<>();
            List<String> planInputs = new ArrayList<>();
            Map<String, double[]> constant = new HashMap<>();
            Map<String, Spec> shapes = new HashMap<>();
            values.forEach((input, value) -> {
                shapes.put(input, value.tensor().spec());
                if (fixed.contains(input)) {
                    constant.put(input, value.toDoubles());
                    trace.put(input, Value.of(value.type(), value.tensor().copy()));
                } else {
                    Tensor symbol = graph.input(input, value.tensor().spec());
                    names.put(symbol, input);
                    planInputs.add(input);
                    trace.put(input, Value.of(value.type(), symbol));
                }
            });
            try {
                return compile(graph, trace.run(proto.getGraph()), shapes, constant, planInputs);
            } catch (Trace.NeedsValues e) {
                e.inputs.forEach(input -> fixed.add(names.get(input)));
            }
        }
    }

    private static Compiled compile(Graph graph, List<Value> results, Map<String, Spec> shapes, Map<String, double[]> constant,
            List<String> planInputs) {
        List<Tensor> wanted = new ArrayList<>();
        int[] places = new int[results.size()];
        for (int i = 0; i < places.length; i++) {
            Value result = results.get(i);
            places[i] = result.isKnown() ? -1 : wanted.size();
            if (!result.isKnown()) {
                wanted.add(result.tensor());
            }
        }
        Plan plan = wanted.isEmpty() ? null : Plan.compile(graph, wanted.toArray(Tensor[]::new));
        return new Compiled(shapes, constant, planInputs, plan, results, places);
    }

    /** A result as a tensor of the current scope. */
    private Tensor toTensor(Port port, Value value) {
        if (value.isEmpty()) {
            throw new UnsupportedOnnxException(name + ": output " + port + " has no elements: " + value);
        }
        DType wanted = value.type().tensorType();
        if (wanted == DType.I64) {
            double[] numbers = value.toDoubles();
            long[] longs = new long[numbers.length];
            Arrays.setAll(longs, i -> (long) numbers[i]);
            return Tensor.of(longs, value.dims());
        }
        Tensor tensor = value.tensor();
        Tensor rows = tensor.shape().rank() == 4 ? Convert.to(Layout.ROW_MAJOR, tensor) : tensor;
        return rows.dtype() == wanted ? rows.copy() : rows.cast(wanted);
    }

    private static void close(Compiled compiled) {
        if (compiled.plan != null) {
            compiled.plan.close();
        }
    }

    /** Frees the plans. */
    @Override
    public synchronized void close() {
        closed = true;
        plans.forEach(OnnxModel::close);
        plans.clear();
    }

    @Override
    public String toString() {
        return "OnnxModel " + Objects.requireNonNullElse(name, "") + " " + inputs + " -> " + outputs;
    }
}
