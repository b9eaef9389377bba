package dev.sinew.metrics;

import dev.sinew.Tensor;
import java.util.Arrays;

/**
 * What scores for every class make of samples with one label each, or with one for each of their positions: the confusion matrix of the highest scores, and the ranks
 * of the labels. Of equal scores that of the lower class goes first; a label whose score is NaN has the last rank, and NaN is
 * never the highest. Batches are added one after the other. Not thread-safe.
 */
public final class Classification {
    private final ConfusionMatrix confusion;
    private final long[] ranks;
    private final long ignored;

    /** An empty one, in which every label counts. */
    public Classification(int classes) {
        this(classes, Long.MIN_VALUE);
    }

    /** An empty one; samples and positions with the label {@code ignored} do not count. */
    public Classification(int classes, long ignored) {
        confusion = new ConfusionMatrix(classes);
        ranks = new long[classes];
        this.ignored = ignored;
    }

    /**
     * Adds a batch.
     *
     * @param scores [samples, classes] logits or probabilities; fewer columns than classes: the others are never predicted. Or
     *     [samples, classes, ...], such as for the pixels of images: then every position has a label
     * @param labels [samples] or [samples, ...]
     * @return the predicted class of each label
     */
    public int[] add(Tensor scores, Tensor labels) {
        long samples = scores.shape().dim(0);
        return add(scores.toFloats(), labels.toInts(), Math.toIntExact(labels.shape().count() / samples));
    }

    /** Adds a batch, the scores of one sample after the other. Returns the predicted class of each sample. */
    public int[] add(float[] scores, int[] labels) {
        return add(scores, labels, 1);
    }

    private int[] add(float[] scores, int[] labels, int positions) {
        if (labels.length == 0 || scores.length % labels.length != 0 || scores.length / labels.length > ranks.length) {
            throw new IllegalArgumentException("classification: " + scores.length + " scores are not up to " + ranks.length
                    + " for each of " + labels.length + " samples");
        }
        int columns = scores.length / labels.length;
        int[] predictions = new int[labels.length];
        for (int row = 0; row < labels.length; row++) {
            int from = row / positions * positions * columns + row % positions;
            predictions[row] = highest(scores, from, positions, columns);
            if (labels[row] != ignored) {
                confusion.add(labels[row], predictions[row]);
                ranks[rank(scores, from, positions, columns, labels[row])]++;
            }
        }
        return predictions;
    }

    /** Of a row whose elements are {@code stride} apart. */
    private static int highest(float[] scores, int from, int stride, int columns) {
        int best = 0;
        for (int c = 1; c < columns; c++) {
            float now = scores[from + c * stride];
            float before = scores[from + best * stride];
            best = now > before || Float.isNaN(before) && !Float.isNaN(now) ? c : best;
        }
        return best;
    }

    private int rank(float[] scores, int from, int stride, int columns, int label) {
        if (label >= columns || Float.isNaN(scores[from + label * stride])) {
            return ranks.length - 1;
        }
        float own = scores[from + label * stride];
        int rank = 0;
        for (int c = 0; c < columns; c++) {
            float other = scores[from + c * stride];
            rank += other > own || other == own && c < label ? 1 : 0;
        }
        return rank;
    }

    /** The confusion matrix; it grows with every batch. */
    public ConfusionMatrix confusion() {
        return confusion;
    }

    /** The number of samples. */
    public long size() {
        return Arrays.stream(ranks).sum();
    }

    /** The share of samples whose label has the highest score. */
    public double accuracy() {
        return confusion.accuracy();
    }

    /**
     * The share of samples whose label is among the k highest scores; NaN without samples.
     *
     * @param k from 1 to the number of classes
     */
    public double topK(int k) {
        if (k < 1 || k > ranks.length) {
            throw new IllegalArgumentException("top-k: k must be in [1, " + ranks.length + "], not " + k);
        }
        return size() == 0 ? Double.NaN : (double) Arrays.stream(ranks, 0, k).sum() / size();
    }
}
