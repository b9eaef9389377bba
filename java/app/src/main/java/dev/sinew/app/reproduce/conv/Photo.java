package dev.sinew.app.reproduce.conv;

import dev.sinew.DType;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Plot;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * A photograph as numbers.
 *
 * @param values from 0 to 1, [channels, rows, columns]
 */
record Photo(double[] values, int channels, int rows, int columns) {
    /** Red, green and blue of a part of an image. */
    static Photo colour(BufferedImage image, int left, int top, int width, int height) {
        double[] values = new double[3 * width * height];
        for (int i = 0; i < width * height; i++) {
            int rgb = image.getRGB(left + i % width, top + i / width);
            for (int c = 0; c < 3; c++) {
                values[c * width * height + i] = (rgb >> 16 - 8 * c & 255) / 255.0;
            }
        }
        return new Photo(values, 3, height, width);
    }

    /** The same without colour: 0.299 red + 0.587 green + 0.114 blue. */
    Photo gray() {
        double[] gray = new double[rows * columns];
        Arrays.setAll(gray, i -> 0.299 * values[i] + 0.587 * values[gray.length + i] + 0.114 * values[2 * gray.length + i]);
        return new Photo(gray, 1, rows, columns);
    }

    /** The first sample of [N, C, H, W]. */
    static Photo of(Tensor x) {
        int[] s = Arrays.stream(x.shape().dims()).mapToInt(Math::toIntExact).toArray();
        return new Photo(Arrays.copyOf(x.toDoubles(), s[1] * s[2] * s[3]), s[1], s[2], s[3]);
    }

    /** [1, C, H, W] in single precision. */
    Tensor tensor() {
        return Tensor.of(values, 1, channels, rows, columns).cast(DType.F32);
    }

    /** Its values from {@code black} to {@code white} as a picture. */
    BufferedImage picture(double black, double white) {
        double[] shares = Arrays.stream(values).map(v -> (v - black) / (white - black)).toArray();
        if (channels == 1) {
            return Plot.gray(shares, rows, columns);
        }
        BufferedImage image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < rows * columns; i++) {
            int rgb = 0;
            for (int c = 0; c < 3; c++) {
                rgb = rgb << 8 | (int) Math.round(255 * Math.clamp(shares[c * rows * columns + i], 0, 1));
            }
            image.setRGB(i % columns, i / columns, rgb);
        }
        return image;
    }

    /** The largest difference of two lists of numbers; infinite when one is not a number. */
    static double difference(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(a.length + " numbers beside " + b.length);
        }
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            double d = Math.abs(a[i] - b[i]);
            most = d <= most ? most : Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
        }
        return most;
    }
}
