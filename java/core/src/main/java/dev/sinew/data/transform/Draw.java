package dev.sinew.data.transform;

import dev.sinew.Seed;

/**
 * The random numbers of one transform of one sample in one epoch: they depend on a seed and on how many were drawn before
 * alone, whatever thread reads the sample.
 */
public final class Draw {
    private final Seed seed;
    private long next;
    private double spare = Double.NaN;

    private Draw(Seed seed, long next) {
        this.seed = seed;
        this.next = next;
    }

    /**
     * Those of a transform.
     *
     * @param sample the seed of the sample
     * @param transform the number of the transform in its chain, from 0
     */
    public static Draw of(Seed sample, int transform) {
        return new Draw(sample, (long) transform << 32);
    }

    /** Uniform in [-1, 1). */
    public double symmetric() {
        return (seed.derive(next++).value() >> 11) * 0x1p-52;
    }

    /** Uniform in [0, 1). */
    public double uniform() {
        return (seed.derive(next++).value() >>> 11) * 0x1p-53;
    }

    /** Uniform in [from, to). */
    public double uniform(double from, double to) {
        return from + (to - from) * uniform();
    }

    /** A whole number from 0 up to {@code bound}, exclusive. */
    public int below(int bound) {
        return (int) (uniform() * bound);
    }

    /** True with that probability. */
    public boolean chance(double probability) {
        return uniform() < probability;
    }

    /** Of the standard normal distribution (Box, Muller 1958). */
    public double normal() {
        if (!Double.isNaN(spare)) {
            double value = spare;
            spare = Double.NaN;
            return value;
        }
        // StrictMath, so that every machine computes the same bits
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
        double angle = 2 * StrictMath.PI * uniform();
        spare = radius * StrictMath.sin(angle);
        return radius * StrictMath.cos(angle);
    }

    /** Of the gamma distribution with that shape (Marsaglia, Tsang 2000) and scale 1. */
    public double gamma(double shape) {
        if (shape < 1) {
            return gamma(shape + 1) * StrictMath.pow(1 - uniform(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double x = normal();
            double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
            if (v > 0 && StrictMath.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
                return d * v;
            }
        }
    }

    /** Of the beta distribution. */
    public double beta(double a, double b) {
        double x = gamma(a);
        double y = gamma(b);
        // both are 0 only for tiny a and b, where the distribution is all but two points
        return x + y == 0 ? (chance(a / (a + b)) ? 1 : 0) : x / (x + y);
    }
}
