package dev.sinew.optim;

import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * Adadelta (Zeiler 2012): moves as large as the moves before, in proportion to the gradient. See
 * {@link AdaptiveStep.Rule#ADADELTA}.
 *
 * @param schedule the learning rate
 * @param rho decay of the squares, 0 to 1
 * @param eps added in both roots
 * @param weightDecay 0 or more, added to the gradient (L2)
 */
public record Adadelta(Schedule schedule, double rho, double eps, double weightDecay) implements Optimizer {
    /** Checks the numbers. */
    public Adadelta {
        Objects.requireNonNull(schedule, "schedule");
        new AdaptiveStep(AdaptiveStep.Rule.ADADELTA, weightDecay, rho, 0, eps, 0, false);
    }

    /** With a constant rate. */
    public static Adadelta rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With PyTorch's numbers: rho 0.9, eps 1e-6; the usual rate is 1. */
    public static Adadelta rate(Schedule schedule) {
        return new Adadelta(schedule, 0.9, 1e-6, 0);
    }

    /** With another decay of the squares. */
    public Adadelta rho(double decay) {
        return new Adadelta(schedule, decay, eps, weightDecay);
    }

    /** With weight decay. */
    public Adadelta weightDecay(double decay) {
        return new Adadelta(schedule, rho, eps, decay);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public String stateName(int i) {
        return i == 0 ? "square" : "move";
    }

    @Override
    public Op update() {
        return new AdaptiveStep(AdaptiveStep.Rule.ADADELTA, weightDecay, rho, 0, eps, 0, false);
    }
}
