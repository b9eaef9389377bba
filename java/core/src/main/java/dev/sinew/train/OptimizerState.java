package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.internal.Owner;
import dev.sinew.nn.Network;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.op.Blend;
import dev.sinew.op.ClipStep;
import dev.sinew.optim.Optimizer;
import dev.sinew.optim.Schedule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What training keeps between steps: gradients, the optimisers' states, averages, and the numbers of the step being done. */
final class OptimizerState implements AutoCloseable {
    private static final Tensor[] NONE = {};

    private final Owner owner = Owner.closeable("a training");
    private final Network network;
    private final UpdateRule rule;
    private final List<Part> parts = new ArrayList<>();
    private final Tensor gradient;
    /** The sum over the batches of an update; null where each batch has one. */
    private final Tensor accumulated;
    private final List<Tensor> states = new ArrayList<>();
    private final Map<String, Tensor> averages = new LinkedHashMap<>();
    private final Tensor averageFlat;
    private final Tensor step;
    private final Tensor update;
    private final Tensor norm;
    private final Tensor keptOfSum;
    private final Tensor addedToSum;
    private final Tensor keptOfAverage;
    private final Tensor addedToAverage;
    /** The update by itself, where it is not part of every step. */
    private Plan updatePlan;
    private Tensor swapped;

    /** Parameters with one optimiser: its schedule as it is now, its rate and momentum in the step being done. */
    private static final class Part {
        final String group;
        final Optimizer optimizer;
        final List<String> names;
        final Tensor rate;
        final Tensor momentum;
        Schedule schedule;

        Part(String group, Optimizer optimizer, List<String> names, Tensor rate, Tensor momentum) {
            this.group = group;
            this.optimizer = optimizer;
            this.names = names;
            this.rate = rate;
            this.momentum = momentum;
            this.schedule = optimizer.schedule();
            if (momentum != null) {
                momentum.set(schedule.momentum(0, 1, TrainStep.LONG));
            }
        }
    }

    /** @param trained names of the parameters that are updated */
    OptimizerState(Network network, List<String> trained, UpdateRule rule) {
        this.network = network;
        this.rule = rule;
        step = cell(DType.I64);
        update = cell(DType.I64);
        norm = cell(DType.F64).fill(Double.NaN);
        keptOfSum = cell(DType.F64);
        addedToSum = cell(DType.F64);
        keptOfAverage = cell(DType.F64);
        addedToAverage = cell(DType.F64);
        for (Map.Entry<String, Optimizer> part : rule.optimizers().entrySet()) {
            Optimizer optimizer = part.getValue();
            boolean cycled = optimizer.takesMomentum() && optimizer.schedule().cyclesMomentum();
            parts.add(new Part(part.getKey(), optimizer, names(part.getKey(), trained), cell(DType.F64), cycled ? cell(DType.F64) : null));
        }
        Spec spec = network.flat() == null ? Spec.of(network.dtype(), Shape.of(1)) : network.flat().spec();
        gradient = Tensor.in(owner, spec).fill(0);
        accumulated = rule.accumulate() > 1 ? Tensor.in(owner, spec).fill(0) : null;
        for (Part part : parts) {
            while (states.size() < part.optimizer.states()) {
                states.add(Tensor.in(owner, spec).fill(0));
            }
        }
        fillInitialStates();
        averageFlat = rule.averaging() == null || network.flat() == null ? null : Tensor.in(owner, spec).copyFrom(network.flat());
        if (rule.averaging() != null) {
            Map<String, Tensor> views = averageFlat == null ? Map.of() : network.views(averageFlat);
            network.parameters().forEach((name, tensor) -> averages.put(name,
                    views.containsKey(name) ? views.get(name) : Tensor.in(owner, tensor.spec()).copyFrom(tensor)));
        }
    }

    /** The trained parameters of a group. */
    private List<String> names(String group, List<String> trained) {
        List<String> names = new ArrayList<>();
        for (ParameterSpec p : network.architecture().parameters()) {
            if (trained.contains(p.name()) && rule.group(p).equals(group)) {
                names.add(p.name());
            }
        }
        return names;
    }

    private Tensor cell(DType type) {
        return Tensor.in(owner, Spec.of(type, Shape.scalar())).fill(0);
    }

    private void fillInitialStates() {
        for (Part part : parts) {
            for (int i = 0; i < part.optimizer.states(); i++) {
                double initial = part.optimizer.initial(i);
                Map<String, Tensor> views = network.views(states.get(i));
                part.names.forEach(name -> views.get(name).fill(initial));
            }
        }
    }

    /** A tensor that lives as long as the training. */
    Tensor allocate(Spec spec) {
        return Tensor.in(owner, spec);
    }

    Tensor gradient() {
        return gradient;
    }

    /** The states by their names in checkpoints, such as {@code optimizer.velocity.conv1.weight}. */
    Map<String, Tensor> states() {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < states.size(); i++) {
            Map<String, Tensor> views = network.views(states.get(i));
            for (Part part : parts) {
                if (i < part.optimizer.states()) {
                    String prefix = "optimizer." + part.optimizer.stateName(i) + ".";
                    part.names.forEach(name -> named.put(prefix + name, views.get(name)));
                }
            }
        }
        return named;
    }

    /** {@link #states}, the averages as {@code average.conv1.weight}, and the gathered gradients as {@code gathered.conv1.weight}. */
    Map<String, Tensor> saved() {
        Map<String, Tensor> named = states();
        averages.forEach((name, tensor) -> named.put("average." + name, tensor));
        if (accumulated != null) {
            network.views(accumulated).forEach((name, view) -> named.put("gathered." + name, view));
        }
        return named;
    }

    /** The number of the step being done, from 1. */
    Tensor step() {
        return step;
    }

    // ---- the numbers of a step ----

    /** A batch is about to be learnt from. */
    void beginStep(long number) {
        step.set(number);
    }

    /**
     * The gradient of a batch will be gathered.
     *
     * @param first whether the sum begins with it
     * @param share its part of the samples of the update
     */
    void gather(boolean first, double share) {
        keptOfSum.set(first ? 0 : 1);
        addedToSum.set(share);
    }

    /** An update is about to be made: sets the rates of all groups by their schedules. */
    void beginUpdate(long number, long updatesPerEpoch, long updates) {
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            part.rate.set(part.schedule.rate(number - 1, updatesPerEpoch, updates));
            if (part.momentum != null) {
                part.momentum.set(part.schedule.momentum(number - 1, updatesPerEpoch, updates));
            }
        }
        countUpdate(number, updatesPerEpoch);
    }

    /** Likewise, the rates staying what they are. */
    void countUpdate(long number, long updatesPerEpoch) {
        update.set(number);
        if (rule.averaging() != null) {
            double kept = rule.averaging().kept(number, updatesPerEpoch);
            keptOfAverage.set(kept);
            addedToAverage.set(1 - kept);
        }
    }

    void setRate(String group, double rate) {
        Part part = parts.stream().filter(p -> p.group.equals(group)).findFirst().orElseThrow(() -> new IllegalArgumentException(
                "there is no group of parameters \"" + group + "\"; there are " + rule.optimizers().keySet()));
        part.rate.set(rate);
    }

    /** The main group's rate. */
    double rate() {
        return parts.getFirst().rate.item();
    }

    void setRate(double rate) {
        parts.getFirst().rate.set(rate);
    }

    /** The gradient's norm before it was clipped, NaN where it is not. */
    double norm() {
        return norm.item();
    }

    /** Validation losses of all epochs so far. */
    void measured(double... losses) {
        parts.forEach(part -> part.schedule = part.optimizer.schedule().after(losses));
    }

    // ---- graphs ----

    /** Adds what follows the gradients of a batch: the update, or the gathering for one. */
    void addTo(Graph graph) {
        if (accumulated == null) {
            addUpdate(graph, gradient);
        } else {
            graph.add(new Blend(), accumulated, gradient, keptOfSum, addedToSum);
        }
    }

    /** Makes the update from the gathered gradients. */
    void runUpdate() {
        if (updatePlan == null) {
            Graph graph = new Graph();
            addUpdate(graph, accumulated);
            updatePlan = Plan.compile(graph);
        }
        updatePlan.run(NONE);
    }

    private void addUpdate(Graph graph, Tensor from) {
        if (rule.clipValue() < Double.POSITIVE_INFINITY) {
            graph.add(new ClipStep(ClipStep.Kind.VALUE, rule.clipValue()), from);
        }
        if (rule.clipNorm() < Double.POSITIVE_INFINITY) {
            graph.add(new ClipStep(ClipStep.Kind.NORM, rule.clipNorm()), from, norm);
        }
        for (Part part : parts) {
            if (part.optimizer.layerWise()) {
                part.names.forEach(name -> addUpdate(graph, part, from, flatLike -> network.views(flatLike).get(name)));
            } else {
                for (Network.Range range : network.ranges(part.names)) {
                    addUpdate(graph, part, from, range::of);
                }
            }
        }
        if (averageFlat != null) {
            graph.add(new Blend(), averageFlat, network.flat(), keptOfAverage, addedToAverage);
        }
        for (String name : averages.keySet()) {
            Tensor average = averages.get(name);
            if (averageFlat == null || average.buffer() != averageFlat.buffer()) {
                graph.add(new Blend(), average, network.parameter(name), keptOfAverage, addedToAverage);
            }
        }
    }

    private void addUpdate(Graph graph, Part part, Tensor from, UnaryOperator<Tensor> piece) {
        List<Tensor> inputs = new ArrayList<>(List.of(piece.apply(network.flat()), piece.apply(from), part.rate, update));
        for (int i = 0; i < part.optimizer.states(); i++) {
            inputs.add(piece.apply(states.get(i)));
        }
        if (part.momentum != null) {
            inputs.add(part.momentum);
        }
        graph.add(part.optimizer.update(), inputs.toArray(new Tensor[0]));
    }

    // ---- averages ----

    /** Exchanges the weights and their averages, bit by bit; nothing where there are none. */
    void exchangeAverages() {
        if (averageFlat != null) {
            swapped = swapped == null ? Tensor.in(owner, averageFlat.spec()) : swapped;
            exchange(averageFlat, network.flat(), swapped);
        }
        averages.forEach((name, average) -> {
            if (averageFlat == null || average.buffer() != averageFlat.buffer()) {
                try (Scope _ = Scope.open()) {
                    exchange(average, network.parameter(name), average.copy());
                }
            }
        });
    }

    private static void exchange(Tensor a, Tensor b, Tensor between) {
        between.copyFrom(a);
        a.copyFrom(b);
        b.copyFrom(between);
    }

    @Override
    public void close() {
        if (updatePlan != null) {
            updatePlan.close();
        }
        owner.close();
    }
}
