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
import dev.sinew.op.Unary;
import dev.sinew.op.Window2d;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
    /** Plans that no thread is using, the latest first. */
    private final Deque<InferencePlan> idle = new ArrayDeque<>();

    private record InferencePlan(Shape input, Plan plan) {}

    private Network(Architecture architecture, Seed seed, DType dtype) {
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
        long unit = ALIGNMENT / dtype.bytes();
        for (ParameterSpec p : architecture.parameters()) {
            if (p.trainable() == trainable) {
                offsets.put(p.name(), elements);
                elements += (p.shape().count() + unit - 1) / unit * unit;
            }
        }
        if (elements == 0) {
            return null;
        }
        Tensor flat = Tensor.in(owner, Spec.of(dtype, Shape.of(elements))).fill(0);
        for (ParameterSpec p : architecture.parameters()) {
            if (p.trainable() == trainable) {
                tensors.put(p.name(), view(flat, p.name(), p.shape(), offsets.get(p.name())));
            }
        }
        return flat;
    }

    private static Tensor view(Tensor flat, String name, Shape shape, long offset) {
        return new Tensor(Spec.of(flat.dtype(), shape), flat.buffer(), flat.byteOffset() + offset * flat.dtype().bytes());
    }

    /** Begins a net for samples of that shape, such as 1, 28, 28. */
    public static Builder input(long... shape) {
        return new Builder(Shape.of(shape));
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

    /** The trainable parameters, in order. */
    public List<Tensor> trainable() {
        return architecture.parameters().stream().filter(ParameterSpec::trainable).map(p -> tensors.get(p.name())).toList();
    }

    /**
     * All trainable parameters as one vector (padded to multiples of 64 bytes); null when there are none.
     *
     * @hidden
     */
    public Tensor flat() {
        return trainable;
    }

    /**
     * For each trainable parameter its view of another vector that is laid out like {@link #flat}.
     *
     * @hidden
     */
    public List<Tensor> views(Tensor flatLike) {
        List<Tensor> views = new ArrayList<>();
        for (Tensor p : trainable()) {
            views.add(new Tensor(p.spec(), flatLike.buffer(), flatLike.byteOffset() + p.byteOffset() - trainable.byteOffset()));
        }
        return views;
    }

    /** Applies the net in inference mode by ordinary operations: to values, or to symbols of a graph. */
    public Tensor forward(Tensor x) {
        return forward(x, false, null);
    }

    /**
     * Applies the net by ordinary operations.
     *
     * @param x [N, sample shape]
     * @param training whether batch statistics and dropout are used; running statistics are updated then
     * @param step the number of the training step (int64 scalar), the counter of dropout's random numbers; may be null
     *     where there is no dropout or no training
     */
    public Tensor forward(Tensor x, boolean training, Tensor step) {
        Shape wanted = architecture.input();
        if (x.shape().rank() != wanted.rank() + 1 || !x.shape().withoutFirst().equals(wanted)) {
            throw new IllegalArgumentException("the network takes [N" + wanted.toString().replace("[", wanted.rank() == 0 ? "" : ", ") + ", not " + x.shape());
        }
        return architecture.apply(new NetworkContext("", training, seed.derive("dropout").value()) {
            @Override
            Tensor tensor(String name) {
                return tensors.get(name);
            }

            @Override
            public Tensor step() {
                return Objects.requireNonNull(step, "the network has dropout: training needs the step's number");
            }
        }, x);
    }

    /**
     * The outputs for a batch, by a compiled plan. The result belongs to the current scope. Thread-safe.
     *
     * @param x [N, sample shape]
     */
    public Tensor predict(Tensor x) {
        InferencePlan plan = take(x.shape());
        try {
            plan.plan.run(x);
            return plan.plan.output(0).copy();
        } finally {
            give(plan);
        }
    }

    /**
     * A plan for batches of one size, to be run without any allocation: {@code plan.run(x)}, then {@code plan.output(0)}.
     * It serves one thread at a time and is to be closed.
     */
    public Plan inference(long batch) {
        return compile(architecture.input().withFirst(batch));
    }

    private Plan compile(Shape input) {
        Graph graph = new Graph();
        Tensor x = graph.input("x", Spec.of(dtype, input));
        Tensor y = forward(x);
        return Plan.compile(graph, y == x ? y.add(0) : y);
    }

    private InferencePlan take(Shape shape) {
        synchronized (idle) {
            for (var plans = idle.iterator(); plans.hasNext();) {
                InferencePlan plan = plans.next();
                if (plan.input.equals(shape)) {
                    plans.remove();
                    return plan;
                }
            }
        }
        return new InferencePlan(shape, compile(shape));
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

    /** Collects layers. Every method returns the builder. */
    public static final class Builder {
        private final Shape input;
        private final List<Layer> layers = new ArrayList<>();

        private Builder(Shape input) {
            this.input = input;
        }

        /** Any layer. */
        public Builder layer(Layer layer) {
            layers.add(Objects.requireNonNull(layer, "layer"));
            return this;
        }

        /** Several layers. */
        public Builder layers(List<Layer> more) {
            more.forEach(this::layer);
            return this;
        }

        /** Convolution with stride 1, no padding, with bias. */
        public Builder conv(long channels, long kernel) {
            return layer(Conv.of(channels, kernel));
        }

        /** Convolution with stride 1 and padding, with bias. */
        public Builder conv(long channels, long kernel, long pad) {
            return layer(Conv.of(channels, kernel).pad(pad));
        }

        /** Fully connected, with bias. */
        public Builder dense(long units) {
            return layer(Dense.of(units));
        }

        /** Batch normalisation. */
        public Builder batchNorm() {
            return layer(Normalize.standard());
        }

        /** Maximum over size x size windows, stride size. */
        public Builder maxPool(long size) {
            return layer(MaxPool.of(size));
        }

        /** Maximum over windows. */
        public Builder maxPool(Window2d window) {
            return layer(new MaxPool(window, false));
        }

        /** Mean over size x size windows, stride size. */
        public Builder avgPool(long size) {
            return layer(AvgPool.of(size));
        }

        /** Mean of every channel. */
        public Builder globalAvgPool() {
            return layer(new GlobalAvgPool());
        }

        /** Dropout. */
        public Builder dropout(double p) {
            return layer(new Drop(p));
        }

        /** All of a sample in one dimension. Dense layers do it by themselves. */
        public Builder flatten() {
            return layer(new Flatten());
        }

        /** max(x, 0). */
        public Builder relu() {
            return activation(Unary.of(Unary.Kind.RELU));
        }

        /** Hyperbolic tangent. */
        public Builder tanh() {
            return activation(Unary.of(Unary.Kind.TANH));
        }

        /** 1 / (1 + exp(-x)). */
        public Builder sigmoid() {
            return activation(Unary.of(Unary.Kind.SIGMOID));
        }

        /** x above 0, slope x below. */
        public Builder leakyRelu(double slope) {
            return activation(new Unary(Unary.Kind.LEAKY_RELU, slope, 0));
        }

        /** x above 0, alpha (exp(x) - 1) below. */
        public Builder elu(double alpha) {
            return activation(new Unary(Unary.Kind.ELU, alpha, 0));
        }

        /** x Phi(x). */
        public Builder gelu() {
            return activation(Unary.of(Unary.Kind.GELU));
        }

        /** Any elementwise function. */
        public Builder activation(Unary function) {
            return layer(new Elementwise(function));
        }

        /** A residual branch; empty shortcut: the identity. */
        public Builder residual(List<Layer> body, List<Layer> shortcut) {
            return layer(new Residual(body, shortcut));
        }

        /**
         * The description, without memory.
         *
         * @throws IllegalArgumentException naming the layer that does not fit, with the formula
         */
        public Architecture architecture() {
            return new Architecture(input, layers);
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
            if (!dtype.isFloat()) {
                throw new IllegalArgumentException("a network's type must be F32 or F64, not " + dtype);
            }
            return new Network(architecture(), Objects.requireNonNull(seed, "seed"), dtype);
        }
    }
}
