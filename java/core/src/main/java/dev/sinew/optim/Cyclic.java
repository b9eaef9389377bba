package dev.sinew.optim;

/**
 * A rate that goes up and down between two, again and again, the momentum the other way round (Smith 2017). As PyTorch's
 * CyclicLR.
 *
 * @param least the rate at which a cycle begins
 * @param most the largest rate
 * @param up steps of the rise, at least 1
 * @param down steps of the fall, at least 1
 * @param shape how large later cycles are
 * @param factor for DECAYING: by which the height is multiplied with every step
 * @param low the momentum at the largest rate, [0, 1); 0 as {@code high}: the momentum is the optimiser's
 * @param high the momentum at the least rate
 */
public record Cyclic(double least, double most, long up, long down, Shape shape, double factor, double low, double high)
        implements Schedule {
    /** How large later cycles are. */
    public enum Shape {
        /** All as the first. */
        EQUAL,
        /** Each half as high as the one before. */
        HALVING,
        /** The height falls with every step. */
        DECAYING
    }

    /** Checks the numbers. */
    public Cyclic {
        Schedules.checkRate(least);
        Schedules.checkRate(most);
        Schedules.checkAtLeast("cyclic", "the number of steps up", up, 1);
        Schedules.checkAtLeast("cyclic", "the number of steps down", down, 1);
        Schedules.checkFactor("cyclic", factor);
        checkMomentum("cyclic", low, high);
    }

    static void checkMomentum(String schedule, double low, double high) {
        if (!(low >= 0 && low <= high && high < 1)) {
            throw new IllegalArgumentException(schedule + " schedule: the momenta must be in [0, 1), the least first, not " + low
                    + " and " + high);
        }
    }

    /** Each cycle half as high as the one before. */
    public Cyclic halving() {
        return new Cyclic(least, most, up, down, Shape.HALVING, factor, low, high);
    }

    /** Cycles that shrink by a factor with every step. */
    public Cyclic decaying(double perStep) {
        return new Cyclic(least, most, up, down, Shape.DECAYING, perStep, low, high);
    }

    /** With the momentum going the other way; PyTorch's are 0.8 and 0.9. */
    public Cyclic momenta(double smallest, double largest) {
        return new Cyclic(least, most, up, down, shape, factor, smallest, largest);
    }

    @Override
    public double rate(long step, long stepsPerEpoch, long totalSteps) {
        return least + (most - least) * height(step);
    }

    @Override
    public double momentum(long step, long stepsPerEpoch, long totalSteps) {
        return cyclesMomentum() ? high - (high - low) * height(step) : Double.NaN;
    }

    @Override
    public boolean cyclesMomentum() {
        return high > 0;
    }

    private double height(long step) {
        long at = step % (up + down);
        double height = at <= up ? (double) at / up : (double) (up + down - at) / down;
        return height * switch (shape) {
            case EQUAL -> 1;
            case HALVING -> Math.pow(0.5, step / (up + down));
            case DECAYING -> Math.pow(factor, step);
        };
    }
}
