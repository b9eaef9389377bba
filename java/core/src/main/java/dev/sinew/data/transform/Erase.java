package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Random erasing (Z. Zhong et al.: "Random Erasing Data Augmentation", 2017, algorithm 1): a rectangle of some images is
 * overwritten. A rectangle that does not fit is drawn again, ten times; then the image stays.
 *
 * @param probability of an image to be changed
 * @param leastArea smallest share of the area
 * @param mostArea largest
 * @param leastRatio smallest height divided by width
 * @param mostRatio largest
 * @param value what is written
 */
public record Erase(double probability, double leastArea, double mostArea, double leastRatio, double mostRatio, double value)
        implements Transform {
    private static final int TRIES = 10;

    /** Checks the ranges. */
    public Erase {
        Images.within("erase", "probability", probability, 0, 1);
        Images.within("erase", "smallest area", leastArea, 0, 1);
        Images.within("erase", "largest area", mostArea, leastArea, 1);
        Images.within("erase", "smallest ratio", leastRatio, 1e-3, 1e3);
        Images.within("erase", "largest ratio", mostRatio, leastRatio, 1e3);
        Images.finite("erase", "value", value);
    }

    /** Every second image, 2 to 33 percent of its area, proportions from 0.3 to 1 / 0.3, with 0. */
    public static Erase standard() {
        return new Erase(0.5, 0.02, 0.33, 0.3, 1 / 0.3, 0);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("erase", input);
        return input;
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        if (!draw.chance(probability)) {
            return values;
        }
        int height = Images.height(shape);
        int width = Images.width(shape);
        for (int i = 0; i < TRIES; i++) {
            double area = (double) height * width * draw.uniform(leastArea, mostArea);
            double ratio = StrictMath.exp(draw.uniform(StrictMath.log(leastRatio), StrictMath.log(mostRatio)));
            int h = (int) Math.round(Math.sqrt(area * ratio));
            int w = (int) Math.round(Math.sqrt(area / ratio));
            if (h < height && w < width) {
                int top = draw.below(height - h + 1);
                int left = draw.below(width - w + 1);
                fill(values, shape, top, left, top + h, left + w, (float) value);
                break;
            }
        }
        return values;
    }

    /** Overwrites the part of a rectangle that lies within the image. */
    static void fill(float[] values, Shape shape, int top, int left, int bottom, int right, float value) {
        int width = Images.width(shape);
        for (int c = 0; c < Images.channels(shape); c++) {
            for (int y = Math.max(0, top); y < Math.min(Images.height(shape), bottom); y++) {
                for (int x = Math.max(0, left); x < Math.min(width, right); x++) {
                    values[(c * Images.height(shape) + y) * width + x] = value;
                }
            }
        }
    }

    @Override
    public String toString() {
        return "erase " + leastArea + " to " + mostArea + " of the area with probability " + probability;
    }
}
