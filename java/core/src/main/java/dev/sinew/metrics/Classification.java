package dev.sinew.metrics;

import dev.sinew.Tensor;
import java.util.Arrays;

/**
 * What scores for every class make of samples with one label each: the confusion matrix of the highest scores, and the ranks
 * of the labels. Of equal scores that of the lower class goes first; a label whose score is NaN has the last rank, and NaN is
 * never the highest. Batches are added one after the other. Not thread-safe.
 */
public final class Classification {
    private final ConfusionMatrix confusion;
    private final long[] ranks;

    /** An empty one. */
    public Classification(int classes) {
        confusion = new ConfusionMatrix(classes);
        ranks = new long[classes];
    }

    /**
     * Adds a batch.
     *
     * @param scores [samples, classes] logits or probabilities; fewer columns than classes: the others are never predicted
     * @param labels [samples]
     * @return the predicted class of each sample
     */
    public int[] add(Tensor scores, Tensor labels) {
        return add(scores.toFloats(), labels.toInts());
    }

    /** Adds a batch, the scores of one sample after the other. Returns the predicted class of each sample. */
    public int[] add(float[] scores, int[] labels) {
        if (labels.length == 0 || scores.length % labels.length != 0 || scores.length / labels.length > ranks.length) {
            throw new IllegalArgumentException("classification: " + scores.length + " scores are not up to " + ranks.length
                    + " for each of " + labels.length + " samples");
        }
        int columns = scores.length / labels.length;
        int[] predictions = new int[labels.length];
        for (int row = 0; row < labels.length; row++) {
            predictions[row] = highest(scores, row * columns, columns);
            confusion.add(labels[row], predictions[row]);
            ranks[rank(scores, row * columns, columns, labels[row])]++;
        }
        return predictions;
    }

    private static int highest(float[] scores, int from, int columns) {
        int best = 0;
        for (int c = 1; c < columns; c++) {
            best = scores[from + c] > scores[from + best] || Float.isNaN(scores[from + best]) && !Float.isNaN(scores[from + c]) ? c : best;
        }
        return best;
    }

    private int rank(float[] scores, int from, int columns, int label) {
        if (label >= columns || Float.isNaN(scores[from + label])) {
            return ranks.length - 1;
        }
        float own = scores[from + label];
        int rank = 0;
        for (int c = 0; c < columns; c++) {
            rank += scores[from + c] > own || scores[from + c] == own && c < label ? 1 : 0;
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
