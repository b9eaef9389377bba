package dev.sinew.app.reproduce.mlp;

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
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** The banana-shaped class of the deck with 2, 3 and 4 hidden units. */
final class RosenbrockClass implements Reproduction {
    private static final int STARTS = 5;

    @Override
    public String id() {
        return "rosenbrock-class";
    }

    @Override
    public String title() {
        return "A curved class: decision surfaces of 2, 3 and 4 hidden units";
    }

    @Override
    public String about() {
        return "Points are positive where `100 (x2 - x1^2)^2 + (1 - x1)^2 < 0.5`, a banana that no line encloses. A net `y = w2 . tanh(W1 x + b1) + b2`"
                + " bends its boundary once for each hidden unit; the best of " + STARTS + " starts by training loss is shown.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Plane train = points(3000, lab.seed().value());
        Plane test = points(6000, lab.seed().derive("test").value());
        Plane shown = points(300, lab.seed().derive("shown").value());
        List<BufferedImage> plots = new ArrayList<>();
        List<Double> accuracies = new ArrayList<>();
        for (int units : new int[] {2, 3, 4}) {
            double best = Double.MAX_VALUE;
            double accuracy = 0;
            BufferedImage plot = null;
            for (int start = 0; start < STARTS; start++) {
                try (var _ = Scope.open(); Network net = Network.input(2).dense(units).tanh().dense(1).build(lab.seed().derive(units + " " + start))) {
                    double loss = Trainer.of(net, Loss.binaryCrossEntropy(), Adam.rate(Schedule.cosine(0.05))).batch(300).epochs(lab.pick(150, 600))
                            .seed(lab.seed()).fit(train.numbers()).history().getLast().trainLoss();
                    if (loss < best) {
                        best = loss;
                        accuracy = test.accuracy(net);
                        plot = Plot.of(units + " hidden units", -1, 2, -0.75, 2.25).side(260).regions(places -> Plane.decisions(net, places))
                                .points(shown.of(0), 0, "negative").points(shown.of(1), 1, "positive").draw();
                    }
                }
            }
            accuracies.add(accuracy);
            plots.add(plot);
        }
        findings.atLeast("accuracy with 2 hidden units", 0.80, accuracies.get(0), "%.3f");
        findings.atLeast("accuracy with 3 hidden units", 0.90, accuracies.get(1), "%.3f");
        findings.atLeast("accuracy with 4 hidden units", 0.93, accuracies.get(2), "%.3f");
        findings.plot(Plot.beside(3, plots.toArray(BufferedImage[]::new)), "Decision surfaces; the points are 300 samples, half of them positive.");
    }

    /** As many of one class as of the other. */
    private static Plane points(int count, long seed) {
        Plane many = Plane.uniform(40 * count, -1, 2, -0.75, 2.25, seed, x -> {
            double z = 100 * Math.pow(x[1] - x[0] * x[0], 2) + Math.pow(1 - x[0], 2);
            return z < 0.5 ? 1 : 0;
        });
        double[][] points = new double[count][];
        int[] labels = new int[count];
        double[][][] classes = {many.of(0), many.of(1)};
        for (int i = 0; i < count; i++) {
            labels[i] = i % 2;
            points[i] = classes[i % 2][i / 2];
        }
        return new Plane(points, labels);
    }
}
