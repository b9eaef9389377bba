package dev.sinew.metrics;

import dev.sinew.Tensor;
import java.util.Arrays;

/** How alike two images are. */
public final class ImageQuality {
    private static final int WINDOW = 11;
    private static final double SIGMA = 1.5;

    private ImageQuality() {}

    /**
     * Peak signal-to-noise ratio in decibels: 10 log10(range^2 / mean squared error); infinite for equal images.
     *
     * @param range the largest possible value minus the smallest, such as 1 or 255
     */
    public static double psnr(Tensor a, Tensor b, double range) {
        requireComparable("psnr", a, b, range);
        Regression difference = new Regression();
        difference.add(a, b);
        return 10 * Math.log10(range * range / difference.meanSquaredError());
    }

    /**
     * The mean structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004, equation 13), -1 to 1, 1 for equal images: with a
     * Gaussian window of 11 x 11 pixels and sigma 1.5, C1 = (0.01 range)^2, C2 = (0.03 range)^2, biased variances, over the
     * places where the window lies within the image, and over all channels and images.
     *
     * @param a [..., H, W], H and W at least 11
     * @param b likewise
     * @param range the largest possible value minus the smallest, such as 1 or 255
     */
    public static double ssim(Tensor a, Tensor b, double range) {
        requireComparable("ssim", a, b, range);
        int rank = a.shape().rank();
        if (rank < 2 || a.shape().dim(rank - 1) < WINDOW || a.shape().dim(rank - 2) < WINDOW) {
            throw new IllegalArgumentException("ssim: needs images [..., H, W] of at least " + WINDOW + " x " + WINDOW + ", not " + a.spec());
        }
        int h = (int) a.shape().dim(rank - 2);
        int w = (int) a.shape().dim(rank - 1);
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        int planes = x.length / (h * w);
        double sum = 0;
        for (int plane = 0; plane < planes; plane++) {
            sum += ssim(Arrays.copyOfRange(x, plane * h * w, (plane + 1) * h * w),
                    Arrays.copyOfRange(y, plane * h * w, (plane + 1) * h * w), h, w, range);
        }
        return sum / planes;
    }

    private static double ssim(double[] x, double[] y, int h, int w, double range) {
        double c1 = Math.pow(0.01 * range, 2);
        double c2 = Math.pow(0.03 * range, 2);
        double[] mx = blurred(x, x, h, w, false);
        double[] my = blurred(y, y, h, w, false);
        double[] xx = blurred(x, x, h, w, true);
        double[] yy = blurred(y, y, h, w, true);
        double[] xy = blurred(x, y, h, w, true);
        double sum = 0;
        for (int i = 0; i < mx.length; i++) {
            double product = mx[i] * my[i];
            double squares = mx[i] * mx[i] + my[i] * my[i];
            sum += (2 * product + c1) * (2 * (xy[i] - product) + c2) / ((squares + c1) * (xx[i] + yy[i] - squares + c2));
        }
        return sum / mx.length;
    }

    /** The Gaussian mean of x, or of x times y, around every place where the window fits: rows first, then columns. */
    private static double[] blurred(double[] x, double[] y, int h, int w, boolean product) {
        double[] weights = new double[WINDOW];
        double total = 0;
        for (int k = 0; k < WINDOW; k++) {
            weights[k] = Math.exp(-Math.pow(k - WINDOW / 2, 2) / (2 * SIGMA * SIGMA));
            total += weights[k];
        }
        int outW = w - WINDOW + 1;
        int outH = h - WINDOW + 1;
        double[] rows = new double[h * outW];
        for (int i = 0; i < rows.length; i++) {
            int from = i / outW * w + i % outW;
            for (int k = 0; k < WINDOW; k++) {
                rows[i] += weights[k] / total * x[from + k] * (product ? y[from + k] : 1);
            }
        }
        double[] out = new double[outH * outW];
        for (int i = 0; i < out.length; i++) {
            for (int k = 0; k < WINDOW; k++) {
                out[i] += weights[k] / total * rows[i + k * outW];
            }
        }
        return out;
    }

    private static void requireComparable(String what, Tensor a, Tensor b, double range) {
        if (!a.shape().equals(b.shape())) {
            throw new IllegalArgumentException(what + ": the images " + a.spec() + " and " + b.spec() + " differ in shape");
        }
        if (!(range > 0) || Double.isInfinite(range)) {
            throw new IllegalArgumentException(what + ": the range must be positive and finite, not " + range);
        }
    }
}
