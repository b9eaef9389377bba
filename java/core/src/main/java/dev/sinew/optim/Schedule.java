package dev.sinew.optim;

import java.util.Objects;

/**
 * The learning rate as a function of progress: of the updates done, where gradients are gathered over several batches. A
 * lambda is one too; {@link #of} gives it the description that checkpoints need.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * The rate of one step.
     *
     * @param step the number of the step, from 0
     * @param stepsPerEpoch steps in an epoch
     * @param totalSteps steps in the whole training
     */
    double rate(long step, long stepsPerEpoch, long totalSteps);

    /** The momentum of SGD, or the first beta of Adam, of one step, where {@link #cyclesMomentum} is true; else NaN. */
    default double momentum(long step, long stepsPerEpoch, long totalSteps) {
        return Double.NaN;
    }

    /** Whether this sets the momentum too, which then is not the optimiser's. Other optimisers than SGD and Adam keep theirs. */
    default boolean cyclesMomentum() {
        return false;
    }

    /** The schedule that goes on when these validation losses were measured, one after each epoch; itself if it does not look. */
    default Schedule after(double... validationLosses) {
        return this;
    }

    /** Whether {@link #after} looks at the losses, so that training needs validation data. */
    default boolean needsValidation() {
        return false;
    }

    /** A function by its description: checkpoints are only continued from by a training with the same. */
    static Schedule of(String description, Schedule function) {
        return new Schedules.Described(Objects.requireNonNull(description, "description"), Objects.requireNonNull(function, "function"));
    }

    /** Always the same rate. */
    static Schedule constant(double rate) {
        Schedules.checkRate(rate);
        return new Constant(rate);
    }

    /** rate * factor^(epoch / everyEpochs), the quotient rounded down. */
    static Schedule step(double rate, long everyEpochs, double factor) {
        Schedules.checkRate(rate);
        if (everyEpochs < 1 || !(factor > 0) || !Double.isFinite(factor)) {
            throw new IllegalArgumentException("step schedule: needs everyEpochs >= 1 and a positive factor, not " + everyEpochs + " and " + factor);
        }
        return new Steps(rate, everyEpochs, factor);
    }

    /** From {@code rate} down to 0 along half a cosine (Loshchilov, Hutter 2017): rate/2 (1 + cos(pi step/total)). */
    static Schedule cosine(double rate) {
        Schedules.checkRate(rate);
        return new Cosine(rate, 0);
    }

    /** From {@code rate} down to {@code least} along half a cosine. */
    static Schedule cosine(double rate, double least) {
        Schedules.checkRate(rate);
        Schedules.checkRate(least);
        return new Cosine(rate, least);
    }

    /** rate * factor^n after n of the epochs. */
    static Schedule multiStep(double rate, double factor, long... epochs) {
        return new Schedules.MultiStep(rate, factor, java.util.Arrays.stream(epochs).boxed().toList());
    }

    /** rate * factor^epoch. */
    static Schedule exponential(double rate, double factor) {
        return new Schedules.Exponential(rate, factor);
    }

    /** rate * (1 - step/total)^power. */
    static Schedule polynomial(double rate, double power) {
        return new Schedules.Polynomial(rate, power);
    }

    /** From one rate to another in a straight line over so many steps; the other rate from then on. */
    static Schedule linear(double from, double to, long steps) {
        return new Schedules.Linear(from, to, steps);
    }

    /**
     * Half cosines from {@code rate} down to {@code least}, again and again (Loshchilov, Hutter 2017): the first takes
     * {@code firstEpochs}, each other {@code longer} times as long as the one before.
     */
    static Schedule cosineRestarts(double rate, double least, long firstEpochs, long longer) {
        return new Schedules.CosineRestarts(rate, least, firstEpochs, longer);
    }

    /** One rise and one long fall over the whole training; see {@link OneCycle}. */
    static OneCycle oneCycle(double most) {
        return new OneCycle(most, 0.3, false, false, 25, 1e4, 0.85, 0.95);
    }

    /** Up and down again and again; see {@link Cyclic}. */
    static Cyclic cyclic(double least, double most, long up, long down) {
        return new Cyclic(least, most, up, down, Cyclic.Shape.EQUAL, 1, 0, 0);
    }

    /** Lower when the validation loss does not fall any more; see {@link Plateau}. */
    static Plateau plateau(double rate) {
        return new Plateau(rate, 0.1, 10, 1e-4, false, 0, 0);
    }

    /** The product with another: {@code other} gives factors. */
    default Schedule times(Schedule other) {
        return new Schedules.Product(this, Objects.requireNonNull(other, "other"));
    }

    /** This for so many steps, then another from its own beginning. */
    default Schedule then(long steps, Schedule next) {
        return new Schedules.Sequence(this, steps, Objects.requireNonNull(next, "next"));
    }

    /** The first {@code steps} steps rise linearly to this schedule's rate: step i has (i + 1)/steps of it. */
    default Schedule warmUp(long steps) {
        if (steps < 0) {
            throw new IllegalArgumentException("warm-up: the number of steps must not be negative, not " + steps);
        }
        return new WarmUp(this, steps);
    }

    /** See {@link Schedule#constant}. */
    record Constant(double rate) implements Schedule {
        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return rate;
        }
    }

    /** See {@link Schedule#step}. */
    record Steps(double rate, long everyEpochs, double factor) implements Schedule {
        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            return rate * Math.pow(factor, step / stepsPerEpoch / everyEpochs);
        }
    }

    /** See {@link Schedule#cosine}. */
    record Cosine(double rate, double least) implements Schedule {
        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            double progress = totalSteps <= 0 ? 0 : Math.min(1, (double) step / totalSteps);
            return least + (rate - least) / 2 * (1 + Math.cos(Math.PI * progress));
        }
    }

    /** See {@link Schedule#warmUp}. */
    record WarmUp(Schedule then, long steps) implements Schedule {
        @Override
        public double rate(long step, long stepsPerEpoch, long totalSteps) {
            double rate = then.rate(step, stepsPerEpoch, totalSteps);
            return step < steps ? rate * (step + 1) / steps : rate;
        }

        @Override
        public double momentum(long step, long stepsPerEpoch, long totalSteps) {
            return then.momentum(step, stepsPerEpoch, totalSteps);
        }

        @Override
        public boolean cyclesMomentum() {
            return then.cyclesMomentum();
        }

        @Override
        public Schedule after(double... validationLosses) {
            return new WarmUp(then.after(validationLosses), steps);
        }

        @Override
        public boolean needsValidation() {
            return then.needsValidation();
        }
    }
}
