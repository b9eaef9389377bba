package dev.sinew.train;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Gradients;
import dev.sinew.graph.Graph;
import dev.sinew.graph.Plan;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Optimizer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training step compiled for one batch size: forward, loss, gradients and the update in one native call. For loops of
 * one's own, {@link Trainer#compile} makes one; it serves one thread at a time.
 */
public final class TrainStep implements AutoCloseable {
    private final Plan plan;
    private final boolean classes;
    /** The arguments of a run, kept so that a step makes no array. */
    private final Tensor[] inputs = new Tensor[2];
    private final OptimizerState state;
    private boolean ownsState;
    private long steps;

    /** @param predictions whether {@link #correct} will be asked */
    TrainStep(Network network, Loss loss, OptimizerState state, long batch, boolean predictions) {
        this.state = state;
        Graph graph = new Graph();
        Shape sample = network.architecture().input();
        Tensor x = graph.input("x", Spec.of(network.dtype(), sample.withFirst(batch)));
        Tensor output = network.forward(x, true, state.step());
        Tensor target = graph.input("target", loss.target(output.spec()));
        Tensor value = Scope.outside(() -> loss.apply(output, target));
        Map<Tensor, Tensor> placements = new IdentityHashMap<>();
        if (network.flat() != null) {
            List<Tensor> parameters = network.trainable();
            Gradients gradients = Gradients.of(value, parameters.toArray(Tensor[]::new));
            List<Tensor> targets = network.views(state.gradient());
            for (int i = 0; i < parameters.size(); i++) {
                Tensor gradient = gradients.get(parameters.get(i));
                // two parameters may share a gradient; each needs it in its own place
                placements.put(placements.containsKey(gradient) ? gradient.mul(1) : gradient, targets.get(i));
            }
            graph.add(state.update(), state.updateInputs(network.flat()));
        }
        List<Tensor> outputs = new ArrayList<>(List.of(value));
        classes = predictions && !target.dtype().isFloat();
        if (classes) {
            outputs.add(output.argmax(1));
        }
        plan = Plan.compile(graph, outputs, placements);
    }

    /** One that has the optimiser's state to itself. */
    static TrainStep alone(Network network, Loss loss, Optimizer optimizer, long batch) {
        OptimizerState state = new OptimizerState(network, optimizer);
        try {
            TrainStep step = new TrainStep(network, loss, state, batch, false);
            step.ownsState = true;
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
     * @param rate the learning rate of this step
     */
    public double step(Tensor x, Tensor target, double rate) {
        if (!(rate >= 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException("the learning rate must be finite and not negative, not " + rate);
        }
        state.begin(++steps, rate);
        run(x, target);
        return loss();
    }

    /** What runs: its operations, FLOPs and memory. */
    public Plan plan() {
        return plan;
    }

    void run(Tensor x, Tensor target) {
        inputs[0] = x;
        inputs[1] = target;
        plan.run(inputs);
    }

    double loss() {
        return plan.output(0).item();
    }

    /** How many of the batch's labels got the highest output. Allocates nothing. */
    int correct(Tensor labels) {
        if (!classes) {
            return 0;
        }
        Tensor predicted = plan.output(1);
        int right = 0;
        for (long i = 0; i < labels.shape().count(); i++) {
            right += predicted.item(i) == labels.item(i) ? 1 : 0;
        }
        return right;
    }

    /** Frees the plan's memory and the optimiser's state. */
    @Override
    public void close() {
        plan.close();
        if (ownsState) {
            state.close();
        }
    }
}
