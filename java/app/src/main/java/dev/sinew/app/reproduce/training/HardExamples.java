package dev.sinew.app.reproduce.training;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Dataset;
import dev.sinew.data.Sampler;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.SampleLosses;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Training on the samples that the net gets wrong. */
final class HardExamples implements Reproduction {
    private static final int REPEATS = 3;
    private static final double SHARE = 0.25;

    @Override
    public String id() {
        return "hard-examples";
    }

    @Override
    public String title() {
        return "Hard example mining";
    }

    @Override
    public String about() {
        return "After some epochs most samples have almost no loss and so almost no gradient, `|g_i|` being small where `L_i` is: a pass over all of them"
                + " is mostly wasted. Mining measures the loss of each sample, trains on the quarter with the highest, and measures again. It presumes"
                + " that the labels are right, because a wrong label is the hardest example of all; which is also how to find those.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Dataset train = lab.digits().train();
        look(lab, findings, train);
        int rounds = lab.pick(20, 30);
        double[][] clean = compare(lab, train, rounds);
        double[] steps = IntStream.rangeClosed(0, rounds).mapToDouble(i -> 3 + i).toArray();
        findings.plot(Curves.of("Training samples that are wrong", "passes' worth of steps", "samples of 1,437").add("all samples", steps, clean[0])
                .add("hardest quarter", steps, clean[1]).draw(), "After three common epochs: each further point is as many steps, on all samples once or"
                + " on the hardest quarter four times, chosen anew each time. At first the net forgets some of the"
                + " easy ones for the hard. Means of " + REPEATS + " seeds.");
        findings.atMost("training samples still wrong: mining, to all samples", 0.6, Drill.last(clean[1]) / Drill.last(clean[0]), "%.3f");
        wrongLabels(lab, findings, train, lab.pick(6, 20));
    }

    private static Trainer trainer(Seed seed, Network net) {
        return Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1)).batch(32).seed(seed);
    }

    private static void look(Lab lab, Findings findings, Dataset train) throws IOException {
        try (Network net = Drill.net(lab.seed(), 32)) {
            Training run = trainer(lab.seed(), net).epochs(10).fit(train);
            double[] losses = SampleLosses.of(net, Loss.crossEntropy(), train);
            int[] predictions = run.evaluate(train).predictions();
            int[] order = hardestFirst(losses);
            double all = 0;
            double hardest = 0;
            double[] share = new double[losses.length + 1];
            double[] rank = new double[losses.length + 1];
            for (int i = 0; i < order.length; i++) {
                all += losses[order[i]];
                hardest += i < order.length / 10 ? losses[order[i]] : 0;
                share[i + 1] = all;
                rank[i + 1] = (i + 1.0) / order.length;
            }
            for (int i = 0; i < share.length; i++) {
                share[i] /= all;
            }
            List<BufferedImage> pictures = new ArrayList<>();
            List<String> captions = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                int sample = i < 24 ? order[i] : order[order.length - 1 - (i - 24)];
                pictures.add(Plot.gray(Plot.doubles(train.input(sample)), 8, 8));
                captions.add(train.label(sample) + " taken for " + predictions[sample]);
            }
            findings.plot(Plot.grid(pictures, captions, 8, 84), "Training digits after ten epochs. First three rows: those with the highest loss, with label"
                    + " and answer; last row: those with the lowest.");
            findings.plot(Curves.of("Who has the loss", "share of the samples, hardest first", "share of the whole loss").bounds(0, 1)
                    .add("loss", rank, share).draw(), "A straight line would mean that all samples are equally hard.");
            findings.atLeast("share of the loss that the hardest tenth has", 0.5, hardest / all, "%.3f");
            findings.near("mean of the losses of the samples, less the loss of all at once", 0, all / losses.length - run.evaluate(train).loss(), 1e-5, "%.1e");
        }
    }

    private static int[] hardestFirst(double[] losses) {
        return IntStream.range(0, losses.length).boxed().sorted(Comparator.comparingDouble((Integer i) -> losses[i]).reversed()).mapToInt(i -> i).toArray();
    }

    /** Wrong training samples after each round, on all samples and on the hardest. */
    private static double[][] compare(Lab lab, Dataset train, int rounds) {
        double[][] wrong = new double[2][rounds + 1];
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            for (int kind = 0; kind < 2; kind++) {
                try (Network net = Drill.net(Drill.seed(lab, repeat), 32)) {
                    Training run = trainer(Drill.seed(lab, repeat), net).epochs(3).fit(train);
                    for (int round = 0; round <= rounds; round++) {
                        wrong[kind][round] += (1 - run.evaluate(train).accuracy()) * train.size() / REPEATS;
                        run = round == rounds ? run : round(Drill.seed(lab, repeat).derive("round" + round), net, train, kind == 1);
                    }
                }
            }
        }
        return wrong;
    }

    private static Training round(Seed seed, Network net, Dataset train, boolean hardest) {
        if (!hardest) {
            return trainer(seed, net).epochs(1).fit(train);
        }
        Training run = null;
        for (int part = 0; part < 1 / SHARE; part++) {
            double[] losses = SampleLosses.of(net, Loss.crossEntropy(), train);
            run = trainer(seed, net).sampler(Sampler.hardest(losses, SHARE, seed.derive("part" + part))).fit(train);
        }
        return run;
    }

    /** One label in ten is changed. */
    private static void wrongLabels(Lab lab, Findings findings, Dataset train, int rounds) throws IOException {
        SplittableRandom random = new SplittableRandom(lab.seed().value());
        int size = (int) train.size();
        float[] pixels = new float[64 * size];
        int[] labels = new int[size];
        int[] changed = random.ints(0, size).distinct().limit(size / 10).toArray();
        for (int i = 0; i < size; i++) {
            System.arraycopy(train.input(i), 0, pixels, 64 * i, 64);
            labels[i] = train.label(i);
        }
        for (int sample : changed) {
            labels[sample] = (labels[sample] + random.nextInt(1, 10)) % 10;
        }
        Dataset bad = ArrayDataset.of(pixels, Shape.of(1, 8, 8), labels, 10);
        double[] accuracy = new double[2];
        double found = 0;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            for (int kind = 0; kind < 2; kind++) {
                try (Network net = Drill.net(Drill.seed(lab, repeat), 32)) {
                    Training run = trainer(Drill.seed(lab, repeat), net).epochs(3).fit(bad);
                    if (kind == 0) {
                        int[] order = hardestFirst(SampleLosses.of(net, Loss.crossEntropy(), bad));
                        var hardest = IntStream.of(order).limit(changed.length).boxed().collect(java.util.stream.Collectors.toSet());
                        found += (double) IntStream.of(changed).filter(hardest::contains).count() / changed.length / REPEATS;
                    }
                    for (int round = 0; round < rounds; round++) {
                        run = round(Drill.seed(lab, repeat).derive("round" + round), net, bad, kind == 1);
                    }
                    accuracy[kind] += run.evaluate(lab.digits().test()).accuracy() / REPEATS;
                }
            }
        }
        findings.table("One label in ten changed: test accuracy after the same steps", List.of("all samples", "hardest quarter"),
                List.of(List.of(Drill.text("%.3f", accuracy[0]), Drill.text("%.3f", accuracy[1]))));
        findings.atLeast("changed labels among the hardest tenth after three epochs, share found", 0.75, found, "%.3f");
        findings.atLeast("with changed labels: test accuracy of all samples, less that of mining", 0.03, accuracy[0] - accuracy[1], "%.3f");
    }
}
