package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.functional.Normalization;
import dev.sinew.functional.Normalization.ResponseForm;
import dev.sinew.graph.Gradients;
import dev.sinew.op.Window2d;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Local contrast normalisation over places, and response normalisation over channels. */
final class ContrastNormalization implements Reproduction {
    private static final int SIZE = 9;
    private static final double SIGMA = 2.25;
    /** The light at the left of the unevenly lit photograph; it is 1 at the right. */
    private static final double DIM = 0.15;

    @Override
    public String id() {
        return "contrast-norm";
    }

    @Override
    public String title() {
        return "Contrast normalisation: subtractive, divisive, and across channels";
    }

    @Override
    public String about() {
        return "The mean over a Gaussian window and all channels is subtracted, `v = x - G * x`, and the result divided by its local deviation,"
                + " `y = v / max(c, s)` with `s = sqrt(G * v^2)` and c the mean of s over the image: dim and bright parts become alike. Local response"
                + " normalisation divides by the neighbours among the channels instead, `y = x / (k + a sum x^2)^0.75`, with `a = alpha` in the AlexNet"
                + " paper and `a = alpha / size` in most libraries; windows of even size also lie differently.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        try (var _ = Scope.open()) {
            Photo photo = Photo.colour(lab.photograph("flower"), 120, 20, 400, 400);
            Photo small = Photo.colour(lab.photograph("flower"), 300, 180, 24, 18);
            Tensor window = Normalization.gaussian(SIZE, SIGMA);
            compare("subtractive", small, x -> Normalization.subtractive(x, window), ContrastNormalization::subtracted, lab, findings);
            compare("divisive", small, x -> Normalization.divisive(x, window), ContrastNormalization::divided, lab, findings);
            compare("both", small, x -> Normalization.localContrast(x, window), x -> divided(subtracted(x)), lab, findings);
            Photo maps = new Photo(Tensor.normal(Shape.of(12 * 5 * 7), 0, 2, lab.seed().derive("maps").value()).toDoubles(), 12, 5, 7);
            for (int size : new int[] {5, 4}) {
                compare("LRN of " + size + " channels, as in the AlexNet paper", maps,
                        x -> Normalization.localResponseNorm(x, size, 0.2, 0.75, 2, ResponseForm.SUM),
                        x -> responses(x, 0.2, (size - 1) / 2, size / 2), lab, findings);
                compare("LRN of " + size + " channels, alpha divided", maps,
                        x -> Normalization.localResponseNorm(x, size, 0.2, 0.75, 2, ResponseForm.MEAN),
                        x -> responses(x, 0.2 / size, size / 2, (size - 1) / 2), lab, findings);
            }
            findings.atMost("subtractive as a convolution by 1 - G: difference inside", 1e-5, asConvolution(photo.gray().tensor(), window), "%.1e");
            light(photo.gray(), window, findings);
        }
    }

    /** Values against plain loops; the gradient along a random direction against the slope of the loops' result. */
    private static void compare(String name, Photo photo, UnaryOperator<Tensor> library, UnaryOperator<Photo> plain, Lab lab, Findings findings) {
        Tensor x = photo.tensor();
        Tensor y = library.apply(x);
        findings.atMost(name + ": largest difference to plain loops", 1e-4, Photo.difference(plain.apply(photo).values(), y.toDoubles()), "%.1e");
        double[] direction = Tensor.normal(x.shape(), 0, 1, lab.seed().derive("direction").value()).toDoubles();
        Tensor seed = Tensor.normal(x.shape(), 0, 1, lab.seed().derive("seed").value());
        double[] gradient = Gradients.of(y.mul(seed).sum(), x).get(x).toDoubles();
        double[] dy = seed.toDoubles();
        double h = 1e-6;
        double slope = (dot(plain.apply(moved(photo, direction, h)).values(), dy) - dot(plain.apply(moved(photo, direction, -h)).values(), dy)) / (2 * h);
        double scale = Math.sqrt(dot(gradient, gradient) * dot(direction, direction) / direction.length);
        findings.atMost(name + ", backward: derivative along a direction, difference to the loops'", 1e-3,
                Math.abs(dot(gradient, direction) - slope) / scale, "%.1e");
    }

    private static Photo moved(Photo photo, double[] direction, double h) {
        double[] values = photo.values().clone();
        Arrays.setAll(values, i -> photo.values()[i] + h * direction[i]);
        return new Photo(values, photo.channels(), photo.rows(), photo.columns());
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** The weighted mean around each place over all channels; weights outside the image do not count. */
    private static double[] localMean(double[] values, Photo size) {
        double[] means = new double[size.rows() * size.columns()];
        for (int place = 0; place < means.length; place++) {
            double sum = 0;
            double weights = 0;
            for (int dy = -SIZE / 2; dy <= SIZE / 2; dy++) {
                for (int dx = -SIZE / 2; dx <= SIZE / 2; dx++) {
                    int row = place / size.columns() + dy;
                    int column = place % size.columns() + dx;
                    if (row >= 0 && row < size.rows() && column >= 0 && column < size.columns()) {
                        double weight = Math.exp(-(dx * dx + dy * dy) / (2 * SIGMA * SIGMA));
                        weights += weight;
                        for (int c = 0; c < size.channels(); c++) {
                            sum += weight * values[c * means.length + row * size.columns() + column] / size.channels();
                        }
                    }
                }
            }
            means[place] = sum / weights;
        }
        return means;
    }

    private static Photo subtracted(Photo x) {
        double[] means = localMean(x.values(), x);
        double[] y = x.values().clone();
        Arrays.setAll(y, i -> y[i] - means[i % means.length]);
        return new Photo(y, x.channels(), x.rows(), x.columns());
    }

    private static Photo divided(Photo x) {
        double[] deviations = Arrays.stream(localMean(Arrays.stream(x.values()).map(v -> v * v).toArray(), x)).map(Math::sqrt).toArray();
        double mean = Arrays.stream(deviations).average().orElseThrow();
        double[] y = x.values().clone();
        Arrays.setAll(y, i -> y[i] / Math.max(mean, deviations[i % deviations.length]));
        return new Photo(y, x.channels(), x.rows(), x.columns());
    }

    /** x / (2 + a sum of x^2 over so many channels before and after)^0.75. */
    private static Photo responses(Photo x, double a, int before, int after) {
        int area = x.rows() * x.columns();
        double[] y = new double[x.values().length];
        for (int i = 0; i < y.length; i++) {
            double sum = 0;
            for (int c = Math.max(0, i / area - before); c <= Math.min(x.channels() - 1, i / area + after); c++) {
                sum += x.values()[c * area + i % area] * x.values()[c * area + i % area];
            }
            y[i] = x.values()[i] / Math.pow(2 + a * sum, 0.75);
        }
        return new Photo(y, x.channels(), x.rows(), x.columns());
    }

    private static double asConvolution(Tensor x, Tensor window) {
        double[] weights = Arrays.stream(window.toDoubles()).map(w -> -w).toArray();
        weights[weights.length / 2] += 1;
        Tensor once = x.conv2d(new Photo(weights, 1, SIZE, SIZE).tensor(), null, Window2d.of(SIZE), 1);
        Tensor inside = Normalization.subtractive(x, window).slice(2, SIZE / 2, once.shape().dim(2)).slice(3, SIZE / 2, once.shape().dim(3));
        return Photo.difference(once.toDoubles(), inside.toDoubles());
    }

    /** A photograph in even light and in light that fades to the left. */
    private static void light(Photo photo, Tensor window, Findings findings) {
        double[] dimmed = photo.values().clone();
        Arrays.setAll(dimmed, i -> dimmed[i] * (DIM + (1 - DIM) * (i % photo.columns()) / (photo.columns() - 1)));
        List<BufferedImage> pictures = new ArrayList<>();
        double[][] normal = new double[2][];
        Photo uneven = new Photo(dimmed, 1, photo.rows(), photo.columns());
        for (Photo lit : List.of(photo, uneven)) {
            Tensor centred = Normalization.subtractive(lit.tensor(), window);
            Photo both = Photo.of(Normalization.divisive(centred, window));
            pictures.add(lit.picture(0, 1));
            pictures.add(Photo.of(centred).picture(-0.3, 0.3));
            pictures.add(both.picture(-2.5, 2.5));
            normal[pictures.size() / 3 - 1] = both.values();
        }
        double before = distance(photo.values(), dimmed);
        double after = distance(normal[0], normal[1]);
        findings.check("relative difference that uneven light makes: normalised, to the photographs'", "less than half",
                String.format(java.util.Locale.ROOT, "%.3f to %.3f", after, before), after < before / 2);
        findings.plot(Plot.grid(pictures, List.of("photograph", "subtractive", "subtractive and divisive", "in light that fades to the left", "subtractive",
                "subtractive and divisive"), 3, 250), "A photograph before and after (gray: 0). Below, the same in light that fades to " + Math.round(100 * DIM)
                + " % at the left: after both normalisations it looks nearly as it does in even light.");
    }

    /** |a - b| / |a|. */
    private static double distance(double[] a, double[] b) {
        double[] d = a.clone();
        Arrays.setAll(d, i -> a[i] - b[i]);
        return Math.sqrt(dot(d, d) / dot(a, a));
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), Photo.class);
    }
}
