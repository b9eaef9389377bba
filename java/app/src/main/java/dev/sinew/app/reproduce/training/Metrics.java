package dev.sinew.app.reproduce.training;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plane;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.data.Split;
import dev.sinew.metrics.BinaryScores;
import dev.sinew.metrics.ConfusionMatrix;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.train.Evaluation;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What can be said of a classifier: confusions, precision and recall, ROC, top-5. */
final class Metrics implements Reproduction {
    @Override
    public String id() {
        return "metrics";
    }

    @Override
    public String title() {
        return "Confusion matrix, precision, recall, ROC and top-5";
    }

    @Override
    public String about() {
        return "Of the samples said to be of a class, precision is the share that are, `TP/(TP + FP)`; of those that are, recall is the share that were"
                + " found, `TP/(TP + FN)`. The ROC curve shows the share found against the share of false alarms as the threshold moves; the area below"
                + " it is the probability that a positive sample scores higher than a negative one. Top-k counts an answer as right when the"
                + " label is among the `k` highest scores.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Split fashion = lab.fashion();
        measure(lab, findings, "digits", lab.digits().train(), lab.digits().test(), 30, 0.85);
        measure(lab, findings, "Fashion-MNIST", fashion.train().head(lab.pick(10_000, 60_000)), fashion.test(), lab.pick(3, 10), lab.pick(0.8, 0.86));
        double[] blind = new SplittableRandom(lab.seed().value()).doubles(20_000).toArray();
        boolean[] positive = new boolean[blind.length];
        IntStream.range(0, 2_000).forEach(i -> positive[i] = true);
        findings.near("area under the ROC curve of random scores", 0.5, BinaryScores.of(blind, positive).rocAuc(), 0.03, "%.4f");
    }

    private static void measure(Lab lab, Findings findings, String name, Dataset train, Dataset test, int epochs, double target) throws IOException {
        List<String> names = IntStream.range(0, 10).mapToObj(test::className).toList();
        try (Network net = Network.input(train.inputShape().dims()).flatten().dense(64).relu().dense(10).build(lab.seed())) {
            Evaluation result = Trainer.of(net, Loss.crossEntropy(), Adam.rate(0.002)).batch(64).epochs(epochs).seed(lab.seed()).fit(train).evaluate(test);
            ConfusionMatrix confusion = result.confusionMatrix();
            findings.confusion(name + ": " + test.size() + " test samples.", result.confusion(), names);
            double[][] places = new double[(int) test.size()][];
            int[] labels = new int[places.length];
            for (int i = 0; i < places.length; i++) {
                places[i] = dev.sinew.app.reproduce.Plot.doubles(test.input(i));
                labels[i] = test.label(i);
            }
            double[][] scores = outputs(net, places);
            List<List<String>> rows = new ArrayList<>();
            int hardest = 0;
            double off = 0;
            BinaryScores[] each = new BinaryScores[10];
            for (int c = 0; c < 10; c++) {
                each[c] = oneAgainstRest(scores, labels, c);
                off = Math.max(off, Math.abs(each[c].rocAuc() - pairs(scores, labels, c)));
                hardest = confusion.recall(c) < confusion.recall(hardest) ? c : hardest;
                rows.add(List.of(names.get(c), "" + confusion.support(c), Drill.text("%.3f", confusion.precision(c)), Drill.text("%.3f", confusion.recall(c)),
                        Drill.text("%.3f", confusion.f1(c)), Drill.text("%.4f", each[c].rocAuc()), Drill.text("%.4f", each[c].averagePrecision())));
            }
            findings.table(name + ", each class against the rest", List.of("class", "samples", "precision", "recall", "F1", "area under ROC",
                    "average precision"), rows);
            Curves roc = Curves.of(name + ": ROC of the five classes found worst", "false alarms, share of the others", "found, share of the class")
                    .bounds(0, 1).logarithmicX();
            Curves tradeoff = Curves.of(name + ": precision against recall", "recall", "precision").bounds(0, 1);
            IntStream.range(0, 10).boxed().sorted(java.util.Comparator.comparingDouble(confusion::recall)).limit(5).forEach(c -> {
                var curve = each[c].roc();
                int[] drawn = IntStream.range(0, curve.x().length).filter(i -> curve.x()[i] > 0 && i % Math.ceilDiv(curve.x().length, 400) == 0).toArray();
                roc.add(names.get(c), IntStream.of(drawn).mapToDouble(i -> curve.x()[i]).toArray(), IntStream.of(drawn).mapToDouble(i -> curve.y()[i])
                        .toArray());
                tradeoff.add(names.get(c), each[c].precisionRecall().x(), each[c].precisionRecall().y());
            });
            findings.plot(roc.draw(), "Horizontal axis logarithmic, to show the part that matters: few false alarms.");
            findings.plot(tradeoff.draw(), "The same classes as the threshold moves.");
            double[] top = IntStream.rangeClosed(1, 5).mapToDouble(result::topK).toArray();
            findings.plot(Curves.of(name + ": label among the k highest", "k", "share of the test samples").add("top-k", top).draw(), "Top-1 is the accuracy.");
            findings.atLeast(name + ": accuracy", target, result.accuracy(), "%.4f");
            findings.atLeast(name + ": top-5", 0.99, result.topK(5), "%.4f");
            findings.near(name + ": top-5 counted by hand, less the library's", 0, top(scores, labels, 5) - result.topK(5), 1e-9, "%.1e");
            findings.atMost(name + ": area under ROC, difference from counting all pairs", 1e-9, off, "%.1e");
            findings.check(name + ": precision and recall from the counts", "the same", same(confusion, labels, result.predictions()) ? "the same" : "other",
                    same(confusion, labels, result.predictions()));
            if (name.startsWith("Fashion")) {
                findings.check("Fashion-MNIST: the garment found worst", "shirt (as everybody finds)", names.get(hardest), hardest == 6);
            }
        }
    }

    private static double[][] outputs(Network net, double[][] places) {
        long[] shape = net.architecture().input().dims();
        double[][] outputs = new double[places.length][];
        for (int from = 0; from < places.length; from += 2500) {
            double[][] part = java.util.Arrays.copyOfRange(places, from, Math.min(places.length, from + 2500));
            try (var _ = dev.sinew.Scope.open()) {
                float[] y = net.predict(dev.sinew.Tensor.of(Plane.flat(part), part.length, shape[0], shape[1], shape[2])).toFloats();
                for (int i = 0; i < part.length; i++) {
                    outputs[from + i] = dev.sinew.app.reproduce.Plot.doubles(java.util.Arrays.copyOfRange(y, 10 * i, 10 * i + 10));
                }
            }
        }
        return outputs;
    }

    private static BinaryScores oneAgainstRest(double[][] scores, int[] labels, int c) {
        BinaryScores all = new BinaryScores();
        for (int i = 0; i < labels.length; i++) {
            all.add(scores[i][c], labels[i] == c);
        }
        return all;
    }

    /** The share of pairs, one of the class and one of the rest, in which the former scores higher; half for a draw. */
    private static double pairs(double[][] scores, int[] labels, int c) {
        double[] rest = IntStream.range(0, labels.length).filter(i -> labels[i] != c).mapToDouble(i -> scores[i][c]).toArray();
        double won = 0;
        long of = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == c) {
                of++;
                for (double other : rest) {
                    won += scores[i][c] > other ? 1 : scores[i][c] == other ? 0.5 : 0;
                }
            }
        }
        return won / of / rest.length;
    }

    private static double top(double[][] scores, int[] labels, int k) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            double own = scores[i][labels[i]];
            right += java.util.Arrays.stream(scores[i]).filter(s -> s > own).count() < k ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    private static boolean same(ConfusionMatrix confusion, int[] labels, int[] predictions) {
        boolean same = true;
        for (int c = 0; c < 10; c++) {
            int k = c;
            double said = IntStream.of(predictions).filter(p -> p == k).count();
            double are = IntStream.of(labels).filter(l -> l == k).count();
            double both = IntStream.range(0, labels.length).filter(i -> labels[i] == k && predictions[i] == k).count();
            same &= Math.abs(confusion.precision(c) - both / said) < 1e-12 && Math.abs(confusion.recall(c) - both / are) < 1e-12;
        }
        return same;
    }
}
