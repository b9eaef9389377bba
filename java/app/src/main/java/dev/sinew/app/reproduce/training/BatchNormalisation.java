package dev.sinew.app.reproduce.training;

import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import java.util.ArrayList;
import java.util.List;

/** The experiment of the paper on batch normalisation, three layers of 100 sigmoid units, on the digits. */
final class BatchNormalisation implements Reproduction {
    private static final double[] RATES = {0.01, 0.1, 1, 10};

    @Override
    public String id() {
        return "batch-normalisation";
    }

    @Override
    public String title() {
        return "Batch normalisation";
    }

    @Override
    public String about() {
        return "Before its non-linearity every unit's input is brought to mean 0 and variance 1 over the batch, then scaled and shifted by two learned"
                + " numbers: `y = g (x - mean)/sqrt(var + eps) + b`; at test time running means take the place of the batch's. Units stay where"
                + " they have slope, so training is faster and bears higher rates (Ioffe, Szegedy 2015; their first figure trains three layers of 100"
                + " sigmoid units on MNIST, batches of 60, as here on the digits).";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Dataset train = lab.digits().train();
        int epochs = lab.pick(12, 40);
        double[][][] accuracies = new double[2][RATES.length][];
        for (int kind = 0; kind < 2; kind++) {
            for (int i = 0; i < RATES.length; i++) {
                try (Network net = net(lab, kind == 1, true)) {
                    Training run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(RATES[i])).batch(60).epochs(epochs).seed(lab.seed())
                            .validation(lab.digits().test()).fit(train);
                    accuracies[kind][i] = Drill.each(run, report -> report.validationAccuracy());
                }
            }
        }
        Curves curves = Curves.of("Sigmoid units, with and without batch normalisation", "epoch", "test accuracy").bounds(0, 1);
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < RATES.length; i++) {
            rows.add(List.of("" + RATES[i], Drill.text("%.3f", Drill.last(accuracies[0][i])), Drill.text("%.3f", Drill.last(accuracies[1][i])),
                    words(accuracies[0][i]), words(accuracies[1][i])));
            if (i < 3) {
                curves.add("with, rate " + RATES[i], accuracies[1][i]).add("without, rate " + RATES[i], accuracies[0][i]);
            }
        }
        findings.plot(curves.draw(), "Three hidden layers of 100 sigmoid units, plain descent, batches of 60; Xavier's weights times four in both.");
        findings.table("Test accuracy after " + epochs + " epochs, and epochs until 70 %", List.of("rate", "without", "with", "70 % without",
                "70 % with"), rows);
        findings.atLeast("sigmoid units, rate 1: test accuracy with batch normalisation", 0.85, Drill.last(accuracies[1][2]), "%.3f");
        for (int i = 1; i <= 2; i++) {
            findings.atMost("sigmoid units, rate " + RATES[i] + ": epochs to 70 %, with to without (never: " + epochs + ")", 0.5,
                    (double) reached(accuracies[1][i]) / reached(accuracies[0][i]), "%.2f");
        }
        rates(lab, findings, train);
    }

    private static Network net(Lab lab, boolean normalised, boolean sigmoid) {
        Network.Builder builder = Network.input(1, 8, 8);
        for (int layer = 0; layer < 3; layer++) {
            // the sigmoid has slope 1/4 at most: weights four times as large let the plain net learn at all
            builder.layer(sigmoid ? Dense.of(100).weights(new Initializer.XavierNormal(4)) : Dense.of(100));
            if (normalised) {
                builder.batchNorm();
            }
            if (sigmoid) {
                builder.sigmoid();
            } else {
                builder.relu();
            }
        }
        return builder.dense(10).build(lab.seed());
    }

    /** The first epoch with 70 %; the last if there is none. */
    private static int reached(double[] accuracies) {
        int epoch = 1;
        while (epoch < accuracies.length && accuracies[epoch - 1] < 0.7) {
            epoch++;
        }
        return epoch;
    }

    private static String words(double[] accuracies) {
        int epoch = reached(accuracies);
        return accuracies[epoch - 1] < 0.7 ? "never" : "" + epoch;
    }

    /** Up to which rate ReLU nets learn. */
    private static void rates(Lab lab, Findings findings, Dataset train) {
        double[] rates = {0.03, 0.1, 0.3, 1, 3, 10};
        double[][] ends = new double[2][rates.length];
        double[] highest = new double[2];
        for (int kind = 0; kind < 2; kind++) {
            for (int i = 0; i < rates.length; i++) {
                try (Network net = net(lab, kind == 1, false)) {
                    ends[kind][i] = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(rates[i])).batch(60).epochs(lab.pick(10, 20)).seed(lab.seed()).fit(train)
                            .evaluate(lab.digits().test()).accuracy();
                    highest[kind] = ends[kind][i] >= 0.8 ? rates[i] : highest[kind];
                }
            }
        }
        findings.plot(Curves.of("ReLU units: how high a rate they bear", "rate", "test accuracy").bounds(0, 1).logarithmicX()
                .add("with", rates, ends[1]).add("without", rates, ends[0]).draw(), "Three hidden layers of 100 ReLU units after " + lab.pick(10, 20)
                + " epochs of plain descent.");
        findings.check("ReLU units: highest rate that reaches 80 %", "with: at least 3 times that without", "with " + highest[1] + ", without "
                + (highest[0] > 0 ? highest[0] : "none"), highest[1] > 0 && highest[1] >= 3 * highest[0]);
    }
}
