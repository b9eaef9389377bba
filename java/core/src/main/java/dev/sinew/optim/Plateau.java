package dev.sinew.optim;

/**
 * A rate that is lowered when the validation loss has not fallen for more than some epochs. As PyTorch's ReduceLROnPlateau;
 * it follows from the losses of all epochs so far, so that a resumed training has the same rate.
 *
 * @param rate the rate at first
 * @param factor by which it is multiplied, (0, 1)
 * @param patience epochs without a fall that are tolerated, 0 or more
 * @param threshold what counts as a fall: below the best loss (1 - threshold), or the best loss - threshold
 * @param absolute the latter
 * @param cooldown epochs after a reduction that do not count, 0 or more
 * @param least the rate does not go below
 */
public record Plateau(double rate, double factor, long patience, double threshold, boolean absolute, long cooldown, double least)
        implements Schedule {
    /** Smaller changes of the rate than this are not made. */
    private static final double LEAST_CHANGE = 1e-8;

    /** Checks the numbers. */
    public Plateau {
        Schedules.checkRate(rate);
        Schedules.checkRate(least);
        Schedules.checkFactor("plateau", factor);
        if (factor >= 1) {
            throw new IllegalArgumentException("plateau schedule: the factor must be below 1, not " + factor);
        }
        Schedules.checkAtLeast("plateau", "the patience", patience, 0);
        Schedules.checkAtLeast("plateau", "the cooldown", cooldown, 0);
        if (!(threshold >= 0) || Double.isInfinite(threshold)) {
            throw new IllegalArgumentException("plateau schedule: the threshold must be finite and not negative, not " + threshold);
        }
    }

    /** With another factor. */
    public Plateau factor(double of) {
        return new Plateau(rate, of, patience, threshold, absolute, cooldown, least);
    }

    /** With another patience. */
    public Plateau patience(long epochs) {
        return new Plateau(rate, factor, epochs, threshold, absolute, cooldown, least);
    }

    /** With another threshold, relative to the best loss. */
    public Plateau threshold(double share) {
        return new Plateau(rate, factor, patience, share, false, cooldown, least);
    }

    /** With a threshold that is a difference of losses. */
    public Plateau absoluteThreshold(double difference) {
        return new Plateau(rate, factor, patience, difference, true, cooldown, least);
    }

    /** With epochs after a reduction that do not count. */
    public Plateau cooldown(long epochs) {
        return new Plateau(rate, factor, patience, threshold, absolute, epochs, least);
    }

    /** With a least rate. */
    public Plateau least(double smallest) {
        return new Plateau(rate, factor, patience, threshold, absolute, cooldown, smallest);
    }

    @Override
    public double rate(long step, long stepsPerEpoch, long totalSteps) {
        return rate;
    }

    @Override
    public Schedule after(double... validationLosses) {
        double now = rate;
        double best = Double.POSITIVE_INFINITY;
        long bad = 0;
        long resting = 0;
        for (double loss : validationLosses) {
            if (loss < (absolute ? best - threshold : best * (1 - threshold))) {
                best = loss;
                bad = 0;
            } else {
                bad++;
            }
            if (resting > 0) {
                resting--;
                bad = 0;
            }
            if (bad > patience) {
                double lower = Math.max(now * factor, least);
                now = now - lower > LEAST_CHANGE ? lower : now;
                resting = cooldown;
                bad = 0;
            }
        }
        return Schedule.constant(now);
    }

    @Override
    public boolean needsValidation() {
        return true;
    }
}
