package dev.sinew.optim;

/** The learning rate as a function of progress. */
public interface Schedule {
    /**
     * The rate of one step.
     *
     * @param step the number of the step, from 0
     * @param stepsPerEpoch steps in an epoch
     * @param totalSteps steps in the whole training
     */
    double rate(long step, long stepsPerEpoch, long totalSteps);

    /** Always the same rate. */
    static Schedule constant(double rate) {
        checkRate(rate);
        return new Constant(rate);
    }

    /** rate * factor^(epoch / everyEpochs), the quotient rounded down. */
    static Schedule step(double rate, long everyEpochs, double factor) {
        checkRate(rate);
        if (everyEpochs < 1 || !(factor > 0) || !Double.isFinite(factor)) {
            throw new IllegalArgumentException("step schedule: needs everyEpochs >= 1 and a positive factor, not " + everyEpochs + " and " + factor);
        }
        return new Steps(rate, everyEpochs, factor);
    }

    /** From {@code rate} down to 0 along half a cosine (Loshchilov, Hutter 2017): rate/2 (1 + cos(pi step/total)). */
    static Schedule cosine(double rate) {
        checkRate(rate);
        return new Cosine(rate, 0);
    }

    /** From {@code rate} down to {@code least} along half a cosine. */
    static Schedule cosine(double rate, double least) {
        checkRate(rate);
        checkRate(least);
        return new Cosine(rate, least);
    }

    /** The first {@code steps} steps rise linearly to this schedule's rate: step i has (i + 1)/steps of it. */
    default Schedule warmUp(long steps) {
        if (steps < 0) {
            throw new IllegalArgumentException("warm-up: the number of steps must not be negative, not " + steps);
        }
        return new WarmUp(this, steps);
    }

    private static void checkRate(double rate) {
        if (!(rate >= 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException("the learning rate must be finite and not negative, not " + rate);
        }
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
    }
}
