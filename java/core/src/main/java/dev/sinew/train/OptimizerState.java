package dev.sinew.train;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.internal.Owner;
import dev.sinew.nn.Network;
import dev.sinew.op.Op;
import dev.sinew.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;

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
            states.add(Tensor.in(owner, spec).fill(0));
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

    Op update() {
        return optimizer.update();
    }

    /** The inputs of the update of a part of the parameters. */
    Tensor[] updateInputs(Tensor parameters, Network.Range range) {
        List<Tensor> inputs = new ArrayList<>(List.of(range.of(parameters), range.of(gradient), rate, step));
        states.forEach(state -> inputs.add(range.of(state)));
        return inputs.toArray(Tensor[]::new);
    }

    @Override
    public void close() {
        owner.close();
    }
}
