package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Origin;
import dev.sinew.graph.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A net as a description: inputs, layers and outputs with their shapes. Everything about its sizes is known without memory.
 */
public final class Architecture {
    private final List<Node> nodes;
    /** The type of each input; null: that of the net. */
    private final Map<String, DType> inputs;
    private final Map<String, Output> outputs;
    private final Map<String, Integer> blocks;
    /** The node that a name stands for: a layer's, an input's, or a block's last one. */
    private final Map<String, Integer> index = new LinkedHashMap<>();
    private final List<ParameterSpec> parameters = new ArrayList<>();
    /** The layer of each parameter. */
    private final List<String> owners = new ArrayList<>();

    /**
     * A layer at one place of a net, or an input. Nodes come after those that they take.
     *
     * @param name the layer's, with which its parameters' names begin; the same for all nodes that share them
     * @param use counts the nodes of that name, from 1
     * @param layer null for an input
     * @param inputs the nodes that it takes, by their places in {@link Architecture#nodes}
     * @param output the shape of one sample
     */
    public record Node(String name, int use, Layer layer, List<Integer> inputs, Shape output) {
        /** The name, followed by {@code #2} for the second use of a shared layer, and so on. */
        public String id() {
            return use == 1 ? name : name + "#" + use;
        }

        Node named(String other) {
            return new Node(other, use, layer, inputs, output);
        }
    }

    /** @param auxiliary whether it is one of training only */
    record Output(int node, boolean auxiliary) {}

    Architecture(List<Node> nodes, Map<String, DType> inputs, Map<String, Output> outputs, Map<String, Integer> blocks) {
        this.nodes = List.copyOf(nodes);
        this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        this.outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        if (outputs().isEmpty()) {
            throw new IllegalArgumentException("graph: no output was declared");
        }
        boolean[] used = needed(nodesOf(outputs.keySet()));
        this.blocks = Map.copyOf(blocks);
        index.putAll(blocks);
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            index.put(node.id(), i);
            if (!used[i]) {
                throw new IllegalArgumentException("graph: " + node.id() + " leads to no output");
            }
            if (node.layer != null && node.use == 1) {
                for (ParameterSpec p : Layers.parameters(node.layer, inputsOf(node))) {
                    parameters.add(new ParameterSpec(node.name + "." + p.name(), p.shape(), p.initializer(), p.trainable()));
                    owners.add(node.name);
                }
            }
        }
    }

    private boolean[] needed(Collection<Integer> wanted) {
        boolean[] needed = new boolean[nodes.size()];
        for (int i : wanted) {
            needed[i] = true;
        }
        for (int i = needed.length - 1; i >= 0; i--) {
            if (needed[i]) {
                for (int from : nodes.get(i).inputs) {
                    needed[from] = true;
                }
            }
        }
        return needed;
    }

    /** The shape of one sample of the only input. */
    public Shape input() {
        return only(inputs(), "inputs");
    }

    /** The shape of one sample of the only output that is not an auxiliary one. */
    public Shape output() {
        return only(outputs(), "outputs");
    }

    private static Shape only(Map<String, Shape> shapes, String what) {
        if (shapes.size() != 1) {
            throw new IllegalStateException("the network has " + shapes.size() + " " + what + ": " + shapes);
        }
        return shapes.values().iterator().next();
    }

    /** The shape of one sample of each input, in their order. */
    public Map<String, Shape> inputs() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String name : inputs.keySet()) {
            shapes.put(name, nodes.get(index.get(name)).output);
        }
        return shapes;
    }

    /** The shape of one sample of each output that inference computes, in their order. */
    public Map<String, Shape> outputs() {
        return outputs(false);
    }

    /** The shape of one sample of each output, in their order. */
    public Map<String, Shape> outputs(boolean training) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String name : outputs.keySet()) {
            Output output = outputs.get(name);
            if (training || !output.auxiliary) {
                shapes.put(name, nodes.get(output.node).output);
            }
        }
        return shapes;
    }

    /** Inputs and layers, each after those that it takes. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The layers, those of blocks one by one. */
    public List<Layer> layers() {
        return nodes.stream().map(Node::layer).filter(Objects::nonNull).toList();
    }

    /** The shapes of one sample of what a node takes. */
    public List<Shape> inputsOf(Node node) {
        List<Shape> shapes = new ArrayList<>();
        for (int i : node.inputs) {
            shapes.add(nodes.get(i).output);
        }
        return Collections.unmodifiableList(shapes);
    }

    /** All parameters, named {@code conv1.weight}, in order. */
    public List<ParameterSpec> parameters() {
        return Collections.unmodifiableList(parameters);
    }

    /** The number of trainable values. */
    public long parameterCount() {
        return parameters.stream().filter(ParameterSpec::trainable).mapToLong(p -> p.shape().count()).sum();
    }

    /** How the number of parameters comes about. */
    String parameterFormula() {
        return nodes.stream().filter(node -> node.layer != null && node.use == 1)
                .map(node -> Layers.parameterFormula(node.layer, inputsOf(node))).filter(f -> !f.isEmpty()).collect(Collectors.joining(" + "));
    }

    /** Floating-point operations of one sample forward, a multiply-add counting as two. */
    public long flops() {
        return inferencePlan(1).flops();
    }

    /** See {@link GraphBuilder#build(Seed)}. */
    public Network build(Seed seed) {
        return build(seed, DType.F32);
    }

    /** Allocates and initialises the parameters in float32 or float64. */
    public Network build(Seed seed, DType dtype) {
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("a network's type must be F32 or F64, not " + dtype);
        }
        return new Network(this, Objects.requireNonNull(seed, "seed"), dtype);
    }

    /**
     * A graph of what layers or blocks depend on, to go on from with {@link GraphBuilder#value}: all names stay, and so weights
     * can be loaded from a net of this architecture by {@link Network#loadMatching}. It has no outputs yet.
     *
     * {@snippet :
     * var g = net.architecture().cut("layer2", "layer4");
     * g.output("fine", g.value("layer2").conv(8, 1)).output("coarse", g.value("layer4").conv(8, 1));
     * }
     */
    public GraphBuilder cut(String... names) {
        boolean[] needed = needed(nodesOf(names));
        GraphBuilder graph = new GraphBuilder();
        Map<Integer, Integer> places = new LinkedHashMap<>();
        Map<String, Integer> uses = new HashMap<>();
        for (int i = 0; i < needed.length; i++) {
            if (needed[i]) {
                Node old = nodes.get(i);
                Node node = new Node(old.name, uses.merge(old.name, 1, Integer::sum), old.layer, old.inputs, old.output);
                places.put(i, graph.add(node, node.inputs.stream().map(places::get).toList(), inputs.get(node.name)));
            }
        }
        blocks.forEach((name, end) -> {
            if (needed[end]) {
                graph.addBlock(name, places.get(end));
            }
        });
        return graph;
    }

    /** What a batch of each input is, for a net of that type. */
    List<Spec> inputSpecs(long batch, DType dtype) {
        List<Spec> specs = new ArrayList<>();
        for (Map.Entry<String, Shape> input : inputs().entrySet()) {
            DType own = inputs.get(input.getKey());
            specs.add(Spec.of(own == null ? dtype : own, input.getValue().withFirst(batch)));
        }
        return specs;
    }

    /** The nodes of the outputs. */
    List<Integer> outputNodes(boolean training) {
        return nodesOf(outputs(training).keySet());
    }

    /** The nodes of outputs, layers, blocks or inputs of these names; of the outputs of inference when there is none. */
    List<Integer> nodesOf(String... names) {
        return names.length == 0 ? outputNodes(false) : nodesOf(Arrays.asList(names));
    }

    private List<Integer> nodesOf(Collection<String> names) {
        List<Integer> found = new ArrayList<>();
        for (String name : names) {
            found.add(nodeOf(name));
        }
        return found;
    }

    /** The shape of one sample of what an output, layer or block gives. */
    public Shape shape(String name) {
        return nodes.get(nodeOf(name)).output;
    }

    /** The parameters on which outputs, layers or blocks depend. */
    List<ParameterSpec> parametersOf(Collection<String> names) {
        boolean[] needed = needed(nodesOf(names));
        Set<String> layers = new HashSet<>();
        for (int i = 0; i < needed.length; i++) {
            if (needed[i]) {
                layers.add(nodes.get(i).name);
            }
        }
        List<ParameterSpec> found = new ArrayList<>();
        for (int i = 0; i < owners.size(); i++) {
            if (layers.contains(owners.get(i))) {
                found.add(parameters.get(i));
            }
        }
        return found;
    }

    private int nodeOf(String name) {
        Output output = outputs.get(name);
        Integer node = output == null ? index.get(name) : Integer.valueOf(output.node);
        if (node == null) {
            throw new IllegalArgumentException("the network has no output or layer " + name + "; it has " + outputs.keySet() + " and "
                    + new TreeSet<>(index.keySet()));
        }
        return node;
    }

    /** The only output for the only input. */
    Tensor apply(Layer.Context context, Tensor x) {
        output();
        return apply(context, List.of(x), outputNodes(false)).getFirst();
    }

    /** The values of nodes; only what they depend on is computed. */
    List<Tensor> apply(Layer.Context context, List<Tensor> x, List<Integer> wanted) {
        boolean[] needed = needed(wanted);
        Tensor[] values = new Tensor[nodes.size()];
        int input = 0;
        for (int i = 0; i < values.length; i++) {
            Node node = nodes.get(i);
            if (node.layer == null) {
                values[i] = x.get(input++);
            } else if (needed[i]) {
                List<Tensor> from = chosen(values, node.inputs);
                values[i] = Origin.of(node.id(), () -> Layers.apply(node.layer, NetworkContext.inner(context, node.name, node.use), from));
            }
        }
        return chosen(values, wanted);
    }

    private static List<Tensor> chosen(Tensor[] values, List<Integer> nodes) {
        List<Tensor> chosen = new ArrayList<>();
        for (int i : nodes) {
            chosen.add(values[i]);
        }
        return Collections.unmodifiableList(chosen);
    }

    private List<Tensor> symbols(Graph graph, long batch) {
        return symbols(graph, inputSpecs(batch, DType.F32));
    }

    /** The net's inputs as those of a graph. */
    List<Tensor> symbols(Graph graph, List<Spec> specs) {
        List<Tensor> symbols = new ArrayList<>();
        for (String name : inputs.keySet()) {
            symbols.add(graph.input(inputs.size() == 1 ? "x" : name, specs.get(symbols.size())));
        }
        return symbols;
    }

    /** A plan for inference whose parameters are inputs too: for its sizes, not to be run. */
    Plan inferencePlan(long batch) {
        Graph graph = new Graph();
        List<Tensor> x = symbols(graph, batch);
        List<Tensor> y = apply(new Symbols(graph, false), x, outputNodes(false));
        return Plan.compile(graph, y.stream().filter(output -> !x.contains(output)).toArray(Tensor[]::new));
    }

    /** A plan for a training step, gradients included, likewise. */
    Plan trainingPlan(long batch) {
        Graph graph = new Graph();
        List<Tensor> x = symbols(graph, batch);
        Symbols symbols = new Symbols(graph, true);
        Tensor loss = null;
        for (Tensor y : apply(symbols, x, outputNodes(true))) {
            Tensor part = y.shape().rank() == 2
                    ? Loss.crossEntropy().apply(y, graph.input("labels", Spec.of(DType.I32, Shape.of(batch))))
                    : y.square().mean();
            loss = loss == null ? part : loss.add(part);
        }
        Tensor[] wrt = symbols.trainable();
        List<Tensor> results = new ArrayList<>(List.of(loss));
        if (wrt.length > 0) {
            Gradients gradients = Gradients.of(loss, wrt);
            for (Tensor parameter : wrt) {
                results.add(gradients.get(parameter));
            }
        }
        return Plan.compile(graph, results, Map.of());
    }

    /** Parameters as inputs of a graph. */
    private final class Symbols extends NetworkContext {
        private final Graph graph;
        private final Map<String, Tensor> tensors = new LinkedHashMap<>();

        Symbols(Graph graph, boolean training) {
            super("", training, 0);
            this.graph = graph;
            for (ParameterSpec p : parameters) {
                tensors.put(p.name(), graph.input(p.name(), Spec.of(DType.F32, p.shape())));
            }
        }

        Tensor[] trainable() {
            return parameters.stream().filter(ParameterSpec::trainable).map(p -> tensors.get(p.name())).toArray(Tensor[]::new);
        }

        @Override
        Tensor tensor(String name) {
            return tensors.get(name);
        }

        @Override
        public Tensor step() {
            return graph.input("step", Spec.of(DType.I64, Shape.scalar()));
        }
    }

    /** {@link #summary(long)} for batches of 128. */
    public String summary() {
        return summary(128);
    }

    /**
     * A table of the layers: output size and number of parameters, each with the formula that gives it, and floating-point
     * operations per sample, and what each layer takes unless that is what the line above gives; then totals, and the memory
     * that training and inference will take. Nothing is allocated.
     *
     * @param batch samples per training step
     */
    public String summary(long batch) {
        return Summary.of(this, batch);
    }
}
