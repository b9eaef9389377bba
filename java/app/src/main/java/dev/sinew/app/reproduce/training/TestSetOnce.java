package dev.sinew.app.reproduce.training;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.data.Split;
import dev.sinew.data.Splits;
import dev.sinew.metrics.Classification;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Training, validation and test samples, the last behind a seal. */
final class TestSetOnce implements Reproduction {
    private static final int VALIDATION = 50;
    private static final int TRIES = 200;

    @Override
    public String id() {
        return "test-set-once";
    }

    @Override
    public String title() {
        return "Training, validation and a test set that is opened once";
    }

    @Override
    public String about() {
        return "Training samples set the weights, validation samples choose among settings, test samples say how good the choice is. Whoever takes the best"
                + " of `n` tries also takes the luckiest: with `m` samples and true accuracy `p` luck is worth about"
                + " `sqrt(2 ln n) sqrt(p (1 - p)/m)`, so the test set must not have been looked at before.";
    }

    /** Counts the samples that anybody reads. */
    private record Sealed(Dataset data, AtomicLong reads) implements Dataset {
        @Override
        public long size() {
            return data.size();
        }

        @Override
        public Shape inputShape() {
            return data.inputShape();
        }

        @Override
        public int classes() {
            return data.classes();
        }

        @Override
        public void read(long index, FloatBuffer input) throws IOException {
            reads.incrementAndGet();
            data.read(index, input);
        }

        @Override
        public int label(long index) throws IOException {
            return data.label(index);
        }
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        search(lab, findings);
        luck(lab, findings);
    }

    private static void search(Lab lab, Findings findings) throws IOException {
        Dataset all = lab.digits().train().concat(lab.digits().test());
        Split first = Splits.stratified(all, 0.6, lab.seed().value());
        Split rest = Splits.stratified(first.test(), 0.5, lab.seed().value());
        AtomicLong reads = new AtomicLong();
        Dataset test = new Sealed(rest.test(), reads);
        double uneven = 0;
        for (int c = 0; c < 10; c++) {
            uneven = Math.max(uneven, Math.abs(share(first.train(), c) - share(all, c)));
            uneven = Math.max(uneven, Math.abs(share(rest.train(), c) - share(all, c)));
            uneven = Math.max(uneven, Math.abs(share(rest.test(), c) - share(all, c)));
        }
        findings.equal("samples in the three parts together", 1_797, first.train().size() + rest.train().size() + test.size());
        findings.atMost("largest difference of a class's share between a part and the whole", 0.005, uneven, "%.4f");
        List<List<String>> rows = new ArrayList<>();
        double best = 0;
        Network chosen = null;
        try {
            for (long units : new long[] {4, 16, 64}) {
                for (double rate : new double[] {0.001, 0.03, 0.3}) {
                    for (double decay : new double[] {0, 0.01}) {
                        Network net = Drill.net(lab.seed(), units);
                        var run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(rate).momentum(0.9).weightDecay(decay)).batch(32).epochs(lab.pick(20, 60))
                                .seed(lab.seed()).fit(first.train());
                        double accuracy = run.evaluate(rest.train()).accuracy();
                        rows.add(List.of("" + units, "" + rate, "" + decay, Drill.text("%.4f", run.evaluate(first.train()).accuracy()),
                                Drill.text("%.4f", accuracy)));
                        Network other = accuracy > best ? chosen : net;
                        chosen = accuracy > best ? net : chosen;
                        best = Math.max(best, accuracy);
                        if (other != null) {
                            other.close();
                        }
                    }
                }
            }
            findings.table("Eighteen settings, momentum 0.9: the best validation accuracy chooses", List.of("units", "rate", "decay", "training accuracy",
                    "validation accuracy"), rows);
            findings.equal("test samples read while choosing", 0, reads.get());
            double tested = dev.sinew.train.Evaluator.evaluate(chosen, Loss.crossEntropy(), test).accuracy();
            findings.equal("test samples read in all: each once", test.size(), reads.get());
            double interval = 1.96 * Math.sqrt(tested * (1 - tested) / test.size());
            findings.atLeast("test accuracy of the chosen net (+- " + Drill.text("%.3f", interval) + " with 95 %)", 0.93, tested, "%.4f");
            findings.near("validation accuracy of the chosen net, less its test accuracy", 0, best - tested, 0.04, "%.4f");
        } finally {
            if (chosen != null) {
                chosen.close();
            }
        }
    }

    private static double share(Dataset data, int c) throws IOException {
        int count = 0;
        for (long i = 0; i < data.size(); i++) {
            count += data.label(i) == c ? 1 : 0;
        }
        return (double) count / data.size();
    }

    /** Labels by a die: nothing can be known, and still the best of many tries looks as if it knew something. */
    private static void luck(Lab lab, Findings findings) {
        SplittableRandom random = new SplittableRandom(lab.seed().value());
        Dataset data = lab.digits().train();
        int size = (int) data.size();
        float[] pixels = new float[64 * size];
        for (int i = 0; i < size; i++) {
            System.arraycopy(data.input(i), 0, pixels, 64 * i, 64);
        }
        int[] labels = random.ints(size, 0, 10).toArray();
        double[] bestHeld = new double[TRIES];
        double[] itsTest = new double[TRIES];
        double sum = 0;
        for (int i = 0; i < TRIES; i++) {
            Initializer wild = new Initializer.Normal(0, 0.5);
            try (var _ = Scope.open(); Network net = Network.input(64).layer(Dense.of(32).weights(wild)).tanh().layer(Dense.of(10).weights(wild))
                    .build(Drill.seed(lab, i))) {
                float[] scores = net.predict(Tensor.of(pixels, size, 64)).toFloats();
                double held = accuracy(scores, labels, 0, VALIDATION);
                double tested = accuracy(scores, labels, VALIDATION, size);
                sum += held;
                boolean better = i == 0 || held > bestHeld[i - 1];
                bestHeld[i] = better ? held : bestHeld[i - 1];
                itsTest[i] = better ? tested : itsTest[i - 1];
            }
        }
        findings.plot(Curves.of("The best of many worthless nets, labels by a die", "nets tried", "accuracy").bounds(0, 0.3)
                .add("best on validation", bestHeld).add("the same net on test", itsTest).draw(), "Nets with random weights and random labels; "
                + VALIDATION + " validation and " + (size - VALIDATION) + " test samples. The truth is 0.1 for all of them.");
        findings.near("random labels: mean validation accuracy of " + TRIES + " nets", 0.1, sum / TRIES, 0.06, "%.3f");
        findings.atLeast("the best of them on validation", 0.16, Drill.last(bestHeld), "%.3f");
        findings.near("the same net on test", 0.1, Drill.last(itsTest), 0.03, "%.3f");
    }

    private static double accuracy(float[] scores, int[] labels, int from, int to) {
        Classification part = new Classification(10);
        part.add(java.util.Arrays.copyOfRange(scores, 10 * from, 10 * to), java.util.Arrays.copyOfRange(labels, from, to));
        return part.accuracy();
    }
}
