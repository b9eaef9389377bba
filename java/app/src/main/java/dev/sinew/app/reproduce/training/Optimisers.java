package dev.sinew.app.reproduce.training;

import dev.sinew.Scope;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adagrad;
import dev.sinew.optim.Adam;
import dev.sinew.optim.Optimizer;
import dev.sinew.optim.RmsProp;
import dev.sinew.optim.Schedule;
import dev.sinew.optim.Sgd;
import dev.sinew.train.TrainStep;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/** Seven ways to follow a gradient: down a valley, and on the digits. */
final class Optimisers implements Reproduction {
    private static final double STEEP = 20;
    private static final double[] START = {-9, 2};
    private static final int STEPS = 60;

    @Override
    public String id() {
        return "optimisers";
    }

    @Override
    public String title() {
        return "Optimisers: from plain gradient descent to AdamW";
    }

    @Override
    public String about() {
        return "Plain descent goes `w -= a g`. Momentum keeps a running direction, `v = m v + g, w -= a v`, and Nesterov's form looks one step ahead;"
                + " Adagrad divides each weight's step by the root of all its squared gradients so far, RMSProp by that of a recent mean; Adam joins"
                + " both ideas, and AdamW takes weight decay out of the gradient. In a valley 20 times as steep across as along,"
                + " `f = (x^2 + 20 y^2)/2`, theory knows the best factor per step: 19/21 for descent, `(r - 1)/(r + 1)` with `r^2 = 20` for momentum.";
    }

    /** The valley: the net's two outputs are the place itself. */
    private record Valley() implements Loss {
        @Override
        public Tensor apply(Tensor place, Tensor target) {
            Tensor x = place.slice(1, 0, 1);
            Tensor y = place.slice(1, 1, 1);
            return x.square().add(y.square().mul(STEEP)).mul(0.5).sum();
        }

        @Override
        public Spec target(Spec output) {
            return output;
        }
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        valley(lab, findings);
        digits(lab, findings);
    }

    private static void valley(Lab lab, Findings findings) {
        double r = Math.sqrt(STEEP);
        double best = (r - 1) / (r + 1);
        Map<String, Optimizer> ways = new LinkedHashMap<>();
        ways.put("descent", Sgd.rate(2 / (1 + STEEP)));
        ways.put("momentum", Sgd.rate(4 / ((1 + r) * (1 + r))).momentum(best * best));
        ways.put("Nesterov", Sgd.rate(1 / STEEP).nesterov(best));
        ways.put("Adagrad", Adagrad.rate(1.5));
        ways.put("RMSProp", RmsProp.rate(0.25).alpha(0.9));
        ways.put("Adam", Adam.rate(0.5));
        List<BufferedImage> plots = new ArrayList<>();
        Curves heights = Curves.of("Height above the valley's lowest point", "step", "f").logarithmic();
        Map<String, double[][]> paths = new LinkedHashMap<>();
        ways.forEach((name, way) -> {
            double[][] path = walk(lab, way);
            paths.put(name, path);
            plots.add(Plot.of(name, -10, 3, -4.5, 4.5).side(240).axes("x", "y")
                    .heat(places -> heights(places, p -> Math.log10(0.01 + height(p))), -2, 2.3).line(path, 4, false, null).points(path, 1, null).draw());
            heights.add(name, java.util.stream.IntStream.rangeClosed(1, STEPS).mapToDouble(i -> Math.max(1e-12, height(path[i]))).toArray());
        });
        findings.plot(Plot.beside(3, plots.toArray(BufferedImage[]::new)), "Sixty steps from (-9, 2) to the lowest point at (0, 0). Colour: the"
                + " logarithm (base 10) of the height plus 0.01. Descent zigzags across; the methods with a rate for each weight go at both directions alike.");
        findings.plot(heights.draw(), "The height after each step; descent, momentum and Nesterov with the settings that theory calls best for them.");
        findings.near("valley, descent: factor of the distance per step", 19.0 / 21, factor(paths.get("descent"), STEPS), 0.002, "%.4f");
        findings.near("valley, momentum: the same over steps 10 to 40 (theory: in the limit)", best,
                Math.pow(norm(paths.get("momentum")[40]) / norm(paths.get("momentum")[10]), 1 / 30.0), 0.05, "%.4f");
        for (String name : List.of("Adagrad", "Adam")) {
            double[][] path = paths.get(name);
            double rate = name.equals("Adam") ? 0.5 : 1.5;
            double off = Math.max(Math.abs(path[1][0] - path[0][0] - rate), Math.abs(path[0][1] - path[1][1] - rate));
            findings.atMost("valley, " + name + ": first step, difference from its rate in x and y", 1e-4, off, "%.1e");
        }
    }

    private static double[][] walk(Lab lab, Optimizer way) {
        double[][] path = new double[STEPS + 1][];
        path[0] = START;
        try (var _ = Scope.open(); Network place = Network.input(1).layer(Dense.of(2).noBias()).build(lab.seed());
                TrainStep step = Trainer.of(place, new Valley(), way).compile(1)) {
            Tensor w = place.parameter("dense1.weight");
            w.copyFrom(Tensor.of(new double[] {START[0], START[1]}, w.shape().dims()).cast(w.dtype()));
            Tensor one = Tensor.of(new float[] {1}, 1, 1);
            Tensor nothing = Tensor.zeros(1, 2);
            for (int i = 1; i <= STEPS; i++) {
                step.step(one, nothing, way.schedule().rate(i - 1, 1, STEPS));
                path[i] = Plot.doubles(w.toFloats());
            }
        }
        return path;
    }

    private static double height(double[] p) {
        return (p[0] * p[0] + STEEP * p[1] * p[1]) / 2;
    }

    private static double norm(double[] p) {
        return Math.hypot(p[0], p[1]);
    }

    private static double factor(double[][] path, int steps) {
        return Math.pow(norm(path[steps]) / norm(path[0]), 1.0 / steps);
    }

    private static double[] heights(double[][] places, java.util.function.ToDoubleFunction<double[]> height) {
        return java.util.Arrays.stream(places).mapToDouble(height).toArray();
    }

    private static void digits(Lab lab, Findings findings) {
        Dataset train = lab.digits().train();
        int epochs = lab.pick(15, 40);
        Map<String, DoubleFunction<Optimizer>> ways = new LinkedHashMap<>();
        ways.put("descent", Sgd::rate);
        ways.put("momentum 0.9", rate -> Sgd.rate(rate).momentum(0.9));
        ways.put("Nesterov 0.9", rate -> Sgd.rate(rate).nesterov(0.9));
        ways.put("Adagrad", Adagrad::rate);
        ways.put("RMSProp", RmsProp::rate);
        ways.put("Adam", Adam::rate);
        ways.put("AdamW, decay 0.01", rate -> Adam.decoupled(Schedule.constant(rate)).weightDecay(0.01));
        Curves curves = Curves.of("Digits: training loss of each at its best rate", "epoch", "cross-entropy").logarithmic();
        List<List<String>> rows = new ArrayList<>();
        Map<String, double[]> slow = new LinkedHashMap<>();
        double worst = 1;
        for (Map.Entry<String, DoubleFunction<Optimizer>> way : ways.entrySet()) {
            double least = Double.POSITIVE_INFINITY;
            double chosen = 0;
            double accuracy = 0;
            double[] curve = null;
            boolean adaptive = rows.size() >= 3;
            for (double rate : adaptive ? new double[] {0.003, 0.01, 0.03} : new double[] {0.01, 0.05, 0.3}) {
                try (Network net = Drill.net(lab.seed(), 32, 32)) {
                    var run = Trainer.of(net, Loss.crossEntropy(), way.getValue().apply(rate)).batch(32).epochs(epochs).seed(lab.seed()).fit(train);
                    double[] losses = Drill.losses(run);
                    if (rate == 0.01) {
                        slow.put(way.getKey(), losses);
                    }
                    if (Drill.last(losses) < least) {
                        least = Drill.last(losses);
                        chosen = rate;
                        curve = losses;
                        accuracy = run.evaluate(lab.digits().test()).accuracy();
                    }
                }
            }
            lab.say("%s: rate %s, loss %.4f", way.getKey(), chosen, least);
            curves.add(way.getKey(), curve);
            worst = Math.min(worst, accuracy);
            rows.add(List.of(way.getKey(), Drill.text("%.3f", chosen), Drill.text("%.4f", least), Drill.text("%.4f", accuracy)));
        }
        findings.plot(curves.draw(), "Two hidden layers of 32 ReLU units, batches of 32. Each optimiser with that one of three rates that ends at the least"
                + " training loss: there is no rate that suits all.");
        findings.table("After " + epochs + " epochs", List.of("optimiser", "best rate", "training loss", "test accuracy"), rows);
        findings.atLeast("digits: test accuracy of the worst of seven at its best rate", 0.85, worst, "%.4f");
        for (String name : List.of("momentum 0.9", "Nesterov 0.9")) {
            findings.atMost("digits, rate 0.01, " + name + ": last training loss to plain descent's", 0.5,
                    Drill.last(slow.get(name)) / Drill.last(slow.get("descent")), "%.3f");
        }
    }
}
