package dev.sinew.diagnosis;

import dev.sinew.Tensor;
import java.util.Locale;

/**
 * What the values of a tensor are like.
 *
 * @param count all of them
 * @param nans how many are NaN
 * @param infinities how many are infinite
 * @param min the smallest finite one; NaN when there is none
 * @param max the largest finite one
 * @param mean of the finite ones
 * @param deviation the standard deviation of the finite ones, divided by their number
 */
public record Statistics(long count, long nans, long infinities, double min, double max, double mean, double deviation) {
    /** Of a tensor with values. */
    public static Statistics of(Tensor tensor) {
        return of(tensor.toDoubles());
    }

    /** Of some numbers. */
    public static Statistics of(double... values) {
        long nans = 0;
        long infinities = 0;
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double mean = 0;
        double squares = 0;
        long n = 0;
        for (double value : values) {
            if (Double.isFinite(value)) {
                n++;
                min = Math.min(min, value);
                max = Math.max(max, value);
                double before = value - mean;
                mean += before / n;
                squares += before * (value - mean);
            } else if (Double.isNaN(value)) {
                nans++;
            } else {
                infinities++;
            }
        }
        return n == 0 ? new Statistics(values.length, nans, infinities, Double.NaN, Double.NaN, Double.NaN, Double.NaN)
                : new Statistics(values.length, nans, infinities, min, max, mean, Math.sqrt(squares / n));
    }

    /** Whether no value is NaN or infinite. */
    public boolean isFinite() {
        return nans + infinities == 0;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (nans > 0) {
            text.append(nans).append(" NaN, ");
        }
        if (infinities > 0) {
            text.append(infinities).append(" infinite, ");
        }
        if (text.length() > 0) {
            text.append("of ").append(count).append(" values; ");
        }
        return Double.isNaN(min) ? text + "none finite" : text + String.format(Locale.ROOT, "%.4g to %.4g, mean %.4g", min, max, mean);
    }
}
