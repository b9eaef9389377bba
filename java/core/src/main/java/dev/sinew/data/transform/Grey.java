package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Makes some RGB images grey, all three channels the Rec. 601 luma 0.299 R + 0.587 G + 0.114 B.
 *
 * @param probability of an image to be changed
 */
public record Grey(double probability) implements Transform {
    /** Checks the probability. */
    public Grey {
        Images.within("grey", "probability", probability, 0, 1);
    }

    @Override
    public Shape shape(Shape input) {
        requireColour("grey", input);
        return input;
    }

    static void requireColour(String what, Shape input) {
        Images.require(what, input);
        if (input.dim(0) != 3) {
            throw new IllegalArgumentException(what + ": needs images of 3 channels, the samples are " + input);
        }
    }

    static float luma(float[] values, int plane, int i) {
        return (float) (0.299 * values[i] + 0.587 * values[plane + i] + 0.114 * values[2 * plane + i]);
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        int plane = values.length / 3;
        if (draw.chance(probability)) {
            for (int i = 0; i < plane; i++) {
                float luma = luma(values, plane, i);
                values[i] = luma;
                values[plane + i] = luma;
                values[2 * plane + i] = luma;
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return "grey with probability " + probability;
    }
}
