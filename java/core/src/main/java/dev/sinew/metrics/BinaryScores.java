package dev.sinew.metrics;

import java.util.Arrays;

/**
 * What scores make of samples that are positive or not: precision, recall and the like at any threshold, and the curves over
 * all thresholds. Equal scores are one point of a curve, in whatever order they came. All scores are kept: 8 bytes each.
 * Batches are added one after the other. Not thread-safe.
 *
 * <p>A score may be a probability, a logit or anything else that rises with the confidence; NaN is refused.
 */
public final class BinaryScores {
    private double[] positives = new double[16];
    private double[] negatives = new double[16];
    private int positiveCount;
    private int negativeCount;
    private boolean sorted;

    /** Of no sample yet. */
    public BinaryScores() {}

    /** Those of some samples. */
    public static BinaryScores of(double[] scores, boolean[] positive) {
        BinaryScores all = new BinaryScores();
        all.add(scores, positive);
        return all;
    }

    /** Adds a sample. */
    public void add(double score, boolean positive) {
        if (Double.isNaN(score)) {
            throw new IllegalArgumentException("binary scores: the score of sample " + size() + " is NaN: it has no place in an order");
        }
        if (positive) {
            positives = positiveCount == positives.length ? Arrays.copyOf(positives, 2 * positiveCount) : positives;
            positives[positiveCount++] = score;
        } else {
            negatives = negativeCount == negatives.length ? Arrays.copyOf(negatives, 2 * negativeCount) : negatives;
            negatives[negativeCount++] = score;
        }
        sorted = false;
    }

    /** Adds a batch. */
    public void add(double[] scores, boolean[] positive) {
        if (scores.length != positive.length) {
            throw new IllegalArgumentException("binary scores: " + scores.length + " scores for " + positive.length + " samples");
        }
        for (int i = 0; i < scores.length; i++) {
            add(scores[i], positive[i]);
        }
    }

    /** Adds a batch whose positive samples have label 1, the others 0. */
    public void add(float[] scores, int[] labels) {
        if (scores.length != labels.length) {
            throw new IllegalArgumentException("binary scores: " + scores.length + " scores for " + labels.length + " samples");
        }
        for (int i = 0; i < scores.length; i++) {
            if (labels[i] != 0 && labels[i] != 1) {
                throw new IllegalArgumentException("binary scores: label " + labels[i] + " of sample " + i + " is not 0 or 1");
            }
            add(scores[i], labels[i] == 1);
        }
    }

    /** The number of samples. */
    public long size() {
        return (long) positiveCount + negativeCount;
    }

    /** Row and column 0: negative, 1: positive. A sample is taken as positive when its score is at least the threshold. */
    public ConfusionMatrix at(double threshold) {
        sort();
        ConfusionMatrix matrix = new ConfusionMatrix(2);
        for (int i = 0; i < positiveCount; i++) {
            matrix.add(1, positives[i] >= threshold ? 1 : 0);
        }
        for (int i = 0; i < negativeCount; i++) {
            matrix.add(0, negatives[i] >= threshold ? 1 : 0);
        }
        return matrix;
    }

    /** Of the samples taken as positive, the share that are; NaN when there are none. */
    public double precision(double threshold) {
        return at(threshold).precision(1);
    }

    /** Of the positive samples, the share taken as such; NaN when there are none. */
    public double recall(double threshold) {
        return at(threshold).recall(1);
    }

    /** The harmonic mean of precision and recall. */
    public double f1(double threshold) {
        return at(threshold).f1(1);
    }

    /** The score that gives the highest F1 when it is the threshold, the highest of such. */
    public double bestThreshold() {
        Curve curve = precisionRecall();
        int best = -1;
        double bestF1 = -1;
        for (int i = 1; i < curve.x().length; i++) {
            double f1 = curve.x()[i] + curve.y()[i] == 0 ? 0 : 2 * curve.x()[i] * curve.y()[i] / (curve.x()[i] + curve.y()[i]);
            best = f1 > bestF1 ? i : best;
            bestF1 = Math.max(f1, bestF1);
        }
        return curve.thresholds()[best];
    }

    /**
     * Receiver operating characteristic: x is the share of the negative samples taken as positive, y that of the positive ones.
     *
     * @throws IllegalStateException when there is no positive or no negative sample
     */
    public Curve roc() {
        require("a ROC curve", positiveCount > 0 && negativeCount > 0);
        return curve((truePositives, falsePositives) -> new double[] {(double) falsePositives / negativeCount,
            (double) truePositives / positiveCount}, 0);
    }

    /**
     * The area under {@link #roc}: the probability that a positive sample has a higher score than a negative one, equal scores
     * counting as one half.
     *
     * @throws IllegalStateException when there is no positive or no negative sample
     */
    public double rocAuc() {
        return roc().area();
    }

    /**
     * x is the recall, y the precision; the first point, where nothing is taken as positive, is (0, 1).
     *
     * @throws IllegalStateException when there is no positive sample
     */
    public Curve precisionRecall() {
        require("a precision-recall curve", positiveCount > 0);
        return curve((truePositives, falsePositives) -> new double[] {(double) truePositives / positiveCount,
            (double) truePositives / (truePositives + falsePositives)}, 1);
    }

    /**
     * Average precision: the sum over the points of {@link #precisionRecall} of precision times gain in recall. Straight lines
     * between the points, as {@link Curve#area} draws them, would flatter.
     *
     * @throws IllegalStateException when there is no positive sample
     */
    public double averagePrecision() {
        Curve curve = precisionRecall();
        double sum = 0;
        for (int i = 1; i < curve.x().length; i++) {
            sum += (curve.x()[i] - curve.x()[i - 1]) * curve.y()[i];
        }
        return sum;
    }

    private void require(String what, boolean there) {
        if (!there) {
            throw new IllegalStateException("binary scores: " + what + " needs samples of both sorts, these are " + positiveCount
                    + " positive and " + negativeCount + " negative ones");
        }
    }

    private interface Point {
        double[] at(int truePositives, int falsePositives);
    }

    /** One point for each different score, from the highest, after (0, first). */
    private Curve curve(Point point, double first) {
        sort();
        int most = positiveCount + negativeCount + 1;
        double[] x = new double[most];
        double[] y = new double[most];
        double[] thresholds = new double[most];
        y[0] = first;
        thresholds[0] = Double.POSITIVE_INFINITY;
        int p = positiveCount;
        int n = negativeCount;
        int points = 1;
        while (p > 0 || n > 0) {
            // compared by value: -0.0 and 0.0 are one score
            double threshold = p == 0 ? negatives[n - 1] : n == 0 || positives[p - 1] >= negatives[n - 1] ? positives[p - 1] : negatives[n - 1];
            while (p > 0 && positives[p - 1] >= threshold) {
                p--;
            }
            while (n > 0 && negatives[n - 1] >= threshold) {
                n--;
            }
            double[] xy = point.at(positiveCount - p, negativeCount - n);
            x[points] = xy[0];
            y[points] = xy[1];
            thresholds[points++] = threshold;
        }
        return new Curve(Arrays.copyOf(x, points), Arrays.copyOf(y, points), Arrays.copyOf(thresholds, points));
    }

    private void sort() {
        if (!sorted) {
            Arrays.sort(positives, 0, positiveCount);
            Arrays.sort(negatives, 0, negativeCount);
            sorted = true;
        }
    }
}
