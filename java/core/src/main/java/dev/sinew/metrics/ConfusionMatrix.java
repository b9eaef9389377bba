package dev.sinew.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/**
 * How often each class was taken for each other one: a row for each label, a column for each prediction. For images that
 * are labelled pixel by pixel every pixel is a sample; then {@link #accuracy} is the pixel accuracy.
 *
 * {@snippet :
 * var matrix = new ConfusionMatrix(10);
 * matrix.add(labels, predictions);   // batch after batch
 * System.out.println(matrix.report(List.of()));
 * }
 *
 * <p>With TP, FP and FN the true positives, false positives and false negatives of a class (one against all others):
 * precision = TP / (TP + FP), recall = TP / (TP + FN), F1 = 2 TP / (2 TP + FP + FN), intersection over union (Jaccard 1901)
 * = TP / (TP + FP + FN); Dice's coefficient (1945) is F1. A quotient of nothing is NaN. Not thread-safe.
 */
public final class ConfusionMatrix {
    /** How values of the classes become one. Classes that are neither label nor prediction of any sample do not count. */
    public enum Average {
        /** The mean of the classes, an undefined value counting as 0. */
        MACRO,
        /** Of the sums of TP, FP and FN over the classes: for single labels all of them equal the accuracy. */
        MICRO,
        /** The mean of the classes weighted by their number of samples, an undefined value counting as 0. */
        WEIGHTED
    }

    private final long[][] counts;

    /** An empty one. */
    public ConfusionMatrix(int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("confusion matrix: needs at least 1 class, not " + classes);
        }
        counts = new long[classes][classes];
    }

    /** One of labels and predictions of the same samples. */
    public static ConfusionMatrix of(int classes, int[] labels, int[] predictions) {
        ConfusionMatrix matrix = new ConfusionMatrix(classes);
        matrix.add(labels, predictions);
        return matrix;
    }

    /** Counts a sample. */
    public void add(int label, int prediction) {
        if (label < 0 || label >= counts.length || prediction < 0 || prediction >= counts.length) {
            throw new IllegalArgumentException("confusion matrix: label " + label + " and prediction " + prediction
                    + " must be within 0 to " + (counts.length - 1));
        }
        counts[label][prediction]++;
    }

    /** Counts samples. */
    public void add(int[] labels, int[] predictions) {
        requireSameLength(labels, predictions);
        for (int i = 0; i < labels.length; i++) {
            add(labels[i], predictions[i]);
        }
    }

    /** Counts samples but those with one label, such as pixels that nobody has labelled. */
    public void addUnless(int ignored, int[] labels, int[] predictions) {
        requireSameLength(labels, predictions);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != ignored) {
                add(labels[i], predictions[i]);
            }
        }
    }

    private static void requireSameLength(int[] labels, int[] predictions) {
        if (labels.length != predictions.length) {
            throw new IllegalArgumentException("confusion matrix: " + labels.length + " labels for " + predictions.length + " predictions");
        }
    }

    /** Counts what another one has counted, such as that of another thread. */
    public void add(ConfusionMatrix other) {
        if (other.counts.length != counts.length) {
            throw new IllegalArgumentException("confusion matrix: " + other.counts.length + " classes cannot be added to " + counts.length);
        }
        for (int row = 0; row < counts.length; row++) {
            for (int column = 0; column < counts.length; column++) {
                counts[row][column] += other.counts[row][column];
            }
        }
    }

    /** The number of classes. */
    public int classes() {
        return counts.length;
    }

    /** The number of samples. */
    public long size() {
        return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
    }

    /** The samples of class {@code label} that were taken for {@code prediction}. */
    public long count(int label, int prediction) {
        return counts[label][prediction];
    }

    /** All counts: row = label, column = prediction. A copy. */
    public long[][] counts() {
        return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
    }

    /** The number of samples of a class. */
    public long support(int c) {
        return Arrays.stream(counts[c]).sum();
    }

    /** How often a class was predicted. */
    public long predicted(int c) {
        long sum = 0;
        for (long[] row : counts) {
            sum += row[c];
        }
        return sum;
    }

    private long right() {
        long sum = 0;
        for (int c = 0; c < counts.length; c++) {
            sum += counts[c][c];
        }
        return sum;
    }

    private static double ratio(double a, double b) {
        return b == 0 ? Double.NaN : a / b;
    }

    /** The share of samples that were predicted right. */
    public double accuracy() {
        return ratio(right(), size());
    }

    /** The mean recall of the classes that have samples: what guessing cannot improve by following their frequencies. */
    public double balancedAccuracy() {
        double sum = 0;
        int n = 0;
        for (int c = 0; c < counts.length; c++) {
            if (support(c) > 0) {
                sum += recall(c);
                n++;
            }
        }
        return ratio(sum, n);
    }

    /** Of the samples predicted to be of a class, the share that are. */
    public double precision(int c) {
        return ratio(counts[c][c], predicted(c));
    }

    /** Of the samples of a class, the share predicted to be of it. */
    public double recall(int c) {
        return ratio(counts[c][c], support(c));
    }

    /** The harmonic mean of precision and recall; also Dice's coefficient of the class. */
    public double f1(int c) {
        return ratio(2.0 * counts[c][c], predicted(c) + support(c));
    }

    /** Intersection over union. */
    public double iou(int c) {
        return ratio(counts[c][c], predicted(c) + support(c) - counts[c][c]);
    }

    /** The precision of all classes. */
    public double precision(Average average) {
        return average(average, this::precision);
    }

    /** The recall of all classes. */
    public double recall(Average average) {
        return average(average, this::recall);
    }

    /** The F1 of all classes. */
    public double f1(Average average) {
        return average(average, this::f1);
    }

    /** The mean intersection over union of the classes that are label or prediction of some sample. */
    public double meanIou() {
        return average(Average.MACRO, this::iou);
    }

    /** The mean Dice coefficient of the classes that are label or prediction of some sample. */
    public double meanDice() {
        return f1(Average.MACRO);
    }

    private double average(Average average, IntToDoubleFunction value) {
        if (average == Average.MICRO) {
            return accuracy();
        }
        double sum = 0;
        double weights = 0;
        for (int c = 0; c < counts.length; c++) {
            if (support(c) + predicted(c) > 0) {
                double weight = average == Average.MACRO ? 1 : support(c);
                double one = value.applyAsDouble(c);
                sum += Double.isNaN(one) ? 0 : weight * one;
                weights += weight;
            }
        }
        return ratio(sum, weights);
    }

    /**
     * Cohen's kappa (1960): (accuracy - chance) / (1 - chance), chance being the agreement to be expected of independent
     * labels and predictions with these frequencies. 1 for perfect, about 0 for guessed; NaN when chance is 1.
     */
    public double kappa() {
        double n = size();
        double chance = 0;
        for (int c = 0; c < counts.length; c++) {
            chance += support(c) / n * (predicted(c) / n);
        }
        return ratio(right() / n - chance, 1 - chance);
    }

    /**
     * Matthews' correlation of labels and predictions (1975) for any number of classes (Gorodkin 2004), -1 to 1; 0 when the
     * labels or the predictions are of one class only, NaN without samples.
     */
    public double matthews() {
        double n = size();
        double both = 0;
        double labels = 0;
        double predictions = 0;
        for (int c = 0; c < counts.length; c++) {
            both += support(c) / n * (predicted(c) / n);
            labels += Math.pow(support(c) / n, 2);
            predictions += Math.pow(predicted(c) / n, 2);
        }
        double product = (1 - labels) * (1 - predictions);
        return product == 0 ? 0 : (right() / n - both) / Math.sqrt(product);
    }

    /**
     * A table of the classes with precision, recall, F1 and samples, and the averages below.
     *
     * @param names of the classes; those without one get their number
     */
    public String report(List<String> names) {
        int width = "weighted".length();
        for (int c = 0; c < counts.length; c++) {
            width = Math.max(width, name(names, c).length());
        }
        StringBuilder text = new StringBuilder(line(width, "class", "precision", "recall", "F1", "samples"));
        for (int c = 0; c < counts.length; c++) {
            text.append(line(width, name(names, c), number(precision(c)), number(recall(c)), number(f1(c)), Long.toString(support(c))));
        }
        for (Average average : List.of(Average.MACRO, Average.WEIGHTED)) {
            text.append(line(width, average.name().toLowerCase(Locale.ROOT), number(precision(average)), number(recall(average)),
                    number(f1(average)), Long.toString(size())));
        }
        return text.append(String.format(Locale.ROOT, "accuracy %s, kappa %s, Matthews %s%n", number(accuracy()), number(kappa()),
                number(matthews()))).toString();
    }

    private static String line(int width, String... cells) {
        return String.format(Locale.ROOT, "%-" + width + "s %9s %9s %9s %9s%n", (Object[]) cells);
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }

    private static String name(List<String> names, int c) {
        return c < names.size() ? names.get(c) : Integer.toString(c);
    }

    /** The counts as a table with the given names. */
    public String toString(List<String> names) {
        int width = Long.toString(size()).length();
        int first = "label".length();
        for (int c = 0; c < counts.length; c++) {
            width = Math.max(width, name(names, c).length());
            first = Math.max(first, name(names, c).length());
        }
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-" + first + "s", "label"));
        for (int c = 0; c < counts.length; c++) {
            text.append(String.format(Locale.ROOT, " %" + width + "s", name(names, c)));
        }
        for (int row = 0; row < counts.length; row++) {
            text.append(String.format(Locale.ROOT, "%n%-" + first + "s", name(names, row)));
            for (long count : counts[row]) {
                text.append(String.format(Locale.ROOT, " %" + width + "d", count));
            }
        }
        return text.append(System.lineSeparator()).toString();
    }

    @Override
    public String toString() {
        return toString(List.of());
    }
}
