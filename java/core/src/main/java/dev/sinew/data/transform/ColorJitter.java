package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Changes brightness, contrast, saturation and hue at random, in this order; results are cut to 0 to 1. Images have values
 * from 0 to 1: it comes before {@link Standardize}.
 *
 * <p>With f uniform in [max(0, 1 - strength), 1 + strength): brightness f v; contrast f v + (1 - f) m with the mean luma m of
 * the image; saturation f v + (1 - f) g with the luma g of the pixel. The hue is turned by a share of the circle uniform in
 * [-hue, hue).
 *
 * @param brightness strength, from 0
 * @param contrast strength, from 0
 * @param saturation strength, from 0
 * @param hue from 0 to 1/2
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue) implements Transform {
    /** Checks the ranges. */
    public ColorJitter {
        Images.within("color jitter", "brightness", brightness, 0, 1e3);
        Images.within("color jitter", "contrast", contrast, 0, 1e3);
        Images.within("color jitter", "saturation", saturation, 0, 1e3);
        Images.within("color jitter", "hue", hue, 0, 0.5);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("color jitter", input);
        if (saturation > 0 || hue > 0 || input.dim(0) != 1) {
            Grey.requireColour("color jitter", input);
        }
        return input;
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        int channels = Images.channels(shape);
        int plane = values.length / channels;
        double bright = factor(brightness, draw);
        double sharp = factor(contrast, draw);
        double rich = factor(saturation, draw);
        double turn = hue * draw.symmetric();
        for (int i = 0; i < values.length; i++) {
            values[i] = cut(bright * values[i]);
        }
        double sum = 0;
        for (int i = 0; i < plane; i++) {
            sum += channels == 1 ? values[i] : Grey.luma(values, plane, i);
        }
        double mean = sum / plane;
        for (int i = 0; i < values.length; i++) {
            values[i] = cut(sharp * values[i] + (1 - sharp) * mean);
        }
        if (saturation > 0 || hue > 0) {
            for (int i = 0; i < plane; i++) {
                float luma = Grey.luma(values, plane, i);
                for (int c = 0; c < 3; c++) {
                    values[c * plane + i] = cut(rich * values[c * plane + i] + (1 - rich) * luma);
                }
                if (hue > 0) {
                    turn(values, plane, i, turn);
                }
            }
        }
        return values;
    }

    private static double factor(double strength, Draw draw) {
        return draw.uniform(Math.max(0, 1 - strength), 1 + strength);
    }

    private static float cut(double value) {
        return (float) Math.max(0, Math.min(1, value));
    }

    /** Through HSV (A. Smith: "Color Gamut Transform Pairs", 1978): value and saturation stay. */
    private static void turn(float[] values, int plane, int i, double share) {
        double r = values[i];
        double g = values[plane + i];
        double b = values[2 * plane + i];
        double most = Math.max(r, Math.max(g, b));
        double range = most - Math.min(r, Math.min(g, b));
        if (range == 0) {
            return;
        }
        double sector = most == r ? (g - b) / range : most == g ? 2 + (b - r) / range : 4 + (r - g) / range;
        // in sixths of the circle, from 0 to 6
        double h = sector + 6 * share;
        h = h < 0 ? h + 6 : h >= 6 ? h - 6 : h;
        for (int c = 0; c < 3; c++) {
            // how far the hue is from the channel's own colour
            double distance = Math.abs(h - 2 * c);
            distance = distance > 3 ? 6 - distance : distance;
            double level = Math.max(0, Math.min(1, 2 - distance));
            values[c * plane + i] = (float) (most - range * (1 - level));
        }
    }

    @Override
    public String toString() {
        return "jitter brightness by " + brightness + ", contrast by " + contrast + ", saturation by " + saturation + ", hue by " + hue;
    }
}
