package dev.sinew.optim;

import dev.sinew.op.AdamStep;
import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * Adam (Kingma, Ba 2015) with L2 decay, or AdamW (Loshchilov, Hutter 2019) with decoupled decay, as in PyTorch.
 *
 * @param schedule the learning rate
 * @param beta1 decay of the mean, [0, 1)
 * @param beta2 decay of the square, [0, 1)
 * @param eps added to the root
 * @param weightDecay 0 or more
 * @param decoupled whether the decay is AdamW's
 * @param amsgrad whether the largest square so far stands for the square (Reddi, Kale, Kumar 2018)
 */
public record Adam(Schedule schedule, double beta1, double beta2, double eps, double weightDecay, boolean decoupled,
        boolean amsgrad) implements Optimizer {
    /** Checks the numbers. */
    public Adam {
        Objects.requireNonNull(schedule, "schedule");
        new AdamStep(beta1, beta2, eps, weightDecay, decoupled);
    }

    /** Adam with a constant rate and the usual numbers: 0.9, 0.999, 1e-8. */
    public static Adam rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** Adam with the usual numbers. */
    public static Adam rate(Schedule schedule) {
        return new Adam(schedule, 0.9, 0.999, 1e-8, 0, false, false);
    }

    /** AdamW with PyTorch's weight decay of 0.01. */
    public static Adam decoupled(Schedule schedule) {
        return new Adam(schedule, 0.9, 0.999, 1e-8, 0.01, true, false);
    }

    /** With other betas. */
    public Adam betas(double first, double second) {
        return new Adam(schedule, first, second, eps, weightDecay, decoupled, amsgrad);
    }

    /** With weight decay. */
    public Adam weightDecay(double decay) {
        return new Adam(schedule, beta1, beta2, eps, decay, decoupled, amsgrad);
    }

    /** With the largest square so far. */
    public Adam withAmsgrad() {
        return new Adam(schedule, beta1, beta2, eps, weightDecay, decoupled, true);
    }

    @Override
    public int states() {
        return amsgrad ? 3 : 2;
    }

    @Override
    public String stateName(int i) {
        return i == 0 ? "mean" : i == 1 ? "square" : "largest";
    }

    @Override
    public boolean takesMomentum() {
        return !amsgrad;
    }

    @Override
    public Op update() {
        return amsgrad ? new AdaptiveStep(AdaptiveStep.Rule.AMSGRAD, weightDecay, beta1, beta2, eps, 0, decoupled)
                : new AdamStep(beta1, beta2, eps, weightDecay, decoupled);
    }
}
