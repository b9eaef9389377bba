package dev.sinew.optim;

import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * RAdam (Liu et al. 2020): Adam that does not trust its squares before it has seen enough. See
 * {@link AdaptiveStep.Rule#RADAM}.
 *
 * @param schedule the learning rate
 * @param beta1 decay of the mean, [0, 1)
 * @param beta2 decay of the square, [0, 1)
 * @param eps added to the root
 * @param weightDecay 0 or more
 * @param decoupled whether the decay is AdamW's
 */
public record RAdam(Schedule schedule, double beta1, double beta2, double eps, double weightDecay, boolean decoupled) implements Optimizer {
    /** Checks the numbers. */
    public RAdam {
        Objects.requireNonNull(schedule, "schedule");
        new AdaptiveStep(AdaptiveStep.Rule.RADAM, weightDecay, beta1, beta2, eps, 0, decoupled);
    }

    /** With a constant rate. */
    public static RAdam rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With PyTorch's numbers: 0.9, 0.999, 1e-8. */
    public static RAdam rate(Schedule schedule) {
        return new RAdam(schedule, 0.9, 0.999, 1e-8, 0, false);
    }

    /** With other betas. */
    public RAdam betas(double first, double second) {
        return new RAdam(schedule, first, second, eps, weightDecay, decoupled);
    }

    /** With weight decay. */
    public RAdam weightDecay(double decay) {
        return new RAdam(schedule, beta1, beta2, eps, decay, decoupled);
    }

    /** With decoupled decay, as AdamW's. */
    public RAdam decoupled(double decay) {
        return new RAdam(schedule, beta1, beta2, eps, decay, true);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public String stateName(int i) {
        return i == 0 ? "mean" : "square";
    }

    @Override
    public Op update() {
        return new AdaptiveStep(AdaptiveStep.Rule.RADAM, weightDecay, beta1, beta2, eps, 0, decoupled);
    }
}
