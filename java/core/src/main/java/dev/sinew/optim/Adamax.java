package dev.sinew.optim;

import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * Adamax (Kingma, Ba 2015, section 7.1): Adam with the largest gradient instead of the root of the mean square.
 * See {@link AdaptiveStep.Rule#ADAMAX}.
 *
 * @param schedule the learning rate
 * @param beta1 decay of the mean, [0, 1)
 * @param beta2 decay of the largest, [0, 1)
 * @param eps added to the magnitudes
 * @param weightDecay 0 or more, added to the gradient (L2)
 */
public record Adamax(Schedule schedule, double beta1, double beta2, double eps, double weightDecay) implements Optimizer {
    /** Checks the numbers. */
    public Adamax {
        Objects.requireNonNull(schedule, "schedule");
        new AdaptiveStep(AdaptiveStep.Rule.ADAMAX, weightDecay, beta1, beta2, eps, 0, false);
    }

    /** With a constant rate. */
    public static Adamax rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With PyTorch's numbers: 0.9, 0.999, 1e-8; the usual rate is 0.002. */
    public static Adamax rate(Schedule schedule) {
        return new Adamax(schedule, 0.9, 0.999, 1e-8, 0);
    }

    /** With other betas. */
    public Adamax betas(double first, double second) {
        return new Adamax(schedule, first, second, eps, weightDecay);
    }

    /** With weight decay. */
    public Adamax weightDecay(double decay) {
        return new Adamax(schedule, beta1, beta2, eps, decay);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public String stateName(int i) {
        return i == 0 ? "mean" : "largest";
    }

    @Override
    public Op update() {
        return new AdaptiveStep(AdaptiveStep.Rule.ADAMAX, weightDecay, beta1, beta2, eps, 0, false);
    }
}
