package dev.sinew.train;

import java.util.Arrays;
import java.util.Locale;

/** What a net makes of a data set with labels. */
public final class Evaluation {
    private final double loss;
    private final long[][] confusion;
    private final long[] rankCounts;
    private final int[] predictions;

    Evaluation(double loss, long[][] confusion, long[] rankCounts, int[] predictions) {
        this.loss = loss;
        this.confusion = confusion;
        this.rankCounts = rankCounts;
        this.predictions = predictions;
    }

    /** The mean loss per sample. */
    public double loss() {
        return loss;
    }

    /** The number of samples. */
    public long size() {
        return Arrays.stream(rankCounts).sum();
    }

    /** The fraction of samples whose label got the highest output. */
    public double accuracy() {
        return topK(1);
    }

    /**
     * The fraction of samples whose label is among the k highest outputs (an equal output of a lower class goes first).
     *
     * @param k from 1 to the number of classes
     */
    public double topK(int k) {
        if (k < 1 || k > rankCounts.length) {
            throw new IllegalArgumentException("top-k: k must be in [1, " + rankCounts.length + "], not " + k);
        }
        long right = 0;
        for (int i = 0; i < k; i++) {
            right += rankCounts[i];
        }
        return size() == 0 ? Double.NaN : (double) right / size();
    }

    /** Counts: row = label, column = prediction. A copy. */
    public long[][] confusion() {
        return Arrays.stream(confusion).map(long[]::clone).toArray(long[][]::new);
    }

    /** Of the samples predicted to be of a class, the fraction that are; NaN when there are none. */
    public double precision(int c) {
        long predicted = 0;
        for (long[] row : confusion) {
            predicted += row[c];
        }
        return predicted == 0 ? Double.NaN : (double) confusion[c][c] / predicted;
    }

    /** Of the samples of a class, the fraction predicted to be of it; NaN when there are none. */
    public double recall(int c) {
        long actual = Arrays.stream(confusion[c]).sum();
        return actual == 0 ? Double.NaN : (double) confusion[c][c] / actual;
    }

    /** The predicted class of each sample, in the data set's order. A copy. */
    public int[] predictions() {
        return predictions.clone();
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "loss %.4f, accuracy %.4f over %d samples", loss, accuracy(), size());
    }
}
