package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Mirrors some images.
 *
 * @param sideways whether left and right change places, else top and bottom
 * @param probability of an image to be mirrored
 */
public record Flip(boolean sideways, double probability) implements Transform {
    /** Checks the probability. */
    public Flip {
        Images.within("flip", "probability", probability, 0, 1);
    }

    /** Every second image, left to right. */
    public static Flip horizontal() {
        return new Flip(true, 0.5);
    }

    /** Every second image, top to bottom. */
    public static Flip vertical() {
        return new Flip(false, 0.5);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("flip", input);
        return input;
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        if (!draw.chance(probability)) {
            return values;
        }
        int height = Images.height(shape);
        int width = Images.width(shape);
        float[] out = new float[values.length];
        for (int row = 0; row < values.length / width; row++) {
            if (sideways) {
                for (int x = 0; x < width; x++) {
                    out[row * width + x] = values[(row + 1) * width - 1 - x];
                }
            } else {
                int other = row / height * height + height - 1 - row % height;
                System.arraycopy(values, other * width, out, row * width, width);
            }
        }
        return out;
    }

    @Override
    public float[] applyToMask(float[] mask, Shape shape, Draw draw) {
        return apply(mask, shape, draw);
    }

    @Override
    public String toString() {
        return "mirror " + (sideways ? "left to right" : "top to bottom") + " with probability " + probability;
    }
}
