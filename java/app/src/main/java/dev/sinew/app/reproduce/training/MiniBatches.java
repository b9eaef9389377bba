package dev.sinew.app.reproduce.training;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.data.Sampler;
import dev.sinew.graph.Gradients;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Single samples, mini-batches, all samples at once. */
final class MiniBatches implements Reproduction {
    private static final double[] RATES = {0.01, 0.03, 0.1, 0.3, 1};

    @Override
    public String id() {
        return "mini-batches";
    }

    @Override
    public String title() {
        return "Single samples, mini-batches and the whole set";
    }

    @Override
    public String about() {
        return "The gradient over `B` samples drawn at random, `1/B sum g_i`, is right on average, and its error falls as `1/sqrt(B)`: ten times the"
                + " accuracy costs a hundred times the work. Small batches make many cheap steps in an epoch, large ones use the machine"
                + " better; and the samples of a batch must not be alike, so they are permuted.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Dataset train = lab.digits().train();
        noise(lab, findings, train);
        int[] sizes = {1, 16, 128, (int) train.size()};
        int epochs = lab.pick(8, 30);
        Curves byEpoch = Curves.of("Loss by epoch", "epoch", "training cross-entropy").logarithmic();
        Curves byTime = Curves.of("Loss by time", "seconds", "training cross-entropy").logarithmic().logarithmicX();
        List<List<String>> rows = new ArrayList<>();
        double[] ends = new double[sizes.length];
        double[] seconds = new double[sizes.length];
        for (int s = 0; s < sizes.length; s++) {
            String name = s == 3 ? "all " + sizes[s] : s == 0 ? "single samples" : "batches of " + sizes[s];
            ends[s] = Double.POSITIVE_INFINITY;
            double[] curve = null;
            double[] time = null;
            double chosen = 0;
            int passes = s == 3 ? 10 * epochs : s == 2 ? 5 * epochs : epochs;
            for (double rate : s == 0 ? new double[] {0.01, 0.03} : RATES) {
                try (Network net = Drill.net(lab.seed(), 32)) {
                    Training run = trainer(lab, net, rate).batch(sizes[s]).epochs(passes).fit(train);
                    double[] losses = Drill.losses(run);
                    if (losses[epochs - 1] < ends[s]) {
                        ends[s] = losses[epochs - 1];
                        curve = losses;
                        time = Drill.each(run, report -> report.seconds());
                        chosen = rate;
                    }
                }
            }
            for (int i = 1; i < time.length; i++) {
                time[i] += time[i - 1];
            }
            seconds[s] = time[epochs - 1];
            byEpoch.add(name, Arrays.copyOf(curve, epochs));
            byTime.add(name, time, curve);
            rows.add(List.of(name, "" + epochs * Math.ceilDiv(train.size(), sizes[s]), "" + chosen, Drill.text("%.4f", ends[s]),
                    Drill.text("%.3f", seconds[s])));
        }
        findings.plot(byEpoch.draw(), "One hidden layer of 32 ReLU units on the digits, plain descent, each with the best of several rates.");
        findings.plot(byTime.draw(), "The same over the time it took on this machine, with 5 and 10 times as many epochs for the two that make them"
                + " fastest.");
        findings.table(epochs + " epochs", List.of("batch", "steps", "best rate", "loss of epoch " + epochs, "seconds"), rows);
        findings.atMost("batches of 16: loss of epoch " + epochs + ", to that of the whole set", 0.25, ends[1] / ends[3], "%.3f");
        findings.atLeast("single samples: time of an epoch, to that with batches of 128", 2, seconds[0] / seconds[2], "%.1f");
        order(lab, findings, train);
    }

    /** How far the gradient of a batch is from that of all samples, at the beginning of a training. */
    private static void noise(Lab lab, Findings findings, Dataset train) throws IOException {
        int[] sizes = {1, 4, 16, 64, 256};
        double[] errors = new double[sizes.length];
        SplittableRandom random = new SplittableRandom(lab.seed().value());
        try (Network net = Drill.net(lab.seed(), 32)) {
            float[] whole = gradient(net, train, IntStream.range(0, (int) train.size()).toArray());
            for (int s = 0; s < sizes.length; s++) {
                int draws = lab.pick(40, 400);
                for (int draw = 0; draw < draws; draw++) {
                    float[] part = gradient(net, train, random.ints(sizes[s], 0, (int) train.size()).toArray());
                    for (int i = 0; i < part.length; i++) {
                        errors[s] += (part[i] - whole[i]) * (part[i] - whole[i]) / draws;
                    }
                }
                errors[s] = Math.sqrt(errors[s]);
            }
        }
        double[] x = IntStream.of(sizes).asDoubleStream().toArray();
        double[] theory = IntStream.of(sizes).mapToDouble(size -> errors[0] / Math.sqrt(size)).toArray();
        findings.plot(Curves.of("Error of the gradient by batch size", "samples in the batch", "root mean square distance").logarithmic().logarithmicX()
                .add("measured", x, errors).add("falling as 1/sqrt(B)", x, theory).draw(),
                "The distance of a random batch's gradient of the first layer from that of the whole set, both axes logarithmic.");
        findings.near("error of the gradient: power of the batch size", -0.5, Math.log(errors[4] / errors[0]) / Math.log(256), 0.06, "%.3f");
    }

    private static float[] gradient(Network net, Dataset data, int[] samples) throws IOException {
        float[] pixels = new float[64 * samples.length];
        int[] labels = new int[samples.length];
        for (int i = 0; i < samples.length; i++) {
            System.arraycopy(data.input(samples[i]), 0, pixels, 64 * i, 64);
            labels[i] = data.label(samples[i]);
        }
        try (var _ = Scope.open()) {
            Tensor loss = Loss.crossEntropy().apply(net.forward(Tensor.of(pixels, samples.length, 1, 8, 8)), Tensor.of(labels, samples.length));
            Tensor weights = net.parameter("dense1.weight");
            return Gradients.of(loss, weights).get(weights).toFloats();
        }
    }

    /** The same training with the samples in the order of their classes. */
    private static void order(Lab lab, Findings findings, Dataset train) {
        int[] sorted = IntStream.range(0, (int) train.size()).boxed().sorted(Comparator.comparingInt(i -> label(train, i))).mapToInt(i -> i).toArray();
        Sampler byClass = new Sampler() {
            @Override
            public int size() {
                return sorted.length;
            }

            @Override
            public int[] order(long epoch) {
                return sorted;
            }
        };
        int early = 8;
        int epochs = lab.pick(early, 30);
        double[][] accuracies = new double[2][];
        for (int i = 0; i < 2; i++) {
            try (Network net = Drill.net(lab.seed(), 32)) {
                Trainer trainer = trainer(lab, net, 0.1).batch(16).epochs(epochs).validation(lab.digits().test());
                accuracies[i] = Drill.each((i == 0 ? trainer : trainer.sampler(byClass)).fit(train), report -> report.validationAccuracy());
            }
        }
        findings.plot(Curves.of("Permuted samples, and samples class by class", "epoch", "test accuracy").bounds(0, 1).add("permuted", accuracies[0])
                .add("class by class", accuracies[1]).draw(), "Batches of 16. When all of a batch are of one class, each step forgets the classes before.");
        findings.atMost("class by class: test accuracy after " + early + " epochs, less that of permuted samples", -0.3,
                accuracies[1][early - 1] - accuracies[0][early - 1], "%.3f");
    }

    private static int label(Dataset data, int sample) {
        try {
            return data.label(sample);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Trainer trainer(Lab lab, Network net, double rate) {
        return Trainer.of(net, Loss.crossEntropy(), Sgd.rate(rate)).seed(lab.seed());
    }
}
