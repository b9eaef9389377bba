package dev.sinew.app.reproduce.linear;

import dev.sinew.DType;
import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Curves;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Sgd;
import dev.sinew.train.Trainer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Least squares by gradient descent on a photograph, beside the normal equations. */
final class LinearRegression implements Reproduction {
    /** Red, blue, row and column of a pixel. */
    private static final int INPUTS = 4;
    private static final int STEP = 7;

    @Override
    public String id() {
        return "linear-regression";
    }

    @Override
    public String title() {
        return "Linear regression: the green of a photograph from its red and blue";
    }

    @Override
    public String about() {
        return "One unit without activation, `f(x) = w . x + b`, minimises `L = 1/(2N) sum (y - f(x))^2` by gradient descent, with the gradient"
                + " `1/N sum (f(x) - y) x`. The minimum is also known in closed form, `(X^T X) w = X^T y`, and both must agree.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        BufferedImage photograph = lab.photograph("china");
        int columns = photograph.getWidth() / STEP;
        int rows = photograph.getHeight() / STEP;
        int n = rows * columns;
        double[] x = new double[n * INPUTS];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            int row = i / columns;
            int column = i % columns;
            int rgb = photograph.getRGB(column * STEP, row * STEP);
            double[] in = {(rgb >> 16 & 255) / 255.0, (rgb & 255) / 255.0, (double) row / rows, (double) column / columns};
            System.arraycopy(in, 0, x, i * INPUTS, INPUTS);
            y[i] = (rgb >> 8 & 255) / 255.0;
        }
        standardise(x);
        double[] exact = normalEquations(x, y);
        try (var _ = Scope.open(); Network net = Network.input(INPUTS).dense(1).build(lab.seed(), DType.F64)) {
            Tensor inputs = Tensor.of(x, n, INPUTS);
            Tensor targets = Tensor.of(y, n, 1);
            double[] losses = new double[400];
            try (var step = Trainer.of(net, Loss.meanSquaredError(), Sgd.rate(0.05).nesterov(0.9)).compile(n)) {
                for (int i = 0; i < losses.length; i++) {
                    losses[i] = step.step(inputs, targets, 0.05) / 2;
                }
            }
            double[] weights = net.parameter("dense1.weight").toDoubles();
            double bias = net.parameter("dense1.bias").item();
            double far = Math.abs(bias - exact[INPUTS]);
            for (int i = 0; i < INPUTS; i++) {
                far = Math.max(far, Math.abs(weights[i] - exact[i]));
            }
            findings.check("largest distance to the normal equations' weights", "<= 1e-4", String.format(Locale.ROOT, "%.1e", far), far <= 1e-4);
            findings.table("Weights of the standardised inputs", List.of("", "red", "blue", "row", "column", "b"),
                    List.of(row("gradient descent", weights, bias), row("normal equations", exact, exact[INPUTS])));
            double[] predicted = net.predict(inputs).toDoubles();
            findings.plot(Plot.grid(List.of(Plot.gray(y, rows, columns), Plot.gray(predicted, rows, columns), Plot.signed(difference(y, predicted), rows, columns)),
                    List.of("green, as it is", "green, predicted", "difference: orange too dark, blue too bright"), 3, 300),
                    "The photograph's green at every seventh pixel, and what the line makes of red, blue and place.");
            double least = loss(x, y, exact);
            double[] above = new double[losses.length];
            for (int i = 0; i < above.length; i++) {
                above[i] = Math.max(1e-17, losses[i] - least);
            }
            findings.plot(Curves.of("Loss above its minimum", "step", "L - L(min)").logarithmic().add("gradient descent", above).draw(),
                    "How far the loss is above that of the normal equations, over the steps of full-batch gradient descent with Nesterov's momentum.");
        }
    }

    private static void standardise(double[] x) {
        int n = x.length / INPUTS;
        for (int k = 0; k < INPUTS; k++) {
            double mean = 0;
            double square = 0;
            for (int i = 0; i < n; i++) {
                mean += x[i * INPUTS + k] / n;
            }
            for (int i = 0; i < n; i++) {
                square += (x[i * INPUTS + k] - mean) * (x[i * INPUTS + k] - mean) / n;
            }
            for (int i = 0; i < n; i++) {
                x[i * INPUTS + k] = (x[i * INPUTS + k] - mean) / Math.sqrt(square);
            }
        }
    }

    /** Weights, then b, by elimination with pivoting. */
    private static double[] normalEquations(double[] x, double[] y) {
        int size = INPUTS + 1;
        double[][] a = new double[size][size + 1];
        for (int i = 0; i < y.length; i++) {
            for (int r = 0; r < size; r++) {
                double v = r < INPUTS ? x[i * INPUTS + r] : 1;
                for (int c = 0; c < size; c++) {
                    a[r][c] += v * (c < INPUTS ? x[i * INPUTS + c] : 1);
                }
                a[r][size] += v * y[i];
            }
        }
        for (int p = 0; p < size; p++) {
            int best = p;
            for (int r = p + 1; r < size; r++) {
                best = Math.abs(a[r][p]) > Math.abs(a[best][p]) ? r : best;
            }
            double[] swapped = a[p];
            a[p] = a[best];
            a[best] = swapped;
            for (int r = 0; r < size; r++) {
                double factor = r == p ? 0 : a[r][p] / a[p][p];
                for (int c = p; c <= size && factor != 0; c++) {
                    a[r][c] -= factor * a[p][c];
                }
            }
        }
        double[] solution = new double[size];
        for (int r = 0; r < size; r++) {
            solution[r] = a[r][size] / a[r][r];
        }
        return solution;
    }

    private static double loss(double[] x, double[] y, double[] w) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            double f = w[INPUTS];
            for (int k = 0; k < INPUTS; k++) {
                f += w[k] * x[i * INPUTS + k];
            }
            sum += (y[i] - f) * (y[i] - f);
        }
        return sum / (2 * y.length);
    }

    private static double[] difference(double[] a, double[] b) {
        double[] d = new double[a.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = a[i] - b[i];
        }
        return d;
    }

    private static List<String> row(String name, double[] w, double b) {
        return List.of(name, text(w[0]), text(w[1]), text(w[2]), text(w[3]), text(b));
    }

    private static String text(double v) {
        return String.format(Locale.ROOT, "%.6f", v);
    }
}
