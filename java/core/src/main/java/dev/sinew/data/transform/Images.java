package dev.sinew.data.transform;

import dev.sinew.Shape;

/** Checks that the transforms of images share. */
final class Images {
    private Images() {}

    static void require(String what, Shape shape) {
        if (shape.rank() != 3) {
            throw new IllegalArgumentException(what + ": needs images [channels, height, width], the samples are " + shape);
        }
    }

    static int positive(String what, String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + ": the " + name + " must be at least 1, not " + value);
        }
        return value;
    }

    static double within(String what, String name, double value, double least, double most) {
        // written so that NaN fails
        if (!(value >= least && value <= most) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + ": the " + name + " must be from " + least + " to " + most + ", not " + value);
        }
        return value;
    }

    static double finite(String what, String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(what + ": the " + name + " must be finite, not " + value);
        }
        return value;
    }

    static int channels(Shape shape) {
        return (int) shape.dim(0);
    }

    static int height(Shape shape) {
        return (int) shape.dim(1);
    }

    static int width(Shape shape) {
        return (int) shape.dim(2);
    }

    /** A rectangle of an image. */
    static float[] cut(float[] values, Shape shape, int top, int left, int height, int width) {
        int channels = channels(shape);
        float[] out = new float[channels * height * width];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                System.arraycopy(values, (c * height(shape) + top + y) * width(shape) + left, out, (c * height + y) * width, width);
            }
        }
        return out;
    }
}
