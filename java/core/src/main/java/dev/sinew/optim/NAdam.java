package dev.sinew.optim;

import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * NAdam (Dozat 2016): Adam with Nesterov's momentum, which grows at first. See {@link AdaptiveStep.Rule#NADAM}.
 *
 * @param schedule the learning rate
 * @param beta1 decay of the mean, [0, 1)
 * @param beta2 decay of the square, [0, 1)
 * @param eps added to the root
 * @param weightDecay 0 or more
 * @param momentumDecay how soon the momentum has grown, 0 or more
 * @param decoupled whether the decay is AdamW's
 */
public record NAdam(Schedule schedule, double beta1, double beta2, double eps, double weightDecay,
        double momentumDecay, boolean decoupled) implements Optimizer {
    /** Checks the numbers. */
    public NAdam {
        Objects.requireNonNull(schedule, "schedule");
        new AdaptiveStep(AdaptiveStep.Rule.NADAM, weightDecay, beta1, beta2, eps, momentumDecay, decoupled);
    }

    /** With a constant rate. */
    public static NAdam rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With PyTorch's numbers: 0.9, 0.999, 1e-8, momentum decay 0.004; the usual rate is 0.002. */
    public static NAdam rate(Schedule schedule) {
        return new NAdam(schedule, 0.9, 0.999, 1e-8, 0, 4e-3, false);
    }

    /** With other betas. */
    public NAdam betas(double first, double second) {
        return new NAdam(schedule, first, second, eps, weightDecay, momentumDecay, decoupled);
    }

    /** With weight decay. */
    public NAdam weightDecay(double decay) {
        return new NAdam(schedule, beta1, beta2, eps, decay, momentumDecay, decoupled);
    }

    /** With decoupled decay, as AdamW's. */
    public NAdam decoupled(double decay) {
        return new NAdam(schedule, beta1, beta2, eps, decay, momentumDecay, true);
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
        return new AdaptiveStep(AdaptiveStep.Rule.NADAM, weightDecay, beta1, beta2, eps, momentumDecay, decoupled);
    }
}
