package dev.sinew.app.reproduce.mlp;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Dense;
import dev.sinew.nn.Initializer;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.train.Lbfgs;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Rosenbrock's valley as a regression with 2, 3 and 4 hidden units. */
final class RosenbrockSurface implements Reproduction {
    private static final int SIDE = 21;
    private static final double LEAST = 0.7;
    private static final double MOST = 1.3;
    /** The deck's two series of losses, for 2, 3 and 4 units. */
    private static final double[][] DECK = {{3.02e-1, 2.08e-2, 8.27e-3}, {2.61e-1, 2.51e-4, 3.07e-7}};
    /** Iterations of each round, and how many starts go on to the next. */
    private static final int[][][] ROUNDS = {{{200, 2}, {1000, 1}}, {{150, 8}, {1500, 3}, {12000, 1}}};

    private record Fit(double loss, double[] surface) {}

    @Override
    public String id() {
        return "rosenbrock-surface";
    }

    @Override
    public String title() {
        return "A surface from 2, 3 and 4 hidden units";
    }

    @Override
    public String about() {
        return "A net `z = w2 . g(W1 x + b1) + b2` with one small hidden layer learns `z = 100 (y - x^2)^2 + (1 - x)^2` around its minimum at (1, 1) by the"
                + " mean squared error. ReLU units fold the plane along a line each, tanh units bend it, and four of them are almost exact. The deck"
                + " names neither its region nor its units: ours is 0.7 to 1.3, with z brought to mean 0 and variance 1.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        double[] target = target();
        List<List<String>> rows = new ArrayList<>();
        List<BufferedImage> plots = new ArrayList<>(List.of(plot("target", target)));
        for (int units = 2; units <= 4; units++) {
            List<String> row = new ArrayList<>(List.of(Integer.toString(units)));
            for (boolean relu : new boolean[] {true, false}) {
                Fit best = best(lab, units, relu, target);
                double deck = DECK[relu ? 0 : 1][units - 2];
                findings.check(units + (relu ? " ReLU" : " tanh") + " units: loss", "<= " + text(deck), text(best.loss), best.loss <= deck);
                lab.say("%d %s units: %.2e", units, relu ? "ReLU" : "tanh", best.loss);
                row.add(text(deck));
                row.add(text(best.loss));
                if (!relu) {
                    plots.add(plot(units + " tanh units", best.surface));
                }
            }
            rows.add(row);
        }
        findings.table("Losses, the best of several starts by L-BFGS in double precision", List.of("units", "ReLU, deck", "ReLU", "tanh, deck", "tanh"), rows);
        findings.plot(Plot.beside(2, plots.toArray(BufferedImage[]::new)), "The valley and what 2, 3 and 4 tanh units make of it, on one scale.");
    }

    /** Of many starts those go on that have come furthest: ReLU's bends soon stay where they are, tanh takes long. */
    private static Fit best(Lab lab, int units, boolean relu, double[] target) {
        List<Integer> starts = IntStream.range(0, lab.pick(16, 64)).boxed().toList();
        Fit best = null;
        for (int[] round : relu ? ROUNDS[0] : ROUNDS[1]) {
            Map<Integer, Fit> fits = new HashMap<>();
            starts.forEach(start -> fits.put(start, fit(lab, units, relu, start, round[0], target)));
            starts = starts.stream().sorted(Comparator.comparingDouble(start -> fits.get(start).loss)).limit(round[1]).toList();
            best = fits.get(starts.getFirst());
        }
        return best;
    }

    private static Fit fit(Lab lab, int units, boolean relu, int start, int iterations, double[] target) {
        double[] places = new double[2 * SIDE * SIDE];
        for (int i = 0; i < places.length; i++) {
            places[i] = -1 + 2.0 * (i % 2 == 0 ? i / 2 % SIDE : i / 2 / SIDE) / (SIDE - 1);
        }
        var hidden = Network.input(2).layer(Dense.of(units).weights(new Initializer.Normal(0, 1)));
        var seed = lab.seed().derive(units + (relu ? "relu" : "tanh") + start);
        try (var _ = Scope.open(); Network net = (relu ? hidden.relu() : hidden.tanh()).dense(1).build(seed, DType.F64)) {
            Tensor x = Tensor.of(places, SIDE * SIDE, 2);
            double loss = Lbfgs.of(net, Loss.meanSquaredError()).iterations(iterations).history(40).gradientTolerance(1e-11)
                    .fit(x, Tensor.of(target, SIDE * SIDE, 1)).loss();
            return new Fit(loss, net.predict(x).toDoubles());
        }
    }

    /** In rows from the lowest y up, with mean 0 and variance 1. */
    private static double[] target() {
        double[] z = new double[SIDE * SIDE];
        double mean = 0;
        double square = 0;
        for (int i = 0; i < z.length; i++) {
            double x = LEAST + (MOST - LEAST) * (i % SIDE) / (SIDE - 1);
            double y = LEAST + (MOST - LEAST) * (i / SIDE) / (SIDE - 1);
            z[i] = 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x);
            mean += z[i] / z.length;
        }
        for (double v : z) {
            square += (v - mean) * (v - mean) / z.length;
        }
        for (int i = 0; i < z.length; i++) {
            z[i] = (z[i] - mean) / Math.sqrt(square);
        }
        return z;
    }

    private static BufferedImage plot(String title, double[] surface) {
        double[] fromTop = new double[surface.length];
        for (int i = 0; i < fromTop.length; i++) {
            fromTop[i] = surface[(SIDE - 1 - i / SIDE) * SIDE + i % SIDE];
        }
        return Plot.of(title, LEAST, MOST, LEAST, MOST).axes("x", "y").side(260).heat(fromTop, SIDE, SIDE, -1, 4).draw();
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.2e", v);
    }
}
