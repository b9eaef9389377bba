package dev.sinew.optim;

import dev.sinew.op.Op;
import dev.sinew.op.SgdStep;
import java.util.Objects;

/**
 * Stochastic gradient descent as in PyTorch: g += decay p; v = mu v + (1 - dampening) g (v = g at first);
 * p -= rate (nesterov ? g + mu v : v).
 *
 * @param schedule the learning rate
 * @param momentum mu, 0 or more
 * @param dampening 0 to 1
 * @param weightDecay 0 or more; on every parameter, biases too
 * @param nesterov needs momentum above 0 and dampening 0
 */
public record Sgd(Schedule schedule, double momentum, double dampening, double weightDecay, boolean nesterov) implements Optimizer {
    /** Checks the numbers. */
    public Sgd {
        Objects.requireNonNull(schedule, "schedule");
        new SgdStep(momentum, dampening, weightDecay, nesterov);
    }

    /** Plain, with a constant rate. */
    public static Sgd rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** Plain. */
    public static Sgd rate(Schedule schedule) {
        return new Sgd(schedule, 0, 0, 0, false);
    }

    /** With momentum. */
    public Sgd momentum(double mu) {
        return new Sgd(schedule, mu, dampening, weightDecay, nesterov);
    }

    /** With Nesterov's momentum. */
    public Sgd nesterov(double mu) {
        return new Sgd(schedule, mu, 0, weightDecay, true);
    }

    /** With weight decay (L2). */
    public Sgd weightDecay(double decay) {
        return new Sgd(schedule, momentum, dampening, decay, nesterov);
    }

    @Override
    public int states() {
        return momentum == 0 ? 0 : 1;
    }

    @Override
    public String stateName(int i) {
        return "velocity";
    }

    @Override
    public boolean takesMomentum() {
        return momentum != 0;
    }

    @Override
    public Op update() {
        return new SgdStep(momentum, dampening, weightDecay, nesterov);
    }
}
