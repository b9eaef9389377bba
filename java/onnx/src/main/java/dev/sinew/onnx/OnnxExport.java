package dev.sinew.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Node;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A net in inference mode as an ONNX model: its operations, its parameters under their names, its inputs and outputs under
 * theirs.
 *
 * {@snippet :
 * OnnxExport.of(net).write(Path.of("net.onnx"));
 * }
 *
 * <p>The batch's size stays open: the net is traced for two sizes, and what differs between the traces follows from the
 * size. Where that is not possible the export says so, and {@link #batch} gives a size.
 */
public final class OnnxExport {
    /** Two sizes of which neither is 1, which would be repeated, nor a multiple of the other. */
    private static final long FIRST = 2;
    private static final long SECOND = 3;
    private static final int LEAST_OPSET = 13;
    private static final int IR_VERSION = 8;

    private final Network net;
    private final int opset;
    private final long batch;

    private OnnxExport(Network net, int opset, long batch) {
        this.net = Objects.requireNonNull(net, "net");
        this.opset = opset;
        this.batch = batch;
    }

    /** With operators of version 17 and any size of a batch. */
    public static OnnxExport of(Network net) {
        return new OnnxExport(net, OnnxModel.NEWEST_OPSET, 0);
    }

    /** With another version of the operators, 13 to 17. */
    public OnnxExport opset(int version) {
        if (version < LEAST_OPSET || version > OnnxModel.NEWEST_OPSET) {
            throw new IllegalArgumentException("onnx export: the opset must be from " + LEAST_OPSET + " to " + OnnxModel.NEWEST_OPSET + ", not " + version);
        }
        return new OnnxExport(net, version, batch);
    }

    /** For batches of one size. */
    public OnnxExport batch(long size) {
        if (size < 1) {
            throw new IllegalArgumentException("onnx export: the batch must have at least 1 sample, not " + size);
        }
        return new OnnxExport(net, opset, size);
    }

    /**
     * Writes the model. It appears under its name when it is complete.
     *
     * @throws UnsupportedOnnxException naming an operation that ONNX does not have, or that cannot be expressed for any batch
     */
    public void write(Path file) throws IOException {
        byte[] bytes = bytes();
        Path folder = file.toAbsolutePath().getParent();
        Path partial = Files.createTempFile(folder, file.getFileName().toString(), ".partial");
        try {
            Files.write(partial, bytes);
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** One trace: the operations that the outputs depend on, and which of their results do count. */
    private record Traced(List<Tensor> inputs, List<Node> nodes, List<Tensor> outputs, Set<Tensor> needed) {}

    private Traced trace(long size) {
        Graph graph = new Graph();
        List<Tensor> inputs = new ArrayList<>();
        List<String> names = List.copyOf(net.architecture().inputs().keySet());
        for (Spec spec : net.inputSpecs(size)) {
            inputs.add(graph.input(names.get(inputs.size()), spec));
        }
        List<Tensor> outputs = net.forward(inputs);
        Set<Tensor> needed = Collections.newSetFromMap(new IdentityHashMap<>());
        needed.addAll(outputs);
        List<Node> live = new ArrayList<>();
        for (Node node : graph.nodes().reversed()) {
            boolean used = false;
            for (Tensor output : node.outputs()) {
                used |= needed.contains(output);
            }
            if (used) {
                live.add(node);
                Collections.addAll(needed, node.inputs());
            }
        }
        return new Traced(inputs, live.reversed(), outputs, needed);
    }

    /** The model's bytes. */
    public byte[] bytes() {
        Traced first = trace(batch == 0 ? FIRST : batch);
        Traced second = batch == 0 ? trace(SECOND) : first;
        if (first.nodes.size() != second.nodes.size()) {
            throw new UnsupportedOnnxException("onnx export: the operations depend on the size of the batch; export for one size with batch(n)");
        }
        ExportGraph graph = new ExportGraph(opset, FIRST, SECOND, first.needed);
        net.parameters().forEach((name, tensor) -> graph.nameConstant(tensor, name));
        List<String> inputNames = List.copyOf(net.architecture().inputs().keySet());
        List<String> outputNames = List.copyOf(net.architecture().outputs().keySet());
        for (int i = 0; i < inputNames.size(); i++) {
            graph.nameInput(first.inputs.get(i), inputNames.get(i));
        }
        outputNames.forEach(graph::reserve);
        for (int i = 0; i < first.nodes.size(); i++) {
            ExportNode node = new ExportNode(graph, first.nodes.get(i), second.nodes.get(i));
            ExportOperators.write(node);
        }
        GraphProto.Builder proto = GraphProto.newBuilder().setName("sinew");
        List<String> resultNames = new ArrayList<>();
        for (int i = 0; i < outputNames.size(); i++) {
            String name = unlike(outputNames.get(i), inputNames);
            graph.output(first.outputs.get(i), name);
            resultNames.add(name);
        }
        graph.addTo(proto);
        for (int i = 0; i < inputNames.size(); i++) {
            proto.addInput(port(inputNames.get(i), first.inputs.get(i).spec()));
        }
        for (int i = 0; i < outputNames.size(); i++) {
            proto.addOutput(port(resultNames.get(i), first.outputs.get(i).spec()));
        }
        String version = OnnxExport.class.getPackage().getImplementationVersion();
        return ModelProto.newBuilder().setIrVersion(IR_VERSION).setProducerName("Sinew").setProducerVersion(version == null ? "" : version)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset)).setGraph(proto).build().toByteArray();
    }

    /** A net may call an output like an input; ONNX may not. */
    private static String unlike(String name, List<String> taken) {
        return taken.contains(name) ? name + "_output" : name;
    }

    private ValueInfoProto port(String name, Spec spec) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (int d = 0; d < spec.shape().rank(); d++) {
            TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(d == 0 && batch == 0 ? dim.setDimParam("N") : dim.setDimValue(spec.shape().dim(d)));
        }
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(
                TypeProto.Tensor.newBuilder().setElemType(ExportGraph.type(spec.dtype())).setShape(shape))).build();
    }
}
