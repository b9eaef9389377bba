package dev.sinew.app.reproduce.conv;

import dev.sinew.Broadcast;
import dev.sinew.Tensor;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.PadMode;
import dev.sinew.functional.Window;
import dev.sinew.graph.Gradients;
import java.util.List;

/**
 * Parts in a tree, each joined to its parent by a spring: S(x, z) = sum of w_i . x(z_i) - sum of a_i |z_i - z_parent - anchor_i|^2.
 * The weights are those of the likelihood ratio of templates to a plain ground, in white noise.
 *
 * @param parts the root first, parents before their children
 * @param side of the templates, odd
 * @param noise deviation of the noise in the image
 * @param ground brightness to expect where there is no part: what the templates' likelihood is compared to
 */
record PartModel(List<Part> parts, int side, double noise, double ground) {
    /** Lower than any score. */
    private static final double NOWHERE = -1e9;

    /**
     * A part.
     *
     * @param template what it looks like, [side, side]
     * @param parent number of the part it hangs on; -1: none
     * @param dy where its middle lies from the parent's, in rows
     * @param dx the same in columns
     * @param spring a: what a displacement costs for each square pixel
     */
    record Part(double[] template, int parent, int dy, int dx, double spring) {}

    /** Scores and the places of the parts, [image][part] as row * columns + column. */
    record Found(double[] scores, int[][] places) {}

    /** The same with other springs. */
    PartModel springs(double a) {
        return new PartModel(parts.stream().map(p -> new Part(p.template, p.parent, p.dy, p.dx, a)).toList(), side, noise, ground);
    }

    private double weight(int part, int i) {
        return (parts.get(part).template[i] - ground) / (noise * noise);
    }

    private double bias(int part) {
        double sum = 0;
        for (double v : parts.get(part).template) {
            sum -= (v * v - ground * ground) / (2 * noise * noise);
        }
        return sum;
    }

    /**
     * As a net: one convolution for all parts, then from the leaves to the root a maximum over places with the spring's cost, and
     * sums. The places are where the gradient of the scores arrives: a maximum passes it to its best place alone.
     *
     * @param images [N, 1, H, W]
     */
    Found byNet(Tensor images) {
        int n = parts.size();
        float[] weights = new float[n * side * side];
        float[] biases = new float[n];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) weight(i / (side * side), i % (side * side));
        }
        Tensor[] sums = new Tensor[n];
        for (int i = 0; i < n; i++) {
            biases[i] = (float) bias(i);
        }
        Window window = Window.of(side, side).pad(side / 2, side / 2);
        Tensor fits = Convolution.conv(images, Tensor.of(weights, n, 1, side, side), Tensor.of(biases, n), window, PadMode.ZEROS, 1);
        for (int i = 0; i < n; i++) {
            sums[i] = fits.slice(1, i, 1);
        }
        for (int i = n - 1; i > 0; i--) {
            Part p = parts.get(i);
            Tensor message = best(best(sums[i], 2, p.dy, p.spring), 3, p.dx, p.spring);
            sums[p.parent] = sums[p.parent].add(message);
        }
        Tensor scores = sums[0].max(1, 2, 3);
        int area = (int) (images.shape().dim(2) * images.shape().dim(3));
        int[] at = Gradients.of(scores.sum(), fits).get(fits).reshape(-1, area).argmax(1).toInts();
        int[][] places = new int[(int) images.shape().dim(0)][n];
        for (int i = 0; i < at.length; i++) {
            places[i / n][i % n] = at[i];
        }
        return new Found(scores.toDoubles(), places);
    }

    /** y[p] = maximum over q of x[q] - a (q - p - anchor)^2 along one dimension: a pooling over all places, with a cost. */
    private static Tensor best(Tensor x, int dim, int anchor, double a) {
        long size = x.shape().dim(dim);
        long[] around = {0, 0, dim == 2 ? size - 1 : 0, dim == 3 ? size - 1 : 0};
        int taps = (int) (2 * size - 1);
        float[] cost = new float[taps];
        for (int i = 0; i < taps; i++) {
            double d = i - (size - 1) - anchor;
            cost[i] = (float) (-a * d * d);
        }
        Window window = dim == 2 ? Window.of(taps, 1) : Window.of(1, taps);
        Tensor columns = Convolution.unfold(x.pad(around, around, NOWHERE), window);
        return columns.add(Tensor.of(cost, 1, taps, 1), Broadcast.YES).max(1).reshape(x.shape().dims());
    }

    /** The same for one image by dynamic programming over all pairs of places, in double precision. */
    Found byProgramming(double[] image, int rows, int columns) {
        int n = parts.size();
        int area = rows * columns;
        double[][] sums = new double[n][area];
        for (int i = 0; i < n; i++) {
            for (int z = 0; z < area; z++) {
                sums[i][z] = bias(i);
                for (int k = 0; k < side * side; k++) {
                    int row = z / columns + k / side - side / 2;
                    int column = z % columns + k % side - side / 2;
                    sums[i][z] += row < 0 || row >= rows || column < 0 || column >= columns ? 0 : weight(i, k) * image[row * columns + column];
                }
            }
        }
        int[][] choice = new int[n][area];
        for (int i = n - 1; i >= 0; i--) {
            Part p = parts.get(i);
            for (int parent = 0; parent < (i == 0 ? 1 : area); parent++) {
                double most = Double.NEGATIVE_INFINITY;
                for (int z = 0; z < area; z++) {
                    double dy = z / columns - parent / columns - p.dy;
                    double dx = z % columns - parent % columns - p.dx;
                    double score = sums[i][z] - (i == 0 ? 0 : p.spring * (dy * dy + dx * dx));
                    if (score > most) {
                        most = score;
                        choice[i][parent] = z;
                    }
                }
                if (i > 0) {
                    sums[p.parent][parent] += most;
                }
            }
        }
        int[] places = new int[n];
        for (int i = 0; i < n; i++) {
            places[i] = choice[i][i == 0 ? 0 : places[parts.get(i).parent]];
        }
        return new Found(new double[] {sums[0][places[0]]}, new int[][] {places});
    }
}
