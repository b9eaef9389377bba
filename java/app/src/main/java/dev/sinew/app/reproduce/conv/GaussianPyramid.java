package dev.sinew.app.reproduce.conv;

import dev.sinew.DType;
import dev.sinew.Scope;
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
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Smoothing and subsampling, level by level: a convolutional net with fixed weights and nothing nonlinear. */
final class GaussianPyramid implements Reproduction {
    private static final double[] WEIGHTS = {1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0};
    private static final int LEVELS = 5;
    private static final Window SMOOTH = Window.of(5, 5).pad(2, 2);

    @Override
    public String id() {
        return "gaussian-pyramid";
    }

    @Override
    public String title() {
        return "The Gaussian pyramid: convolution and pooling with fixed weights";
    }

    @Override
    public String about() {
        return "Each level is the one below, smoothed by `w = [1 4 6 4 1] / 16` along rows and columns, of which every second row and column is kept:"
                + " `g(k+1)[i, j] = sum over m, n of w[m] w[n] g(k)[2i + m, 2j + n]`. That is a convolution and a subsampling, as in LeNet, and yet"
                + " not all there is to a net: without anything nonlinear the whole stack is a single convolution with larger weights.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        try (var _ = Scope.open()) {
            Photo photo = Photo.colour(lab.photograph("china"), 0, 0, 640, 427);
            List<Tensor> levels = new ArrayList<>(List.of(photo.tensor()));
            List<Tensor> unsmoothed = new ArrayList<>(levels);
            Photo plain = photo;
            List<List<String>> rows = new ArrayList<>();
            double most = 0;
            double pooled = 0;
            double brightness = 0;
            for (int k = 1; k <= LEVELS; k++) {
                Tensor below = levels.getLast();
                Tensor level = smooth(below, 2);
                // the same as two layers: a convolution, then a pooling whose windows hold one pixel each
                Tensor twoLayers = Pooling.average(smooth(below, 1), Window.of(1, 1).stride(2), false, true);
                plain = plain(plain);
                double difference = Photo.difference(plain.values(), level.toDoubles());
                most = Math.max(most, difference);
                pooled = Math.max(pooled, Photo.difference(level.toDoubles(), twoLayers.toDoubles()));
                brightness = Math.max(brightness, Math.abs(level.mean().item() - levels.getFirst().mean().item()));
                rows.add(List.of("" + k, plain.columns() + " x " + plain.rows(), String.format(Locale.ROOT, "%.1e", difference)));
                levels.add(level);
                unsmoothed.add(Pooling.average(unsmoothed.getLast(), Window.of(1, 1).stride(2), false, true));
            }
            findings.atMost("all levels: largest difference to plain loops", 1e-5, most, "%.1e");
            findings.atMost("convolution, then pooling, to a convolution with stride 2", 1e-6, pooled, "%.1e");
            findings.atMost("mean brightness of any level to the photograph's", 0.01, brightness, "%.4f");
            findings.atMost("level 3 as one convolution of 29 x 29, stride 8: difference inside", 1e-5, asOne(levels.getFirst(), levels.get(3)), "%.1e");
            Tensor board = chequerboard();
            findings.near("a chequerboard of 0 and 1 smoothed and subsampled", 0.5, farthest(smooth(board, 2), 0.5), 1e-6, "%.6f");
            findings.near("the same, subsampled only: all black, which is false", 0,
                    Pooling.average(board, Window.of(1, 1).stride(2), false, true).mean().item(), 1e-6, "%.6f");
            findings.picture(tower(levels), "The photograph (640 x 427) and five levels of its pyramid, at their own sizes.");
            findings.plot(Plot.grid(List.of(part(levels.get(2)), part(unsmoothed.get(2)), part(levels.get(3)), part(unsmoothed.get(3))),
                    List.of("level 2", "every 4th pixel, not smoothed", "level 3", "every 8th pixel, not smoothed"), 2, 380),
                    "Two levels enlarged, beside what comes of keeping every fourth and eighth pixel without smoothing: fine lines turn into"
                    + " jags and false patterns.");
            Curves curves = Curves.of("Weights of the single convolution that equals k levels", "pixels from the middle / 2^k", "weight x 2^k");
            for (int k = 1; k <= 4; k++) {
                double[] weights = composed(k);
                double[] at = new double[weights.length];
                int scale = 1 << k;
                Arrays.setAll(at, i -> (i - weights.length / 2) / (double) scale);
                curves.add(k + (k == 1 ? " level" : " levels"), at, Arrays.stream(weights).map(w -> w * scale).toArray());
            }
            findings.plot(curves.draw(), "With every level the combined weights come closer to one bell-shaped curve, hence the pyramid's name.");
            findings.table("The levels, beside the same computed in double precision by plain loops", List.of("level", "size", "largest difference"), rows);
        }
    }

    /** Red, green and blue each by themselves, the outermost pixels repeated around the image. */
    private static Tensor smooth(Tensor x, int stride) {
        long c = x.shape().dim(1);
        return Convolution.conv(x, square(WEIGHTS, c), null, SMOOTH.stride(stride), PadMode.REPLICATE, c);
    }

    /** w[m] w[n], for each channel: [channels, 1, size, size]. */
    private static Tensor square(double[] w, long channels) {
        double[] all = new double[(int) channels * w.length * w.length];
        Arrays.setAll(all, i -> w[i / w.length % w.length] * w[i % w.length]);
        return Tensor.of(all, channels, 1, w.length, w.length).cast(DType.F32);
    }

    private static Photo plain(Photo x) {
        int rows = (x.rows() + 1) / 2;
        int columns = (x.columns() + 1) / 2;
        double[] y = new double[x.channels() * rows * columns];
        for (int i = 0; i < y.length; i++) {
            int channel = i / (rows * columns) * x.rows() * x.columns();
            for (int m = -2; m <= 2; m++) {
                for (int n = -2; n <= 2; n++) {
                    int row = Math.clamp(2 * (i / columns % rows) + m, 0, x.rows() - 1);
                    int column = Math.clamp(2 * (i % columns) + n, 0, x.columns() - 1);
                    y[i] += WEIGHTS[m + 2] * WEIGHTS[n + 2] * x.values()[channel + row * x.columns() + column];
                }
            }
        }
        return new Photo(y, x.channels(), rows, columns);
    }

    /** The weights that k levels amount to: each level's own lie twice as far apart as those of the one below. */
    private static double[] composed(int k) {
        double[] all = {1};
        for (int level = 0; level < k; level++) {
            double[] next = new double[all.length + (4 << level)];
            for (int i = 0; i < all.length; i++) {
                for (int m = 0; m < 5; m++) {
                    next[i + (m << level)] += all[i] * WEIGHTS[m];
                }
            }
            all = next;
        }
        return all;
    }

    /** The largest difference away from the border, where the two see the same pixels. */
    private static double asOne(Tensor photograph, Tensor level) {
        double[] weights = composed(3);
        Window window = Window.of(weights.length, weights.length).pad(weights.length / 2, weights.length / 2).stride(8);
        Tensor one = Convolution.conv(photograph, square(weights, 3), null, window, PadMode.ZEROS, 3);
        return Photo.difference(inside(one), inside(level));
    }

    private static double[] inside(Tensor x) {
        return x.slice(2, 2, x.shape().dim(2) - 4).slice(3, 2, x.shape().dim(3) - 4).toDoubles();
    }

    /** Black at even places, which are those that a subsampling keeps, where row and column are counted together. */
    private static Tensor chequerboard() {
        float[] board = new float[64 * 64];
        for (int i = 0; i < board.length; i++) {
            board[i] = (i / 64 + i % 64) % 2;
        }
        return Tensor.of(board, 1, 1, 64, 64);
    }

    /** The value inside that is farthest from one. */
    private static double farthest(Tensor x, double from) {
        double farthest = from;
        for (double v : inside(x)) {
            farthest = Math.abs(v - from) >= Math.abs(farthest - from) ? v : farthest;
        }
        return farthest;
    }

    /** The first level with the others in a column to its right. */
    private static BufferedImage tower(List<Tensor> levels) {
        BufferedImage tower = new BufferedImage(640 + 8 + 320, 427, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = tower.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, tower.getWidth(), tower.getHeight());
        int y = 0;
        for (int k = 0; k < levels.size(); k++) {
            BufferedImage level = Photo.of(levels.get(k)).picture(0, 1);
            g.drawImage(level, k == 0 ? 0 : 648, y, null);
            y += k == 0 ? 0 : level.getHeight() + 2;
        }
        g.dispose();
        return tower;
    }

    private static BufferedImage part(Tensor level) {
        return Photo.of(level).picture(0, 1);
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), Photo.class);
    }
}
