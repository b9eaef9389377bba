package dev.sinew.data.transform;

import dev.sinew.Shape;
import java.util.Arrays;

/**
 * A part of the image, padded first if asked for.
 *
 * @param height of the part
 * @param width of the part
 * @param random whether it lies anywhere, else in the middle
 * @param padding pixels added to every side before
 * @param background what they are; of a mask 0
 */
public record Crop(int height, int width, boolean random, int padding, double background) implements Transform {
    /** Checks the sizes. */
    public Crop {
        Images.positive("crop", "height", height);
        Images.positive("crop", "width", width);
        Images.within("crop", "padding", padding, 0, 1 << 20);
        Images.finite("crop", "background", background);
    }

    /** From the middle. */
    public static Crop center(int height, int width) {
        return new Crop(height, width, false, 0, 0);
    }

    /** From anywhere. */
    public static Crop random(int height, int width) {
        return new Crop(height, width, true, 0, 0);
    }

    /** With that many pixels of that value around it before. */
    public Crop padded(int pixels, double value) {
        return new Crop(height, width, random, pixels, value);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("crop", input);
        if (height > input.dim(1) + 2L * padding || width > input.dim(2) + 2L * padding) {
            throw new IllegalArgumentException("crop: " + height + " x " + width + " pixels are more than images " + input + " with padding "
                    + padding + " have");
        }
        return Shape.of(input.dim(0), height, width);
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        return cropped(values, shape, draw, (float) background);
    }

    @Override
    public float[] applyToMask(float[] mask, Shape shape, Draw draw) {
        return cropped(mask, shape, draw, 0);
    }

    private float[] cropped(float[] values, Shape shape, Draw draw, float outside) {
        int oldHeight = Images.height(shape);
        int oldWidth = Images.width(shape);
        int freeHeight = oldHeight + 2 * padding - height;
        int freeWidth = oldWidth + 2 * padding - width;
        int top = (random ? draw.below(freeHeight + 1) : freeHeight / 2) - padding;
        int left = (random ? draw.below(freeWidth + 1) : freeWidth / 2) - padding;
        int begin = Math.max(0, -left);
        int count = Math.max(0, Math.min(width, oldWidth - left) - begin);
        float[] out = new float[Images.channels(shape) * height * width];
        if (padding > 0) {
            Arrays.fill(out, outside);
        }
        for (int c = 0; c < Images.channels(shape); c++) {
            for (int y = Math.max(0, -top); y < Math.min(height, oldHeight - top); y++) {
                System.arraycopy(values, (c * oldHeight + top + y) * oldWidth + left + begin, out, (c * height + y) * width + begin, count);
            }
        }
        return out;
    }

    @Override
    public String toString() {
        return "crop " + height + "x" + width + (random ? " at random" : " from the middle")
                + (padding > 0 ? " after padding by " + padding + " with " + background : "");
    }
}
