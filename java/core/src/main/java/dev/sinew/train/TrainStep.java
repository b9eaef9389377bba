package dev.sinew.train;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import dev.sinew.op.Fill;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training step compiled for one batch size: forward, loss, gradients and the update in one native call. For loops of
 * one's own, {@link Trainer#compile} makes one; it serves one thread at a time.
 */
public final class TrainStep implements AutoCloseable {
    /** Steps of a training that is only begun. */
    static final long LONG = 1L << 40;

    private final Plan plan;
    /** The first of the outputs about accuracy: how many labels were predicted right, and of how many; -1 without labels. */
    private final int hits;
    /** The arguments of a run, kept so that a step makes no array. */
    private final Tensor[] inputs;
    private final List<String> outputNames;
    private final OptimizerState state;
    /** How many batches an update takes, for one that has the state to itself; else 0. */
    private int accumulate;
    private long steps;

    /**
     * @param data the type of a data set's targets, if {@link #correct} will be asked; null: several inputs, or several targets,
     *     come each by itself
     */
    TrainStep(Network network, Objective objective, OptimizerState state, long batch, DType data) {
        this.state = state;
        Graph graph = new Graph();
        LossGraph loss = LossGraph.of(graph, network, objective, batch, data, state.step());
        Map<Tensor, Tensor> placements = new IdentityHashMap<>();
        List<String> trained = network.trained(objective.outputs(network.architecture()));
        if (!trained.isEmpty()) {
            Tensor[] parameters = new Tensor[trained.size()];
            for (int i = 0; i < parameters.length; i++) {
                parameters[i] = network.parameter(trained.get(i));
            }
            Gradients gradients = Gradients.of(loss.value(), parameters);
            Map<String, Tensor> places = network.views(state.gradient());
            for (int i = 0; i < parameters.length; i++) {
                Tensor gradient = gradients.get(parameters[i]);
                // two parameters may share a gradient; each needs it in its own place
                placements.put(placements.containsKey(gradient) ? gradient.mul(1) : gradient, places.get(trained.get(i)));
            }
            state.addTo(graph);
        }
        List<Tensor> outputs = new ArrayList<>(List.of(loss.value()));
        outputNames = objective.outputs(network.architecture());
        if (outputNames.size() > 1) {
            outputs.addAll(List.of(loss.terms()));
        }
        Tensor labels = data == null ? null : loss.labels(objective);
        hits = labels == null ? -1 : outputs.size();
        if (labels != null) {
            outputs.addAll(hits(loss.outputs()[0], labels, objective.terms().getFirst().loss().ignoreIndex()));
        }
        inputs = new Tensor[graph.inputs().size()];
        plan = Plan.compile(graph, outputs, placements);
    }

    /** The number of labels that got the highest output, and of those that count. */
    private static List<Tensor> hits(Tensor output, Tensor labels, long ignored) {
        Tensor numbers = labels.cast(DType.F64);
        Tensor counted = numbers.equal(Fill.with(output, Spec.of(DType.F64, Shape.scalar()), ignored), Broadcast.YES).mul(-1).add(1);
        Tensor right = output.argmax(1).cast(DType.F64).equal(numbers, Broadcast.NO);
        return List.of(right.mul(counted).sum(), counted.sum());
    }

    /** One that has the optimiser's state to itself. */
    static TrainStep alone(Network network, Objective objective, UpdateRule rule, long batch, DType data) {
        OptimizerState state = new OptimizerState(network, network.trained(objective.outputs(network.architecture())), rule);
        try {
            TrainStep step = new TrainStep(network, objective, state, batch, data);
            step.accumulate = rule.accumulate();
            for (UpdateRule.Group group : rule.groups()) {
                state.setRate(group.name(), group.optimizer().schedule().rate(0, 1, LONG));
            }
            return step;
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    /**
     * Learns from a batch; returns its loss as it was before the update. Allocates nothing after the first call.
     *
     * @param x [batch, sample shape]
     * @param target what the loss asks for, such as int32 labels [batch]
     * @param rate the learning rate of this step, for all parameters that are in no group of the trainer's
     */
    public double step(Tensor x, Tensor target, double rate) {
        begin(rate);
        run(x, target);
        finish();
        return loss();
    }

    /**
     * {@link #step(Tensor, Tensor, double)} for a net with several inputs, or an objective with several targets.
     *
     * @param inputs a batch of each input, in their order
     * @param targets a batch of each of the objective's targets, in their order
     */
    public double step(List<Tensor> inputs, List<Tensor> targets, double rate) {
        if (inputs.size() + targets.size() != this.inputs.length) {
            throw new IllegalArgumentException("the step takes " + this.inputs.length + " inputs and targets "
                    + plan.inputNames() + ", not " + inputs.size() + " and " + targets.size());
        }
        begin(rate);
        for (int i = 0; i < this.inputs.length; i++) {
            this.inputs[i] = i < inputs.size() ? inputs.get(i) : targets.get(i - inputs.size());
        }
        plan.run(this.inputs);
        finish();
        return loss();
    }

    private void begin(double rate) {
        checkRate(rate);
        state.beginStep(++steps);
        state.setRate(rate);
        state.gather((steps - 1) % accumulate == 0, 1.0 / accumulate);
        state.countUpdate((steps - 1) / accumulate + 1, Long.MAX_VALUE);
    }

    private void finish() {
        if (accumulate > 1 && steps % accumulate == 0) {
            state.runUpdate();
        }
    }

    private static void checkRate(double rate) {
        if (!(rate >= 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException("the learning rate must be finite and not negative, not " + rate);
        }
    }

    /** Sets the rate of one of the trainer's groups for the next steps; before, it is what its schedule begins with. */
    public void rate(String group, double rate) {
        checkRate(rate);
        state.setRate(group, rate);
    }

    /** The norm of the gradient in the last update, before it was clipped; NaN unless the trainer clips by the norm. */
    public double gradientNorm() {
        return state.norm();
    }

    /**
     * Exchanges the weights and their averages, where the trainer has some: to be called before the net is tried, and again
     * before the next step.
     */
    public void exchangeAverages() {
        state.exchangeAverages();
    }

    /** What runs: its operations, FLOPs and memory. */
    public Plan plan() {
        return plan;
    }

    void run(Tensor x, Tensor target) {
        if (inputs.length != 2) {
            throw new IllegalArgumentException("the step takes " + inputs.length + " inputs and targets " + plan.inputNames() + ", not 2");
        }
        inputs[0] = x;
        inputs[1] = target;
        plan.run(inputs);
    }

    double loss() {
        return plan.output(0).item();
    }

    /** The loss of one output in the last step, without its weight. */
    public double loss(String output) {
        int i = outputNames.indexOf(output);
        if (i < 0) {
            throw new IllegalArgumentException("the objective has no output " + output + "; it has " + outputNames);
        }
        return plan.output(outputNames.size() > 1 ? i + 1 : 0).item();
    }

    /** How many of the labels of the latest batch got the highest output. */
    long correct() {
        return hits < 0 ? 0 : (long) plan.output(hits).item();
    }

    /** How many labels the latest batch had, those that do not count left out. */
    long labelled() {
        return hits < 0 ? 0 : (long) plan.output(hits + 1).item();
    }

    /** Frees the plan's memory and the optimiser's state. */
    @Override
    public void close() {
        plan.close();
        if (accumulate > 0) {
            state.close();
        }
    }
}
