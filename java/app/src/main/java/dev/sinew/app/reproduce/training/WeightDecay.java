package dev.sinew.app.reproduce.training;

import dev.sinew.Shape;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Optimizer;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import dev.sinew.train.Training;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What weight decay does to the weights and to unseen samples. */
final class WeightDecay implements Reproduction {
    private static final double[] DECAYS = {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3};
    private static final int REPEATS = 3;

    @Override
    public String id() {
        return "weight-decay";
    }

    @Override
    public String title() {
        return "Weight decay";
    }

    @Override
    public String about() {
        return "The penalty `d/2 |w|^2` adds `d w` to the gradient, so that every step also shrinks the weights: `w = (1 - a d) w - a g`. Large weights"
                + " must earn their size, and where several inputs say the same the weight is shared out among them. A weight whose input is always"
                + " zero only decays, as `(1 - a d)^n`: the corner pixel of the digits shows it exactly; with Adam that holds for the decoupled form"
                + " (AdamW) only.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Dataset train = lab.digits().train().head(100);
        Dataset test = lab.digits().train().slice(100, 1437);
        double[] norms = new double[DECAYS.length];
        double[] seen = new double[DECAYS.length];
        double[] unseen = new double[DECAYS.length];
        double[] accuracy = new double[DECAYS.length];
        List<BufferedImage> templates = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < DECAYS.length; i++) {
            for (int repeat = 0; repeat < REPEATS; repeat++) {
                try (Network net = Drill.net(Drill.seed(lab, repeat), 64)) {
                    Training run = Trainer.of(net, Loss.crossEntropy(), Sgd.rate(0.1).momentum(0.9).weightDecay(DECAYS[i])).batch(25)
                            .epochs(lab.pick(100, 400)).seed(Drill.seed(lab, repeat)).fit(train);
                    float[] weights = net.parameter("dense1.weight").toFloats();
                    norms[i] += norm(weights) / REPEATS;
                    seen[i] += run.evaluate(train).loss() / REPEATS;
                    unseen[i] += run.evaluate(test).loss() / REPEATS;
                    accuracy[i] += run.evaluate(test).accuracy() / REPEATS;
                    if (repeat == 0 && (i == 0 || i == 4 || i == 6)) {
                        for (int unit = 0; unit < 8; unit++) {
                            templates.add(Plot.signed(Plot.doubles(java.util.Arrays.copyOfRange(weights, 64 * unit, 64 * unit + 64)), 8, 8));
                            captions.add("decay " + DECAYS[i]);
                        }
                    }
                }
            }
        }
        findings.plot(Curves.of("Loss on the 100 training digits and on 1,337 others", "decay", "cross-entropy").logarithmicX().logarithmic()
                .add("training", DECAYS, seen).add("unseen", DECAYS, unseen).draw(), "One hidden layer of 64 units, means of " + REPEATS
                + " seeds. Too little decay: sure of wrong answers; too much: nothing is learned.");
        findings.plot(Curves.of("Size of the first layer's weights", "decay", "norm").logarithmicX().add("norm", DECAYS, norms).draw(),
                "The square root of the sum of squares.");
        findings.plot(Plot.grid(templates, captions, 8, 84), "Weights of eight hidden units over the 8 x 8 pixels, each picture to its own scale (blue:"
                + " negative, orange: positive): with more decay the noise of the beginning goes, and strokes remain.");
        boolean falls = true;
        int best = 0;
        for (int i = 1; i < DECAYS.length; i++) {
            falls &= norms[i] < norms[i - 1];
            best = unseen[i] < unseen[best] ? i : best;
        }
        findings.check("norm of the weights as the decay rises", "falls at every step",
                Drill.text("%.2f", norms[0]) + " to " + Drill.text("%.2f", Drill.last(norms)) + (falls ? ", always falling" : ", not always"), falls);
        findings.check("decay with the least loss on unseen samples", "inside the range tried", "" + DECAYS[best], best > 0 && best < DECAYS.length - 1);
        findings.atMost("unseen samples: loss at that decay, to the loss at 0.0001", 0.97, unseen[best] / unseen[0], "%.3f");
        dead(lab, findings);
        shared(lab, findings);
    }

    private static double norm(float[] weights) {
        double sum = 0;
        for (float w : weights) {
            sum += (double) w * w;
        }
        return Math.sqrt(sum);
    }

    /** The corner pixel is never set: its weights have no gradient. */
    private static void dead(Lab lab, Findings findings) {
        double theory = Math.pow(1 - 0.05 * 0.02, 45 * 10);
        Object[][] ways = {{"SGD", Sgd.rate(0.05).weightDecay(0.02)}, {"AdamW", Adam.decoupled(Schedule.constant(0.05)).weightDecay(0.02)},
            {"Adam, decay in the gradient", Adam.rate(0.05).weightDecay(0.02)}};
        for (Object[] way : ways) {
            try (Network net = Drill.net(lab.seed(), 16)) {
                double before = norm(corner(net));
                Trainer.of(net, Loss.crossEntropy(), (Optimizer) way[1]).batch(32).epochs(10).seed(lab.seed()).fit(lab.digits().train());
                double left = norm(corner(net)) / before;
                if (way[0].equals("Adam, decay in the gradient")) {
                    findings.check("Adam, decay in the gradient: share left of the corner pixel's weights", "not " + Drill.text("%.4f", theory),
                            Drill.text("%.4f", left), Math.abs(left - theory) > 0.1);
                } else {
                    findings.near(way[0] + ": share left of the corner pixel's weights, (1 - 0.05 x 0.02)^450", theory, left, 1e-4, "%.5f");
                }
            }
        }
    }

    private static float[] corner(Network net) {
        float[] weights = net.parameter("dense1.weight").toFloats();
        float[] corner = new float[16];
        for (int unit = 0; unit < 16; unit++) {
            corner[unit] = weights[64 * unit];
        }
        return corner;
    }

    /** A line through points whose three inputs are the same number. */
    private static void shared(Lab lab, Findings findings) {
        SplittableRandom random = new SplittableRandom(lab.seed().value());
        float[] inputs = new float[300];
        float[] targets = new float[100];
        for (int i = 0; i < 100; i++) {
            float x = (float) random.nextGaussian();
            inputs[3 * i] = x;
            inputs[3 * i + 1] = x;
            inputs[3 * i + 2] = x;
            targets[i] = 3 * x;
        }
        Dataset data = ArrayDataset.of(inputs, Shape.of(3), targets, Shape.of(1));
        List<List<String>> rows = new ArrayList<>();
        double[] spread = new double[2];
        for (int i = 0; i < 2; i++) {
            try (Network net = Network.input(3).dense(1).build(lab.seed())) {
                net.parameter("dense1.weight").copyFrom(dev.sinew.Tensor.of(new float[] {-1, 0.5f, 2}, 1, 3));
                Trainer.of(net, Loss.meanSquaredError(), Sgd.rate(0.05).weightDecay(0.01 * i)).batch(20).epochs(2000).seed(lab.seed()).fit(data);
                float[] w = net.parameter("dense1.weight").toFloats();
                spread[i] = Math.abs(w[2] - w[0]);
                rows.add(List.of(i == 0 ? "without decay" : "decay 0.01", Drill.text("%.3f", w[0]), Drill.text("%.3f", w[1]), Drill.text("%.3f", w[2])));
            }
        }
        findings.table("Weights of three equal inputs for y = 3x, begun at -1, 0.5 and 2", List.of("", "w1", "w2", "w3"), rows);
        findings.near("equal inputs without decay: difference of the weights stays", 3, spread[0], 0.01, "%.3f");
        findings.atMost("equal inputs with decay: difference of the weights", 0.05, spread[1], "%.4f");
    }
}
