package dev.sinew.optim;

import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * RMSprop (Hinton 2012): the gradient by the root of the mean of its squares. See {@link AdaptiveStep.Rule#RMSPROP}.
 *
 * @param schedule the learning rate
 * @param alpha decay of the squares, 0 to 1
 * @param momentum 0 or more
 * @param eps added to the root
 * @param weightDecay 0 or more, added to the gradient (L2)
 * @param centered whether the variance stands for the mean of the squares (Graves 2013)
 */
public record RmsProp(Schedule schedule, double alpha, double momentum, double eps, double weightDecay,
        boolean centered) implements Optimizer {
    /** Checks the numbers. */
    public RmsProp {
        Objects.requireNonNull(schedule, "schedule");
        new AdaptiveStep(AdaptiveStep.Rule.RMSPROP, weightDecay, alpha, momentum, eps, 0, centered);
    }

    /** With a constant rate. */
    public static RmsProp rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With PyTorch's numbers: alpha 0.99, eps 1e-8, no momentum, not centered. */
    public static RmsProp rate(Schedule schedule) {
        return new RmsProp(schedule, 0.99, 0, 1e-8, 0, false);
    }

    /** With another decay of the squares. */
    public RmsProp alpha(double decay) {
        return new RmsProp(schedule, decay, momentum, eps, weightDecay, centered);
    }

    /** With momentum. */
    public RmsProp momentum(double mu) {
        return new RmsProp(schedule, alpha, mu, eps, weightDecay, centered);
    }

    /** Divided by the deviation instead of the root mean square. */
    public RmsProp byVariance() {
        return new RmsProp(schedule, alpha, momentum, eps, weightDecay, true);
    }

    /** With weight decay. */
    public RmsProp weightDecay(double decay) {
        return new RmsProp(schedule, alpha, momentum, eps, decay, centered);
    }

    @Override
    public int states() {
        return 1 + (centered ? 1 : 0) + (momentum != 0 ? 1 : 0);
    }

    @Override
    public String stateName(int i) {
        return i == 0 ? "square" : i == 1 && centered ? "mean" : "velocity";
    }

    @Override
    public Op update() {
        return new AdaptiveStep(AdaptiveStep.Rule.RMSPROP, weightDecay, alpha, momentum, eps, 0, centered);
    }
}
