package dev.sinew.data.transform;

import dev.sinew.Shape;

/**
 * A random part of the image, of a random share of its area and random proportions, resized (C. Szegedy et al.: "Going Deeper
 * with Convolutions", 2015, section 6). A part that does not fit is drawn again, ten times, then the middle is taken.
 *
 * @param size of the result
 * @param leastArea smallest share of the area
 * @param mostArea largest
 * @param leastRatio smallest width divided by height
 * @param mostRatio largest
 */
public record ResizedCrop(Resize size, double leastArea, double mostArea, double leastRatio, double mostRatio) implements Transform {
    private static final int TRIES = 10;

    /** Checks the ranges. */
    public ResizedCrop {
        Images.within("resized crop", "smallest area", leastArea, 1e-6, 1);
        Images.within("resized crop", "largest area", mostArea, leastArea, 1);
        Images.within("resized crop", "smallest ratio", leastRatio, 1e-3, 1e3);
        Images.within("resized crop", "largest ratio", mostRatio, leastRatio, 1e3);
    }

    /** 8 to 100 percent of the area, proportions from 3:4 to 4:3, by triangle weights. */
    public static ResizedCrop to(int height, int width) {
        return new ResizedCrop(new Resize(height, width, Resize.Method.LINEAR), 0.08, 1, 3.0 / 4, 4.0 / 3);
    }

    /** With other shares of the area. */
    public ResizedCrop area(double least, double most) {
        return new ResizedCrop(size, least, most, leastRatio, mostRatio);
    }

    @Override
    public Shape shape(Shape input) {
        Images.require("resized crop", input);
        return size.shape(input);
    }

    @Override
    public float[] apply(float[] values, Shape shape, Draw draw) {
        return resized(values, shape, draw, size);
    }

    @Override
    public float[] applyToMask(float[] mask, Shape shape, Draw draw) {
        return resized(mask, shape, draw, size.by(Resize.Method.NEAREST));
    }

    private float[] resized(float[] values, Shape shape, Draw draw, Resize resize) {
        int[] part = part(Images.height(shape), Images.width(shape), draw);
        float[] cut = Images.cut(values, shape, part[0], part[1], part[2], part[3]);
        return resize.apply(cut, Shape.of(shape.dim(0), part[2], part[3]));
    }

    /** Top, left, height, width. */
    private int[] part(int height, int width, Draw draw) {
        for (int i = 0; i < TRIES; i++) {
            double area = (double) height * width * draw.uniform(leastArea, mostArea);
            double ratio = StrictMath.exp(draw.uniform(StrictMath.log(leastRatio), StrictMath.log(mostRatio)));
            int w = (int) Math.round(Math.sqrt(area * ratio));
            int h = (int) Math.round(Math.sqrt(area / ratio));
            if (w >= 1 && w <= width && h >= 1 && h <= height) {
                return new int[] {draw.below(height - h + 1), draw.below(width - w + 1), h, w};
            }
        }
        double ratio = Math.max(leastRatio, Math.min(mostRatio, (double) width / height));
        int w = (int) Math.max(1, Math.min(width, Math.round(height * ratio)));
        int h = (int) Math.max(1, Math.min(height, Math.round(width / ratio)));
        return new int[] {(height - h) / 2, (width - w) / 2, h, w};
    }

    @Override
    public String toString() {
        return "crop " + leastArea + " to " + mostArea + " of the area in proportions " + leastRatio + " to " + mostRatio + ", " + size;
    }
}
