package dev.sinew.metrics;

import dev.sinew.Tensor;
import java.util.Arrays;

/**
 * How good predicted probabilities are: logarithmic loss, Brier score and calibration. Batches are added one after the
 * other; memory does not grow. Not thread-safe.
 */
public final class Probabilities {
    /** By how much the probabilities of a sample may miss 1 in sum. */
    private static final double SUM_TOLERANCE = 1e-4;
    /** Probabilities below do not count as smaller: a certain mistake costs 36, not infinity. */
    private static final double LEAST = 0x1p-52;

    private final int classes;
    private final int bins;
    private final long[] binSize;
    private final double[] binConfidence;
    private final long[] binRight;
    private double logSum;
    private double brierSum;
    private long size;

    /** For so many classes, with 15 bins for the calibration. */
    public Probabilities(int classes) {
        this(classes, 15);
    }

    /**
     * For so many classes.
     *
     * @param bins equal intervals of the confidence, from 0 to 1, for the calibration
     */
    public Probabilities(int classes, int bins) {
        if (classes < 2 || bins < 1) {
            throw new IllegalArgumentException("probabilities: need at least 2 classes and 1 bin, not " + classes + " and " + bins);
        }
        this.classes = classes;
        this.bins = bins;
        binSize = new long[bins];
        binConfidence = new double[bins];
        binRight = new long[bins];
    }

    /** Adds a batch: probabilities [samples, classes], such as those of softmax, and labels [samples]. */
    public void add(Tensor probabilities, Tensor labels) {
        add(probabilities.toDoubles(), labels.toInts());
    }

    /**
     * Adds a batch, the probabilities of one sample after the other.
     *
     * @throws IllegalArgumentException when those of a sample are not within 0 to 1 and 1 in sum, or a label does not exist
     */
    public void add(double[] probabilities, int[] labels) {
        if (probabilities.length != (long) labels.length * classes) {
            throw new IllegalArgumentException("probabilities: " + probabilities.length + " are not " + classes + " for each of "
                    + labels.length + " samples");
        }
        for (int row = 0; row < labels.length; row++) {
            check(probabilities, row, labels[row]);
        }
        for (int row = 0; row < labels.length; row++) {
            addSample(probabilities, row * classes, labels[row]);
        }
    }

    private void check(double[] probabilities, int row, int label) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double p = probabilities[row * classes + c];
            if (!(p >= 0 && p <= 1 + SUM_TOLERANCE)) {
                throw new IllegalArgumentException("probabilities: " + p + " for class " + c + " of sample " + row
                        + " is not within 0 to 1; are these logits without softmax?");
            }
            sum += p;
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new IllegalArgumentException("probabilities: those of sample " + row + " have the sum " + sum + " instead of 1");
        }
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException("probabilities: label " + label + " of sample " + row + " is not within 0 to " + (classes - 1));
        }
    }

    private void addSample(double[] probabilities, int from, int label) {
        int best = 0;
        for (int c = 0; c < classes; c++) {
            double p = probabilities[from + c];
            double miss = p - (c == label ? 1 : 0);
            brierSum += miss * miss;
            best = p > probabilities[from + best] ? c : best;
        }
        logSum -= Math.log(Math.min(1, Math.max(LEAST, probabilities[from + label])));
        double confidence = probabilities[from + best];
        // intervals are open below and closed above, as in the paper
        int bin = (int) Math.max(0, Math.min(bins - 1, Math.ceil(confidence * bins) - 1));
        binSize[bin]++;
        binConfidence[bin] += confidence;
        binRight[bin] += best == label ? 1 : 0;
        size++;
    }

    /** The number of samples. */
    public long size() {
        return size;
    }

    /** The mean of -ln p(label), with p at least 2^-52; NaN without samples. */
    public double logLoss() {
        return logSum / size;
    }

    /**
     * The mean over the samples of the sum over the classes of (p - [class is the label])^2 (Brier 1950): 0 to 2. For two
     * classes it is twice the score that looks at one of them only.
     */
    public double brier() {
        return brierSum / size;
    }

    /**
     * The expected calibration error (Guo et al. 2017, equation 3): the mean distance between the confidence in the most
     * probable class and how often it is right, over bins of the confidence weighted by their samples.
     */
    public double calibrationError() {
        double sum = 0;
        for (int b = 0; b < bins; b++) {
            sum += Math.abs(binRight[b] - binConfidence[b]);
        }
        return sum / size;
    }

    /**
     * The reliability diagram: for each bin that has samples x is the mean confidence, y the share that is right; the
     * thresholds are the bins' upper ends.
     */
    public Curve reliability() {
        int n = (int) Arrays.stream(binSize).filter(count -> count > 0).count();
        Curve curve = new Curve(new double[n], new double[n], new double[n]);
        for (int b = 0, k = 0; b < bins; b++) {
            if (binSize[b] > 0) {
                curve.x()[k] = binConfidence[b] / binSize[b];
                curve.y()[k] = (double) binRight[b] / binSize[b];
                curve.thresholds()[k++] = (b + 1.0) / bins;
            }
        }
        return curve;
    }
}
