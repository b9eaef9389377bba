package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Pooling;
import dev.sinew.functional.Window;
import dev.sinew.graph.Gradients;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a pooling makes of a window: maximum, mean, norms, or one element drawn by lot. */
final class Pools implements Reproduction {
    private static final int SIDE = 9;
    private static final int PLANES = 6;

    /** A pooling in the library's operations; and as plain loops: the value of a window, and its derivatives. */
    private record Kind(String name, Operation operation, Value value, Derivative derivative) {
        private interface Operation {
            Tensor pool(Tensor x, Window window);
        }

        private interface Value {
            double of(double[] window);
        }

        private interface Derivative {
            double of(double[] window, int i, double value);
        }
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("maximum", (x, w) -> Pooling.max(x, w, false), v -> Arrays.stream(v).max().orElseThrow(), (v, i, y) -> v[i] == y ? 1 : 0),
            new Kind("average", (x, w) -> Pooling.average(x, w, false, true), v -> Arrays.stream(v).average().orElseThrow(),
                    (v, i, _) -> 1.0 / v.length),
            new Kind("L2", (x, w) -> mean(x, 2, w), v -> norm(v, 2), (v, i, y) -> v[i] / (y * v.length)),
            new Kind("Lp, p = 3", (x, w) -> mean(x.abs(), 3, w), v -> norm(v, 3),
                    (v, i, y) -> Math.signum(v[i]) * v[i] * v[i] / (y * y * v.length)));

    @Override
    public String id() {
        return "pooling";
    }

    @Override
    public String title() {
        return "Pooling: maximum, average, L2, Lp, stochastic, overlapping";
    }

    @Override
    public String about() {
        return "Pooling replaces each window of s x s values by one: by the `maximum`, the `average`, `L2: sqrt(1/s^2 sum x^2)`,"
                + " `Lp: (1/s^2 sum |x|^p)^(1/p)`, or by an element drawn with a probability in proportion to its value, `p_i = x_i / sum x`; windows"
                + " overlap where the stride is below s. The library's lp_pool, like that of other libraries, adds up without dividing by s^2: times"
                + " `s^(-2/p)` it is the deck's.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        try (var _ = Scope.open()) {
            List<List<String>> rows = new ArrayList<>();
            for (Kind kind : KINDS) {
                double forward = 0;
                double backward = 0;
                for (int[] w : new int[][] {{2, 2}, {3, 2}, {4, 1}}) {
                    double[] differences = compare(kind, w[0], w[1], lab);
                    forward = Math.max(forward, differences[0]);
                    backward = Math.max(backward, differences[1]);
                    rows.add(List.of(kind.name, w[0] + " x " + w[0] + ", stride " + w[1], text(differences[0]), text(differences[1])));
                }
                findings.atMost(kind.name + ", forward: largest difference to plain loops", 1e-5, forward, "%.1e");
                findings.atMost(kind.name + ", backward", 1e-5, backward, "%.1e");
            }
            stochastic(lab, findings);
            Photo photo = Photo.colour(lab.photograph("china"), 128, 150, 256, 256).gray();
            Tensor edges = edges(photo.tensor());
            powers(edges, findings);
            shown(photo, edges, lab, findings);
            findings.table("Largest differences to plain loops in double precision on random values", List.of("pooling", "window", "values", "gradients"), rows);
        }
    }

    /** The deck's norm: divided by the number of elements. */
    private static Tensor mean(Tensor x, double p, Window window) {
        return Pooling.lp(x, p, window, false).mul(Math.pow(window.taps(), -1 / p));
    }

    private static double norm(double[] v, double p) {
        return Math.pow(Arrays.stream(v).map(x -> Math.pow(Math.abs(x), p)).average().orElseThrow(), 1 / p);
    }

    /** The largest difference of the values and of the gradients of sum(seed * values). */
    private static double[] compare(Kind kind, int size, int stride, Lab lab) {
        Tensor x = Tensor.normal(Shape.of(1, PLANES, SIDE, SIDE), 0, 1, lab.seed().derive("x").value());
        Tensor y = kind.operation.pool(x, Window.of(size, size).stride(stride));
        Tensor seed = Tensor.normal(y.shape(), 0, 1, lab.seed().derive("dy").value());
        double[] gradient = Gradients.of(y.mul(seed).sum(), x).get(x).toDoubles();
        double[] in = x.toDoubles();
        double[] dy = seed.toDoubles();
        double[] expected = new double[dy.length];
        double[] dx = new double[in.length];
        int out = (SIDE - size) / stride + 1;
        for (int o = 0; o < expected.length; o++) {
            int corner = o / (out * out) * SIDE * SIDE + o / out % out * stride * SIDE + o % out * stride;
            double[] window = new double[size * size];
            Arrays.setAll(window, i -> in[corner + i / size * SIDE + i % size]);
            expected[o] = kind.value.of(window);
            for (int i = 0; i < window.length; i++) {
                dx[corner + i / size * SIDE + i % size] += dy[o] * kind.derivative.of(window, i, expected[o]);
            }
        }
        return new double[] {Photo.difference(expected, y.toDoubles()), Photo.difference(dx, gradient)};
    }

    /** Many windows of 1, 2, 3, 4: how often each is drawn; where the gradient goes; the mean. */
    private static void stochastic(Lab lab, Findings findings) {
        int side = 300;
        float[] values = new float[4 * side * side];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + i % 2 + 2 * (i / (2 * side) % 2);
        }
        Tensor x = Tensor.of(values, 1, 1, 2 * side, 2 * side);
        Window window = Window.of(2, 2).stride(2);
        Tensor y = Pooling.stochastic(x, window, lab.seed().derive("lots").value(), Tensor.of(new long[] {0}).reshape());
        float[] drawn = y.toFloats();
        double[] share = new double[5];
        for (float v : drawn) {
            share[Math.round(v)] += 1.0 / drawn.length;
        }
        double chi2 = 0;
        for (int v = 1; v <= 4; v++) {
            chi2 += drawn.length * (share[v] - v / 10.0) * (share[v] - v / 10.0) / (v / 10.0);
        }
        // 99.9 % of all chi-squares with 3 degrees of freedom are below 16.27
        findings.atMost("stochastic: chi-square of 90,000 draws from 1, 2, 3, 4", 16.27, chi2, "%.2f");
        float[] gradient = Gradients.of(y.sum(), x).get(x).toFloats();
        int right = 0;
        for (int o = 0; o < drawn.length; o++) {
            int corner = o / side * 4 * side + o % side * 2;
            double sum = 0;
            double at = 0;
            for (int i = 0; i < 4; i++) {
                int place = corner + i / 2 * 2 * side + i % 2;
                sum += gradient[place];
                at += gradient[place] * values[place];
            }
            right += sum == 1 && at == drawn[o] ? 1 : 0;
        }
        findings.equal("stochastic: windows whose gradient goes to the drawn element alone", drawn.length, right);
        double expected = (1 + 4 + 9 + 16) / 10.0;
        findings.near("stochastic, inference: mean of 1, 2, 3, 4 by their probabilities", expected, Pooling.stochasticMean(x, window).mean().item(), 1e-5, "%.4f");
        findings.near("stochastic: mean of the draws", expected, y.mean().item(), 4 * 1.0 / Math.sqrt(drawn.length), "%.4f");
        findings.table("How often each element of a window was drawn", List.of("element", "1", "2", "3", "4"), List.of(
                List.of("probability", "0.1", "0.2", "0.3", "0.4"),
                List.of("share of 90,000 draws", String.format(Locale.ROOT, "%.4f", share[1]), String.format(Locale.ROOT, "%.4f", share[2]),
                        String.format(Locale.ROOT, "%.4f", share[3]), String.format(Locale.ROOT, "%.4f", share[4]))));
    }

    /** |gradient| of the brightness. */
    private static Tensor edges(Tensor x) {
        Window window = Window.of(3, 3).pad(1, 1);
        Tensor weights = Tensor.of(new float[] {-1, 0, 1, -2, 0, 2, -1, 0, 1, -1, -2, -1, 0, 0, 0, 1, 2, 1}, 2, 1, 3, 3);
        Tensor both = Convolution.conv(x, weights, null, window, PadMode.REPLICATE, 1);
        return both.slice(1, 0, 1).square().add(both.slice(1, 1, 1).square()).add(1e-12).sqrt();
    }

    /** The norm as p grows: from the average to the maximum. */
    private static void powers(Tensor edges, Findings findings) {
        double[] p = {1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32};
        double[] at = new double[p.length];
        Window window = Window.of(8, 8).stride(8);
        Tensor positive = edges.add(1e-3);
        boolean rises = true;
        for (int i = 0; i < p.length; i++) {
            at[i] = mean(positive, p[i], window).mean().item();
            rises &= i == 0 || at[i] > at[i - 1];
        }
        double average = Pooling.average(positive, window, false, true).mean().item();
        double most = Pooling.max(positive, window, false).mean().item();
        findings.check("Lp from p = 1 to 32 on a photograph's edges", "rises from the average towards the maximum",
                String.format(Locale.ROOT, "average %.4f, norms %.4f to %.4f, maximum %.4f", average, at[0], at[p.length - 1], most),
                rises && Math.abs(at[0] - average) < 1e-5 && at[p.length - 1] < most);
        double[] ends = {p[0], p[p.length - 1]};
        findings.plot(Curves.of("Lp pooling between average and maximum", "p", "mean of the pooled edges").add("Lp", p, at)
                .add("maximum", ends, new double[] {most, most}).add("average", ends, new double[] {average, average}).draw(),
                "Windows of 8 x 8 of a photograph's edges: the norm, averaged over all windows, as p grows.");
    }

    private static void shown(Photo photo, Tensor edges, Lab lab, Findings findings) {
        Window window = Window.of(4, 4).stride(4);
        Map<String, Tensor> pooled = new LinkedHashMap<>();
        pooled.put("its edges, 256 x 256", edges);
        for (Kind kind : KINDS) {
            pooled.put(kind.name, kind.operation.pool(edges, window));
        }
        pooled.put("stochastic: one draw", Pooling.stochastic(edges, window, lab.seed().value(), Tensor.of(new long[] {0}).reshape()));
        pooled.put("stochastic: inference", Pooling.stochasticMean(edges, window));
        pooled.put("maximum of 8 x 8, stride 4", Pooling.max(edges, Window.of(8, 8).stride(4), false));
        List<BufferedImage> pictures = new ArrayList<>(List.of(photo.picture(0, 1)));
        List<String> captions = new ArrayList<>(List.of("a part of a photograph"));
        pooled.forEach((name, values) -> {
            pictures.add(Photo.of(values).picture(0, 3.5));
            captions.add(name);
        });
        findings.plot(Plot.grid(pictures, captions, 3, 230), "The strength of a photograph's edges (white: strong), and each pooling of it over 4 x 4"
                + " windows to 64 x 64, all on one scale. Averages blur, maxima keep every strong edge, norms lie between.");
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.1e", v);
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), Photo.class);
    }
}
