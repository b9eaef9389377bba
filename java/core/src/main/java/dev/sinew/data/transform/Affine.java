package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * Images that are turned, zoomed, sheared, shifted and mirrored a little, all at once and each time in another way. A pixel
 * comes from the four around the place that is mapped to it.
 *
 * @param degrees turned by an angle between - and + this, 0 to 180
 * @param zoom enlarged by a factor between 1 - and 1 + this, height and width each by one of its own, 0 up to 1
 * @param shift moved along each dimension by a number of pixels between - and + this
 * @param shear slanted along each dimension by an angle between - and + this, 0 up to 90 degrees
 * @param mirror whether every second image is mirrored, left to right
 * @param background what lies around an image; around a mask it is 0
 */
public record Affine(double degrees, double zoom, double shift, double shear, boolean mirror, double background) implements Transform {
    /** Checks the ranges. */
    public Affine {
        Images.within("affine", "angle in degrees", degrees, 0, 180);
        Images.within("affine", "zoom", zoom, 0, Math.nextDown(1.0));
        Images.within("affine", "shift", shift, 0, 1 << 20);
        Images.within("affine", "shear in degrees", shear, 0, 89);
        Images.finite("affine", "background", background);
    }

    /** Nothing is changed yet; background 0. */
    public static Affine none() {
        return new Affine(0, 0, 0, 0, false, 0);
    }

    /** Turned by up to that many degrees. */
    public Affine rotate(double most) {
        return new Affine(most, zoom, shift, shear, mirror, background);
    }

    /** Zoomed by up to that share. */
    public Affine zoom(double most) {
        return new Affine(degrees, most, shift, shear, mirror, background);
    }

    /** Moved by up to that many pixels. */
    public Affine shift(double most) {
        return new Affine(degrees, zoom, most, shear, mirror, background);
    }

    /** Slanted by up to that many degrees. */
    public Affine shear(double most) {
        return new Affine(degrees, zoom, shift, most, mirror, background);
    }

    /** Every second one mirrored, left to right. */
    public Affine mirrored() {
        return new Affine(degrees, zoom, shift, shear, true, background);
    }

    /** With another background. */
    public Affine background(double value) {
        return new Affine(degrees, zoom, shift, shear, mirror, value);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("affine", input);
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
        // StrictMath, so that every machine computes the same bits
        double angle = StrictMath.toRadians(degrees * draw.symmetric());
        double scaleX = 1 / (1 + zoom * draw.symmetric());
        double scaleY = 1 / (1 + zoom * draw.symmetric());
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double middleX = (Images.width(shape) - 1) / 2.0;
        double middleY = (Images.height(shape) - 1) / 2.0;
        double fromX = middleX + shift * draw.symmetric();
        double fromY = middleY + shift * draw.symmetric();
        double flip = mirror && draw.symmetric() < 0 ? -1 : 1;
        double slantX = shear == 0 ? 0 : StrictMath.tan(StrictMath.toRadians(shear * draw.symmetric()));
        double slantY = shear == 0 ? 0 : StrictMath.tan(StrictMath.toRadians(shear * draw.symmetric()));
        return (y, x, from) -> {
            double straightX = flip * (x - middleX) * scaleX;
            double straightY = (y - middleY) * scaleY;
            double dx = straightX + slantX * straightY;
            double dy = straightY + slantY * straightX;
            from[0] = fromY + sin * dx + cos * dy;
            from[1] = fromX + cos * dx - sin * dy;
        };
    }

    @Override
    public String toString() {
        return "turn by " + degrees + " degrees, zoom by " + zoom + ", shift by " + shift + " pixels"
                + (shear > 0 ? ", shear by " + shear + " degrees" : "") + (mirror ? ", mirror" : "") + " at random";
    }
}
