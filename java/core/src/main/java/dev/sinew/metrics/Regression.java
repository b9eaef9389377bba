package dev.sinew.metrics;

import dev.sinew.Tensor;
import java.util.Locale;

/** How far predicted numbers are from their targets. Batches are added one after the other; memory does not grow. Not thread-safe. */
public final class Regression {
    private long size;
    private double absoluteSum;
    private double squareSum;
    private double largest;
    private double mean;
    /** Sum of squared distances of the targets from their mean, updated as Welford (1962) does. */
    private double spread;

    /** Of no sample yet. */
    public Regression() {}

    /** Adds a batch: tensors of the same shape. */
    public void add(Tensor predictions, Tensor targets) {
        if (!predictions.shape().equals(targets.shape())) {
            throw new IllegalArgumentException("regression: predictions " + predictions.spec() + " for targets " + targets.spec());
        }
        add(predictions.toDoubles(), targets.toDoubles());
    }

    /** Adds a batch. NaN and infinity go into the results. */
    public void add(double[] predictions, double[] targets) {
        if (predictions.length != targets.length) {
            throw new IllegalArgumentException("regression: " + predictions.length + " predictions for " + targets.length + " targets");
        }
        for (int i = 0; i < targets.length; i++) {
            double error = predictions[i] - targets[i];
            absoluteSum += Math.abs(error);
            squareSum += error * error;
            largest = Math.max(largest, Math.abs(error));
            size++;
            double before = targets[i] - mean;
            mean += before / size;
            spread += before * (targets[i] - mean);
        }
    }

    /** The number of pairs. */
    public long size() {
        return size;
    }

    /** The mean of |prediction - target|; NaN without pairs. */
    public double meanAbsoluteError() {
        return absoluteSum / size;
    }

    /** The mean of (prediction - target)^2. */
    public double meanSquaredError() {
        return squareSum / size;
    }

    /** The square root of {@link #meanSquaredError}. */
    public double rootMeanSquaredError() {
        return Math.sqrt(meanSquaredError());
    }

    /** The largest |prediction - target|. */
    public double largestError() {
        return size == 0 ? Double.NaN : largest;
    }

    /**
     * The coefficient of determination, 1 - (sum of squared errors) / (sum of squared distances of the targets from their
     * mean): 1 for perfect, 0 for predicting the mean, below for worse. NaN for fewer than two pairs; for constant targets 1
     * when every prediction is right, else minus infinity.
     */
    public double r2() {
        if (size < 2) {
            return Double.NaN;
        }
        return spread == 0 ? squareSum == 0 ? 1 : Double.NEGATIVE_INFINITY : 1 - squareSum / spread;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "MAE %.6g, RMSE %.6g, R2 %.4f over %d", meanAbsoluteError(), rootMeanSquaredError(), r2(), size);
    }
}
