package dev.sinew.app.reproduce.linear;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plane;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rosenblatt's perceptron on sets that a line separates, and on exclusive or. */
final class Perceptron implements Reproduction {
    private static final int SETS = 50;
    private static final int POINTS = 100;
    private static final int MOST_PASSES = 2000;

    /** The weights at the end, the number of updates, and whether a whole pass went by without a mistake. */
    private record Learned(double[] a, double b, int updates, boolean converged) {
        boolean positive(double[] x) {
            return a[0] * x[0] + a[1] * x[1] + b >= 0;
        }
    }

    @Override
    public String id() {
        return "perceptron";
    }

    @Override
    public String title() {
        return "Rosenblatt's perceptron";
    }

    @Override
    public String about() {
        return "A point is positive where `a . x + b >= 0`. Learning goes through the examples and corrects mistakes only: `a += y x`, `b += y` for"
                + " the label y of +1 or -1; it is `Loss.perceptron()` with the rate 1, one example at a time. When a line with margin g separates points within radius R, there are at most `(R/g)^2` updates"
                + " (Novikoff 1962, b counted as one more coordinate); otherwise it never ends.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        int converged = 0;
        double worst = 0;
        Plane shown = null;
        Learned best = null;
        for (int set = 0; set < SETS; set++) {
            double angle = 2 * Math.PI * set / SETS;
            double[] normal = {Math.cos(angle), Math.sin(angle), 0.3 * Math.sin(3.0 * set)};
            Plane plane = separable(normal, lab.seed().derive("set" + set).value());
            Learned learned = learn(plane, MOST_PASSES);
            converged += learned.converged && right(plane, learned) == POINTS ? 1 : 0;
            worst = Math.max(worst, learned.updates / bound(plane, normal));
            if (set == 3) {
                shown = plane;
                best = learned;
            }
        }
        findings.equal("separable sets solved, of " + SETS, SETS, converged);
        findings.atMost("updates, as a share of (R/g)^2", 1, worst, "%.3f");

        Plane xor = new Plane(new double[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, new int[] {0, 1, 1, 0});
        Learned never = learn(xor, MOST_PASSES);
        findings.check("XOR after " + MOST_PASSES + " passes", "does not converge", never.converged ? "converged" : "does not converge, "
                + right(xor, never) + " of 4 right", !never.converged);
        findings.plot(Plot.beside(2, picture("a separable set: " + best.updates + " updates", shown, best, -1, 1),
                picture("XOR: no line will do", xor, never, -0.5, 1.5)), "The perceptron's line (black) and its two sides. On the left it stopped"
                + " when a pass over the examples brought no mistake; on the right it goes on for ever.");
    }

    /** Points of a square that stay clear of the line. */
    private static Plane separable(double[] normal, long seed) {
        List<double[]> points = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (double[] p : Plane.uniform(20 * POINTS, -1, 1, -1, 1, seed, _ -> 0).points()) {
            double h = normal[0] * p[0] + normal[1] * p[1] + normal[2];
            if (Math.abs(h) > 0.08 && points.size() < POINTS) {
                points.add(p);
                labels.add(h > 0 ? 1 : 0);
            }
        }
        return new Plane(points.toArray(double[][]::new), labels.stream().mapToInt(i -> i).toArray());
    }

    private static Learned learn(Plane plane, int passes) {
        int points = plane.labels().length;
        int updates = 0;
        boolean converged = false;
        try (Network unit = Network.input(2).dense(1).build(Seed.of(0), DType.F64);
                TrainStep step = Trainer.of(unit, Loss.perceptron(), Sgd.rate(1)).compile(1);
                Scope _ = Scope.open()) {
            unit.parameters().values().forEach(parameter -> parameter.copyFrom(Tensor.full(DType.F64, parameter.shape(), 0)));
            Tensor bias = unit.parameter("dense1.bias");
            Tensor[] x = Arrays.stream(plane.points()).map(point -> Tensor.of(point, 1, 2)).toArray(Tensor[]::new);
            Tensor[] target = Arrays.stream(plane.labels()).mapToObj(label -> Tensor.of(new double[] {label}, 1, 1)).toArray(Tensor[]::new);
            for (int pass = 0; pass < passes && !converged; pass++) {
                int before = updates;
                for (int i = 0; i < points; i++) {
                    double b = bias.item();
                    step.step(x[i], target[i], 1);
                    updates += bias.item() != b ? 1 : 0;
                }
                converged = updates == before;
            }
            return new Learned(unit.parameter("dense1.weight").toDoubles(), bias.item(), updates, converged);
        }
    }

    /** (R/g)^2 with the margin of the line that made the labels. */
    private static double bound(Plane plane, double[] normal) {
        double radius = 0;
        double margin = Double.MAX_VALUE;
        double length = Math.sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
        for (double[] p : plane.points()) {
            radius = Math.max(radius, Math.sqrt(p[0] * p[0] + p[1] * p[1] + 1));
            margin = Math.min(margin, Math.abs(normal[0] * p[0] + normal[1] * p[1] + normal[2]) / length);
        }
        return radius * radius / (margin * margin);
    }

    private static int right(Plane plane, Learned learned) {
        int right = 0;
        for (int i = 0; i < plane.labels().length; i++) {
            right += learned.positive(plane.points()[i]) == (plane.labels()[i] == 1) ? 1 : 0;
        }
        return right;
    }

    private static java.awt.image.BufferedImage picture(String title, Plane plane, Learned learned, double least, double most) {
        return Plot.of(title, least, most, least, most).regions(places -> {
            double[] classes = new double[places.length];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = learned.positive(places[i]) ? 1 : 0;
            }
            return classes;
        }).straight(learned.a[0], learned.a[1], learned.b, 7, false, null).points(plane.of(0), 0, "negative").points(plane.of(1), 1, "positive").draw();
    }
}
