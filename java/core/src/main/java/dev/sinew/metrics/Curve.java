package dev.sinew.metrics;

import java.util.Arrays;

/**
 * Points of a curve over a falling threshold: a sample is taken as positive when its score is at least that.
 *
 * @param x rising
 * @param y one for each x
 * @param thresholds one for each x; the first is infinity: nothing is positive
 */
public record Curve(double[] x, double[] y, double[] thresholds) {
    /** The area between the points, joined by straight lines, and the x axis. */
    public double area() {
        double area = 0;
        for (int i = 1; i < x.length; i++) {
            area += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
        }
        return area;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Curve c && Arrays.equals(x, c.x) && Arrays.equals(y, c.y) && Arrays.equals(thresholds, c.thresholds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(x) + 31 * Arrays.hashCode(y);
    }

    @Override
    public String toString() {
        return x.length + " points with an area of " + area();
    }
}
