package dev.sinew.app.reproduce.linear;

import dev.sinew.Scope;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plane;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.metrics.BinaryScores;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A sigmoid unit that tells threes from eights by two measured features, with a movable threshold. */
final class LogisticRegression implements Reproduction {
    private static final int NEGATIVE = 3;
    private static final int POSITIVE = 8;

    @Override
    public String id() {
        return "logistic-regression";
    }

    @Override
    public String title() {
        return "Logistic regression: handwritten threes and eights by two features";
    }

    @Override
    public String about() {
        return "`y(x) = sigmoid(w . x + b)` is read as the probability of the positive class and learned by the binary cross-entropy"
                + " `-1/N sum (t ln y + (1 - t) ln(1 - y))`. Moving the threshold away from 0.5 trades precision (how many of the positive answers"
                + " are right) for recall (how many of the positives are found).";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Plane train = features(lab.digits().train());
        Plane test = features(lab.digits().test());
        try (var _ = Scope.open(); Network net = Network.input(2).dense(1).build(lab.seed())) {
            Trainer.of(net, Loss.binaryCrossEntropy(), Adam.rate(Schedule.cosine(0.1))).batch(train.labels().length).epochs(4000).seed(lab.seed())
                    .fit(train.numbers());
            findings.atLeast("test accuracy at threshold 0.5", 0.85, test.accuracy(net), "%.3f");
            double[] scores = Plane.scores(net, test.points());
            boolean[] positive = new boolean[scores.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = 1 / (1 + Math.exp(-scores[i]));
                positive[i] = test.labels()[i] == 1;
            }
            BinaryScores measured = BinaryScores.of(scores, positive);
            findings.atLeast("area under the ROC curve", 0.9, measured.rocAuc(), "%.3f");
            double[] thresholds = new double[19];
            double[] precision = new double[thresholds.length];
            double[] recall = new double[thresholds.length];
            boolean falls = true;
            List<List<String>> rows = new ArrayList<>();
            for (int i = 0; i < thresholds.length; i++) {
                thresholds[i] = 0.05 * (i + 1);
                recall[i] = measured.recall(thresholds[i]);
                precision[i] = recall[i] == 0 ? 1 : measured.precision(thresholds[i]);
                falls &= i == 0 || recall[i] <= recall[i - 1];
                if (i % 3 == 0) {
                    rows.add(List.of(text(thresholds[i]), text(precision[i]), text(recall[i])));
                }
            }
            findings.check("recall as the threshold rises", "never rises", falls ? "never rises" : "rises", falls);
            float[] w = net.parameter("dense1.weight").toFloats();
            double b = net.parameter("dense1.bias").item();
            double high = Math.log(0.8 / 0.2);
            findings.plot(Plot.of("test digits, and the line", -0.05, 0.85, -0.05, 1.05).axes("ink left of the middle", "ink in the very middle")
                    .regions(places -> Plane.decisions(net, places)).straight(w[0], w[1], b, 7, false, null)
                    .straight(w[0], w[1], b - high, 3, true, null).straight(w[0], w[1], b + high, 4, true, null)
                    .points(test.of(0), 0, "three").points(test.of(1), 1, "eight").draw(),
                    "Black: threshold 0.5. Dashed: thresholds 0.8 (purple) and 0.2 (orange); the lines are parallel, the threshold only moves them.");
            findings.plot(Curves.of("Precision and recall as the threshold moves", "threshold", "share").bounds(0, 1.02)
                    .add("precision", thresholds, precision).add("recall", thresholds, recall).draw(), "On the test digits.");
            findings.table("Thresholds on the test digits", List.of("threshold", "precision", "recall"), rows);
        }
    }

    /** The ink left of the middle, where only the eight closes, and in the very middle. */
    private static Plane features(Dataset digits) throws IOException {
        List<double[]> points = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (long i = 0; i < digits.size(); i++) {
            int label = digits.label(i);
            if (label == NEGATIVE || label == POSITIVE) {
                float[] pixels = digits.input(i);
                double left = 0;
                double centre = 0;
                for (int p = 0; p < pixels.length; p++) {
                    int row = p / 8;
                    int column = p % 8;
                    left += row >= 2 && row < 6 && (column == 1 || column == 2) ? pixels[p] / 8 : 0;
                    centre += (row == 3 || row == 4) && (column == 3 || column == 4) ? pixels[p] / 4 : 0;
                }
                points.add(new double[] {left, centre});
                labels.add(label == POSITIVE ? 1 : 0);
            }
        }
        return new Plane(points.toArray(double[][]::new), labels.stream().mapToInt(i -> i).toArray());
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.3f", v);
    }
}
