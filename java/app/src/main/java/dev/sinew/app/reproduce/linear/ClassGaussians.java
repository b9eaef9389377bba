package dev.sinew.app.reproduce.linear;

import dev.sinew.Scope;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plane;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Schedule;
import dev.sinew.train.Trainer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Two Gaussian classes with one covariance: the closed form and a trained unit draw one line. */
final class ClassGaussians implements Reproduction {
    private static final double[] FIRST = {-1, -0.5};
    private static final double[] SECOND = {1.2, 0.7};
    /** The covariance, and its factor L with L L^T = S. */
    private static final double[][] S = {{1.0, 0.6}, {0.6, 0.8}};
    private static final double[][] L = {{1, 0}, {0.6, Math.sqrt(0.44)}};

    @Override
    public String id() {
        return "class-gaussians";
    }

    @Override
    public String title() {
        return "Class-conditional Gaussians are a sigmoid unit";
    }

    @Override
    public String about() {
        return "Where both classes are Gaussian with one covariance S and equally frequent, Bayes' rule gives `p(y=1|x) = sigmoid(w . x + b)` with"
                + " `w = inverse(S) (m1 - m0)` and `b = -(m1 + m0)/2 . w`. A logistic unit trained on samples must find the same line.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        double det = S[0][0] * S[1][1] - S[0][1] * S[1][0];
        double[] m = {SECOND[0] - FIRST[0], SECOND[1] - FIRST[1]};
        double[] w = {(S[1][1] * m[0] - S[0][1] * m[1]) / det, (S[0][0] * m[1] - S[1][0] * m[0]) / det};
        double b = -((SECOND[0] + FIRST[0]) * w[0] + (SECOND[1] + FIRST[1]) * w[1]) / 2;
        Plane data = sample(20_000, lab.seed().value());
        try (var _ = Scope.open(); Network net = Network.input(2).dense(1).build(lab.seed())) {
            Trainer.of(net, Loss.binaryCrossEntropy(), Adam.rate(Schedule.cosine(0.05))).batch(2000).epochs(60).seed(lab.seed()).fit(data.numbers());
            float[] v = net.parameter("dense1.weight").toFloats();
            double c = net.parameter("dense1.bias").item();
            double cosine = (w[0] * v[0] + w[1] * v[1]) / Math.hypot(w[0], w[1]) / Math.hypot(v[0], v[1]);
            findings.atMost("angle between the lines, degrees", 2, Math.toDegrees(Math.acos(Math.min(1, cosine))), "%.2f");
            findings.near("length of w, as a share of the closed form's", 1, Math.hypot(v[0], v[1]) / Math.hypot(w[0], w[1]), 0.05, "%.3f");
            double same = 0;
            for (double[] p : data.points()) {
                same += w[0] * p[0] + w[1] * p[1] + b > 0 == v[0] * p[0] + v[1] * p[1] + c > 0 ? 1.0 / data.points().length : 0;
            }
            findings.atLeast("samples on the same side of both lines", 0.99, same, "%.4f");
            Plane shown = new Plane(Arrays.copyOf(data.points(), 400), Arrays.copyOf(data.labels(), 400));
            findings.plot(Plot.of("closed form and trained unit", -4, 4, -4, 4).heat(places -> probabilities(net, places), 0, 1)
                    .points(shown.of(0), 0, "class 0").points(shown.of(1), 1, "class 1").straight(w[0], w[1], b, 7, false, "closed form")
                    .straight(v[0], v[1], c, 4, true, "trained").draw(),
                    "400 of the 20,000 samples on the trained unit's probability; the two lines, black and dashed orange, lie on each other.");
        }
    }

    private static double[] probabilities(Network net, double[][] places) {
        return Arrays.stream(Plane.scores(net, places)).map(s -> 1 / (1 + Math.exp(-s))).toArray();
    }

    private static Plane sample(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] points = new double[count][];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            double[] mean = i % 2 == 0 ? FIRST : SECOND;
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            points[i] = new double[] {mean[0] + L[0][0] * a, mean[1] + L[1][0] * a + L[1][1] * b};
            labels[i] = i % 2;
        }
        return new Plane(points, labels);
    }
}
