package dev.sinew.data.transform;

import dev.sinew.Shape;
import java.util.Objects;

/**
 * Images at another size, height and width each scaled to it. The centres of pixels are at halves: those of the first and the
 * last pixel move as the whole does (as with align_corners off).
 *
 * @param height of the result
 * @param width of the result
 * @param method how
 */
public record Resize(int height, int width, Method method) implements Transform {
    /** How a new pixel comes from the old ones. */
    public enum Method {
        /** The nearest. */
        NEAREST,
        /** The mean of what it covers; linear between two when enlarging. */
        AREA,
        /** Weighted by a triangle, widened when reducing. */
        LINEAR,
        /** Weighted by Keys' cubic (1981, equation 4 with a = -1/2), widened when reducing. */
        CUBIC
    }

    /** Checks the size. */
    public Resize {
        Images.positive("resize", "height", height);
        Images.positive("resize", "width", width);
        Objects.requireNonNull(method, "method");
    }

    /** By {@link Method#AREA}. */
    public static Resize to(int height, int width) {
        return new Resize(height, width, Method.AREA);
    }

    /** With another method. */
    public Resize by(Method other) {
        return new Resize(height, width, other);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("resize", input);
        return Shape.of(input.dim(0), height, width);
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        return apply(values, shape);
    }

    @Override
    public float[] applyToMask(float[] mask, Shape shape, Draw draw) {
        return by(Method.NEAREST).apply(mask, shape);
    }

    /** Resizes an image [channels, height, width]. */
    public float[] apply(float[] values, Shape shape) {
        int channels = Images.channels(shape);
        int oldHeight = Images.height(shape);
        int oldWidth = Images.width(shape);
        if (oldHeight == height && oldWidth == width) {
            return values;
        }
        Window[] across = windows(oldWidth, width);
        Window[] down = windows(oldHeight, height);
        float[] out = new float[channels * height * width];
        float[] rows = new float[oldHeight * width];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < oldHeight; y++) {
                for (int x = 0; x < width; x++) {
                    rows[y * width + x] = across[x].sum(values, (c * oldHeight + y) * oldWidth, 1);
                }
            }
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    out[(c * height + y) * width + x] = down[y].sum(rows, x, width);
                }
            }
        }
        return out;
    }

    /** The old pixels from {@code first} on with their weights in a new one. */
    private record Window(int first, float[] weights) {
        float sum(float[] values, int offset, int step) {
            double sum = 0;
            for (int i = 0; i < weights.length; i++) {
                sum += (double) weights[i] * values[offset + (first + i) * step];
            }
            return (float) sum;
        }
    }

    private Window[] windows(int from, int to) {
        double step = (double) from / to;
        Window[] windows = new Window[to];
        for (int i = 0; i < to; i++) {
            windows[i] = switch (method) {
                case NEAREST -> new Window(Math.min(from - 1, (int) ((i + 0.5) * step)), new float[] {1});
                case AREA -> step >= 1 ? covered(i * step, (i + 1) * step, from) : weighted((i + 0.5) * step, 1, 1, from);
                case LINEAR -> weighted((i + 0.5) * step, Math.max(1, step), 1, from);
                case CUBIC -> weighted((i + 0.5) * step, Math.max(1, step), 2, from);
            };
        }
        return windows;
    }

    private static Window covered(double begin, double end, int from) {
        int first = (int) begin;
        int last = (int) Math.min(from, Math.ceil(end));
        float[] weights = new float[last - first];
        for (int j = first; j < last; j++) {
            weights[j - first] = (float) ((Math.min(j + 1, end) - Math.max(j, begin)) / (end - begin));
        }
        return new Window(first, weights);
    }

    /** Weights of a kernel around a place, of pixels that exist, divided by their sum. */
    private static Window weighted(double centre, double scale, int radius, int from) {
        int first = (int) Math.max(0, Math.floor(centre - radius * scale));
        int last = (int) Math.min(from, Math.ceil(centre + radius * scale));
        double[] exact = new double[last - first];
        double sum = 0;
        for (int j = 0; j < exact.length; j++) {
            double x = Math.abs((first + j + 0.5 - centre) / scale);
            exact[j] = radius == 1 ? Math.max(0, 1 - x) : keys(x);
            sum += exact[j];
        }
        float[] weights = new float[exact.length];
        for (int j = 0; j < exact.length; j++) {
            weights[j] = (float) (exact[j] / sum);
        }
        return new Window(first, weights);
    }

    private static double keys(double x) {
        if (x < 1) {
            return (1.5 * x - 2.5) * x * x + 1;
        }
        return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }

    @Override
    public String toString() {
        return "resize to " + height + "x" + width + " by " + method.name().toLowerCase(java.util.Locale.ROOT);
    }
}
