package dev.sinew.optim;

import dev.sinew.op.AdaptiveStep;
import dev.sinew.op.Op;
import java.util.Objects;

/**
 * Adagrad (Duchi, Hazan, Singer 2011): the rate of a parameter falls with the sum of its squared gradients.
 * See {@link AdaptiveStep.Rule#ADAGRAD}.
 *
 * @param schedule the learning rate
 * @param rateDecay the rate is divided by 1 + steps rateDecay, 0 or more
 * @param initial with which the sum begins, 0 or more
 * @param eps added to the root
 * @param weightDecay 0 or more, added to the gradient (L2)
 */
public record Adagrad(Schedule schedule, double rateDecay, double initial, double eps, double weightDecay) implements Optimizer {
    /** Checks the numbers. */
    public Adagrad {
        Objects.requireNonNull(schedule, "schedule");
        if (!(initial >= 0 && initial < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("adagrad: the initial sum must be finite and at least 0, not " + initial);
        }
        new AdaptiveStep(AdaptiveStep.Rule.ADAGRAD, weightDecay, 0, 0, eps, rateDecay, false);
    }

    /** With a constant rate. */
    public static Adagrad rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /** With PyTorch's numbers: no decay, a sum that begins with 0, eps 1e-10. */
    public static Adagrad rate(Schedule schedule) {
        return new Adagrad(schedule, 0, 0, 1e-10, 0);
    }

    /** With a rate that falls over the steps. */
    public Adagrad rateDecay(double decay) {
        return new Adagrad(schedule, decay, initial, eps, weightDecay);
    }

    /** With a sum that begins with a number. */
    public Adagrad initial(double sum) {
        return new Adagrad(schedule, rateDecay, sum, eps, weightDecay);
    }

    /** With weight decay. */
    public Adagrad weightDecay(double decay) {
        return new Adagrad(schedule, rateDecay, initial, eps, decay);
    }

    @Override
    public int states() {
        return 1;
    }

    @Override
    public String stateName(int i) {
        return "sum";
    }

    @Override
    public double initial(int i) {
        return initial;
    }

    @Override
    public Op update() {
        return new AdaptiveStep(AdaptiveStep.Rule.ADAGRAD, weightDecay, 0, 0, eps, rateDecay, false);
    }
}
