package dev.sinew.optim;

import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * Rprop (Riedmiller, Braun 1993): step sizes that grow while the sign of the gradient stays. For whole batches. The
 * rate is the size of the first step; see {@link AdaptiveStep.Rule#RPROP}.
 *
 * @param schedule the learning rate
 * @param shrink factor after a change of sign, (0, 1)
 * @param grow factor otherwise, above 1
 * @param least the least step size
 * @param most the largest step size
 */
public record Rprop(Schedule schedule, double shrink, double grow, double least, double most) implements Optimizer {
    /** Checks the numbers. */
    public Rprop {
        Objects.requireNonNull(schedule, "schedule");
        new AdaptiveStep(AdaptiveStep.Rule.RPROP, 0, shrink, grow, least, most, false);
    }

    /** With a constant rate. */
    public static Rprop rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With PyTorch's numbers: factors 0.5 and 1.2, step sizes from 1e-6 to 50. */
    public static Rprop rate(Schedule schedule) {
        return new Rprop(schedule, 0.5, 1.2, 1e-6, 50);
    }

    /** With other bounds of the step size. */
    public Rprop bounds(double smallest, double largest) {
        return new Rprop(schedule, shrink, grow, smallest, largest);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public String stateName(int i) {
        return i == 0 ? "gradient" : "size";
    }

    @Override
    public Op update() {
        return new AdaptiveStep(AdaptiveStep.Rule.RPROP, 0, shrink, grow, least, most, false);
    }
}
