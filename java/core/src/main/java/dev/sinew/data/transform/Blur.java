package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Gaussian blur with a random standard deviation, cut off at 3 of them; the rim is continued outwards.
 *
 * @param least smallest standard deviation in pixels
 * @param most largest
 */
public record Blur(double least, double most) implements Transform {
    /** Checks the range. */
    public Blur {
        Images.within("blur", "smallest sigma", least, 0.01, 1000);
        Images.within("blur", "largest sigma", most, least, 1000);
    }

    /** Always with the same standard deviation. */
    public static Blur of(double sigma) {
        return new Blur(sigma, sigma);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("blur", input);
        return input;
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        return smooth(values, Images.channels(shape), Images.height(shape), Images.width(shape), draw.uniform(least, most), true);
    }

    /** Columns, then rows, convolved with a Gaussian; what lies outside is the rim, or 0. */
    static float[] smooth(float[] values, int channels, int height, int width, double sigma, boolean rim) {
        double[] kernel = kernel(sigma);
        float[] columns = new float[values.length];
        float[] out = new float[values.length];
        for (int c = 0; c < channels; c++) {
            int plane = c * height * width;
            for (int x = 0; x < width; x++) {
                convolve(values, columns, plane + x, height, width, kernel, rim);
            }
            for (int y = 0; y < height; y++) {
                convolve(columns, out, plane + y * width, width, 1, kernel, rim);
            }
        }
        return out;
    }

    private static double[] kernel(double sigma) {
        int radius = (int) Math.ceil(3 * sigma);
        double[] kernel = new double[2 * radius + 1];
        double sum = 0;
        for (int i = 0; i < kernel.length; i++) {
            double x = (i - radius) / sigma;
            kernel[i] = StrictMath.exp(-x * x / 2);
            sum += kernel[i];
        }
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] /= sum;
        }
        return kernel;
    }

    private static void convolve(float[] from, float[] to, int offset, int count, int step, double[] kernel, boolean rim) {
        int radius = kernel.length / 2;
        for (int i = 0; i < count; i++) {
            // the taps that lie within; the others are nothing, or the rim
            int first = Math.max(0, radius - i);
            int last = Math.min(kernel.length, count - i + radius);
            double sum = 0;
            for (int k = 0; k < first && rim; k++) {
                sum += kernel[k] * from[offset];
            }
            for (int k = first, at = offset + (i + first - radius) * step; k < last; k++, at += step) {
                sum += kernel[k] * from[at];
            }
            for (int k = last; k < kernel.length && rim; k++) {
                sum += kernel[k] * from[offset + (count - 1) * step];
            }
            to[offset + i * step] = (float) sum;
        }
    }

    @Override
    public String toString() {
        return "blur with sigma " + least + " to " + most;
    }
}
