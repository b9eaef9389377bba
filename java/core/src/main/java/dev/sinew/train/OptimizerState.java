package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.graph.Graph;
import dev.sinew.internal.Owner;
import dev.sinew.nn.Network;
import dev.sinew.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What an optimiser keeps between steps: the gradients, its states, the rate and the number of the step. */
final class OptimizerState implements AutoCloseable {
    private final Owner owner = Owner.closeable("a training");
    private final Optimizer optimizer;
    private final Tensor gradient;
    private final List<Tensor> states = new ArrayList<>();
    private final Tensor rate;
    private final Tensor step;

    OptimizerState(Network network, Optimizer optimizer) {
        this.optimizer = optimizer;
        Spec spec = network.flat() == null ? Spec.of(network.dtype(), Shape.of(1)) : network.flat().spec();
        gradient = Tensor.in(owner, spec).fill(0);
        for (int i = 0; i < optimizer.states(); i++) {
            states.add(Tensor.in(owner, spec).fill(optimizer.initial(i)));
        }
        rate = Tensor.in(owner, Spec.of(DType.F64, Shape.scalar())).fill(0);
        step = Tensor.in(owner, Spec.of(DType.I64, Shape.scalar())).fill(0);
    }

    /** A tensor that lives as long as the training. */
    Tensor allocate(Spec spec) {
        return Tensor.in(owner, spec);
    }

    Tensor gradient() {
        return gradient;
    }

    List<Tensor> states() {
        return states;
    }

    /** The number of the step being done, from 1. */
    Tensor step() {
        return step;
    }

    void begin(long number, double learningRate) {
        step.set(number);
        rate.set(learningRate);
    }

    /** Adds the update of some parameters to the step's graph: in as few sweeps as they allow, or one for each tensor. */
    void addUpdate(Graph graph, Network network, List<String> names) {
        if (optimizer.layerWise()) {
            names.forEach(name -> addUpdate(graph, flatLike -> network.views(flatLike).get(name), network.flat()));
        } else {
            network.ranges(names).forEach(range -> addUpdate(graph, range::of, network.flat()));
        }
    }

    private void addUpdate(Graph graph, UnaryOperator<Tensor> part, Tensor parameters) {
        List<Tensor> inputs = new ArrayList<>(List.of(part.apply(parameters), part.apply(gradient), rate, step));
        states.forEach(state -> inputs.add(part.apply(state)));
        graph.add(optimizer.update(), inputs.toArray(Tensor[]::new));
    }

    @Override
    public void close() {
        owner.close();
    }
}
