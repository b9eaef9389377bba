package dev.sinew.app.reproduce.training;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Dropout: a family of nets with common weights, and two ways of asking all of them. */
final class Dropout implements Reproduction {
    private static final int TRAIN = 500;
    private static final int UNITS = 10;

    @Override
    public String id() {
        return "dropout";
    }

    @Override
    public String title() {
        return "Dropout as an ensemble";
    }

    @Override
    public String about() {
        return "In every training step each hidden unit is left out with probability `p`, so `n` units stand for `2^n` nets with common weights. At test"
                + " time one net with all units, the others scaled by `1 - p` (here: scaled up while training), stands for them; for one hidden layer"
                + " under softmax that is exactly the geometric mean of all `2^n`. The other way is to average the answers of some"
                + " sampled nets (Srivastava et al. 2014).";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        geometricMean(lab, findings);
        Dataset train = lab.fashion().train().head(TRAIN).cached();
        Dataset test = lab.fashion().test().head(lab.pick(2000L, 10_000L)).cached();
        int[] labels = new int[(int) test.size()];
        float[] pixels = new float[784 * labels.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = test.label(i);
            System.arraycopy(test.input(i), 0, pixels, 784 * i, 784);
        }
        int[] counts = {1, 2, 5, 10, 20, lab.pick(50, 200)};
        int repeats = lab.pick(3, 10);
        double[] sampled = new double[counts.length];
        double[][] ways = new double[2][4];
        for (int repeat = 0; repeat < repeats; repeat++) {
            for (int kind = 0; kind < 2; kind++) {
                try (var _ = Scope.open(); Network net = net(lab, repeat, kind == 0 ? 0 : 0.5)) {
                    Training run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(Schedule.cosine(0.02)).momentum(0.9)).batch(25).epochs(40)
                            .seed(Drill.seed(lab, repeat)).fit(train);
                    ways[kind][0] += run.evaluate(train).accuracy() / repeats;
                    ways[kind][1] += run.evaluate(test).accuracy() / repeats;
                    ways[kind][2] += run.evaluate(test).loss() / repeats;
                    if (kind == 1) {
                        double[] share = ensemble(net, Tensor.of(pixels, labels.length, 1, 28, 28), labels, counts);
                        for (int i = 0; i < counts.length; i++) {
                            sampled[i] += share[i] / repeats;
                        }
                    }
                }
            }
        }
        double[] x = Arrays.stream(counts).asDoubleStream().toArray();
        findings.plot(Curves.of("Sampled nets against scaled weights", "sampled nets", "accuracy on unseen images").logarithmicX()
                .add("average of sampled nets", x, sampled).add("scaled weights", x, same(ways[1][1], x))
                .add("no dropout", x, same(ways[0][1], x)).draw(),
                "Fashion-MNIST, two hidden layers of 256 ReLU units, trained on " + TRAIN + " images, tried on " + labels.length + "; means of " + repeats + " seeds.");
        List<List<String>> rows = new ArrayList<>();
        for (int kind = 0; kind < 2; kind++) {
            rows.add(List.of(kind == 0 ? "no dropout" : "dropout 0.5, inputs 0.2", Drill.text("%.4f", ways[kind][0]), Drill.text("%.4f", ways[kind][1]),
                    Drill.text("%.4f", ways[kind][2])));
        }
        findings.table("Means of " + repeats + " seeds", List.of("", "training accuracy", "accuracy on unseen", "loss on unseen"), rows);
        findings.atLeast("loss on unseen images: no dropout, to dropout with scaled weights", 1.1, ways[0][2] / ways[1][2], "%.3f");
        findings.atLeast("accuracy on unseen images: dropout, less no dropout", 0, ways[1][1] - ways[0][1], "%.4f");
        findings.near("accuracy: average of " + counts[5] + " sampled nets, less scaled weights", 0, Drill.last(sampled) - ways[1][1], 0.01, "%.4f");
        findings.atLeast("accuracy: average of " + counts[5] + " sampled nets, less a single one", 0.01, Drill.last(sampled) - sampled[0], "%.4f");
    }

    private static Network net(Lab lab, int repeat, double p) {
        return Network.input(1, 28, 28).dropout(0.4 * p).dense(256).relu().dropout(p).dense(256).relu().dropout(p).dense(10).build(Drill.seed(lab, repeat));
    }

    private static double[] same(double value, double[] like) {
        double[] values = new double[like.length];
        Arrays.fill(values, value);
        return values;
    }

    /** The accuracy of the mean probabilities of so many nets, each with units left out by chance. */
    private static double[] ensemble(Network net, Tensor x, int[] labels, int[] counts) {
        double[] accuracy = new double[counts.length];
        double[] sums = new double[labels.length * 10];
        int done = 0;
        for (int i = 0; i < counts.length; i++) {
            for (; done < counts[i]; done++) {
                try (var _ = Scope.open()) {
                    float[] p = net.forward(x, true, Tensor.of(new long[] {done}).reshape()).softmax().toFloats();
                    for (int k = 0; k < p.length; k++) {
                        sums[k] += p[k];
                    }
                }
            }
            int right = 0;
            for (int sample = 0; sample < labels.length; sample++) {
                int best = 0;
                for (int k = 1; k < 10; k++) {
                    best = sums[10 * sample + k] > sums[10 * sample + best] ? k : best;
                }
                right += best == labels[sample] ? 1 : 0;
            }
            accuracy[i] = (double) right / labels.length;
        }
        return accuracy;
    }

    /** All 1,024 nets of ten hidden units by hand, against the library's net in inference mode. */
    private static void geometricMean(Lab lab, Findings findings) {
        try (var _ = Scope.open(); Network net = Network.input(1, 8, 8).dense(UNITS).relu().dropout(0.5).dense(10).build(lab.seed())) {
            Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(32).epochs(5).seed(lab.seed()).fit(lab.digits().train());
            Tensor x = Tensor.of(lab.digits().test().input(0), 1, 1, 8, 8);
            float[] h = net.activations(x, "relu1").get("relu1").toFloats();
            float[] w = net.parameter("dense2.weight").toFloats();
            float[] b = net.parameter("dense2.bias").toFloats();
            double[] logs = new double[10];
            for (int mask = 0; mask < 1 << UNITS; mask++) {
                double[] p = new double[10];
                for (int k = 0; k < 10; k++) {
                    p[k] = b[k];
                    for (int unit = 0; unit < UNITS; unit++) {
                        p[k] += (mask >> unit & 1) * w[k * UNITS + unit] * h[unit] / 0.5;
                    }
                }
                softmax(p);
                for (int k = 0; k < 10; k++) {
                    logs[k] += Math.log(p[k]) / (1 << UNITS);
                }
            }
            softmax(logs);
            float[] scaled = net.predict(x).softmax().toFloats();
            double off = 0;
            for (int k = 0; k < 10; k++) {
                off = Math.max(off, Math.abs(logs[k] - scaled[k]));
            }
            findings.atMost("geometric mean of all 1,024 nets of ten hidden units, to the net with scaled weights", 1e-5, off, "%.1e");
        }
    }

    private static void softmax(double[] values) {
        double most = Arrays.stream(values).max().orElseThrow();
        double sum = 0;
        for (int k = 0; k < values.length; k++) {
            values[k] = Math.exp(values[k] - most);
            sum += values[k];
        }
        for (int k = 0; k < values.length; k++) {
            values[k] /= sum;
        }
    }
}
