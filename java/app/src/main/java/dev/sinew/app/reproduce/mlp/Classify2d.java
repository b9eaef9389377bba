package dev.sinew.app.reproduce.mlp;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plane;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The classification demo of ConvNetJS: two classes of points, their regions, and the plane as the last hidden layer sees it. */
final class Classify2d implements Reproduction {
    private static final int GRID = 12;

    @Override
    public String id() {
        return "classify2d";
    }

    @Override
    public String title() {
        return "Two classes of points in the plane";
    }

    @Override
    public String about() {
        return "One tanh unit and a linear support vector machine, `s = V tanh(w . x + b) + c`, can only cut the plane by a line. With two hidden"
                + " layers of 6 and 2 tanh units and softmax the plane is bent until a line separates the classes: the two units of the last hidden"
                + " layer show how. Gradient descent, rate 0.01, momentum 0.1, batches of 10, decay 0.001, as in the demo.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Plane blobs = blobs(120, lab.seed().value());
        try (Network line = Network.input(2).dense(1).tanh().dense(2).build(lab.seed())) {
            fit(lab, line, Loss.hinge(), blobs, 200);
            findings.atLeast("two groups: accuracy of one unit", 0.98, blobs.accuracy(line), "%.3f");
            findings.plot(regions("two groups, one tanh unit", line, blobs), "The demo's first net: one tanh unit and the hinge loss.");
        }
        show(lab, findings, "circle", circle(200, lab.seed().value()), 1500, 0.97);
        show(lab, findings, "spiral", spiral(200, lab.seed().value()), lab.pick(6000, 20_000), 0.85);
    }

    private static void show(Lab lab, Findings findings, String name, Plane data, int epochs, double target) {
        double best = 0;
        BufferedImage picture = null;
        for (int start = 0; start < 3 && best < 0.99; start++) {
            try (Network net = Network.input(2).dense(6).tanh().dense(2).tanh().dense(2).build(lab.seed().derive(name + start))) {
                fit(lab, net, Loss.crossEntropy(), data, epochs);
                if (data.accuracy(net) > best) {
                    best = data.accuracy(net);
                    picture = Plot.beside(2, regions(name + ": regions", net, data), warp(name + ": the last hidden layer", net, data));
                }
            }
        }
        findings.atLeast(name + ": accuracy of 6 and 2 tanh units", target, best, "%.3f");
        findings.plot(picture, "Left: decision regions with the data on top. Right: the same points and a square grid of the plane in the coordinates of the"
                + " two units of the last hidden layer, where a line separates the classes.");
    }

    private static void fit(Lab lab, Network net, Loss loss, Plane data, int epochs) {
        Trainer.of(net, loss, Sgd.rate(0.01).momentum(0.1).weightDecay(0.001)).batch(10).epochs(epochs).seed(lab.seed()).fit(data.classes(2));
    }

    private static BufferedImage regions(String title, Network net, Plane data) {
        return Plot.of(title, -6, 6, -6, 6).regions(places -> Plane.decisions(net, places)).points(data.of(0), 0, "class 0")
                .points(data.of(1), 1, "class 1").draw();
    }

    private static BufferedImage warp(String title, Network net, Plane data) {
        Plot plot = Plot.of(title, -1.1, 1.1, -1.1, 1.1).axes("unit 1", "unit 2");
        for (int i = 0; i <= GRID; i++) {
            double at = -6 + 12.0 * i / GRID;
            plot.line(hidden(net, straight(at, true)), 5, false, null).line(hidden(net, straight(at, false)), 5, false, null);
        }
        return plot.points(hidden(net, data.of(0)), 0, "class 0").points(hidden(net, data.of(1)), 1, "class 1").draw();
    }

    private static double[][] straight(double at, boolean upright) {
        double[][] places = new double[61][];
        for (int i = 0; i < places.length; i++) {
            double along = -6 + 0.2 * i;
            places[i] = upright ? new double[] {at, along} : new double[] {along, at};
        }
        return places;
    }

    private static double[][] hidden(Network net, double[][] places) {
        try (var _ = Scope.open()) {
            float[] h = net.activations(Tensor.of(Plane.flat(places), places.length, 2), "tanh2").get("tanh2").toFloats();
            double[][] hidden = new double[places.length][];
            for (int i = 0; i < hidden.length; i++) {
                hidden[i] = new double[] {h[2 * i], h[2 * i + 1]};
            }
            return hidden;
        }
    }

    private static Plane blobs(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return made(count, i -> {
            int side = i % 2 == 0 ? -1 : 1;
            return new double[] {side * 2.2 + random.nextGaussian(), side * 1.6 + random.nextGaussian()};
        });
    }

    private static Plane circle(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return made(count, i -> {
            double angle = random.nextDouble(2 * Math.PI);
            double radius = i % 2 == 0 ? random.nextDouble(2) : random.nextDouble(3, 5);
            return new double[] {radius * Math.sin(angle), radius * Math.cos(angle)};
        });
    }

    private static Plane spiral(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return made(count, i -> {
            double share = (double) (i / 2) / (count / 2);
            double radius = 0.3 + 4.5 * share;
            double angle = 1.25 * share * 2 * Math.PI + (i % 2) * Math.PI;
            return new double[] {radius * Math.sin(angle) + random.nextDouble(-0.1, 0.1), radius * Math.cos(angle) + random.nextDouble(-0.1, 0.1)};
        });
    }

    private static Plane made(int count, java.util.function.IntFunction<double[]> point) {
        List<double[]> points = new ArrayList<>();
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            points.add(point.apply(i));
            labels[i] = i % 2;
        }
        return new Plane(points.toArray(double[][]::new), labels);
    }
}
