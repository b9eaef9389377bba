package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.internal.Owner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A net with parameters. All trainable parameters lie one after the other in one piece of memory, so that an optimiser
 * updates them in one sweep. {@link #predict} may be called from any number of threads.
 *
 * {@snippet :
 * var net = Network.input(1, 28, 28)
 *     .conv(6, 5, 2).relu().maxPool(2).conv(16, 5, 0).relu().maxPool(2)
 *     .dense(120).relu().dense(84).relu().dense(10)
 *     .build(Seed.of(7));
 * }
 */
public final class Network implements AutoCloseable {
    private final Architecture architecture;
    private final Seed seed;
    private final DType dtype;
    private final Owner owner = Owner.closeable("a network");
    private final Parameters parameters;
    private final Set<String> frozen = ConcurrentHashMap.newKeySet();
    /** Names of layers that behave in training as in inference. */
    private final Set<String> inferring = ConcurrentHashMap.newKeySet();
    private final InferencePlans plans = new InferencePlans(this, owner);

    Network(Architecture architecture, Seed seed, DType dtype) {
        this(architecture, seed, dtype, Set.of());
    }

    /** @param given names of parameters that get their first values from elsewhere */
    private Network(Architecture architecture, Seed seed, DType dtype, Set<String> given) {
        this.architecture = architecture;
        this.seed = seed;
        this.dtype = dtype;
        this.parameters = new Parameters(architecture.parameters(), owner, dtype);
        for (ParameterSpec p : architecture.parameters()) {
            if (!given.contains(p.name())) {
                p.initializer().fill(parameters.get(p.name()), seed.derive(p.name()));
            }
        }
    }

    /** Begins a net for samples of that shape, such as 1, 28, 28. */
    public static Builder input(long... shape) {
        return new Builder(shape);
    }

    /** Begins a net that is not a mere sequence: several inputs or outputs, branches, shared weights. */
    public static GraphBuilder graph() {
        return new GraphBuilder();
    }

    /** The description. */
    public Architecture architecture() {
        return architecture;
    }

    /** See {@link Architecture#summary()}. */
    public String summary() {
        return architecture.summary();
    }

    /** The seed it was built with. */
    public Seed seed() {
        return seed;
    }

    /** The element type of the parameters. */
    public DType dtype() {
        return dtype;
    }

    // ---- parameters ----

    /** All parameters and running statistics by name, in the order of the layers. */
    public Map<String, Tensor> parameters() {
        return Collections.unmodifiableMap(parameters.all());
    }

    /** The parameter of that name, such as {@code conv1.weight}. */
    public Tensor parameter(String name) {
        Tensor tensor = parameters.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the network has no parameter " + name + "; it has " + parameters.all().keySet());
        }
        return tensor;
    }

    /**
     * A net of its own with the same architecture, seed, values and frozen parts.
     */
    public Network copy() {
        Network copy = new Network(architecture, seed, dtype, parameters.all().keySet());
        copy.parameters.copyFrom(parameters);
        copy.frozen.addAll(frozen);
        copy.inferring.addAll(inferring);
        return copy;
    }

    /**
     * Overwrites all parameters and running statistics with the values of their names, float32 or float64.
     *
     * @throws IllegalArgumentException when one is missing, of another shape or unknown; nothing is overwritten then
     */
    public Network load(Map<String, Tensor> values) {
        Loaded match = match(specs(values));
        if (!match.isComplete()) {
            throw new IllegalArgumentException("load: the values are not those of this network: " + match);
        }
        copyAll(match, values);
        return this;
    }

    /**
     * Overwrites the parameters for which there is a value of the same name and shape, float32 or float64, and tells which
     * these were.
     *
     * @param only names of parameters, layers or blocks, as for {@link #freeze}, to which it is limited; none: all
     */
    public Loaded loadMatching(Map<String, Tensor> values, String... only) {
        Predicate<String> wanted = only.length == 0 ? _ -> true : Arrays.stream(only).map(NamePattern::of).reduce(_ -> false, Predicate::or);
        Map<String, Tensor> chosen = new LinkedHashMap<>(values);
        chosen.keySet().removeIf(wanted.negate());
        Loaded match = match(specs(chosen));
        copyAll(match, chosen);
        return match;
    }

    private static Map<String, Spec> specs(Map<String, Tensor> values) {
        Map<String, Spec> specs = new LinkedHashMap<>();
        values.forEach((name, value) -> specs.put(name, value.spec()));
        return specs;
    }

    /**
     * What would be loaded of values with these types and shapes.
     *
     * @hidden
     */
    public Loaded match(Map<String, Spec> values) {
        List<String> loaded = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Map<String, String> otherShape = new LinkedHashMap<>();
        parameters.all().forEach((name, parameter) -> {
            Spec value = values.get(name);
            if (value == null) {
                missing.add(name);
            } else if (!value.shape().equals(parameter.shape()) || !value.dtype().isFloat()) {
                otherShape.put(name, parameter.spec() + ", the value is " + value);
            } else {
                loaded.add(name);
            }
        });
        return new Loaded(loaded, missing, otherShape, values.keySet().stream().filter(name -> parameters.get(name) == null).toList());
    }

    private void copyAll(Loaded match, Map<String, Tensor> values) {
        try (Scope _ = Scope.open()) {
            match.loaded().forEach(name -> parameters.get(name).copyFrom(values.get(name).cast(dtype)));
        }
    }

    /**
     * A new net with another end: what a layer or block depends on with its values and frozen parts, and then other layers
     * with first values of their own.
     *
     * {@snippet :
     * var net = trained.withHead("globalavgpool1", x -> x.dense(3).named("head"), Seed.of(1)).freeze("conv*", "batchnorm*");
     * }
     *
     * @param last the name of the layer or block to go on from
     * @param head puts the new layers
     * @param headSeed the seed of the new layers' first values, and of the new net
     */
    public Network withHead(String last, UnaryOperator<Value> head, Seed headSeed) {
        GraphBuilder graph = architecture.cut(last);
        Set<String> kept = graph.parameterNames();
        graph.output(head.apply(graph.value(last)));
        Network net = new Network(graph.architecture(), Objects.requireNonNull(headSeed, "headSeed"), dtype, kept);
        kept.forEach(name -> net.parameters.get(name).copyFrom(parameters.get(name)));
        frozen.stream().filter(kept::contains).forEach(net.frozen::add);
        net.inferring.addAll(inferring);
        return net;
    }

    /** The parameters that training changes now: the trainable ones that are not frozen, in order. */
    public List<Tensor> trainable() {
        return trained(architecture.outputs(true).keySet()).stream().map(parameters::get).toList();
    }

    /**
     * The names of the parameters that a training for those outputs changes.
     *
     * @hidden
     */
    public List<String> trained(Collection<String> outputs) {
        List<String> names = new ArrayList<>();
        for (ParameterSpec p : architecture.parametersOf(outputs)) {
            if (p.trainable() && !frozen.contains(p.name())) {
                names.add(p.name());
            }
        }
        return names;
    }

    // ---- freezing ----

    /**
     * Keeps parameters as they are in the trainings that begin from now on: their gradients are not computed.
     *
     * @param names of parameters or of layers or blocks, such as {@code conv1} or {@code features}; {@code *} stands for any
     *     characters
     * @throws IllegalArgumentException when a name fits no parameter
     */
    public Network freeze(String... names) {
        for (String name : names) {
            frozen.addAll(matching(name));
        }
        return this;
    }

    /** Keeps the parameters whose names are accepted as they are. */
    public Network freeze(Predicate<String> names) {
        parameters.trainableNames().stream().filter(names).forEach(frozen::add);
        return this;
    }

    /** Has {@link #freeze}'s parameters trained again. */
    public Network unfreeze(String... names) {
        for (String name : names) {
            frozen.removeAll(matching(name));
        }
        return this;
    }

    /** The names of the frozen parameters. */
    public Set<String> frozen() {
        return Collections.unmodifiableSet(new TreeSet<>(frozen));
    }

    private List<String> matching(String name) {
        List<String> found = parameters.trainableNames().stream().filter(NamePattern.of(name)).toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("the network has no trainable parameters " + name + "; it has " + parameters.trainableNames());
        }
        return found;
    }

    /**
     * Has layers behave in training as in inference, from now on: batch normalisation uses its running statistics and does
     * not move them, dropout drops nothing. Their weights are trained unless they are frozen.
     *
     * @param names of layers or blocks, as for {@link #freeze}
     */
    public Network inferenceMode(String... names) {
        inferring.addAll(List.of(names));
        return this;
    }

    /** Takes back {@link #inferenceMode} for all layers. */
    public Network trainingMode() {
        inferring.clear();
        return this;
    }

    // ---- what trainings use ----

    /**
     * All trainable parameters as one vector (padded to multiples of 64 bytes), frozen ones included; null when there are none.
     *
     * @hidden
     */
    public Tensor flat() {
        return parameters.flat();
    }

    /**
     * For each trainable parameter by name, frozen or not, its view of another vector that is laid out like {@link #flat}.
     *
     * @hidden
     */
    public Map<String, Tensor> views(Tensor flatLike) {
        return parameters.views(flatLike);
    }

    /**
     * A part of {@link #flat} and of vectors like it.
     *
     * @param from the first element
     * @param count how many
     * @hidden
     */
    public record Range(long from, long count) {
        /** That part of a vector. */
        public Tensor of(Tensor flatLike) {
            return count == flatLike.shape().count() ? flatLike : Parameters.view(flatLike, Shape.of(count), from);
        }
    }

    /**
     * The parts of {@link #flat} where those parameters lie, neighbours in one, in their order.
     *
     * @hidden
     */
    public List<Range> ranges(Collection<String> names) {
        return parameters.ranges(names);
    }

    /**
     * What a batch of each input is.
     *
     * @hidden
     */
    public List<Spec> inputSpecs(long batch) {
        return architecture.inputSpecs(batch, dtype);
    }

    // ---- applying ----

    /** Applies the net in inference mode by ordinary operations: to values, or to symbols of a graph. */
    public Tensor forward(Tensor x) {
        return forward(x, false, null);
    }

    /**
     * Applies a net with one input and one output by ordinary operations.
     *
     * @param x [N, sample shape]
     * @param training whether batch statistics and dropout are used; running statistics are updated then
     * @param step the number of the training step (int64 scalar), the counter of dropout's random numbers; may be null
     *     where there is no dropout or no training
     */
    public Tensor forward(Tensor x, boolean training, Tensor step) {
        architecture.output();
        return apply(List.of(x), training, step, architecture.outputNodes(false)).getFirst();
    }

    /** Applies the net in inference mode by ordinary operations: the outputs, but the auxiliary ones, in their order. */
    public List<Tensor> forward(List<Tensor> inputs) {
        return forward(inputs, false, null);
    }

    /**
     * Applies the net by ordinary operations.
     *
     * @param inputs a batch of each input, in their order
     * @param training as in {@link #forward(Tensor, boolean, Tensor)}
     * @param step likewise
     * @param outputs names of what is wanted: outputs, layers or blocks; none: all outputs in their order, the auxiliary ones
     *     only in training
     */
    public List<Tensor> forward(List<Tensor> inputs, boolean training, Tensor step, String... outputs) {
        return apply(inputs, training, step, outputs.length == 0 ? architecture.outputNodes(training) : architecture.nodesOf(outputs));
    }

    private List<Tensor> apply(List<Tensor> inputs, boolean training, Tensor step, List<Integer> wanted) {
        checkInputs(inputs);
        List<Predicate<String>> inferred = new ArrayList<>();
        for (String name : inferring) {
            inferred.add(NamePattern.of(name));
        }
        NetworkContext context = new NetworkContext("", training, seed.derive("dropout").value()) {
            @Override
            Tensor tensor(String name) {
                return parameters.get(name);
            }

            @Override
            boolean infers(String layer) {
                for (Predicate<String> names : inferred) {
                    if (names.test(layer)) {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public Tensor step() {
                return Objects.requireNonNull(step, "the network has dropout: training needs the step's number");
            }
        };
        Graph graph = Graph.of(inputs.toArray(new Tensor[0]));
        return graph == null ? architecture.apply(context, inputs, wanted)
                : graph.deferring(owner, () -> architecture.apply(context, inputs, wanted));
    }

    private void checkInputs(List<Tensor> inputs) {
        Map<String, Shape> expected = architecture.inputs();
        if (inputs.size() != expected.size()) {
            throw new IllegalArgumentException("the network takes " + expected.size() + " inputs " + expected.keySet() + ", not " + inputs.size());
        }
        int i = 0;
        for (Map.Entry<String, Shape> input : expected.entrySet()) {
            Shape got = inputs.get(i).shape();
            Shape want = input.getValue();
            String which = expected.size() == 1 ? "the network takes " : "the network's input " + input.getKey() + " is ";
            if (got.rank() != want.rank() + 1 || !got.withoutFirst().equals(want)) {
                throw new IllegalArgumentException(which + "[N" + want.toString().replace("[", want.rank() == 0 ? "" : ", ") + ", not " + got);
            }
            if (got.dim(0) != inputs.getFirst().shape().dim(0)) {
                throw new IllegalArgumentException(which + got + ", a batch of another size than that of " + inputs.getFirst().shape());
            }
            i++;
        }
    }

    /**
     * The outputs for a batch, by a compiled plan, of a net with one input and one output. The result belongs to the current
     * scope. Thread-safe.
     *
     * @param x [N, sample shape]
     */
    public Tensor predict(Tensor x) {
        architecture.output();
        return predict(List.of(x), architecture.outputNodes(false)).getFirst();
    }

    /**
     * The outputs by name for a batch of each input by name, as {@link #predict(Tensor)}; auxiliary outputs are not computed.
     *
     * @throws IllegalArgumentException when an input is missing or unknown, or does not fit
     */
    public Map<String, Tensor> predictAll(Map<String, Tensor> inputs) {
        return activations(inputs, architecture.outputs().keySet().toArray(String[]::new));
    }

    /**
     * What layers, blocks or outputs of these names give for a batch, by a compiled plan that computes nothing else.
     * Thread-safe.
     *
     * @param x [N, sample shape]
     */
    public Map<String, Tensor> activations(Tensor x, String... names) {
        return named(names, predict(List.of(x), architecture.nodesOf(names)));
    }

    /** {@link #activations(Tensor, String...)} for a net with several inputs. */
    public Map<String, Tensor> activations(Map<String, Tensor> inputs, String... names) {
        return named(names, predict(ordered(inputs), architecture.nodesOf(names)));
    }

    private static Map<String, Tensor> named(String[] names, List<Tensor> values) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            named.put(names[i], values.get(i));
        }
        return named;
    }

    private List<Tensor> ordered(Map<String, Tensor> inputs) {
        Set<String> names = architecture.inputs().keySet();
        if (!inputs.keySet().equals(names)) {
            throw new IllegalArgumentException("the network takes the inputs " + names + ", not " + inputs.keySet());
        }
        return names.stream().map(inputs::get).toList();
    }

    private List<Tensor> predict(List<Tensor> inputs, List<Integer> wanted) {
        checkInputs(inputs);
        return plans.run(inputs, wanted);
    }

    /**
     * A plan for batches of one size, to be run without any allocation: {@code plan.run(x)}, then {@code plan.output(0)}.
     * It serves one thread at a time and is to be closed.
     *
     * @param outputs names of what it computes: outputs, layers or blocks; none: all outputs but the auxiliary ones
     */
    public Plan inference(long batch, String... outputs) {
        List<Shape> inputs = new ArrayList<>();
        for (Shape sample : architecture.inputs().values()) {
            inputs.add(sample.withFirst(batch));
        }
        return compile(inputs, architecture.nodesOf(outputs));
    }

    /** A plan for those inputs that computes those nodes. */
    Plan compile(List<Shape> inputs, List<Integer> wanted) {
        Graph graph = new Graph();
        List<Spec> specs = new ArrayList<>();
        for (Spec spec : architecture.inputSpecs(1, dtype)) {
            specs.add(Spec.of(spec.dtype(), inputs.get(specs.size())));
        }
        List<Tensor> y = apply(architecture.symbols(graph, specs), false, null, wanted);
        return Plan.compile(graph, y.toArray(new Tensor[0]));
    }

    /** SHA-256 of names and values of all parameters and running statistics, in hexadecimal. */
    public String sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            parameters().forEach((name, tensor) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                double[] values = tensor.toDoubles();
                ByteBuffer bytes = ByteBuffer.allocate(values.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
                for (double value : values) {
                    if (dtype == DType.F64) {
                        bytes.putDouble(value);
                    } else {
                        bytes.putFloat((float) value);
                    }
                }
                digest.update(bytes.flip());
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Frees the parameters and the plans. Closing again does nothing. */
    @Override
    public void close() {
        owner.close();
        plans.close();
    }

    /** A net that is a sequence of layers. Every method returns the builder. */
    public static final class Builder implements Chain<Builder> {
        private final GraphBuilder graph = new GraphBuilder();
        private Value end;

        private Builder(long... shape) {
            end = graph.input(shape);
        }

        @Override
        public Builder layer(Layer layer) {
            end = end.layer(layer);
            return this;
        }

        @Override
        public Builder named(String name) {
            end = end.named(name);
            return this;
        }

        @Override
        public Builder block(String name, UnaryOperator<Builder> body) {
            end = graph.block(name, () -> body.apply(this).end);
            return this;
        }

        /**
         * The description, without memory.
         *
         * @throws IllegalArgumentException naming the layer that does not fit, with the formula
         */
        public Architecture architecture() {
            return graph.architecture(end);
        }

        /** See {@link Architecture#summary()}. */
        public String summary() {
            return architecture().summary();
        }

        /** Allocates and initialises the parameters, float32. */
        public Network build(Seed seed) {
            return architecture().build(seed);
        }

        /** Allocates and initialises the parameters in float32 or float64. */
        public Network build(Seed seed, DType dtype) {
            return architecture().build(seed, dtype);
        }
    }
}
