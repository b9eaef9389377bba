package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Elastic distortions (P. Simard, D. Steinkraus, J. Platt: "Best Practices for Convolutional Neural Networks Applied to Visual
 * Document Analysis", 2003, section 2): each pixel is moved by a random field, uniform in [-1, 1), smoothed by a Gaussian and
 * multiplied by alpha. The paper used sigma 4 and alpha 34 for MNIST.
 *
 * @param alpha how far pixels move
 * @param sigma the standard deviation of the Gaussian in pixels, which is cut off at 3 of them
 * @param background what lies around an image; around a mask it is 0
 */
public record Elastic(double alpha, double sigma, double background) implements Transform {
    /** Checks the ranges. */
    public Elastic {
        Images.within("elastic", "alpha", alpha, 0, 1e6);
        Images.within("elastic", "sigma", sigma, 0.1, 1000);
        Images.finite("elastic", "background", background);
    }

    /** With background 0. */
    public static Elastic of(double alpha, double sigma) {
        return new Elastic(alpha, sigma, 0);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("elastic", input);
        return input;
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        return Warp.bilinear(values, shape, background, from(shape, draw));
    }

    @Override
    public float[] applyToMask(float[] mask, Shape shape, Draw draw) {
        return Warp.nearest(mask, shape, from(shape, draw));
    }

    private Warp.From from(Shape shape, Draw draw) {
        int height = Images.height(shape);
        int width = Images.width(shape);
        float[] down = field(height, width, draw);
        float[] across = field(height, width, draw);
        return (y, x, from) -> {
            from[0] = y + alpha * down[y * width + x];
            from[1] = x + alpha * across[y * width + x];
        };
    }

    private float[] field(int height, int width, Draw draw) {
        float[] field = new float[height * width];
        for (int i = 0; i < field.length; i++) {
            field[i] = (float) draw.symmetric();
        }
        return Blur.smooth(field, 1, height, width, sigma, false);
    }

    @Override
    public String toString() {
        return "elastic distortion with alpha " + alpha + ", sigma " + sigma;
    }
}
