package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Seed;
import dev.sinew.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * A net as a graph: several inputs and outputs, branches, shared weights. Layers are checked when they are put.
 *
 * {@snippet :
 * var g = Network.graph();
 * var x = g.input("image", 3, 32, 32);
 * var stem = x.conv(16, 3, 1).named("stem").batchNorm().relu();
 * var wide = stem.conv(16, 5, 2).relu();
 * var y = stem.concat(wide).globalAvgPool();
 * g.output("logits", y.dense(10));
 * var net = g.build(Seed.of(7));
 * }
 */
public final class GraphBuilder {
    private static final Pattern NAME = Pattern.compile("[\\w-]+(\\.[\\w-]+)*");

    private final List<Architecture.Node> nodes = new ArrayList<>();
    private final Map<String, DType> inputs = new LinkedHashMap<>();
    private final Map<String, Architecture.Output> outputs = new LinkedHashMap<>();
    private final Map<String, Integer> blocks = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    /** How many layers of a kind have automatic names, by the block's prefix and the kind. */
    private final Map<String, Integer> counts = new HashMap<>();
    /** The names of the blocks that are being built, each with a dot. */
    private String prefix = "";

    /**
     * Layers that were put by one call.
     *
     * @param prefix of the block that they are in
     * @param kind the kind when the name is an automatic one, else empty
     * @param first the first node
     */
    static final class Span {
        private final String prefix;
        private final String kind;
        private final int first;
        private String name;

        Span(String prefix, String kind, String name, int first) {
            this.prefix = prefix;
            this.kind = kind;
            this.name = name;
            this.first = first;
        }
    }

    GraphBuilder() {}

    Architecture.Node node(int i) {
        return nodes.get(i);
    }

    // ---- inputs and outputs ----

    /** An input named {@code input}, the next ones {@code input2}, ..., for samples of that shape. */
    public Value input(long... shape) {
        return input(inputs.isEmpty() ? "input" : "input" + (inputs.size() + 1), shape);
    }

    /** An input for samples of that shape, of the net's type. */
    public Value input(String name, long... shape) {
        return addInput(name, null, Shape.of(shape));
    }

    /** An input for samples of that shape and type, such as the numbers of words. */
    public Value input(String name, DType dtype, long... shape) {
        return addInput(name, Objects.requireNonNull(dtype, "dtype"), Shape.of(shape));
    }

    private Value addInput(String name, DType dtype, Shape shape) {
        take(name, "input");
        nodes.add(new Architecture.Node(name, 1, null, List.of(), shape));
        inputs.put(name, dtype);
        return new Value(this, nodes.size() - 1, null);
    }

    /**
     * What a layer or block of that name, or an input, gives.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Value value(String name) {
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).id().equals(name)) {
                return new Value(this, i, null);
            }
        }
        if (blocks.containsKey(name)) {
            return new Value(this, blocks.get(name), null);
        }
        throw new IllegalArgumentException("graph: there is no layer, block or input " + name);
    }

    /** An output named {@code output}, the next ones {@code output2}, ... */
    public GraphBuilder output(Value value) {
        return output(outputs.isEmpty() ? "output" : "output" + (outputs.size() + 1), value);
    }

    /** An output. */
    public GraphBuilder output(String name, Value value) {
        return addOutput(name, value, false);
    }

    /** An output of training only, such as the classifier halfway (Szegedy et al. 2014): inference does not compute it. */
    public GraphBuilder auxiliary(String name, Value value) {
        return addOutput(name, value, true);
    }

    private GraphBuilder addOutput(String name, Value value, boolean auxiliary) {
        checkName(name, "output");
        Architecture.Output output = new Architecture.Output(Value.indices(this, value).getFirst(), auxiliary);
        if (outputs.putIfAbsent(name, output) != null) {
            throw new IllegalArgumentException("graph: there is an output " + name + " already");
        }
        return this;
    }

    // ---- layers ----

    /** Puts a layer after values: one, or several for a {@link Join}. */
    public Value layer(Layer layer, Value... inputs) {
        Objects.requireNonNull(layer, "layer");
        List<Integer> from = Value.indices(this, inputs);
        String name = automatic(layer.kind());
        Span span = new Span(prefix, layer.kind(), name, nodes.size());
        if (layer instanceof Block block) {
            Layers.single(layer, from);
            Value end = inside(name, () -> block.build(inputs[0]));
            return new Value(this, end.index(), span);
        }
        return new Value(this, add(name, 1, layer, from), span);
    }

    /** One after the other along the first dimension, that of the channels. */
    public Value concat(Value... values) {
        return layer(Join.concat(0), values);
    }

    /** The sum of values of one shape. */
    public Value add(Value... values) {
        return layer(Join.add(), values);
    }

    /** The product, element by element, of values of one shape. */
    public Value mul(Value... values) {
        return layer(Join.multiply(), values);
    }

    /** What the function puts, under a common name: its {@code conv1} is {@code name.conv1}. */
    public Value block(String name, Supplier<Value> body) {
        String full = prefix + name;
        take(full, "block");
        Span span = new Span(prefix, "", full, nodes.size());
        Value end = inside(full, body);
        return new Value(this, Value.indices(this, end).getFirst(), span);
    }

    private Value inside(String name, Supplier<Value> body) {
        String outer = prefix;
        prefix = name + ".";
        try {
            Value end = body.get();
            blocks.put(name, end.index());
            return end;
        } catch (IllegalArgumentException e) {
            throw e.getMessage().startsWith("layer " + name) ? e : new IllegalArgumentException("layer " + name + ": " + e.getMessage(), e);
        } finally {
            prefix = outer;
        }
    }

    /** A layer whose weights serve every value that the result is applied to. */
    public UnaryOperator<Value> shared(Layer layer) {
        return new Shared(x -> x.layer(layer));
    }

    /** Layers under a common name whose weights serve every value that the result is applied to. */
    public UnaryOperator<Value> shared(String name, UnaryOperator<Value> body) {
        return new Shared(x -> x.block(name, body));
    }

    /** Puts layers once, and repeats them later with the same names, and so the same parameters. */
    private final class Shared implements UnaryOperator<Value> {
        private final UnaryOperator<Value> body;
        private Value argument;
        private Value result;
        private int uses;

        Shared(UnaryOperator<Value> body) {
            this.body = body;
        }

        @Override
        public Value apply(Value x) {
            if (++uses == 1) {
                Value.indices(GraphBuilder.this, x);
                argument = x;
                result = body.apply(x);
                return result;
            }
            Map<Integer, Integer> copies = new HashMap<>();
            copies.put(argument.index(), Value.indices(GraphBuilder.this, x).getFirst());
            for (int i = result.span().first; i <= result.index(); i++) {
                Architecture.Node node = nodes.get(i);
                List<Integer> from = node.inputs().stream().map(k -> copies.getOrDefault(k, k)).toList();
                copies.put(i, repeat(node, from));
            }
            return new Value(GraphBuilder.this, copies.getOrDefault(result.index(), result.index()), null);
        }

        private int repeat(Architecture.Node node, List<Integer> from) {
            List<ParameterSpec> here = Layers.parameters(node.layer(), shapes(from));
            List<ParameterSpec> there = Layers.parameters(node.layer(), shapes(node.inputs()));
            for (int i = 0; i < there.size(); i++) {
                if (!here.get(i).shape().equals(there.get(i).shape())) {
                    throw new IllegalArgumentException("layer " + node.name() + ": its " + there.get(i).name() + " has shape "
                            + there.get(i).shape() + ", for an input of " + shapes(from) + " it would need " + here.get(i).shape()
                            + ": these weights cannot be shared");
                }
            }
            int use = 1 + (int) nodes.stream().filter(n -> n.name().equals(node.name())).count();
            return add(node.name(), use, node.layer(), from);
        }
    }

    /** A node of another graph, or an input when it has no layer. */
    int add(Architecture.Node node, List<Integer> from, DType dtype) {
        names.add(node.name());
        if (node.layer() == null) {
            inputs.put(node.name(), dtype);
        }
        nodes.add(new Architecture.Node(node.name(), node.use(), node.layer(), from, node.output()));
        return nodes.size() - 1;
    }

    void addBlock(String name, int end) {
        names.add(name);
        blocks.put(name, end);
    }

    /** The names of the parameters of the layers so far. */
    Set<String> parameterNames() {
        Set<String> found = new HashSet<>();
        for (Architecture.Node node : nodes) {
            if (node.layer() != null) {
                Layers.parameters(node.layer(), shapes(node.inputs())).forEach(p -> found.add(node.name() + "." + p.name()));
            }
        }
        return found;
    }

    private int add(String name, int use, Layer layer, List<Integer> from) {
        try {
            nodes.add(new Architecture.Node(name, use, layer, from, Layers.output(layer, shapes(from))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("layer " + name + ": " + e.getMessage(), e);
        }
        return nodes.size() - 1;
    }

    private List<Shape> shapes(List<Integer> from) {
        List<Shape> shapes = new ArrayList<>();
        for (int i : from) {
            shapes.add(nodes.get(i).output());
        }
        return shapes;
    }

    // ---- names ----

    /** The next free name of a kind in the current block. */
    private String automatic(String kind) {
        String name;
        do {
            name = prefix + kind + counts.merge(prefix + kind, 1, Integer::sum);
        } while (!names.add(name));
        return name;
    }

    private static void checkName(String name, String what) {
        if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
            throw new IllegalArgumentException("graph: the name of an " + what + " must be made of letters, digits, _, - and dots, not \"" + name + "\"");
        }
    }

    private void take(String name, String what) {
        checkName(name, what);
        if (!names.add(name)) {
            throw new IllegalArgumentException("graph: the name " + name + " is taken");
        }
    }

    void rename(Value value, String name) {
        Span span = value.span();
        if (span == null) {
            throw new IllegalArgumentException("graph: " + value.name() + " is an input or shared: its name is given where it is made");
        }
        String full = span.prefix + name;
        if (full.equals(span.name)) {
            return;
        }
        take(full, "layer");
        names.remove(span.name);
        String counted = span.prefix + span.kind;
        counts.computeIfPresent(counted, (_, n) -> span.name.equals(counted + n) ? n - 1 : n);
        for (int i = span.first; i < nodes.size(); i++) {
            nodes.set(i, nodes.get(i).named(moved(nodes.get(i).name(), span.name, full)));
        }
        Map<String, Integer> before = new LinkedHashMap<>(blocks);
        blocks.clear();
        before.forEach((block, end) -> blocks.put(moved(block, span.name, full), end));
        span.name = full;
    }

    private String moved(String name, String from, String to) {
        if (name.startsWith(from + ".")) {
            names.remove(name);
            names.add(to + name.substring(from.length()));
            return to + name.substring(from.length());
        }
        return name.equals(from) ? to : name;
    }

    // ---- the net ----

    /**
     * The description, without memory.
     *
     * @throws IllegalArgumentException when there is no output, or a layer or input leads to none
     */
    public Architecture architecture() {
        return new Architecture(nodes, inputs, outputs, blocks);
    }

    /** The description with one output. */
    Architecture architecture(Value end) {
        return new Architecture(nodes, inputs, Map.of("output", new Architecture.Output(end.index(), false)), blocks);
    }

    /** See {@link Architecture#summary()}. */
    public String summary() {
        return architecture().summary();
    }

    /** Allocates and initialises the parameters, float32. */
    public Network build(Seed seed) {
        return build(seed, DType.F32);
    }

    /** Allocates and initialises the parameters in float32 or float64. */
    public Network build(Seed seed, DType dtype) {
        return architecture().build(seed, dtype);
    }
}
