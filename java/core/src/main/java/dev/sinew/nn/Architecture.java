package dev.sinew.nn;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A net as a description: the shape of one sample and the layers. Everything about its sizes is known without memory. */
public final class Architecture {
    private final Shape input;
    private final List<Layer> layers;
    private final List<Layers.Placed> placed;
    private final List<ParameterSpec> parameters;

    Architecture(Shape input, List<Layer> layers) {
        this.input = input;
        this.layers = List.copyOf(layers);
        this.placed = Layers.place(input, layers);
        this.parameters = Layers.parameters(placed);
    }

    /** The shape of one sample. */
    public Shape input() {
        return input;
    }

    /** The shape of one sample of the output. */
    public Shape output() {
        return placed.isEmpty() ? input : placed.getLast().output();
    }

    /** The layers. */
    public List<Layer> layers() {
        return layers;
    }

    /** All parameters, named {@code conv1.weight}, in order. */
    public List<ParameterSpec> parameters() {
        return parameters;
    }

    /** The number of trainable values. */
    public long parameterCount() {
        return parameters.stream().filter(ParameterSpec::trainable).mapToLong(p -> p.shape().count()).sum();
    }

    /** Floating-point operations of one sample forward, a multiply-add counting as two. */
    public long flops() {
        return inferencePlan(1).flops();
    }

    Tensor apply(Layer.Context context, Tensor x) {
        return Layers.apply(placed, context, x);
    }

    /** A plan for inference whose parameters are inputs too: for its sizes, not to be run. */
    private Plan inferencePlan(long batch) {
        Graph graph = new Graph();
        Tensor x = graph.input("x", Spec.of(DType.F32, input.withFirst(batch)));
        Tensor y = apply(new Symbols(graph, false), x);
        return Plan.compile(graph, y == x ? new Tensor[0] : new Tensor[] {y});
    }

    /** A plan for a training step, gradients included, likewise. */
    private Plan trainingPlan(long batch) {
        Graph graph = new Graph();
        Tensor x = graph.input("x", Spec.of(DType.F32, input.withFirst(batch)));
        Symbols symbols = new Symbols(graph, true);
        Tensor y = apply(symbols, x);
        Tensor loss = y.shape().rank() == 2
                ? Loss.crossEntropy().apply(y, graph.input("labels", Spec.of(DType.I32, Shape.of(batch))))
                : y.square().mean();
        Tensor[] wrt = symbols.trainable();
        List<Tensor> outputs = new ArrayList<>(List.of(loss));
        if (wrt.length > 0) {
            Gradients gradients = Gradients.of(loss, wrt);
            for (Tensor parameter : wrt) {
                outputs.add(gradients.get(parameter));
            }
        }
        return Plan.compile(graph, outputs, Map.of());
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
     * operations per sample; then totals, and the memory that training and inference will take. Nothing is allocated.
     *
     * @param batch samples per training step
     */
    public String summary(long batch) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"layer", "output", "size", "parameters", "formula", "FLOPs"});
        rows.add(new String[] {"input", input.toString(), "", "", "", ""});
        for (Layers.Placed layer : placed) {
            long count = layer.layer().parameters(layer.input()).stream().filter(ParameterSpec::trainable)
                    .mapToLong(p -> p.shape().count()).sum();
            long flops = new Architecture(layer.input(), List.of(layer.layer())).flops();
            rows.add(new String[] {layer.name(), layer.output().toString(), layer.layer().sizeFormula(layer.input()),
                count == 0 ? "" : grouped(count), layer.layer().parameterFormula(layer.input()), flops == 0 ? "" : grouped(flops)});
        }
        StringBuilder text = new StringBuilder();
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                boolean right = i == 3 || i == 5;
                line.append(String.format(Locale.ROOT, "%" + (right ? "" : "-") + Math.max(1, widths[i]) + "s  ", row[i]));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.append(totals(batch)).toString();
    }

    private String totals(long batch) {
        long trainable = parameterCount();
        long others = parameters.stream().mapToLong(p -> p.shape().count()).sum() - trainable;
        long bytes = 4 * (trainable + others);
        Plan training = trainingPlan(batch);
        Plan inference = inferencePlan(1);
        return String.format(Locale.ROOT, "parameters: %s trainable%s, %s%n", grouped(trainable),
                        others == 0 ? "" : ", " + grouped(others) + " running statistics", bytes(bytes))
                + String.format(Locale.ROOT, "FLOPs: %s per sample forward, %s per sample and training step%n", grouped(inference.flops()),
                        grouped(training.flops() / batch))
                + String.format(Locale.ROOT, "planned memory: training with batch %d %s (workspace with gradients %s, parameters %s; an"
                        + " optimiser adds %s per state), inference of one sample %s%n", batch,
                        bytes(training.workspaceBytes() + bytes), bytes(training.workspaceBytes()), bytes(bytes), bytes(4 * trainable),
                        bytes(inference.workspaceBytes() + bytes));
    }

    private static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String bytes(long n) {
        return n < 10_000 ? n + " B" : n < 10_000_000 ? String.format(Locale.ROOT, "%.1f kB", n / 1e3) : String.format(Locale.ROOT, "%.1f MB", n / 1e6);
    }
}
