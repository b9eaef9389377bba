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
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Three arrangements of two classes that no line separates, and a small net that does. */
final class HardCases implements Reproduction {
    private static final double[][] MODES = {{-1.3, -0.9}, {1.4, -0.6}, {0, 1.3}};

    private record Case(String name, ToIntFunction<double[]> positive) {}

    private static final List<Case> CASES = List.of(
            new Case("quadrants", p -> p[0] * p[1] > 0 ? 1 : 0),
            new Case("ring 1 <= |x| <= 2", p -> Math.hypot(p[0], p[1]) >= 1 && Math.hypot(p[0], p[1]) <= 2 ? 1 : 0),
            new Case("three modes", p -> java.util.Arrays.stream(MODES).anyMatch(m -> Math.hypot(p[0] - m[0], p[1] - m[1]) < 0.75) ? 1 : 0));

    @Override
    public String id() {
        return "hard-cases";
    }

    @Override
    public String title() {
        return "Hard cases for a linear classifier";
    }

    @Override
    public String about() {
        return "Opposite quadrants, a ring and three separate modes: in each no line `w . x + b = 0` separates the two classes. A net with two"
                + " hidden layers of 16 tanh units, `y = W3 tanh(W2 tanh(W1 x + b1) + b2) + b3`, learns all three.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        List<BufferedImage> plots = new ArrayList<>();
        for (Case c : CASES) {
            Plane train = Plane.uniform(1500, -2.5, 2.5, -2.5, 2.5, lab.seed().derive(c.name).value(), c.positive);
            Plane test = Plane.uniform(4000, -2.5, 2.5, -2.5, 2.5, lab.seed().derive(c.name + " test").value(), c.positive);
            try (var _ = Scope.open(); Network line = Network.input(2).dense(2).build(lab.seed());
                    Network mlp = Network.input(2).dense(16).tanh().dense(16).tanh().dense(2).build(lab.seed())) {
                fit(lab, line, train, 40);
                fit(lab, mlp, train, 300);
                findings.atMost(c.name + ": accuracy of the line", 0.8, test.accuracy(line), "%.3f");
                findings.atLeast(c.name + ": accuracy of the net", 0.97, test.accuracy(mlp), "%.3f");
                Plane shown = Plane.uniform(250, -2.5, 2.5, -2.5, 2.5, lab.seed().derive(c.name + " shown").value(), c.positive);
                plots.add(picture(c.name + ": line", line, shown));
                plots.add(picture(c.name + ": net", mlp, shown));
            }
        }
        findings.plot(Plot.beside(2, plots.toArray(BufferedImage[]::new)), "Left: the best line by cross-entropy, which mostly says the more frequent"
                + " class. Right: the net's regions. The points are 250 test samples.");
    }

    private static void fit(Lab lab, Network net, Plane train, int epochs) {
        Trainer.of(net, Loss.crossEntropy(), Adam.rate(Schedule.cosine(0.02))).batch(50).epochs(epochs).seed(lab.seed()).fit(train.classes(2));
    }

    private static BufferedImage picture(String title, Network net, Plane shown) {
        return Plot.of(title, -2.5, 2.5, -2.5, 2.5).side(280).regions(places -> Plane.decisions(net, places)).points(shown.of(0), 0, "negative")
                .points(shown.of(1), 1, "positive").draw();
    }
}
