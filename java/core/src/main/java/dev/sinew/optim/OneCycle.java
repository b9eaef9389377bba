package dev.sinew.optim;

/**
 * One rise of the rate and one long fall over the whole training, the momentum the other way round (Smith, Topin 2018). As
 * PyTorch's OneCycleLR: from most/divide up to most, then down to most/divide/divideLast; with three phases down to
 * most/divide as steeply as it rose, and from there on to the last.
 *
 * @param most the largest rate
 * @param share of the steps in which the rate rises, (0, 1); with three phases below 0.5
 * @param linear whether it moves along straight lines instead of half cosines
 * @param threePhases see above
 * @param divide of the largest rate by the first, above 0
 * @param divideLast of the first rate by the last, above 0
 * @param low the least momentum, at the largest rate, [0, 1); 0 as {@code high}: the momentum is the optimiser's
 * @param high the momentum of the first and the last step
 */
public record OneCycle(double most, double share, boolean linear, boolean threePhases, double divide, double divideLast, double low,
        double high) implements Schedule {
    /** Checks the numbers. */
    public OneCycle {
        Schedules.checkRate(most);
        if (!(share > 0 && share < (threePhases ? 0.5 : 1))) {
            throw new IllegalArgumentException("one-cycle schedule: the share of the rise must be between 0 and "
                    + (threePhases ? "0.5" : "1") + ", not " + share);
        }
        Schedules.checkFactor("one-cycle", divide);
        Schedules.checkFactor("one-cycle", divideLast);
        Cyclic.checkMomentum("one-cycle", low, high);
    }

    /** With another share of the steps in which the rate rises. */
    public OneCycle share(double ofSteps) {
        return new OneCycle(most, ofSteps, linear, threePhases, divide, divideLast, low, high);
    }

    /** Along straight lines. */
    public OneCycle alongLines() {
        return new OneCycle(most, share, true, threePhases, divide, divideLast, low, high);
    }

    /** In three phases. */
    public OneCycle inThreePhases() {
        return new OneCycle(most, share, linear, true, divide, divideLast, low, high);
    }

    /** With other divisors. */
    public OneCycle divided(double first, double last) {
        return new OneCycle(most, share, linear, threePhases, first, last, low, high);
    }

    /** With other momenta; 0 and 0: the optimiser's own. */
    public OneCycle momenta(double least, double largest) {
        return new OneCycle(most, share, linear, threePhases, divide, divideLast, least, largest);
    }

    @Override
    public double rate(long step, long stepsPerEpoch, long totalSteps) {
        double first = most / divide;
        double last = first / divideLast;
        return threePhases ? at(step, totalSteps, first, most, first, last) : at(step, totalSteps, first, most, last, last);
    }

    @Override
    public double momentum(long step, long stepsPerEpoch, long totalSteps) {
        return cyclesMomentum() ? at(step, totalSteps, high, low, high, high) : Double.NaN;
    }

    @Override
    public boolean cyclesMomentum() {
        return high > 0;
    }

    /** The value between four: at the beginning, after the rise, after the fall, at the end. */
    private double at(long step, long totalSteps, double first, double top, double fallen, double last) {
        double rise = share * totalSteps - 1;
        double fall = threePhases ? 2 * share * totalSteps - 2 : totalSteps - 1;
        if (step <= rise) {
            return between(first, top, step / rise);
        }
        if (step <= fall) {
            return between(top, fallen, (step - rise) / (fall - rise));
        }
        return between(fallen, last, Math.min(1, (step - fall) / (totalSteps - 1 - fall)));
    }

    private double between(double from, double to, double progress) {
        double share = Double.isNaN(progress) ? 1 : progress;
        return linear ? from + (to - from) * share : Schedules.cosine(from, to, share);
    }
}
