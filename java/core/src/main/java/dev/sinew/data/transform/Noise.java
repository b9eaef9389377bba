package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Adds independent normal noise to every value.
 *
 * @param deviation its standard deviation
 */
public record Noise(double deviation) implements Transform {
    /** Checks the range. */
    public Noise {
        Images.within("noise", "standard deviation", deviation, 0, 1e30);
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        for (int i = 0; i < values.length; i++) {
            values[i] += (float) (deviation * draw.normal());
        }
        return values;
    }

    @Override
    public String toString() {
        return "add noise of deviation " + deviation;
    }
}
