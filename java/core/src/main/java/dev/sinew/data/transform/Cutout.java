package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Overwrites a square whose middle lies anywhere in the image; what sticks out is nothing (T. DeVries, G. Taylor: "Improved
 * Regularization of Convolutional Neural Networks with Cutout", 2017).
 *
 * @param side of the square in pixels
 * @param value what is written
 */
public record Cutout(int side, double value) implements Transform {
    /** Checks the side. */
    public Cutout {
        Images.positive("cutout", "side", side);
        Images.finite("cutout", "value", value);
    }

    /** With 0. */
    public static Cutout of(int side) {
        return new Cutout(side, 0);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("cutout", input);
        return input;
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        int top = draw.below(Images.height(shape)) - side / 2;
        int left = draw.below(Images.width(shape)) - side / 2;
        Erase.fill(values, shape, top, left, top + side, left + side, (float) value);
        return values;
    }

    @Override
    public String toString() {
        return "cut a square of " + side + " out";
    }
}
