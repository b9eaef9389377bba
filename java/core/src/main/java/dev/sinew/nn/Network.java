package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.internal.Buffer;
import dev.sinew.internal.Owner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
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
import java.util.stream.Stream;

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
    private static final int ALIGNMENT = 64;
    private static final int IDLE_PLANS = 16;

    private final Architecture architecture;
    private final Seed seed;
    private final DType dtype;
    private final Owner owner = Owner.closeable("a network");
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Tensor trainable;
    private final Set<String> frozen = ConcurrentHashMap.newKeySet();
    /** Names of layers that behave in training as in inference. */
    private final Set<String> inferring = ConcurrentHashMap.newKeySet();
    /** Plans that no thread is using, the latest first. */
    private final Deque<InferencePlan> idle = new ArrayDeque<>();

    private record InferencePlan(List<Shape> inputs, List<Integer> wanted, Plan plan) {}

    Network(Architecture architecture, Seed seed, DType dtype) {
        this.architecture = architecture;
        this.seed = seed;
        this.dtype = dtype;
        this.trainable = allocate(true);
        allocate(false);
        for (ParameterSpec p : architecture.parameters()) {
            p.initializer().fill(tensors.get(p.name()), seed.derive(p.name()));
        }
    }

    /** Places the parameters of one sort one after the other, each at a multiple of 64 bytes; null when there are none. */
    private Tensor allocate(boolean trainable) {
        long elements = 0;
        Map<String, Long> offsets = new LinkedHashMap<>();
        for (ParameterSpec p : architecture.parameters()) {
            if (p.trainable() == trainable) {
                offsets.put(p.name(), elements);
                elements += padded(p.shape());
            }
        }
        if (elements == 0) {
            return null;
        }
        Tensor flat = Tensor.in(owner, Spec.of(dtype, Shape.of(elements))).fill(0);
        for (ParameterSpec p : architecture.parameters()) {
            if (p.trainable() == trainable) {
                tensors.put(p.name(), view(flat, p.shape(), offsets.get(p.name())));
            }
        }
        return flat;
    }

    private static Tensor view(Tensor flat, Shape shape, long offset) {
        return new Tensor(Spec.of(flat.dtype(), shape), flat.buffer(), flat.byteOffset() + offset * flat.dtype().bytes());
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

    /** All parameters and running statistics by name, in the order of the layers. */
    public Map<String, Tensor> parameters() {
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        architecture.parameters().forEach(p -> ordered.put(p.name(), tensors.get(p.name())));
        return Collections.unmodifiableMap(ordered);
    }

    /** The parameter of that name, such as {@code conv1.weight}. */
    public Tensor parameter(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the network has no parameter " + name + "; it has " + tensors.keySet());
        }
        return tensor;
    }

    /** The parameters that training changes now: the trainable ones that are not frozen, in order. */
    public List<Tensor> trainable() {
        return trained(architecture.outputs(true).keySet()).stream().map(tensors::get).toList();
    }

    /**
     * The names of the parameters that a training for those outputs changes.
     *
     * @hidden
     */
    public List<String> trained(Collection<String> outputs) {
        return architecture.parametersOf(outputs).stream().filter(ParameterSpec::trainable).map(ParameterSpec::name)
                .filter(name -> !frozen.contains(name)).toList();
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
        trainableNames().filter(names).forEach(frozen::add);
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

    private Stream<String> trainableNames() {
        return architecture.parameters().stream().filter(ParameterSpec::trainable).map(ParameterSpec::name);
    }

    private List<String> matching(String name) {
        List<String> found = trainableNames().filter(NamePattern.of(name)).toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("the network has no trainable parameters " + name + "; it has " + trainableNames().toList());
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

    // ---- memory ----

    /**
     * All trainable parameters as one vector (padded to multiples of 64 bytes), frozen ones included; null when there are none.
     *
     * @hidden
     */
    public Tensor flat() {
        return trainable;
    }

    /**
     * For each trainable parameter by name, frozen or not, its view of another vector that is laid out like {@link #flat}.
     *
     * @hidden
     */
    public Map<String, Tensor> views(Tensor flatLike) {
        Map<String, Tensor> views = new LinkedHashMap<>();
        trainableNames().forEach(name -> {
            Tensor p = tensors.get(name);
            views.put(name, new Tensor(p.spec(), flatLike.buffer(), flatLike.byteOffset() + p.byteOffset() - trainable.byteOffset()));
        });
        return views;
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
            return count == flatLike.shape().count() ? flatLike : view(flatLike, Shape.of(count), from);
        }
    }

    /**
     * The parts of {@link #flat} where those parameters lie, neighbours in one, in their order.
     *
     * @hidden
     */
    public List<Range> ranges(Collection<String> names) {
        List<Range> ranges = new ArrayList<>();
        long from = 0;
        long to = 0;
        for (String name : (Iterable<String>) trainableNames()::iterator) {
            long end = to + padded(tensors.get(name).shape());
            if (!names.contains(name)) {
                addRange(ranges, from, to);
                from = end;
            }
            to = end;
        }
        addRange(ranges, from, to);
        return ranges;
    }

    private static void addRange(List<Range> ranges, long from, long to) {
        if (to > from) {
            ranges.add(new Range(from, to - from));
        }
    }

    private long padded(Shape shape) {
        long unit = ALIGNMENT / dtype.bytes();
        return (shape.count() + unit - 1) / unit * unit;
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
        Predicate<String> infers = inferring.stream().map(NamePattern::of).reduce(_ -> false, Predicate::or);
        return architecture.apply(new NetworkContext("", training, seed.derive("dropout").value()) {
            @Override
            Tensor tensor(String name) {
                return tensors.get(name);
            }

            @Override
            boolean infers(String layer) {
                return infers.test(layer);
            }

            @Override
            public Tensor step() {
                return Objects.requireNonNull(step, "the network has dropout: training needs the step's number");
            }
        }, inputs, wanted);
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
        InferencePlan plan = take(inputs.stream().map(Tensor::shape).toList(), wanted);
        try {
            plan.plan.run(inputs.toArray(Tensor[]::new));
            List<Tensor> copies = new ArrayList<>();
            for (int i = 0; i < wanted.size(); i++) {
                copies.add(plan.plan.output(i).copy());
            }
            return copies;
        } finally {
            give(plan);
        }
    }

    /**
     * A plan for batches of one size, to be run without any allocation: {@code plan.run(x)}, then {@code plan.output(0)}.
     * It serves one thread at a time and is to be closed.
     *
     * @param outputs names of what it computes: outputs, layers or blocks; none: all outputs but the auxiliary ones
     */
    public Plan inference(long batch, String... outputs) {
        return compile(architecture.inputs().values().stream().map(shape -> shape.withFirst(batch)).toList(), architecture.nodesOf(outputs));
    }

    private Plan compile(List<Shape> inputs, List<Integer> wanted) {
        Graph graph = new Graph();
        List<Spec> specs = new ArrayList<>();
        for (Spec spec : architecture.inputSpecs(1, dtype)) {
            specs.add(Spec.of(spec.dtype(), inputs.get(specs.size())));
        }
        List<Tensor> y = apply(architecture.symbols(graph, specs), false, null, wanted);
        return Plan.compile(graph, y.toArray(Tensor[]::new));
    }

    private InferencePlan take(List<Shape> inputs, List<Integer> wanted) {
        synchronized (idle) {
            for (var plans = idle.iterator(); plans.hasNext();) {
                InferencePlan plan = plans.next();
                if (plan.inputs.equals(inputs) && plan.wanted.equals(wanted)) {
                    plans.remove();
                    return plan;
                }
            }
        }
        return new InferencePlan(inputs, wanted, compile(inputs, wanted));
    }

    private void give(InferencePlan plan) {
        InferencePlan surplus = null;
        synchronized (idle) {
            idle.addFirst(plan);
            if (idle.size() > IDLE_PLANS || owner.isClosed()) {
                surplus = idle.removeLast();
            }
        }
        if (surplus != null) {
            surplus.plan.close();
        }
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
        List<InferencePlan> plans;
        synchronized (idle) {
            plans = List.copyOf(idle);
            idle.clear();
        }
        plans.forEach(plan -> plan.plan.close());
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
