package dev.sinew.train;

import dev.sinew.metrics.Classification;
import dev.sinew.metrics.ConfusionMatrix;
import dev.sinew.metrics.Regression;
import java.util.Locale;

/** What a net makes of a data set: how good its classes are, or its numbers where the data set has no classes. */
public final class Evaluation {
    private final long size;
    private final double loss;
    private final Classification classification;
    private final Regression regression;
    private final int[] predictions;

    /** One of classification and regression is null. */
    Evaluation(long size, double loss, Classification classification, Regression regression, int[] predictions) {
        this.size = size;
        this.loss = loss;
        this.classification = classification;
        this.regression = regression;
        this.predictions = predictions;
    }

    /** The mean loss per sample. */
    public double loss() {
        return loss;
    }

    /** The number of samples. */
    public long size() {
        return size;
    }

    boolean hasClasses() {
        return classification != null;
    }

    private Classification classification() {
        if (classification == null) {
            throw new IllegalStateException("evaluation: the data set has no classes; ask for regression()");
        }
        return classification;
    }

    /** The fraction of samples whose label got the highest output; where positions such as pixels have labels, of these. */
    public double accuracy() {
        return classification().accuracy();
    }

    /**
     * The fraction of samples whose label is among the k highest outputs (an equal output of a lower class goes first).
     *
     * @param k from 1 to the number of classes
     */
    public double topK(int k) {
        return classification().topK(k);
    }

    /** Every class with every other: precision, recall, F1 and their averages, kappa, the mean intersection over union, a report in text. */
    public ConfusionMatrix confusionMatrix() {
        return classification().confusion();
    }

    /** Counts: row = label, column = prediction. A copy. */
    public long[][] confusion() {
        return confusionMatrix().counts();
    }

    /** Of the samples predicted to be of a class, the fraction that are; NaN when there are none. */
    public double precision(int c) {
        return confusionMatrix().precision(c);
    }

    /** Of the samples of a class, the fraction predicted to be of it; NaN when there are none. */
    public double recall(int c) {
        return confusionMatrix().recall(c);
    }

    /**
     * The predicted class of each sample, in the data set's order. A copy.
     *
     * @throws IllegalStateException when the positions of the samples have labels: these can be many, and are not kept
     */
    public int[] predictions() {
        classification();
        if (predictions == null) {
            throw new IllegalStateException("evaluation: the samples have a label for each position, whose predictions are not kept; ask the network for them");
        }
        return predictions.clone();
    }

    /** How far the outputs are from the targets of a data set without classes, over all numbers of all samples. */
    public Regression regression() {
        if (regression == null) {
            throw new IllegalStateException("evaluation: the data set has classes, and no numbers to predict");
        }
        return regression;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "loss %.4f, ", loss) + (regression != null ? regression
                : String.format(Locale.ROOT, "accuracy %.4f over %d " + (predictions == null ? "labels of %d " : "") + "samples", accuracy(), confusionMatrix().size(), size));
    }
}
