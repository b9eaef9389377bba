package dev.sinew.gate;

import java.util.Arrays;

/**
 * A baseline.
 *
 * @param value as {@link Measured#value}
 * @param band how far a figure may be below it, as a part of it, and still be noise
 */
record Expected(double value, double band) {
    /** A planted slowdown of a fifth must stand out, however noisy the repeats were. */
    static final double WIDEST = 0.14;
    /** How much wider than the repeats' spread: few repeats see little of the noise. */
    private static final double MARGIN = 2;

    /** The median of repeats, with a band of twice their largest distance from it, at least {@code narrowest}. */
    static Expected of(double narrowest, double... repeats) {
        double[] sorted = repeats.clone();
        Arrays.sort(sorted);
        double median = sorted[sorted.length / 2];
        double furthest = Math.max(sorted[sorted.length - 1] / median - 1, 1 - sorted[0] / median);
        return new Expected(median, Math.min(WIDEST, Math.max(narrowest, Math.ceil(MARGIN * furthest * 1000) / 1000)));
    }

    Verdict judge(Measured measured) {
        double beside = measured.beside(value);
        return beside < 1 - band ? Verdict.SLOWER : beside > 1 + band ? Verdict.FASTER : Verdict.OK;
    }
}
