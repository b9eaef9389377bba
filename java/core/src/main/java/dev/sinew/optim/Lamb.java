package dev.sinew.optim;

import dev.sinew.op.LambStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * LAMB (You et al. 2020): Adam's direction, for each parameter tensor as long as its weights are; for large batches. See
 * {@link LambStep}.
 *
 * @param schedule the learning rate
 * @param beta1 decay of the mean, [0, 1)
 * @param beta2 decay of the square, [0, 1)
 * @param eps added to the root
 * @param weightDecay 0 or more, part of the direction
 */
public record Lamb(Schedule schedule, double beta1, double beta2, double eps, double weightDecay) implements Optimizer {
    /** Checks the numbers. */
    public Lamb {
        Objects.requireNonNull(schedule, "schedule");
        new LambStep(beta1, beta2, eps, weightDecay);
    }

    /** With a constant rate. */
    public static Lamb rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With Adam's betas, the paper's eps 1e-6 and weight decay 0.01. */
    public static Lamb rate(Schedule schedule) {
        return new Lamb(schedule, 0.9, 0.999, 1e-6, 0.01);
    }

    /** With other betas. */
    public Lamb betas(double first, double second) {
        return new Lamb(schedule, first, second, eps, weightDecay);
    }

    /** With weight decay. */
    public Lamb weightDecay(double decay) {
        return new Lamb(schedule, beta1, beta2, eps, decay);
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
    public boolean layerWise() {
        return true;
    }

    @Override
    public Op update() {
        return new LambStep(beta1, beta2, eps, weightDecay);
    }
}
