package dev.sinew.golden;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.op.AdamStep;
import dev.sinew.op.AvgPool2d;
import dev.sinew.op.BatchNorm;
import dev.sinew.op.BatchNormInfer;
import dev.sinew.op.Activation;
import dev.sinew.op.Conv2d;
import dev.sinew.op.CrossEntropy;
import dev.sinew.op.Gemm;
import dev.sinew.op.MaxPool2d;
import dev.sinew.op.Op;
import dev.sinew.op.Ops;
import dev.sinew.op.Reduction;
import dev.sinew.op.SgdStep;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whole networks: some steps of training on one batch. */
final class GoldenNetwork {
    private final GoldenCase given;
    private final DType type;
    /** Parameters and running statistics. */
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private final List<String> trained = new ArrayList<>();
    private final Map<String, Tensor> moments = new LinkedHashMap<>();
    private final Tensor x;
    private final Tensor labels;
    private final Tensor lr;
    private final Tensor step;

    private GoldenNetwork(GoldenCase given, DType type) {
        this.given = given;
        this.type = type;
        given.inputs().forEach((name, array) -> {
            if (name.contains(".")) {
                state.put(name, array.tensor(type));
                if (!name.contains(".running_")) {
                    trained.add(name);
                }
            }
        });
        for (String name : trained) {
            moments.put("m." + name, Tensor.full(type, state.get(name).shape(), 0));
            moments.put("v." + name, Tensor.full(type, state.get(name).shape(), 0));
        }
        x = given.inputs().get("x").tensor(type);
        labels = given.inputs().get("labels").tensor(type);
        lr = Tensor.full(DType.F64, Shape.scalar(), number(optimizer(), "lr"));
        step = Tensor.full(DType.I64, Shape.scalar(), 0);
    }

    /** What one step computes. */
    private record Step(Tensor logits, Tensor loss, Map<String, Tensor> gradients) {
        List<Tensor> tensors() {
            List<Tensor> all = new ArrayList<>(List.of(logits, loss));
            all.addAll(gradients.values());
            return all;
        }
    }

    @SuppressWarnings("try") // the scope frees everything
    static void run(GoldenCase given, DType type, boolean compiled) {
        try (Scope scope = Scope.open()) {
            GoldenNetwork network = new GoldenNetwork(given, type);
            Compare compare = new Compare(given.toString());
            if (compiled) {
                network.trainCompiled(compare);
            } else {
                network.trainEagerly(compare);
            }
            int steps = (int) given.whole("steps");
            network.check(compare, "infer_logits@" + steps, network.forward(network.x, false).toDoubles(), steps);
            compare.fail();
        }
    }

    @SuppressWarnings("try") // the scope frees a step's tensors
    private void trainEagerly(Compare compare) {
        int steps = (int) given.whole("steps");
        double[] losses = new double[steps];
        for (int i = 0; i < steps; i++) {
            step.set(i + 1);
            try (Scope scope = Scope.open()) {
                Step done = step(x, labels);
                losses[i] = done.loss.item();
                checkFirst(compare, i, done.logits, done.gradients);
            }
            checkState(compare, i + 1);
        }
        check(compare, "losses", losses, steps);
    }

    private void trainCompiled(Compare compare) {
        Graph graph = new Graph();
        Tensor symbolicX = graph.input("x", x.spec());
        Tensor symbolicLabels = graph.input("labels", labels.spec());
        Step compiled = step(symbolicX, symbolicLabels);
        int steps = (int) given.whole("steps");
        double[] losses = new double[steps];
        try (Plan plan = Plan.compile(graph, compiled.tensors().toArray(Tensor[]::new))) {
            for (int i = 0; i < steps; i++) {
                step.set(i + 1);
                plan.run(x, labels);
                losses[i] = plan.output(1).item();
                Map<String, Tensor> gradients = new LinkedHashMap<>();
                int output = 2;
                for (String name : compiled.gradients.keySet()) {
                    gradients.put(name, plan.output(output++));
                }
                checkFirst(compare, i, plan.output(0), gradients);
                checkState(compare, i + 1);
            }
        }
        check(compare, "losses", losses, steps);
    }

    private Step step(Tensor input, Tensor targets) {
        Tensor logits = forward(input, true);
        Tensor loss = Ops.applyAll(new CrossEntropy(Reduction.MEAN), logits, targets)[0];
        List<Tensor> wrt = new ArrayList<>(trained.stream().map(state::get).toList());
        wrt.add(input);
        Gradients found = Gradients.of(loss, wrt.toArray(Tensor[]::new));
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        trained.forEach(name -> gradients.put(name, found.get(state.get(name))));
        gradients.put("x", found.get(input));
        trained.forEach(name -> update(name, gradients.get(name)));
        return new Step(logits, loss, gradients);
    }

    private void update(String name, Tensor gradient) {
        Map<String, Object> spec = optimizer();
        Tensor m = moments.get("m." + name);
        if (spec.get("op").equals("sgd")) {
            Op op = new SgdStep(number(spec, "momentum"), 0, number(spec, "weight_decay"), false);
            Ops.applyAll(op, Ops.present(state.get(name), gradient, lr, step, number(spec, "momentum") == 0 ? null : m));
        } else {
            Op op = new AdamStep(number(spec, "beta1"), number(spec, "beta2"), number(spec, "eps"), number(spec, "weight_decay"), false);
            Ops.applyAll(op, state.get(name), gradient, lr, step, m, moments.get("v." + name));
        }
    }

    // ---- layers ----

    private Tensor forward(Tensor input, boolean train) {
        Tensor y = input;
        Tensor saved = null;
        for (Object item : (List<?>) given.attrs().get("layers")) {
            @SuppressWarnings("unchecked")
            Map<String, Object> layer = (Map<String, Object>) item;
            switch ((String) layer.get("op")) {
                case "save" -> saved = y;
                case "add_saved" -> y = y.add(saved);
                default -> y = layer(layer, y, train);
            }
            String act = (String) layer.getOrDefault("act", "identity");
            y = act.equals("identity") ? y : GoldenOps.unary(y, act, 0, 0);
        }
        return y;
    }

    private Tensor layer(Map<String, Object> layer, Tensor y, boolean train) {
        String name = (String) layer.get("name");
        return switch ((String) layer.get("op")) {
            case "dense" -> Ops.apply(new Gemm(false, true), y, state.get(name + ".weight"), state.get(name + ".bias"));
            case "conv2d" -> Ops.apply(new Conv2d(Window2d.of((Long) layer.get("kernel")).pad((Long) layer.get("pad")), (Long) layer.get("groups")),
                    y, state.get(name + ".weight"), state.get(name + ".bias"));
            case "batchnorm" -> {
                Op op = train ? new BatchNorm(number(layer, "eps"), number(layer, "momentum"), Activation.IDENTITY)
                        : new BatchNormInfer(number(layer, "eps"), Activation.IDENTITY);
                yield Ops.applyAll(op, y, state.get(name + ".weight"), state.get(name + ".bias"), state.get(name + ".running_mean"),
                        state.get(name + ".running_var"))[0];
            }
            case "maxpool" -> Ops.applyAll(new MaxPool2d(pool(layer), false), y)[0];
            case "avgpool" -> Ops.apply(new AvgPool2d(pool(layer), false, true), y);
            case "flatten" -> y.flatten();
            default -> throw new AssertionError(layer);
        };
    }

    private static Window2d pool(Map<String, Object> layer) {
        long kernel = (Long) layer.get("kernel");
        return Window2d.of(kernel).stride(kernel);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> optimizer() {
        return (Map<String, Object>) given.attrs().get("optimizer");
    }

    private static double number(Map<String, Object> map, String name) {
        return ((Number) map.get(name)).doubleValue();
    }

    // ---- comparing ----

    private void checkFirst(Compare compare, int i, Tensor logits, Map<String, Tensor> gradients) {
        if (i == 0) {
            check(compare, "logits", logits.toDoubles(), 1);
            gradients.forEach((name, gradient) -> compare.check("gradient of " + name, gradient.toDoubles(), given.gradients().get(name),
                    bounds(name, given.gradients().get(name), 1)));
        }
    }

    private void checkState(Compare compare, int steps) {
        state.forEach((name, tensor) -> {
            if (given.outputs().containsKey(name + "@" + steps)) {
                check(compare, name + "@" + steps, tensor.toDoubles(), steps);
            }
        });
    }

    private void check(Compare compare, String name, double[] actual, int steps) {
        compare.check(name, actual, given.outputs().get(name), bounds(name, given.outputs().get(name), steps));
    }

    /**
     * Each layer of each step adds the error of a sum (see {@link Bounds}) to those it is given; the longest sum here has
     * about 800 terms, the pixels of a batch. The bias of a convolution before a batch normalisation has gradient 0: what
     * is computed is a sum of terms that cancel, each about as large as the largest gradient.
     */
    private double[] bounds(String name, GoldenCase.Array expected, int steps) {
        double layers = ((List<?>) given.attrs().get("layers")).size();
        double magnitude = expected.largest();
        if (name.startsWith("conv") && name.contains(".bias")) {
            magnitude = Math.max(magnitude, given.gradients().values().stream().mapToDouble(GoldenCase.Array::largest).max().orElse(0));
        }
        double[] bounds = new double[expected.values().length];
        Arrays.fill(bounds, (type == DType.F32 ? 0x1p-24 : 0x1p-50) * layers * steps * (8 + 4 * Math.sqrt(800)) * magnitude);
        return bounds;
    }
}
